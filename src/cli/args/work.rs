//! What compares the manifest with AWS, and what makes it so.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::value::{addr, duration, gate};
use crate::addr::Addr;
use crate::cli::format::FormatArgs;
use crate::plan::Gate;

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
    /// This is ours, though its tags or the state say otherwise
    #[arg(long, value_name = "ADDR", value_parser = addr)]
    pub take: Vec<Addr>,
    /// How closely to look at AWS
    #[arg(long, value_enum, default_value_t = Refresh::Full)]
    pub refresh: Refresh,
    /// How many changes and calls at once
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub parallelism: usize,
    /// How long to wait for the lock, such as 30s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "0s")]
    pub lock_timeout: Duration,
    /// Refuse a plan that does this, with exit code 5, unless a waiver in the manifest lets it
    #[arg(long = "gate", value_name = "GATE", value_parser = gate)]
    pub gates: Vec<Gate>,
    /// With --local: an empty cloud in memory, gone when the command ends
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
