//! A plan as annotations of GitHub's: workflow commands, each on a line of the manifest.
//!
//! GitHub shows ten of each level from one step, so what matters most comes first.

use super::markup::{head, target};
use super::permissions::losses;
use super::plan::{idle, is_shown, notes, rows, totals};
use super::review::{self, Beside, inside, is_destructive, is_drift, lost_entries, one_line};
use super::style::Style;
use super::value::{counted, printable};
use super::words::Words;
use crate::addr::Addr;
use crate::plan::{Change, Plan};

/// What is shown of one change.
const LONGEST: usize = 4000;

/// In the order in which they are printed.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Notice,
}

impl Level {
    /// GitHub's command.
    fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Notice => "notice",
        }
    }
}

/// A line of which the level is known.
type Told = (Level, String);

/// One line for each, and a last one with the totals.
pub fn github(plan: &Plan, beside: &Beside, style: &Style) -> String {
    let mut found: Vec<Told> = sections(plan, beside);
    let shown = plan.changes.iter().filter(|change| is_shown(change));
    found.extend(shown.map(|one| change(one, plan, beside, style)));
    found.extend(rest(plan, beside));
    found.sort_by_key(|(level, _)| *level);
    let mut out: String = found.into_iter().map(|(_, line)| line).collect();
    out.push_str(&closing(plan, beside, style));
    out
}

fn sections(plan: &Plan, beside: &Beside) -> Vec<Told> {
    let mut found = Vec::new();
    for section in review::first(plan, beside) {
        let level = match section.refuses {
            true => Level::Error,
            false => Level::Warning,
        };
        for point in section.points {
            let text = printable(&point.text);
            let told = annotation(level, &point.addr, &section.title, &text, beside);
            found.push((level, told));
        }
    }
    for point in review::usual(plan)
        .into_iter()
        .flat_map(|usual| usual.points)
    {
        let text = printable(&point.text);
        let title = format!("{}: new, and public", point.addr);
        let told = annotation(Level::Notice, &point.addr, &title, &text, beside);
        found.push((Level::Notice, told));
    }
    found
}

fn change(change: &Change, plan: &Plan, beside: &Beside, style: &Style) -> Told {
    let words = Words::of(plan);
    let level = level(change, words);
    let message = message(change, plan, beside, style);
    let title = title(change, words);
    let told = annotation(level, &change.addr, &title, &message, beside);
    (level, told)
}

/// Who may do less, and what was found.
fn rest(plan: &Plan, beside: &Beside) -> Vec<Told> {
    let words = Words::of(plan);
    let mut found = Vec::new();
    for (addr, lost) in less(plan) {
        let title = format!("{addr}: {}", words.narrowing());
        let told = annotation(Level::Notice, addr, &title, &shortened(lost), beside);
        found.push((Level::Notice, told));
    }
    for warning in &plan.warnings {
        let title = format!("{}: warning", warning.addr);
        let text = printable(warning.text.as_deref().unwrap_or_default());
        let told = annotation(Level::Warning, &warning.addr, &title, &text, beside);
        found.push((Level::Warning, told));
    }
    for notice in &plan.notices {
        let title = words.noticed(&notice.addr);
        let fields = review::touched(&notice.fields);
        let text = printable(notice.text.as_deref().unwrap_or(&fields));
        let told = annotation(Level::Warning, &notice.addr, &title, &text, beside);
        found.push((Level::Warning, told));
    }
    found
}

/// The rights that are lost by what stays; of what goes, nobody asks them.
fn less(plan: &Plan) -> impl Iterator<Item = (&Addr, String)> {
    let stays = |addr: &Addr| plan.change(addr).is_none_or(Change::makes);
    let rights = plan.rights.iter().filter(move |one| stays(&one.addr));
    let lost = rights.map(|one| (&one.addr, losses(one).join("\n")));
    lost.filter(|(_, lost)| !lost.is_empty())
}

fn level(change: &Change, words: Words) -> Level {
    match change {
        // Nothing is going to happen by itself.
        _ if words == Words::Drift => Level::Warning,
        change if is_destructive(change) => Level::Error,
        change if is_drift(change) => Level::Warning,
        _ => Level::Notice,
    }
}

/// `function.X will be replaced`, `api.shop will be updated, and loses 2 entries`.
fn title(change: &Change, words: Words) -> String {
    let loses = match lost_entries(change).as_slice() {
        [] => String::new(),
        [one] => format!(", and {}", words.loses(&printable(one))),
        more => format!(", and {}", words.loses(&format!("{} entries", more.len()))),
    };
    format!("{}{loses}", words.sentence(change.action, &change.addr))
}

/// Why, and what differs; never empty, for GitHub would not show it.
fn message(change: &Change, plan: &Plan, beside: &Beside, style: &Style) -> String {
    let rows = rows(change, &plan.names, beside.packages, &inside(style), 0);
    let notes = notes(change);
    let parts = [notes.as_str(), rows.trim_end()];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = parts.join("\n");
    match text.is_empty() {
        true => change.action.verb().to_owned(),
        false => shortened(text),
    }
}

fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let kept = head(&text, LONGEST);
    let kept = kept.rfind('\n').map_or(kept, |end| &kept[..end]);
    let left = text.lines().count() - kept.lines().count();
    format!("{kept}\n… and {} left out", counted(left, "line"))
}

fn annotation(level: Level, addr: &Addr, title: &str, message: &str, beside: &Beside) -> String {
    let word = level.word();
    // What is gone from the manifest has no line of its own.
    let line = beside.lines.get(addr).copied().unwrap_or(1);
    format!(
        "::{word} file={},line={line},title={}::{}\n",
        property(beside.manifest),
        property(title),
        data(message)
    )
}

fn closing(plan: &Plan, beside: &Beside, style: &Style) -> String {
    let style = one_line(style);
    let total = match plan.changes.iter().any(is_shown) {
        true => totals(plan, &style),
        false => idle(plan, &style),
    };
    let env = plan.env.as_ref().map(|env| format!(", env {env}"));
    let title = format!(
        "slp {} of {}{}",
        Words::of(plan).what(),
        plan.project,
        env.unwrap_or_default()
    );
    let link = beside.link.map(|link| format!("\n{}", target(link)));
    let message = format!("{}{}", total.trim_end(), link.unwrap_or_default());
    format!("::notice title={}::{}\n", property(&title), data(&message))
}

/// A problem of a file, for its line.
pub struct Mark<'a> {
    pub is_error: bool,
    pub file: &'a str,
    /// Line and column, where they are known.
    pub place: Option<(usize, usize)>,
    /// In one line or more.
    pub text: String,
}

/// The annotation of a problem, as a line.
pub fn mark(mark: &Mark) -> String {
    let word = match mark.is_error {
        true => Level::Error,
        false => Level::Warning,
    }
    .word();
    let place = mark.place;
    let place = place.map(|(line, column)| format!(",line={line},col={column}"));
    let text: Vec<String> = mark.text.lines().map(printable).collect();
    format!(
        "::{word} file={}{}::{}\n",
        property(mark.file),
        place.unwrap_or_default(),
        data(&text.join("\n"))
    )
}

/// Text after `::`; the escapes are GitHub's own.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
#[path = "github_tests.rs"]
mod tests;
