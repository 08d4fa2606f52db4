//! `slp init`: a new project that can be served, planned and applied as it is.

use std::borrow::Cow;
use std::io::Write as _;
use std::path::Path;

use super::args::{InitArgs, Schema, Template};
use super::failure::Failure;
use super::printer::Printer;
use super::schema;
use crate::addr::is_name;
use crate::files;

/// Its path in the project's folder, and what is in it.
type File = (&'static str, Cow<'static, str>);
type Own = (&'static str, &'static str);

const NODE: &[Own] = &[
    ("slp.toml", include_str!("templates/node/slp.toml")),
    ("src/index.js", include_str!("templates/node/src/index.js")),
];
const PYTHON: &[Own] = &[
    ("slp.toml", include_str!("templates/python/slp.toml")),
    ("src/app.py", include_str!("templates/python/src/app.py")),
];
/// State may hold what is nobody else's business. The schema goes along: whoever clones the
/// project has an editor as well.
const IGNORED: Own = (
    ".gitignore",
    "/state/*.json*\n/.slp/*\n!/.slp/schema.json\nslp-emergency-*.json\n",
);
/// What the manifest's first line names: editors find it without a network.
const SCHEMA: &str = ".slp/schema.json";

pub fn run(args: &InitArgs, printer: &Printer) -> Result<u8, Failure> {
    let name = name(args)?;
    let files = match args.template {
        Template::Node => NODE,
        Template::Python => PYTHON,
    };
    if let Some((taken, _)) = files
        .iter()
        .find(|(path, _)| args.folder.join(path).exists())
    {
        return Err(Failure::usage(format!(
            "{} exists already; nothing was written",
            args.folder.join(taken).display()
        ))
        .hint("choose an empty folder: slp init FOLDER"));
    }
    let own = files.iter().chain([&IGNORED]);
    let own = own.map(|(path, text)| (*path, text.replace("PROJECT", &name).into()));
    let schema: File = (SCHEMA, schema::text(Schema::Manifest).into());
    for (path, text) in own.chain([schema]) {
        let path = args.folder.join(path);
        if !path.exists() {
            write(&path, &text)
                .map_err(|error| Failure::new(1, format!("{}: {error}", path.display())))?;
            printer.out(&format!("wrote {}", path.display()));
        }
    }
    printer.err(&next(&args.folder));
    Ok(0)
}

/// The commands to run now, from where the person is. The first takes neither an account nor a
/// region.
fn next(folder: &Path) -> String {
    let slp = match folder == Path::new(".") {
        true => "slp".to_owned(),
        false => format!("slp -C {}", files::quoted(folder)),
    };
    format!(
        "
Next: {slp} dev
  serves it on this machine, without AWS, and follows the files
Then: {slp} plan
  for AWS: needs credentials, and a region (in the manifest, or AWS_REGION)"
    )
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
        let says = |folder: &str, line: &str| {
            let next = next(Path::new(folder));
            assert!(next.lines().any(|said| said == line), "{next}");
        };
        says(".", "Next: slp dev");
        says("shop", "Next: slp -C shop dev");
        says("my shop", "Next: slp -C 'my shop' dev");
        says("it's", "Then: slp -C 'it'\\''s' plan");
        says("-x", "Next: slp -C ./-x dev");
    }

    #[test]
    fn the_manifest_names_the_schema_that_is_written() {
        for files in [NODE, PYTHON] {
            let (name, text) = files[0];
            assert_eq!(name, "slp.toml");
            assert!(
                text.starts_with(&format!("#:schema ./{SCHEMA}\n")),
                "{text}"
            );
            assert!(IGNORED.1.contains(&format!("!/{SCHEMA}\n")));
        }
    }
}
