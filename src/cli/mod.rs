//! The command line: the only place that prints, and that wires the parts together.
//!
//! One file a command; each reads as the stages that it goes through. What a result looks
//! like is `render`'s; what is done, the engine's.

mod accept;
mod adopt;
mod apply;
mod args;
mod complete;
mod completions;
mod confirm;
mod dev;
mod drift;
mod embedded;
mod environment;
mod failure;
mod fmt;
mod format;
mod functions;
mod graph;
mod history;
mod home;
mod import;
mod init;
mod invoke;
mod kept;
mod local;
mod locked;
mod logs;
mod man;
mod nearby;
mod open;
mod output;
mod outside;
mod package;
mod packages;
mod permissions;
mod place;
mod places;
mod plan;
mod printer;
mod progress;
mod rebuild;
mod recover;
mod rehearse;
mod repository;
mod rescue;
mod rights;
mod runtimes;
mod saved;
mod schema;
mod sealing;
mod serve;
mod show;
mod signals;
mod sources;
mod stacks;
mod state;
#[cfg(test)]
mod tests;
mod usage;
mod validate;
mod why;
mod width;

use std::process::ExitCode;

use args::{Cli, Command};
use failure::Failure;
use printer::Printer;

use crate::cloud;

/// Runs what the command line says; prints; gives the exit code.
pub fn main() -> ExitCode {
    if let Err(failure) = environment::without_empty() {
        return ExitCode::from(failure.print(&Printer::new(false, "")));
    }
    if let Some(answer) = complete::answer() {
        Printer::new(true, "").raw(&String::from_utf8_lossy(&answer));
        return ExitCode::SUCCESS;
    }
    let mut cli = match usage::parsed() {
        Ok(cli) => cli,
        Err(error) => return usage::refused(&error),
    };
    let printer = Printer::of(&cli);
    cli.global.events = printer.listener();
    let code = match run(&cli, &printer) {
        Ok(code) => code,
        Err(failure) => failure.print(&printer),
    };
    ExitCode::from(unless_lost(code, &printer))
}

/// Says that the result was not written, where it was not: what was done is done all the same.
fn unless_lost(code: u8, printer: &Printer) -> u8 {
    let Some(error) = printer.lost() else {
        return code;
    };
    printer.err(&format!("error: stdout cannot be written: {error}"));
    printer
        .err("  help: the run itself was not changed by this; `slp plan` says what is left to do");
    code.max(1)
}

/// One thread runs everything: slp waits for AWS, it does not compute.
fn run(cli: &Cli, printer: &Printer) -> Result<u8, Failure> {
    if let Some(folder) = &cli.global.directory {
        std::env::set_current_dir(folder)
            .map_err(|error| Failure::usage(format!("{}: {error}", folder.display())))?;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(1, format!("the runtime cannot start: {error}")))?;
    runtime.block_on(printer.attend(async {
        match dispatch(cli, printer).await {
            Err(failure) => Err(nearby::told(&cli.global, failure).await),
            done => done,
        }
    }))
}

async fn dispatch(cli: &Cli, printer: &Printer) -> Result<u8, Failure> {
    let global = &cli.global;
    signals::outlive_full_files();
    if global.local || matches!(&cli.command, Command::Dev(_)) {
        cloud::embed();
    }
    match &cli.command {
        Command::Validate => validate::run(global, printer),
        Command::Plan(args) => plan::run(global, args, printer).await,
        Command::Apply(args) => apply::apply(global, args, printer).await,
        Command::Destroy(args) => apply::destroy(global, args, printer).await,
        Command::Dev(args) => dev::run(global, args, printer).await,
        Command::Invoke(args) => invoke::run(global, args, printer).await,
        Command::Logs(args) => logs::run(global, args, printer).await,
        Command::Local(args) => local::run(global, args, printer).await,
        Command::Drift(args) => drift::run(global, args, printer).await,
        Command::Why(args) => why::run(global, args, printer).await,
        Command::Stacks(args) => stacks::run(global, args, printer),
        Command::Output(args) => output::run(global, args, printer).await,
        Command::Show(args) => show::run(global, args, printer).await,
        Command::State(args) => state::run(global, args, printer).await,
        Command::Import(args) => import::run(global, args, printer).await,
        Command::Recover(args) => recover::run(global, args, printer).await,
        Command::Package(args) => package::run(global, args, printer),
        Command::Graph(args) => graph::run(global, args, printer),
        Command::Permissions(args) => permissions::run(global, args, printer).await,
        Command::Fmt(args) => fmt::run(global, args, printer),
        Command::Init(args) => init::run(args, printer),
        Command::Schema(args) => schema::run(args, printer),
        Command::Completions { shell } => completions::run(*shell, printer),
        Command::Man(args) => man::run(args, printer),
    }
}
