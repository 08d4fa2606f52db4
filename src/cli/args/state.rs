//! What looks into the state, mends it, or takes into it what exists.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueHint};

use super::super::complete;
use super::value::{addr, duration};
use super::work::Scope;
use crate::addr::Addr;
use crate::cli::format::FormatArgs;

#[derive(Args, Debug)]
pub struct OutputArgs {
    /// Print only this output
    #[arg(value_name = "NAME", add = complete::outputs())]
    pub name: Option<String>,
    /// Print the value and nothing else, for a shell
    #[arg(long, requires = "name")]
    pub raw: bool,
}

#[derive(Args, Debug)]
pub struct ShowArgs {
    /// A resource, such as function.HelloWorld, or the file of a saved plan; without it, the whole
    /// state is shown
    #[arg(value_name = "ADDR|PLAN", add = complete::saved_addresses())]
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
    /// List the addresses of all resources in the state
    #[command(after_long_help = "Example:\n  slp state list --env prod")]
    List,
    /// Show what the state holds of one resource
    #[command(after_long_help = "Example:\n  slp state show function.HelloWorld")]
    Show {
        /// The resource, such as function.HelloWorld
        #[arg(value_parser = addr, add = complete::saved_addresses())]
        addr: Addr,
    },
    /// Remove a resource from the state; it still exists in AWS
    #[command(after_long_help = "Example:\n  slp state rm function.HelloWorld")]
    Rm {
        /// The resource, such as function.HelloWorld
        #[arg(value_parser = addr, add = complete::saved_addresses())]
        addr: Addr,
    },
    /// Give a resource another address, after its header in the manifest was renamed
    ///
    /// Where others apply the manifest as well, write [[moved]] in it instead: it is then done by
    /// everybody's next apply.
    #[command(after_long_help = "Example:\n  slp state mv function.Old function.New")]
    Mv {
        /// The address in the state
        #[arg(value_parser = addr, add = complete::saved_addresses())]
        from: Addr,
        /// The address in the manifest
        #[arg(value_parser = addr, add = complete::addresses())]
        to: Addr,
    },
    /// Print the whole state as JSON
    #[command(after_long_help = "Example:\n  slp state pull > copy.json")]
    Pull,
    /// Replace the saved state with the one in a file
    #[command(after_long_help = "Example:\n  slp state push copy.json")]
    Push {
        /// A state as `slp state pull` prints it
        #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
        state: PathBuf,
    },
    /// List the earlier states that can be brought back
    #[command(after_long_help = "Example:\n  slp state history")]
    History,
    /// Bring an earlier state back, as a new serial
    #[command(after_long_help = "Example:\n  slp state rollback 41")]
    Rollback {
        /// The serial, as `slp state history` lists it
        serial: u64,
    },
    /// Copy the state into the place that the manifest names now
    #[command(
        after_long_help = "Examples:\n  slp state migrate --from local\n  slp state migrate --from s3://acme-states/slp/shop.json"
    )]
    Migrate {
        /// Where the state is now: `local`, or s3://bucket/key
        #[arg(long, value_name = "PLACE")]
        from: String,
    },
    /// Give what was applied without an environment to the one of --env
    ///
    /// Changes the state and the ownership tags in AWS. Nothing is made, renamed or deleted.
    #[command(after_long_help = "Example:\n  slp state adopt --env prod")]
    Adopt {
        /// Do not ask before it is done
        #[arg(long)]
        yes: bool,
    },
    /// Encrypt the state again, with the key that the manifest names now
    #[command(after_long_help = "Example:\n  slp state rekey")]
    Rekey,
    /// Make a lost state again, from the manifest and what AWS has
    ///
    /// Only what carries this project's tags is taken into it.
    #[command(after_long_help = "Example:\n  slp state rebuild")]
    Rebuild,
    /// Remove a lock that a dead process left behind
    ///
    /// Be sure that the process has ended: two runs at once damage the state.
    #[command(after_long_help = "Example:\n  slp state unlock 1b4e28ba")]
    Unlock {
        /// The lock's id, as the message of the refused command names it
        id: String,
    },
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    /// An address of yours and AWS's id, in pairs: `function.HelloWorld HelloWorld`,
    /// `api.shop abc123`
    #[arg(value_name = "ADDR ID", required_unless_present = "from_terraform")]
    pub what: Vec<String>,
    /// Import everything that this Terraform state lists; the file is only read
    #[arg(long, value_name = "FILE", conflicts_with = "what", value_hint = ValueHint::FilePath)]
    pub from_terraform: Option<PathBuf>,
    /// Import also what it refers to: an API's functions, their roles, the roles' own policies
    #[arg(long)]
    pub follow: bool,
    /// Write the tables into the manifest, and take over what they describe
    #[arg(long)]
    pub write: bool,
    /// Put the code of a function into this folder; the code of several, each into a folder in it
    /// [default: src/NAME]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub code: Option<PathBuf>,
    /// Wait so long for another run to end, such as 30s or 5m
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
    /// The emergency file that the interrupted run named; without it, the one beside the manifest,
    /// if there is one
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub emergency: Option<PathBuf>,
    /// Wait so long for another run to end, such as 30s or 5m
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
