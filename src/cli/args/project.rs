//! What is about the manifest and its repository, and changes nothing in AWS.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::value::addr;
use crate::addr::Addr;
use crate::aws::rights::Trusted;

#[derive(Args, Debug)]
pub struct StacksArgs {
    /// Only those with files that differ from this revision
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
}

#[derive(Args, Debug)]
pub struct PackageArgs {
    /// One function; without it all of them
    #[arg(value_parser = addr)]
    pub addr: Option<Addr>,
    /// Write the zips into this folder
    #[arg(short, long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct GraphArgs {
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub format: GraphFormat,
}

#[derive(Args, Debug)]
pub struct PermissionsArgs {
    /// Only what `slp plan` takes: with it nothing can be changed
    #[arg(long)]
    pub plan: bool,
    /// Only what the plan of now takes; asks AWS
    #[arg(long, conflicts_with = "plan")]
    pub for_plan: bool,
    /// Instead: whose jobs may have the role. github:OWNER/REPO, with @BRANCH, :environment:NAME
    /// or :pull_request behind it; gitlab:GROUP/PROJECT, with @BRANCH
    #[arg(long, value_name = "WHO", conflicts_with_all = ["plan", "for_plan"])]
    pub trust: Option<Trusted>,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum GraphFormat {
    Dot,
    Mermaid,
}

#[derive(Args, Debug)]
pub struct FmtArgs {
    /// Change nothing; exit with 1 if something would change
    #[arg(long)]
    pub check: bool,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder; made if it does not exist
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// The project's name; without it the folder's
    #[arg(long)]
    pub name: Option<String>,
    #[arg(long, value_enum, default_value_t = Template::Node)]
    pub template: Template,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    Node,
    Python,
}

#[derive(Args, Debug)]
pub struct SchemaArgs {
    #[arg(value_enum, default_value_t = Schema::Manifest)]
    pub of: Schema,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    Manifest,
    Plan,
    State,
}
