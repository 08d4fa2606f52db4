//! What runs functions: the embedded cloud, and calls of what was applied.

use std::time::Duration;

use clap::Args;

use super::super::complete;
use super::value::duration;

/// How the embedded cloud is served.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Serve at this port of 127.0.0.1; 0 takes any that is free
    /// [default: 4566, or the next that is free]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Begin with an empty cloud in memory, and leave nothing behind
    #[arg(long)]
    pub ephemeral: bool,
}

/// How `slp dev` runs.
#[derive(Args, Debug)]
pub struct DevArgs {
    #[command(flatten)]
    pub serve: ServeArgs,
    /// Let a debugger attach to this function, or to every one; no time counts meanwhile
    #[arg(long, value_name = "NAME", num_args = 0..=1, add = complete::functions())]
    pub inspect: Option<Option<String>>,
}

#[derive(Args, Debug)]
pub struct InvokeArgs {
    /// The function: HelloWorld, function.HelloWorld, or HelloWorld:ALIAS
    #[arg(add = complete::functions())]
    pub name: String,
    /// The event that it is given: JSON, @FILE, or - for stdin [default: {}]
    #[arg(value_name = "PAYLOAD")]
    pub given: Option<String>,
    /// The same, by name
    #[arg(short, long, value_name = "JSON", conflicts_with = "given")]
    pub payload: Option<String>,
    /// Print the end of its log as well, to stderr
    #[arg(long)]
    pub tail: bool,
    /// Call this alias or version
    #[arg(long, value_name = "NAME")]
    pub qualifier: Option<String>,
}

#[derive(Args, Debug)]
pub struct LogsArgs {
    /// The functions; without any, all of them
    #[arg(add = complete::functions())]
    pub names: Vec<String>,
    /// Go on, and print what is written from now on; Ctrl-C ends it
    #[arg(short = 'F', long)]
    pub follow: bool,
    /// Begin so far back, such as 30s, 10m or 2h
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "10m")]
    pub since: Duration,
    /// Print also what Lambda itself writes (START, END, REPORT), and every line as it was written
    #[arg(long)]
    pub all: bool,
    /// Print only what fits this filter pattern of CloudWatch Logs, such as ERROR
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
}
