//! `slp schema`: for editors, and for whoever reads plans and states by program.

use super::args::{Schema, SchemaArgs};
use super::failure::Failure;
use super::printer::Printer;
use crate::{aws, manifest, render, state};

pub fn run(args: &SchemaArgs, printer: &Printer) -> Result<u8, Failure> {
    printer.out(&text(args.of));
    Ok(0)
}

/// One schema as it is printed.
pub fn text(of: Schema) -> String {
    let schema = match of {
        Schema::Manifest => manifest::manifest_schema(&aws::kinds()),
        Schema::Plan => render::plan_schema(),
        Schema::State => state::state_schema(),
        Schema::Events => render::events_schema(),
    };
    serde_json::to_string_pretty(&schema).unwrap_or_default()
}
