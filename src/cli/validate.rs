//! `slp validate`: everything that is wrong with the manifest; no network.

use super::args::Global;
use super::failure::Failure;
use super::open;
use super::printer::Printer;

pub fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let project = open::offline(global)?;
    project.shelf.save();
    let count = project.desired.resources.len();
    let noun = if count == 1 { "resource" } else { "resources" };
    printer.out(&format!("{} is sound: {count} {noun}.", project.file));
    Ok(0)
}
