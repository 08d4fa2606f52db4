//! What is about the manifest and its repository, and changes nothing in AWS.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::super::complete;
use super::value::addr;
use crate::addr::Addr;
use crate::aws::rights::Trusted;

#[derive(Args, Debug)]
pub struct StacksArgs {
    /// List only those whose files differ from this revision of git
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
}

#[derive(Args, Debug)]
pub struct PackageArgs {
    /// Package only this function, such as function.HelloWorld
    #[arg(value_parser = addr, add = complete::function_addresses())]
    pub addr: Option<Addr>,
    /// Write the zips into this folder; without it nothing is written
    #[arg(short, long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct GraphArgs {
    /// The language of the graph: Graphviz's, or Mermaid's, which GitHub and GitLab draw
    #[arg(long, value_enum, default_value_t = GraphFormat::Dot)]
    pub format: GraphFormat,
}

#[derive(Args, Debug)]
pub struct PermissionsArgs {
    /// Only what `slp plan` needs: with it nothing can be changed
    #[arg(long)]
    pub plan: bool,
    /// Only what applying the present plan needs; this asks AWS
    #[arg(long, conflicts_with = "plan")]
    pub for_plan: bool,
    /// Print instead the trust policy of a role that these CI jobs may have. Write
    /// github:OWNER/REPO, followed by @BRANCH, :environment:NAME or :pull_request; or
    /// gitlab:GROUP/PROJECT followed by @BRANCH
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
    /// Change nothing; exit with 1 where something would change
    #[arg(long)]
    pub check: bool,
}

#[derive(Args, Debug)]
pub struct InitArgs {
    /// The folder of the project; it is made where it does not exist
    #[arg(default_value = ".", value_hint = ValueHint::DirPath)]
    pub folder: PathBuf,
    /// The project's name; without it, the folder's name
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The language of the first function
    #[arg(long, value_name = "LANGUAGE", value_enum, default_value_t = Template::Node)]
    pub template: Template,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    Node,
    Python,
}

#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// What the schema is of
    #[arg(value_name = "OF", value_enum, default_value_t = Schema::Manifest)]
    pub of: Schema,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    Manifest,
    Plan,
    State,
    Events,
}

#[derive(Args, Debug)]
pub struct ManArgs {
    /// The command, such as `plan` or `state rm`; without it, slp itself
    #[arg(value_name = "COMMAND", conflicts_with = "out")]
    pub command: Vec<String>,
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
}
