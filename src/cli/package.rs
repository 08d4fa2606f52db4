//! `slp package`: a function's zip and its digests, without AWS.

use std::path::Path;

use serde_json::{Value, json};

use super::args::{Global, PackageArgs};
use super::failure::Failure;
use super::open::{self, Project};
use super::printer::Printer;
use crate::addr::Addr;
use crate::files;
use crate::problem::nearest_addr;

pub fn run(global: &Global, args: &PackageArgs, printer: &Printer) -> Result<u8, Failure> {
    let project = open::offline(global)?;
    let mut entries = Vec::new();
    for (addr, wanted) in &project.desired.resources {
        let asked = args.addr.as_ref().is_none_or(|asked| asked == addr);
        if let (true, Some(digest)) = (
            asked,
            wanted.spec.pointer("/code/package").and_then(Value::as_str),
        ) {
            entries.push(entry(&project, addr, digest, args.out.as_deref())?);
        }
    }
    project.shelf.save();
    if entries.is_empty() {
        let what = args
            .addr
            .as_ref()
            .map_or("no function".to_owned(), |addr| format!("no {addr}"));
        let failure = Failure::usage(format!("{what} with a package in {}", project.file));
        let known = project.desired.resources.keys();
        let meant = args
            .addr
            .as_ref()
            .and_then(|addr| nearest_addr(addr, known));
        return Err(match meant {
            Some(meant) => failure.hint(format!("did you mean {meant}?")),
            None => failure,
        });
    }
    match global.json {
        true => printer.out(&serde_json::to_string_pretty(&entries).unwrap_or_default()),
        false => entries.iter().for_each(|entry| printer.out(&text(entry))),
    }
    Ok(0)
}

fn entry(
    project: &Project,
    addr: &Addr,
    digest: &str,
    out: Option<&Path>,
) -> Result<Value, Failure> {
    let wrong = |text: String| Failure::new(1, format!("{addr}: {text}"));
    let packed = project
        .shelf
        .packed(digest)
        .ok_or_else(|| wrong("its package is not at hand".into()))?;
    let packed = packed.map_err(|error| wrong(error.to_string()))?;
    let listing = project
        .shelf
        .listing(digest)
        .ok_or_else(|| wrong("its package is not at hand".into()))?;
    let file = out.map(|folder| folder.join(format!("{}.zip", addr.name())));
    if let Some(file) = &file {
        let folder = file.parent().unwrap_or(Path::new("."));
        if folder.is_file() {
            let text = format!("{} is a file", folder.display());
            return Err(wrong(text).hint("--out names a folder, which is made where it is missing"));
        }
        std::fs::create_dir_all(folder)
            .and_then(|()| files::write_private(file, &packed.bytes))
            .map_err(|error| wrong(format!("{}: {error}", file.display())))?;
    }
    Ok(json!({
        "address": addr,
        "zip": file,
        "bytes": packed.bytes.len(),
        "unpacked": listing.unpacked(),
        "sha256": packed.sha256,
        "content": listing.digest,
        "files": listing.files,
    }))
}

fn text(entry: &Value) -> String {
    let files = entry["files"].as_object().map_or(0, serde_json::Map::len);
    let one = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let mut text = format!(
        "{}\n  files    {files}, {} bytes\n  zip      {} bytes\n  sha256   {}\n  content  {}\n",
        one("address"),
        entry["unpacked"],
        entry["bytes"],
        one("sha256"),
        one("content"),
    );
    if !entry["zip"].is_null() {
        text.push_str(&format!("  written  {}\n", one("zip")));
    }
    text
}
