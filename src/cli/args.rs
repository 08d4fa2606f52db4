//! What may stand on the command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::format::FormatArgs;
use crate::addr::Addr;
use crate::plan::Gate;

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
    /// Show text differences of code
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

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as name=value".into()),
    }
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

/// Which part of the work, and how closely to look.
#[derive(Args, Debug, Clone)]
pub struct Scope {
    /// Only this, and what it needs
    #[arg(long, value_name = "ADDR", value_parser = addr)]
    pub target: Vec<Addr>,
    /// All but this, and what needs it
    #[arg(long, value_name = "ADDR", value_parser = addr)]
    pub exclude: Vec<Addr>,
    /// Replace this even where nothing forces it
    #[arg(long, value_name = "ADDR", value_parser = addr)]
    pub replace: Vec<Addr>,
    /// How closely to look at AWS
    #[arg(long, value_enum, default_value_t = Refresh::Full)]
    pub refresh: Refresh,
    /// How many changes and calls at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub parallelism: usize,
    /// How long to wait for the lock, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub lock_timeout: Duration,
    /// Refuse a plan that does this, unless a waiver in the manifest lets it
    #[arg(long = "gate", value_name = "GATE", value_parser = gate)]
    pub gates: Vec<Gate>,
    /// With --local: an empty cloud in memory, gone when the command ends
    #[arg(long)]
    pub ephemeral: bool,
}

fn addr(text: &str) -> Result<Addr, String> {
    Addr::parse(text).map_err(|error| error.to_string())
}

fn gate(text: &str) -> Result<Gate, String> {
    let names = || Gate::ALL.map(Gate::name).join(", ");
    Gate::parse(text).ok_or_else(|| format!("gates are {}", names()))
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 30s, 5m or 1h".to_owned();
    let number = text.trim_end_matches(['s', 'm', 'h']);
    let seconds: u64 = number.parse().map_err(|_| wrong())?;
    match &text[number.len()..] {
        "" | "s" => Ok(Duration::from_secs(seconds)),
        "m" => Ok(Duration::from_secs(seconds * 60)),
        "h" => Ok(Duration::from_secs(seconds * 3600)),
        _ => Err(wrong()),
    }
}

impl Default for Scope {
    fn default() -> Scope {
        Scope {
            target: Vec::new(),
            exclude: Vec::new(),
            replace: Vec::new(),
            refresh: Refresh::Full,
            parallelism: 16,
            lock_timeout: Duration::ZERO,
            gates: Vec::new(),
            ephemeral: false,
        }
    }
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refresh {
    /// Everything, also what was added outside slp
    Full,
    /// Lists; details only where something moved
    Fast,
    /// Nothing: trust the state
    None,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    #[command(flatten)]
    pub scope: Scope,
    /// The plan of an empty manifest
    #[arg(long)]
    pub destroy: bool,
    /// Exit with 3 when there are calls to make
    #[arg(long)]
    pub exit_code: bool,
    /// Try it on a copy of what AWS has, in memory: what would fail, and how long it takes
    #[arg(long)]
    pub rehearse: bool,
    /// Keep the plan in this file, for `slp apply FILE`
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Args, Debug)]
pub struct DriftArgs {
    /// How many calls at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub parallelism: usize,
    #[command(flatten)]
    pub format: FormatArgs,
}

impl DriftArgs {
    pub fn scope(&self) -> Scope {
        Scope {
            parallelism: self.parallelism,
            ..Scope::default()
        }
    }
}

#[derive(Args, Debug)]
pub struct WhyArgs {
    /// The resource, such as function.HelloWorld
    #[arg(value_parser = addr)]
    pub addr: Addr,
}

impl WhyArgs {
    pub fn scope(&self) -> Scope {
        Scope::default()
    }
}

#[derive(Args, Debug)]
pub struct StacksArgs {
    /// Only those with files that differ from this revision
    #[arg(long, value_name = "REV")]
    pub changed_since: Option<String>,
}

#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// Carry out this plan, which `slp plan --out` kept, and no other
    #[arg(value_name = "PLAN", conflicts_with = "refresh_only")]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub scope: Scope,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Only take over into the state what AWS has
    #[arg(long)]
    pub refresh_only: bool,
}

#[derive(Args, Debug)]
pub struct DestroyArgs {
    #[command(flatten)]
    pub scope: Scope,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// How the embedded cloud is served.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes any that is free
    #[arg(long, value_name = "N", default_value_t = crate::local::DEFAULT_PORT)]
    pub port: u16,
    /// Begin empty, keep everything in memory, leave nothing
    #[arg(long)]
    pub ephemeral: bool,
}

