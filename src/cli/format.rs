//! In which form a plan is printed, and what is known beside it.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Args, ValueEnum};

use super::args::Global;
use super::failure::Failure;
use super::open::Project;
use super::printer::Printer;
use crate::render::{Edges, Form};
use crate::state::State;

/// What a comment on GitHub can hold is 65,536 characters.
const COMMENT: u32 = 60_000;

/// The form of a plan, for every command that prints one.
#[derive(Args, Debug, Clone, Default)]
pub struct FormatArgs {
    /// The form in which it is printed
    #[arg(long, value_name = "FORM", value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// For markdown: print at most so many bytes; what deletes nothing is left out first
    /// [default: 60000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1000..))]
    pub max_bytes: Option<u32>,
    /// For markdown and github: link to the whole plan at this URL
    #[arg(long, value_name = "URL", value_parser = link)]
    pub link: Option<String>,
}

#[derive(ValueEnum, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// For a terminal
    #[default]
    Human,
    /// For programs; `slp schema plan` says what it holds
    Json,
    /// For a comment: what is deleted comes first, the rest is folded
    #[value(alias = "md")]
    Markdown,
    /// One page that needs no network
    Html,
    /// GitHub's annotations on the manifest's lines
    Github,
}

fn link(text: &str) -> Result<String, String> {
    let is_web = ["https://", "http://"].iter().any(|s| text.starts_with(s));
    let is_plain = text.chars().all(|c| c.is_ascii_graphic());
    match is_web && is_plain {
        true => Ok(text.to_owned()),
        false => Err("write it as https://…, without spaces".into()),
    }
}

impl FormatArgs {
    /// The form that is asked for; `--json` stands for `--format json`.
    pub fn form(&self, global: &Global) -> Result<Form, Failure> {
        let format = match (global.json, self.format) {
            (true, Format::Human | Format::Json) => Format::Json,
            (true, _) => return Err(Failure::usage("--json is another form than --format says")),
            (false, format) => format,
        };
        if self.max_bytes.is_some() && format != Format::Markdown {
            return Err(Failure::usage("--max-bytes is for --format markdown"));
        }
        if self.link.is_some() && !matches!(format, Format::Markdown | Format::Github) {
            return Err(Failure::usage("--link is for --format markdown and github"));
        }
        Ok(match format {
            Format::Human => Form::Human,
            Format::Json => Form::Json,
            Format::Markdown => Form::Markdown {
                max_bytes: usize::try_from(self.max_bytes.unwrap_or(COMMENT)).unwrap_or(usize::MAX),
            },
            Format::Html => Form::Html,
            Format::Github => Form::Github,
        })
    }
}

/// Prints a plan that has this form.
pub fn print(form: Form, text: &str, printer: &Printer) {
    if form == Form::Github {
        printer.commands(text);
    } else {
        printer.out(text);
    }
}

/// What each resource needs: by the manifest, and of what it no longer names, by the state.
pub fn needs(project: &Project, state: &State) -> Edges {
    let mut edges: Edges = BTreeMap::new();
    for (addr, stored) in &state.resources {
        edges.insert(addr.clone(), stored.needs.clone());
    }
    for (addr, needs) in project.desired.needs() {
        edges.insert(addr, needs.into_keys().collect());
    }
    edges
}

/// The manifest as the repository's root sees it: below GITHUB_WORKSPACE, where that is set.
pub fn manifest(global: &Global) -> String {
    let folder = global.directory.as_deref();
    in_repository(folder.unwrap_or(Path::new("")), &global.file)
}

/// A file as the repository's root sees it; `folder` is where slp works, as `-C` names it.
pub fn in_repository(folder: &Path, file: &Path) -> String {
    let workspace = std::env::var_os("GITHUB_WORKSPACE");
    let real = |path: &Path| std::fs::canonicalize(path).ok();
    let below = workspace.and_then(|workspace| {
        let (root, file) = (real(Path::new(&workspace))?, real(file)?);
        Some(file.strip_prefix(root).ok()?.to_owned())
    });
    let given = || folder.join(file);
    below.unwrap_or_else(given).display().to_string()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::args::{Cli, Command};
    use super::*;

    fn form(line: &str) -> Result<Form, String> {
        let cli = Cli::try_parse_from(line.split(' ')).map_err(|error| error.to_string())?;
        let Command::Plan(args) = &cli.command else {
            return Err("no plan".into());
        };
        args.format
            .form(&cli.global)
            .map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn one_form_is_asked_for() {
        let table = [
            ("slp plan", Form::Human),
            ("slp plan --json", Form::Json),
            ("slp plan --json --format json", Form::Json),
            ("slp plan --format md", Form::Markdown { max_bytes: 60_000 }),
            (
                "slp plan --format markdown --max-bytes 1000 --link https://x/1",
                Form::Markdown { max_bytes: 1000 },
            ),
            ("slp plan --format html", Form::Html),
            ("slp plan --format github --link http://x", Form::Github),
        ];
        for (line, expected) in table {
            assert_eq!(form(line), Ok(expected), "{line}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let table = [
            ("slp plan --json --format html", "another form"),
            ("slp plan --max-bytes 2000", "for --format markdown"),
            (
                "slp plan --format json --link https://x",
                "markdown and github",
            ),
            (
                "slp plan --format md --link javascript:x",
                "write it as https://",
            ),
            ("slp plan --format md --max-bytes 10", "10 is not in 1000.."),
        ];
        for (line, expected) in table {
            let error = form(line).expect_err(line);
            assert!(error.contains(expected), "{line}: {error}");
        }
    }
}
