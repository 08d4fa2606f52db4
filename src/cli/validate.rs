//! `slp validate`: everything that is wrong with the manifest; no network.

use serde_json::json;

use super::args::Global;
use super::failure::Failure;
use super::open;
use super::printer::Printer;
use crate::problem::Level;

pub fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let project = match open::offline(global) {
        Ok(project) => project,
        Err(failure) => {
            if let Some(report) = failure.report().filter(|_| global.json) {
                let (problems, warnings) = (report.only(Level::Error), report.only(Level::Warning));
                let told = json!({ "problems": problems, "warnings": warnings });
                printer.out(&format!("{told:#}"));
            }
            return Err(failure);
        }
    };
    project.shelf.save();
    let count = project.desired.resources.len();
    let warnings = project.desired.report();
    if global.json {
        let told = json!({ "problems": [], "warnings": warnings, "resources": count });
        printer.out(&format!("{told:#}"));
        return Ok(0);
    }
    let noun = if count == 1 { "resource" } else { "resources" };
    let mut told = format!("{} is sound: {count} {noun}", project.file);
    if !warnings.problems().is_empty() {
        printer.err(&warnings.render(printer.width(), printer.color()));
        told.push_str(&format!(", {}", warnings.count()));
    }
    printer.out(&format!("{told}."));
    Ok(0)
}
