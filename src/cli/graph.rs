//! `slp graph`: what depends on what, for Graphviz or Mermaid.

use std::collections::BTreeMap;

use serde_json::json;

use super::args::{Global, GraphArgs, GraphFormat};
use super::failure::Failure;
use super::open;
use super::printer::Printer;
use crate::graph;

pub fn run(global: &Global, args: &GraphArgs, printer: &Printer) -> Result<u8, Failure> {
    let project = open::offline(global)?;
    let needs = project.desired.needs();
    if global.json {
        let edges: BTreeMap<_, Vec<_>> = needs
            .iter()
            .map(|(addr, needs)| (addr, needs.keys().collect()))
            .collect();
        printer.out(&format!("{:#}", json!(edges)));
        return Ok(0);
    }
    printer.out(&match args.format {
        GraphFormat::Dot => graph::to_dot(&needs),
        GraphFormat::Mermaid => graph::to_mermaid(&needs),
    });
    Ok(0)
}
