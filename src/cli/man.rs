//! `slp man`: manual pages, from the command line's own definition.

use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::{Man, roff};

use super::args::{Cli, ManArgs};
use super::failure::Failure;
use super::printer::Printer;
use crate::problem::nearest;

pub fn run(args: &ManArgs, printer: &Printer) -> Result<u8, Failure> {
    let mut whole = Cli::command().disable_help_subcommand(true);
    whole.build();
    match &args.out {
        Some(folder) => {
            let count = write(&whole, folder)?;
            printer.err(&format!("{count} pages are in {}", folder.display()));
        }
        None => printer.raw(&page(found(&whole, &args.command)?)),
    }
    Ok(0)
}

/// The command that these words name.
fn found<'a>(whole: &'a Command, words: &[String]) -> Result<&'a Command, Failure> {
    words.iter().try_fold(whole, |command, word| {
        command.find_subcommand(word).ok_or_else(|| {
            let of = command.get_bin_name().unwrap_or(command.get_name());
            let known = command.get_subcommands().map(Command::get_name);
            let failure = Failure::usage(format!("`{of}` has no command `{word}`"));
            failure.hint(match nearest(word, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("`{of} --help` lists its commands"),
            })
        })
    })
}

/// Writes the page of a command and those of the commands under it; how many.
fn write(command: &Command, folder: &Path) -> Result<usize, Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("{} cannot be written: {error}", folder.display());
        Failure::new(1, message).hint("choose another folder: --out DIR")
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut pending = vec![command];
    let mut count = 0;
    while let Some(command) = pending.pop() {
        let name = command
            .get_display_name()
            .unwrap_or_else(|| command.get_name());
        std::fs::write(folder.join(format!("{name}.1")), page(command)).map_err(failed)?;
        pending.extend(command.get_subcommands());
        count += 1;
    }
    Ok(count)
}

/// The page in roff. Its examples keep their lines, which clap_mangen would fill.
fn page(command: &Command) -> String {
    let examples = command.get_after_long_help().map(ToString::to_string);
    let bare = command.clone().after_long_help(None::<&str>);
    let version = env!("CARGO_PKG_VERSION");
    let mut text = Vec::new();
    let man = Man::new(bare).source(format!("slp {version}"));
    // Writing into memory does not fail.
    let _ = man.render(&mut text);
    let mut page = String::from_utf8_lossy(&text).into_owned();
    if let Some(examples) = examples {
        page.push_str(&literal(&examples));
    }
    page
}

/// A section whose lines stay as they are.
fn literal(text: &str) -> String {
    let mut roff = roff::Roff::new();
    let (heading, text) = match text.split_once(":\n") {
        Some((heading, text)) => (heading, text),
        None => ("Examples", text),
    };
    roff.control("SH", [heading.to_uppercase().as_str()]);
    roff.control("nf", []);
    for line in text.lines() {
        roff.text([roff::roman(line)]);
    }
    roff.control("fi", []);
    roff.to_roff()
}
