//! `slp completions`: the script that makes a shell complete slp's command line.

use clap_complete::Shell;

use super::complete;
use super::failure::Failure;
use super::printer::Printer;

pub fn run(shell: Shell, printer: &Printer) -> Result<u8, Failure> {
    let script = complete::script(shell).map_err(|error| {
        Failure::usage(format!("there are no completions for {shell}: {error}"))
    })?;
    printer.raw(&String::from_utf8_lossy(&script));
    Ok(0)
}
