//! The command line as it was typed: read, or refused; a program that asked for events is told in
//! one that it was.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use super::args::Cli;
use super::printer::Printer;
use super::width;
use crate::render::Line;

/// The command line; its help is as wide as the terminal, or as `COLUMNS` says.
pub fn parsed() -> Result<Cli, clap::Error> {
    let mut command = Cli::command().term_width(width::stdout_width());
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// What is wrong with the command line, or the help that it asks for.
pub fn refused(error: &clap::Error) -> ExitCode {
    let printer = Printer::new(false, "");
    let text = error.render();
    let plain = text.to_string();
    let text = match printer.color() {
        true => text.ansi().to_string(),
        false => plain.clone(),
    };
    let exit_code = u8::try_from(error.exit_code()).unwrap_or(2);
    if error.use_stderr() {
        if wants_events(std::env::args_os()) {
            printer.line(&event(&plain, exit_code));
        }
        printer.err(&text);
    } else {
        printer.out(&text);
    }
    ExitCode::from(exit_code)
}

/// Does the line ask for `--json` of a command that streams events, as far as it can be read?
fn wants_events(line: impl Iterator<Item = OsString>) -> bool {
    let line: Vec<OsString> = line.collect();
    let options = line.iter().take_while(|word| *word != "--");
    let is_json = options.into_iter().any(|word| word == "--json");
    let matches = Cli::command()
        .ignore_errors(true)
        .try_get_matches_from(line.clone());
    let streams = |name: &str| Printer::STREAMING.contains(&name);
    is_json && matches.is_ok_and(|matches| matches.subcommand_name().is_some_and(streams))
}

/// Clap's message for a program: what is wrong, and its tips.
fn event(text: &str, exit_code: u8) -> Line {
    let mut parts = text.split("\n\n").map(one_line);
    let first = parts.next().unwrap_or_default();
    let tips = parts.filter_map(|part| Some(part.split_once("tip: ")?.1.to_owned()));
    let tips: Vec<String> = tips.collect();
    Line::Error {
        error: first.trim_start_matches("error: ").to_owned(),
        hint: Some(match tips.is_empty() {
            true => "--help says what there is".to_owned(),
            false => tips.join("; "),
        }),
        problems: None,
        exit_code,
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(line: &str) -> bool {
        wants_events(line.split(' ').map(OsString::from))
    }

    #[test]
    fn only_who_asked_for_events_gets_one() {
        for line in [
            "slp apply --json --bogus",
            "slp --json apply --bogus",
            "slp -C apps dev --port x --json",
            "slp destroy --bogus --json",
        ] {
            assert!(asks(line), "{line}");
        }
        for line in [
            "slp apply --bogus",
            "slp plan --json --bogus",
            "slp --json",
            "slp apply --bogus -- --json",
        ] {
            assert!(!asks(line), "{line}");
        }
    }

    #[test]
    fn claps_message_is_a_sentence_and_its_tips() {
        let refused = Cli::try_parse_from("slp plan --targt x".split(' ')).unwrap_err();
        let Line::Error { error, hint, .. } = event(&refused.to_string(), 2) else {
            panic!("no error");
        };
        assert_eq!(error, "unexpected argument '--targt' found");
        assert!(hint.unwrap().contains("'--target'"));
        let refused = Cli::try_parse_from("slp why".split(' ')).unwrap_err();
        let Line::Error { error, hint, .. } = event(&refused.to_string(), 2) else {
            panic!("no error");
        };
        assert_eq!(
            error,
            "the following required arguments were not provided: <ADDR>"
        );
        assert_eq!(hint.as_deref(), Some("--help says what there is"));
    }

    use clap::Parser as _;
}
