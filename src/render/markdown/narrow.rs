//! Where not even the lines of what must be seen fit: names alone, then names that share
//! their beginning, then as many of those as fit, and how many are missing.

use std::collections::BTreeMap;

use super::cut::fitting;
use super::{LONGEST_NAME, title, whole_plan};
use crate::addr::Addr;
use crate::cloud;
use crate::plan::Plan;
use crate::render::markup::{code, fenced};
use crate::render::review::{Beside, first, lost_entries, usual};
use crate::render::value::{elided, printable};

/// One thing that must be seen: what happens, to what.
struct Seen {
    /// `delete`, `remove from api.shop`, a section's title.
    what: String,
    name: String,
    /// The bytes at the name's beginning that others have too: `function.`
    start: usize,
}

/// What fits; `None` where nothing does.
pub fn narrow(plan: &Plan, max_bytes: usize, beside: &Beside) -> Option<String> {
    let seen = seen(plan, beside);
    let names: String = seen
        .iter()
        .map(|one| format!("{}: {}\n", one.what, one.name))
        .collect();
    let whole = page(plan, beside, &names, 0);
    if whole.len() <= max_bytes {
        return Some(whole);
    }
    fitting(max_bytes, seen.len(), |missing| {
        let shown = seen.get(..seen.len() - missing).unwrap_or_default();
        page(plan, beside, &shared(shown), missing)
    })
}

/// Where there is no room for a single name.
pub fn nothing(plan: &Plan, beside: &Beside) -> String {
    match seen(plan, beside).len() {
        0 => "There is no room for this plan.\n".to_owned(),
        number => missing(number),
    }
}

fn missing(number: usize) -> String {
    format!("**{number} changes that must be seen are NOT shown here:** there is no room.\n")
}

impl Seen {
    fn resource(what: &str, addr: &Addr) -> Seen {
        Seen {
            what: what.to_owned(),
            name: addr.to_string(),
            start: addr.as_str().rfind('.').map_or(0, |at| at + 1),
        }
    }
}

/// All of them, what is lost before the sections.
fn seen(plan: &Plan, beside: &Beside) -> Vec<Seen> {
    let mut seen = Vec::new();
    for change in &plan.changes {
        if change.removes() {
            seen.push(Seen::resource(change.action.verb(), &change.addr));
        }
        seen.extend(lost_entries(change).into_iter().map(|key| Seen {
            what: format!("remove from {}", change.addr),
            name: printable(key),
            start: 0,
        }));
    }
    // What happens in the same way stands together, and in the order of the names.
    seen.sort_by(|a, b| (&a.what, &a.name).cmp(&(&b.what, &b.name)));
    for section in first(plan, beside).into_iter().chain(usual(plan)) {
        let what = printable(&elided(&section.title, LONGEST_NAME, 0));
        let points = section.points.iter();
        seen.extend(points.map(|point| Seen::resource(&what, &point.addr)));
    }
    seen
}

fn page(plan: &Plan, beside: &Beside, names: &str, left: usize) -> String {
    let mut parts = Vec::new();
    if left > 0 {
        parts.push(missing(left));
    }
    parts.push(title(plan));
    let told = "Too long for details: only what must be seen is named.".to_owned();
    let told: Vec<String> = [told]
        .into_iter()
        .chain(beside.link.map(whole_plan))
        .collect();
    parts.push(format!("> {}\n", told.join(" ")));
    if !names.is_empty() {
        parts.push(fenced(names));
    }
    parts.push(format!(
        "{}\n",
        code(&format!("{} {}s", plan.calls(), cloud::call()))
    ));
    parts.join("\n")
}

/// A line for each beginning: `delete function.{a, b}`.
fn shared(seen: &[Seen]) -> String {
    let mut groups: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for one in seen {
        let (start, end) = one.name.split_at(one.start);
        groups.entry((&one.what, start)).or_default().push(end);
    }
    groups
        .into_iter()
        .map(|((what, start), ends)| format!("{what}: {start}{{{}}}\n", ends.join(", ")))
        .collect()
}
