//! What looks into the state, mends it, or takes into it what exists.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::value::{addr, duration};
use super::work::Scope;
use crate::addr::Addr;
use crate::cli::format::FormatArgs;

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
    /// Give what was applied without an environment to the one of --env: the state, and the
    /// ownership tags in AWS. Nothing is made, renamed or deleted
    Adopt {
        /// Do not ask
        #[arg(long)]
        yes: bool,
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
