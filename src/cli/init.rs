//! `slp init`: a new project that can be planned and applied as it is.

use std::io::Write as _;
use std::path::Path;

use super::args::{InitArgs, Template};
use super::failure::Failure;
use super::printer::Printer;
use crate::addr::is_name;

type File = (&'static str, &'static str);

const NODE: &[File] = &[
    ("slp.toml", include_str!("templates/node/slp.toml")),
    ("src/index.js", include_str!("templates/node/src/index.js")),
];
const PYTHON: &[File] = &[
    ("slp.toml", include_str!("templates/python/slp.toml")),
    ("src/app.py", include_str!("templates/python/src/app.py")),
];
/// State may hold what is nobody else's business.
const IGNORED: File = (
    ".gitignore",
    "/state/*.json*\n/.slp/\nslp-emergency-*.json\n",
);

pub fn run(args: &InitArgs, printer: &Printer) -> Result<u8, Failure> {
    let name = name(args)?;
    let files = match args.template {
        Template::Node => NODE,
        Template::Python => PYTHON,
    };
    let files: Vec<&File> = files.iter().chain([&IGNORED]).collect();
    if let Some((taken, _)) = files
        .iter()
        .find(|(path, _)| *path != IGNORED.0 && args.folder.join(path).exists())
    {
        return Err(Failure::usage(format!(
            "{} exists already; nothing was written",
            args.folder.join(taken).display()
        ))
        .hint("choose an empty folder: slp init FOLDER"));
    }
    for (path, text) in files {
        let path = args.folder.join(path);
        if !path.exists() {
            write(&path, &text.replace("PROJECT", &name))
                .map_err(|error| Failure::new(1, format!("{}: {error}", path.display())))?;
            printer.out(&format!("wrote {}", path.display()));
        }
    }
    printer.err(&format!("\nNext: {}", next(&args.folder)));
    Ok(0)
}

/// The command to run now, from where the person is.
fn next(folder: &Path) -> String {
    match folder == Path::new(".") {
        true => "slp plan".to_owned(),
        false => format!("slp -C {} plan", folder.display()),
    }
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    // Nothing is written through a link to a file that is not there.
    std::fs::File::create_new(path)?.write_all(text.as_bytes())
}

fn name(args: &InitArgs) -> Result<String, Failure> {
    if let Some(name) = &args.name {
        return match is_name(name) {
            true => Ok(name.clone()),
            false => Err(
                Failure::usage(format!("`{name}` cannot be a project's name"))
                    .hint("letters, digits, _ and -"),
            ),
        };
    }
    let full = std::path::absolute(&args.folder).unwrap_or_else(|_| args.folder.clone());
    let folder = full
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name: String = folder
        .chars()
        .map(|c| if is_name(&c.to_string()) { c } else { '-' })
        .collect();
    Ok(if name.is_empty() {
        "project".into()
    } else {
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_next_can_be_copied() {
        assert_eq!(next(Path::new(".")), "slp plan");
        assert_eq!(next(Path::new("shop")), "slp -C shop plan");
    }
}
