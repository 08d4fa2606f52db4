//! What compares the manifest with AWS, and what makes it so.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};

use super::super::complete;
use super::value::{addr, duration, gate};
use crate::addr::Addr;
use crate::cli::format::FormatArgs;
use crate::plan::Gate;

/// Which part of the work, and how closely to look. It stands last in what it is part of: its heading
/// would go on over the options behind it.
#[derive(Args, Debug, Clone)]
#[command(next_help_heading = "What is looked at and done")]
pub struct Scope {
    /// Limit to this resource and what it needs; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = addr, add = complete::addresses())]
    pub target: Vec<Addr>,
    /// Leave out this resource and what needs it; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = addr, add = complete::addresses())]
    pub exclude: Vec<Addr>,
    /// Delete this resource and make it again, though nothing forces it; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = addr, add = complete::addresses())]
    pub replace: Vec<Addr>,
    /// Treat this resource as ours, though its tags or the state say otherwise; may be repeated
    #[arg(long, value_name = "ADDR", value_parser = addr, add = complete::addresses())]
    pub take: Vec<Addr>,
    /// How closely AWS is looked at
    #[arg(long, value_name = "HOW", value_enum, default_value_t = Refresh::Full)]
    pub refresh: Refresh,
    /// Make at most so many changes and calls at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub parallelism: usize,
    /// Wait so long for another run to release the state, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub lock_timeout: Duration,
    /// Refuse a plan that does this, with exit code 5, unless a waiver in the manifest allows it:
    /// destroy, replace, widen, unprotected-secret or breaking-api; may be repeated
    #[arg(long = "gate", value_name = "GATE", value_parser = gate, add = complete::gates())]
    pub gates: Vec<Gate>,
    /// With --local: begin with an empty cloud in memory, which is gone when the command ends
    #[arg(long)]
    pub ephemeral: bool,
}

impl Default for Scope {
    fn default() -> Scope {
        Scope {
            target: Vec::new(),
            exclude: Vec::new(),
            replace: Vec::new(),
            take: Vec::new(),
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
    /// Look at everything, also at what was added outside slp
    Full,
    /// Read lists, and details only where something moved
    Fast,
    /// Ask nothing: trust the state
    None,
}

#[derive(Args, Debug)]
pub struct PlanArgs {
    /// Show what `slp destroy` would do
    #[arg(long)]
    pub destroy: bool,
    /// Exit with 3 where something is to be done
    #[arg(long)]
    pub exit_code: bool,
    /// Carry the plan out on a copy of what AWS has, in memory: shows what AWS would refuse, and
    /// how long it takes
    #[arg(long)]
    pub rehearse: bool,
    /// Save the plan to this file; `slp apply FILE` then does exactly this
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub format: FormatArgs,
    #[command(flatten)]
    pub scope: Scope,
}

#[derive(Args, Debug)]
pub struct DriftArgs {
    /// Make at most so many calls at once
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
    #[arg(value_parser = addr, add = complete::addresses())]
    pub addr: Addr,
}

impl WhyArgs {
    pub fn scope(&self) -> Scope {
        Scope::default()
    }
}

#[derive(Args, Debug)]
pub struct ApplyArgs {
    /// Apply exactly this plan, which `slp plan --out` saved
    #[arg(value_name = "PLAN", conflicts_with = "refresh_only", value_hint = ValueHint::FilePath)]
    pub plan: Option<PathBuf>,
    /// Do not ask before it is done
    #[arg(long)]
    pub yes: bool,
    /// Change nothing in AWS: accept into the state what was changed outside slp
    #[arg(long)]
    pub refresh_only: bool,
    #[command(flatten)]
    pub scope: Scope,
}

#[derive(Args, Debug)]
pub struct DestroyArgs {
    /// Do not ask before it is done
    #[arg(long)]
    pub yes: bool,
    #[command(flatten)]
    pub scope: Scope,
}
