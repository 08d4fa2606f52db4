//! What may stand on the command line: the commands here, the options of each in the room of its
//! kind.
//!
//! Not here: what a command does, and what its options mean together.

mod examples;
mod project;
mod serve;
mod state;
mod value;
mod work;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum, ValueHint};

use super::complete;
use crate::event::Listener;
use value::pair;

pub use project::{
    FmtArgs, GraphArgs, GraphFormat, InitArgs, ManArgs, PackageArgs, PermissionsArgs, Schema,
    SchemaArgs, StacksArgs, Template,
};
pub use serve::{DevArgs, InvokeArgs, LogsArgs, ServeArgs};
pub use state::{ImportArgs, OutputArgs, RecoverArgs, ShowArgs, StateArgs, StateCommand};
pub use work::{ApplyArgs, DestroyArgs, DriftArgs, PlanArgs, Refresh, Scope, WhyArgs};

/// Deploys serverless apps to AWS from one TOML file.
///
/// The manifest (`slp.toml`) lists the IAM roles, Lambda functions and API Gateway REST APIs that
/// should exist. slp shows what would change in AWS, and changes it. `slp dev` runs the same app on
/// this machine.
#[derive(Parser, Debug)]
#[command(name = "slp", version, max_term_width = 100, after_long_help = examples::SLP)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Where to work; for every command.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Work in this folder, as if slp had been started there
    #[arg(short = 'C', value_name = "DIR", global = true, value_hint = ValueHint::DirPath)]
    pub directory: Option<PathBuf>,
    /// Read this manifest
    #[arg(
        short,
        long = "file",
        value_name = "FILE",
        default_value = "slp.toml",
        global = true,
        value_hint = ValueHint::FilePath
    )]
    pub file: PathBuf,
    /// The manifest's text where the file is not written yet.
    #[arg(skip)]
    pub text: Option<String>,
    /// Who hears what is under way before a project is open.
    #[arg(skip)]
    pub events: Listener,
    /// Use this environment: the tables under `[env.NAME]` change the manifest, and it has a state
    /// of its own
    #[arg(long, value_name = "NAME", env = "SLP_ENV", global = true, add = complete::environments())]
    pub env: Option<String>,
    /// Give a variable of the manifest a value; may be repeated
    #[arg(long = "var", value_name = "K=V", value_parser = pair, global = true)]
    pub vars: Vec<(String, String)>,
    /// Read the values of variables from a TOML file; may be repeated
    #[arg(long = "var-file", value_name = "FILE", global = true, value_hint = ValueHint::FilePath)]
    pub var_files: Vec<PathBuf>,
    /// Work on the embedded cloud instead of AWS: it needs no account and no network, and keeps its
    /// data in .slp/local
    #[arg(long, global = true)]
    pub local: bool,
    /// Send AWS's calls to this URL, such as an emulator's
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL", global = true)]
    pub endpoint_url: Option<String>,
    /// Slow calls down to AWS's rate limits; `auto` does so on AWS, and nowhere else
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Pace::Auto, env = "SLP_PACE", global = true)]
    pub pace: Pace,
    /// Print JSON, where the command has a form of it
    #[arg(long, global = true)]
    pub json: bool,
    /// Print without colour; the variable NO_COLOR does the same
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Show more: the changed lines of code, whole traces of errors
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When calls are held back so that AWS refuses none for coming too fast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Pace {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand, Debug)]
pub enum Command {
    /// Check the manifest and report every problem (offline)
    ///
    /// Each problem is shown with its line, and with a guess at what was meant. Nothing is asked of
    /// AWS. Exits with 2 where something is wrong.
    #[command(after_long_help = examples::VALIDATE)]
    Validate,
    /// Show what would change, and why
    ///
    /// Compares the manifest with the saved state and with what AWS has. Nothing is changed.
    #[command(after_long_help = examples::PLAN)]
    Plan(PlanArgs),
    /// Show the plan, ask, and apply it
    ///
    /// Without a terminal nothing can be asked: add --yes there. An apply that was interrupted is
    /// finished by the next one.
    #[command(after_long_help = examples::APPLY)]
    Apply(ApplyArgs),
    /// Show the plan that deletes everything, ask, and apply it
    ///
    /// Only what this project made is deleted. What has `protect = true` stays, and stops it.
    #[command(after_long_help = examples::DESTROY)]
    Destroy(DestroyArgs),
    /// Run the app on this machine, and follow its files
    ///
    /// Applies the manifest to the embedded cloud, serves its APIs, runs its functions and shows
    /// their logs. Each saved file is applied at once. No AWS account is needed.
    #[command(after_long_help = examples::DEV)]
    Dev(DevArgs),
    /// Serve the embedded cloud for any AWS client on this machine
    ///
    /// The AWS CLI, an SDK or Terraform can use it by its URL. `slp dev` serves it as well, and
    /// applies a manifest to it.
    #[command(after_long_help = examples::LOCAL)]
    Local(ServeArgs),
    /// Call a function and print its answer
    ///
    /// The function must have been applied. Its answer goes to stdout; a failed call exits with 1.
    #[command(after_long_help = examples::INVOKE)]
    Invoke(InvokeArgs),
    /// Print what functions wrote to their logs
    #[command(after_long_help = examples::LOGS)]
    Logs(LogsArgs),
    /// Show what changed in AWS since the last apply
    ///
    /// The manifest does not matter here: AWS is compared with the state. Exits with 3 where
    /// something differs.
    #[command(after_long_help = examples::DRIFT)]
    Drift(DriftArgs),
    /// Explain why one resource changes
    ///
    /// Shows where the resource is written, its three values (manifest, state, AWS), and what
    /// brings the change.
    #[command(after_long_help = examples::WHY)]
    Why(WhyArgs),
    /// List the manifests of this repository, in the order in which to apply them
    ///
    /// A manifest that reads another's output comes after it.
    #[command(after_long_help = examples::STACKS)]
    Stacks(StacksArgs),
    /// Print the outputs of the last apply
    #[command(after_long_help = examples::OUTPUT)]
    Output(OutputArgs),
    /// Print the saved state, one resource of it, or a saved plan
    #[command(after_long_help = examples::SHOW)]
    Show(ShowArgs),
    /// Look into the saved state, and repair it
    ///
    /// The state is what slp remembers of the last apply. Most projects never need these commands.
    #[command(after_long_help = examples::STATE)]
    State(StateArgs),
    /// Write the manifest's tables for what exists, and take it over
    ///
    /// Reads what somebody else made, with what belongs to it: an API's routes and stages, a
    /// function's code, aliases and permissions. Without --write the tables are printed, and nothing
    /// is changed.
    #[command(after_long_help = examples::IMPORT)]
    Import(ImportArgs),
    /// Finish the records of a run that was interrupted
    ///
    /// Looks up in AWS what the run had made, and writes it into the state. Nothing in AWS is
    /// changed. `slp apply` does the same before it begins.
    #[command(after_long_help = examples::RECOVER)]
    Recover(RecoverArgs),
    /// Make the zips of functions, without AWS
    ///
    /// Prints each zip's digests and size. The same files give the same zip, byte for byte.
    #[command(after_long_help = examples::PACKAGE)]
    Package(PackageArgs),
    /// Print what depends on what, as a graph
    #[command(after_long_help = examples::GRAPH)]
    Graph(GraphArgs),
    /// Print the smallest IAM policy with which this project can be deployed
    ///
    /// With --trust: the trust policy that says whose jobs may have the role.
    #[command(after_long_help = examples::PERMISSIONS)]
    Permissions(PermissionsArgs),
    /// Format the manifest; comments and order stay
    #[command(after_long_help = examples::FMT)]
    Fmt(FmtArgs),
    /// Start a new project
    ///
    /// Writes a manifest and a first function. `slp dev` runs it.
    #[command(after_long_help = examples::INIT)]
    Init(InitArgs),
    /// Print the JSON Schema of the manifest, the plan or the state
    #[command(after_long_help = examples::SCHEMA)]
    Schema(SchemaArgs),
    /// Print a script that completes slp's command line in a shell
    ///
    /// The Tab key then completes commands, options, addresses, environments and functions. It reads
    /// the manifest and the state in the folder, and asks no network.
    #[command(after_long_help = examples::COMPLETIONS)]
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page, or write all of them
    #[command(after_long_help = examples::MAN)]
    Man(ManArgs),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_option_is_taken_twice() {
        Cli::command().debug_assert();
    }

    /// Every command, also those under others.
    fn all() -> Vec<clap::Command> {
        let mut pending = vec![Cli::command()];
        let mut all = Vec::new();
        while let Some(command) = pending.pop() {
            pending.extend(command.get_subcommands().cloned());
            all.push(command);
        }
        all
    }

    #[test]
    fn every_command_has_an_example_and_every_option_is_explained() {
        assert!(all().len() > 36);
        for command in all() {
            let name = command.get_name();
            let about = command.get_about().map(ToString::to_string);
            let about = about.unwrap_or_default();
            assert!(about.starts_with(char::is_uppercase), "{name}: {about:?}");
            let examples = command.get_after_long_help().map(ToString::to_string);
            let examples = examples.unwrap_or_default();
            assert!(
                examples.contains("\n  slp ") || examples.contains("'source <(slp"),
                "{name}"
            );
            assert!(examples.lines().all(|line| line.len() <= 80), "{name}");
            for argument in command.get_arguments() {
                let help = argument.get_help().map(ToString::to_string);
                let help = help.unwrap_or_default();
                let id = argument.get_id();
                assert!(
                    help.starts_with(char::is_uppercase),
                    "{name} {id}: {help:?}"
                );
            }
        }
    }
}