#[derive(Args, Debug)]
pub struct InvokeArgs {
    /// The function: HelloWorld, function.HelloWorld, or HelloWorld:ALIAS
    pub name: String,
    /// What it is given: JSON, @FILE, or - for stdin
    #[arg(short, long, value_name = "JSON", default_value = "{}")]
    pub payload: String,
    /// Show the end of its log as well
    #[arg(long)]
    pub tail: bool,
    /// An alias or a version
    #[arg(long, value_name = "NAME")]
    pub qualifier: Option<String>,
}

#[derive(Args, Debug)]
pub struct LogsArgs {
    /// Functions; without any all of them
    pub names: Vec<String>,
    /// Go on with what is written from now on
    #[arg(short = 'F', long)]
    pub follow: bool,
    /// How far back to look, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10m")]
    pub since: Duration,
    /// Only what fits this filter pattern of CloudWatch Logs
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
}

#[derive(Args, Debug)]
pub struct OutputArgs {
    /// One output
    pub name: Option<String>,
    /// The value and nothing else
    #[arg(long, requires = "name")]
    pub raw: bool,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// One resource, or the file of a kept plan; without it the whole state
    #[arg(value_name = "ADDR|PLAN")]
    pub what: Option<String>,
    #[command(flatten)]
    pub format: FormatArgs,
}

#[derive(Args, Debug)]
pub struct StateArgs {
    #[command(subcommand)]
    pub command: StateCommand,
}

#[derive(Subcommand, Debug)]
pub enum StateCommand {
    /// Every resource in the state
    List,
    /// One resource in the state
    Show {
        #[arg(value_parser = addr)]
        addr: Addr,
    },
    /// Forget a resource; it stays in AWS
    Rm {
        #[arg(value_parser = addr)]
        addr: Addr,
    },
    /// Give a resource another address
    Mv {
        #[arg(value_parser = addr)]
        from: Addr,
        #[arg(value_parser = addr)]
        to: Addr,
    },
    /// Print the whole state
    Pull,
    /// Put a file's state in place of the saved one
    Push {
        /// Such as `slp state pull` printed it
        #[arg(value_name = "FILE")]
        state: PathBuf,
    },
    /// The serials that can be put back
    History,
    /// Put an earlier state back, as a new serial
    Rollback { serial: u64 },
    /// Copy the state into the place that the manifest names
    Migrate {
        /// Where it is now: `local`, or s3://bucket/key
        #[arg(long, value_name = "PLACE")]
        from: String,
    },
    /// Encrypt the state anew, with the key that the manifest names now
    Rekey,
    /// Make a lost state again, of what the manifest names and AWS has
    Rebuild,
    /// Clear a lock that a dead process left behind
    Unlock { id: String },
}

/// Reads what somebody else made, and writes the tables for it; what stands under it (an API's
/// routes and stages, a function's code, aliases and permissions) comes along. Without --write
/// they are printed, and nothing is changed.
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// An address and AWS's id, in pairs: `function.HelloWorld HelloWorld`, `api.shop abc123`
    #[arg(value_name = "ADDR ID", required_unless_present = "from_terraform")]
    pub what: Vec<String>,
    /// What this Terraform state lists; the file is only read
    #[arg(long, value_name = "FILE", conflicts_with = "what")]
    pub from_terraform: Option<PathBuf>,
    /// Also what it refers to: an API's functions, their roles, the roles' own policies
    #[arg(long)]
    pub follow: bool,
    /// Put the tables into the manifest, and take over what they describe
    #[arg(long)]
    pub write: bool,
    /// The folder for the code of a function; of several, the one for their folders
    /// [default: src/NAME]
    #[arg(long, value_name = "DIR")]
    pub code: Option<PathBuf>,
    /// How long to wait for another run, such as 5m
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

impl ImportArgs {
    pub fn scope(&self) -> Scope {
        Scope {
            lock_timeout: self.lock_timeout,
            ..Scope::default()
        }
    }
}

#[derive(Args, Debug)]
pub struct RecoverArgs {
    /// An emergency file; without it, the one beside the manifest, if there is one
    #[arg(value_name = "FILE")]
    pub emergency: Option<PathBuf>,
    /// How long to wait for another run, such as 5m
    #[arg(long, value_name = "TIME", default_value = "0s", value_parser = duration)]
    pub lock_timeout: Duration,
}

impl RecoverArgs {
    pub fn scope(&self) -> Scope {
        Scope {
            lock_timeout: self.lock_timeout,
            ..Scope::default()
        }
    }
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

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn no_option_is_taken_twice() {
        Cli::command().debug_assert();
    }
}
