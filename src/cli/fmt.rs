//! `slp fmt`: the manifest in its canonical form.

use super::args::{FmtArgs, Global};
use super::failure::Failure;
use super::printer::Printer;
use crate::files;
use crate::manifest;
use crate::written;

pub fn run(global: &Global, args: &FmtArgs, printer: &Printer) -> Result<u8, Failure> {
    let file = &global.file;
    let wrong = |error: std::io::Error| Failure::usage(format!("{}: {error}", file.display()));
    let bytes = files::bytes(file).map_err(wrong)?;
    let windows = bytes.windows(2).any(|pair| pair == b"\r\n");
    let text = written::text(bytes).map_err(wrong)?;
    let mut formatted = manifest::format(&text)?;
    if formatted == text {
        return Ok(0);
    }
    if windows {
        // The file keeps the line ends that it has.
        formatted = formatted.replace('\n', "\r\n");
    }
    if args.check {
        printer.out(&format!(
            "{} is not in its canonical form; run `slp fmt`",
            file.display()
        ));
        return Ok(1);
    }
    replace(file, &formatted).map_err(wrong)?;
    printer.out(&file.display().to_string());
    Ok(0)
}

/// Whole or not at all: a manifest is somebody's work.
pub(super) fn replace(file: &std::path::Path, text: &str) -> std::io::Result<()> {
    let file = &files::followed(file.to_owned());
    let folder = file
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .unwrap_or(std::path::Path::new("."));
    let temporary = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(temporary.path(), text)?;
    std::fs::set_permissions(temporary.path(), std::fs::metadata(file)?.permissions())?;
    temporary
        .persist(file)
        .map(drop)
        .map_err(|error| error.error)
}
