//! Shell completions and the manual page, from the command line's own definition.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Cli;
use super::failure::Failure;
use super::printer::Printer;

pub fn completions(shell: Shell, printer: &Printer) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "slp", &mut text);
    printer.raw(&String::from_utf8_lossy(&text));
    Ok(0)
}

pub fn man(printer: &Printer) -> Result<u8, Failure> {
    let mut text = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut text)
        .map_err(|error| Failure::new(1, format!("the manual page cannot be made: {error}")))?;
    printer.raw(&String::from_utf8_lossy(&text));
    Ok(0)
}
