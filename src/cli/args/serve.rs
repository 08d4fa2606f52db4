//! What runs functions: the embedded cloud, and calls of what was applied.

use std::time::Duration;

use clap::Args;

use super::value::duration;

/// How the embedded cloud is served.
#[derive(Args, Debug)]
pub struct ServeArgs {
    /// The port on 127.0.0.1; 0 takes any that is free [default: 4566, or the next that is free]
    #[arg(long, value_name = "N")]
    pub port: Option<u16>,
    /// Begin empty, keep everything in memory, leave nothing
    #[arg(long)]
    pub ephemeral: bool,
}

#[derive(Args, Debug)]
pub struct InvokeArgs {
    /// The function: HelloWorld, function.HelloWorld, or HelloWorld:ALIAS
    pub name: String,
    /// What it is given: JSON, @FILE, or - for stdin [default: {}]
    #[arg(value_name = "PAYLOAD")]
    pub given: Option<String>,
    /// The same, by name
    #[arg(short, long, value_name = "JSON", conflicts_with = "given")]
    pub payload: Option<String>,
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
    /// Also what Lambda itself writes (START, END, REPORT), and every line as it was written
    #[arg(long)]
    pub all: bool,
    /// Only what fits this filter pattern of CloudWatch Logs
    #[arg(long, value_name = "PATTERN")]
    pub filter: Option<String>,
}
