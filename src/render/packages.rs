//! What a plan's printer may ask about packages, and how a package's change reads.

use std::sync::Arc;

use serde_json::Value;

use super::bytes::{size, sizes};
use super::style::Style;
use super::value::{counted, printable};
use crate::diff::{Shape, text};
use crate::package::{FileChange, Listing, changed};
use crate::plan::Change;

/// The packages that a plan's digests stand for, as far as they are known.
pub trait Packages {
    /// What the package of this digest holds.
    fn listing(&self, digest: &str) -> Option<Arc<Listing>>;
    /// A file of it as text; `None` where it is not at hand or is no text.
    fn text(&self, digest: &str, path: &str) -> Option<String>;
}

/// Where nothing is known of packages.
pub struct NoPackages;

impl Packages for NoPackages {
    fn listing(&self, _: &str) -> Option<Arc<Listing>> {
        None
    }

    fn text(&self, _: &str, _: &str) -> Option<String> {
        None
    }
}

/// The files that are listed by name; of more, only the number is told.
const SHOWN: usize = 12;

/// One line for the package, and one for each file that differs: (symbol, text).
pub struct Shown {
    pub line: String,
    pub files: Vec<(&'static str, String)>,
}

/// How a package's change reads; a side may be absent.
pub fn package(before: Option<&str>, after: Option<&str>, packages: &dyn Packages) -> Shown {
    let listing = |digest: Option<&str>| digest.and_then(|digest| packages.listing(digest));
    match (listing(before), listing(after)) {
        (None, Some(new)) if before.is_none() => Shown::line(contents(&new)),
        (Some(old), Some(new)) => compared(before, after, &old, &new, packages),
        (_, new) => Shown::line(by_digest(before, after, new.as_deref())),
    }
}

impl Shown {
    fn line(line: String) -> Shown {
        Shown {
            line,
            files: Vec::new(),
        }
    }
}

fn contents(listing: &Listing) -> String {
    let files = counted(listing.files.len(), "file");
    format!("{files} · {}", size(listing.unpacked()))
}

fn by_digest(before: Option<&str>, after: Option<&str>, new: Option<&Listing>) -> String {
    // Of code that somebody uploaded only AWS's own digest is known, which tells nobody anything.
    if let Some(listing) = new
        && before.is_some_and(|digest| digest.starts_with("sha256:"))
    {
        return format!("not what slp sent → {}", contents(listing));
    }
    let short = |digest: Option<&str>| match digest {
        Some(digest) => digest.chars().take(12).collect::<String>(),
        None => "(none)".to_owned(),
    };
    let pair = match before {
        None => short(after),
        Some(_) => format!("{} → {}", short(before), short(after)),
    };
    match new {
        Some(listing) => format!("{} · {pair}", contents(listing)),
        None => format!("package {pair}"),
    }
}

fn compared(
    before: Option<&str>,
    after: Option<&str>,
    old: &Listing,
    new: &Listing,
    packages: &dyn Packages,
) -> Shown {
    let changes = changed(old, new);
    let line = format!(
        "{} of {} changed · {}",
        changes.len(),
        counted(new.files.len().max(changes.len()), "file"),
        sizes(old.unpacked(), new.unpacked())
    );
    let name = |change: &FileChange| super::style::columns(&printable(path_of(change)));
    let width = changes.iter().take(SHOWN).map(name).max().unwrap_or(0);
    let text = |digest: Option<&str>, path: &str| packages.text(digest?, path);
    let mut files: Vec<(&'static str, String)> = changes
        .iter()
        .take(SHOWN)
        .map(|change| {
            let path = path_of(change);
            let (symbol, note) = file(change, text(before, path), text(after, path));
            let name = super::style::padded(&printable(path), width);
            (symbol, format!("{name}  {note}").trim_end().to_owned())
        })
        .collect();
    if changes.len() > SHOWN {
        files.push((" ", format!("and {} more", changes.len() - SHOWN)));
    }
    Shown { line, files }
}

fn path_of(change: &FileChange) -> &str {
    match change {
        FileChange::Added { path, .. }
        | FileChange::Removed { path, .. }
        | FileChange::Changed { path, .. } => path,
    }
}

fn file(change: &FileChange, old: Option<String>, new: Option<String>) -> (&'static str, String) {
    match change {
        FileChange::Added { size: bytes, .. } => ("+", size(*bytes)),
        FileChange::Removed { .. } => ("-", String::new()),
        FileChange::Changed {
            before,
            after,
            executable,
            ..
        } => {
            let contents = match (old, new) {
                (Some(old), Some(new)) if old != new => {
                    let lines = text::lines(&old, &new);
                    Some(format!("+{} −{}", lines.added, lines.removed))
                }
                (Some(_), Some(_)) => None,
                _ => Some(sizes(*before, *after)),
            };
            let mode = executable.map(|on| match on {
                true => "executable".to_owned(),
                false => "no longer executable".to_owned(),
            });
            let notes: Vec<String> = contents.into_iter().chain(mode).collect();
            ("~", notes.join(" · "))
        }
    }
}

/// The unified differences of all texts that differ between two packages; where a side is
/// not at hand, or is no text, that is said.
pub fn unified(before: &str, after: &str, packages: &dyn Packages, style: &Style) -> String {
    let (Some(old), Some(new)) = (packages.listing(before), packages.listing(after)) else {
        return String::new();
    };
    let mut out = String::new();
    for change in changed(&old, &new) {
        let path = path_of(&change);
        let (was, is) = match change {
            FileChange::Added { .. } => (Some(String::new()), packages.text(after, path)),
            FileChange::Removed { .. } => (packages.text(before, path), Some(String::new())),
            _ => (packages.text(before, path), packages.text(after, path)),
        };
        let name = printable(path);
        let (Some(was), Some(is)) = (was, is) else {
            out.push_str(&format!("{name}: no two texts at hand to compare\n"));
            continue;
        };
        out.push_str(&format!("--- {name}\n+++ {name}\n"));
        for line in text::lines(&was, &is).unified.lines() {
            out.push_str(&format!("{}\n", painted(line, style)));
        }
    }
    out
}

/// The text differences of all the code that a change brings; empty where there are none.
pub fn differences(change: &Change, packages: &dyn Packages, style: &Style) -> String {
    let fields = change.fields.iter();
    let fields = fields.filter(|field| field.shape == Shape::Package);
    let digest = |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
    fields
        .filter_map(|field| Some((digest(&field.before)?, digest(&field.after)?)))
        .map(|(before, after)| unified(&before, &after, packages, style))
        .collect()
}

fn painted(line: &str, style: &Style) -> String {
    use super::style::Paint;
    let safe = printable(line);
    match line.chars().next() {
        Some('+') => style.paint(Paint::Added, &safe),
        Some('-') => style.paint(Paint::Removed, &safe),
        _ => safe,
    }
}

#[cfg(test)]
#[path = "packages_tests.rs"]
pub(super) mod tests;
