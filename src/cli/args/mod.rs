//! What may stand on the command line: the commands here, the options of each in the room of its
//! kind.
//!
//! Not here: what a command does, and what its options mean together.

mod project;
mod serve;
mod state;
mod value;
mod work;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use value::pair;

pub use project::{
    FmtArgs, GraphArgs, GraphFormat, InitArgs, PackageArgs, PermissionsArgs, Schema, SchemaArgs,
    StacksArgs, Template,
};
pub use serve::{InvokeArgs, LogsArgs, ServeArgs};
pub use state::{ImportArgs, OutputArgs, RecoverArgs, ShowArgs, StateArgs, StateCommand};
pub use work::{ApplyArgs, DestroyArgs, DriftArgs, PlanArgs, Refresh, Scope, WhyArgs};

/// Says in one TOML file which IAM roles, Lambda functions and API Gateway REST APIs
/// should exist, shows what would change, and does it.
#[derive(Parser, Debug)]
#[command(name = "slp", version, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Where to work; for every command.
#[derive(Args, Debug, Clone)]
pub struct Global {
    /// Work in this folder
    #[arg(short = 'C', value_name = "DIR", global = true)]
    pub directory: Option<PathBuf>,
    /// The manifest
    #[arg(
        short,
        long = "file",
        value_name = "FILE",
        default_value = "slp.toml",
        global = true
    )]
    pub file: PathBuf,
    /// The manifest's text where the file is not written yet.
    #[arg(skip)]
    pub text: Option<String>,
    /// The environment: an overlay of the manifest, with a state of its own
    #[arg(long, value_name = "NAME", env = "SLP_ENV", global = true)]
    pub env: Option<String>,
    /// Set a variable
    #[arg(long = "var", value_name = "K=V", value_parser = pair, global = true)]
    pub vars: Vec<(String, String)>,
    /// Read variables from a TOML file
    #[arg(long = "var-file", value_name = "FILE", global = true)]
    pub var_files: Vec<PathBuf>,
    /// The embedded cloud instead of AWS: no account, no network; its data is in .slp/local
    #[arg(long, global = true)]
    pub local: bool,
    /// Another place than AWS, such as an emulator
    #[arg(long, value_name = "URL", env = "AWS_ENDPOINT_URL", global = true)]
    pub endpoint_url: Option<String>,
    /// Keep within AWS's rate limits: `auto` does so on AWS, and at no other endpoint
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Pace::Auto, env = "SLP_PACE", global = true)]
    pub pace: Pace,
    /// Print JSON where there is a form of it
    #[arg(long, global = true)]
    pub json: bool,
    /// Print without colour (as does NO_COLOR)
    #[arg(long, global = true)]
    pub no_color: bool,
    /// Show more: text differences of code, whole traces of errors
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
    /// Read the manifest, say everything that is wrong with it; no network
    Validate,
    /// What would change, and why
    Plan(PlanArgs),
    /// The same plan, printed, confirmed, then done
    Apply(ApplyArgs),
    /// The plan of an empty manifest, printed, confirmed, then done
    Destroy(DestroyArgs),
    /// Apply to the embedded cloud, serve it, follow the files, show the functions' logs
    Dev(ServeArgs),
    /// The embedded cloud by itself, for any AWS client on this machine
    Local(ServeArgs),
    /// Call a function, print its answer
    Invoke(InvokeArgs),
    /// What functions wrote to their logs
    Logs(LogsArgs),
    /// What AWS has that the last apply did not leave there; exit code 3 if anything
    Drift(DriftArgs),
    /// Why one resource changes: its place, its three values, what brings the change
    Why(WhyArgs),
    /// The manifests of this repository, in the order of the outputs that they read
    Stacks(StacksArgs),
    /// The outputs of the last apply
    Output(OutputArgs),
    /// The state, or one resource of it
    Show(ShowArgs),
    /// Look into the state, and mend it
    State(StateArgs),
    /// Take over what exists: write the manifest's tables for it
    Import(ImportArgs),
    /// Put right what a run left that did not end; change nothing in AWS
    Recover(RecoverArgs),
    /// Make a function's zip, and its digests, without AWS
    Package(PackageArgs),
    /// What depends on what
    Graph(GraphArgs),
    /// The least IAM policy that deploying this takes, and who may have it
    Permissions(PermissionsArgs),
    /// Put the manifest into its canonical form; comments stay
    Fmt(FmtArgs),
    /// Start a new project
    Init(InitArgs),
    /// The JSON Schema of the manifest, the plan or the state
    Schema(SchemaArgs),
    /// Completions for a shell
    Completions { shell: clap_complete::Shell },
    /// The manual page
    Man,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_option_is_taken_twice() {
        Cli::command().debug_assert();
    }
}
