//! `slp validate`: everything that is wrong with the manifest; no network.

use serde_json::json;

use super::args::Global;
use super::failure::Failure;
use super::open;
use super::printer::Printer;

pub fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let project = match open::offline(global) {
        Ok(project) => project,
        Err(failure) => {
            if let Some(report) = failure.report().filter(|_| global.json) {
                printer.out(&format!("{:#}", json!({ "problems": report })));
            }
            return Err(failure);
        }
    };
    project.shelf.save();
    let count = project.desired.resources.len();
    if global.json {
        printer.out(&format!(
            "{:#}",
            json!({ "problems": [], "resources": count })
        ));
        return Ok(0);
    }
    let noun = if count == 1 { "resource" } else { "resources" };
    printer.out(&format!("{} is sound: {count} {noun}.", project.file));
    Ok(0)
}
