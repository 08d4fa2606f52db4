//! What the forms for reviewers share: what they take beside the plan, and what of a plan
//! takes something away.
//!
//! A plan alone is enough for each of them; what is beside it only makes them tell more.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::{NoPackages, Packages};
use super::style::Style;
use super::value::printable;
use crate::addr::Addr;
use crate::diff::{FieldChange, Shape};
use crate::plan::{Change, Plan};
use crate::rights;

/// What each resource needs.
pub type Edges = BTreeMap<Addr, BTreeSet<Addr>>;

/// What is known beside the plan.
#[derive(Clone, Copy)]
pub struct Beside<'a> {
    pub packages: &'a dyn Packages,
    /// What the resources need, also of those that do not change; the plan's own are known anyway.
    pub needs: &'a Edges,
    /// The line of each header in the manifest.
    pub lines: &'a BTreeMap<Addr, usize>,
    /// The manifest as the repository's root sees it.
    pub manifest: &'a str,
    /// What must be seen before all else, beside what the plan takes away.
    pub first: &'a [Section],
    /// Where the whole plan is.
    pub link: Option<&'a str>,
    /// Differences of code line by line, in the forms that can do without.
    pub code: bool,
}

static NOTHING_NEEDED: Edges = Edges::new();
static NO_LINES: BTreeMap<Addr, usize> = BTreeMap::new();

impl Default for Beside<'_> {
    fn default() -> Self {
        Beside {
            packages: &NoPackages,
            needs: &NOTHING_NEEDED,
            lines: &NO_LINES,
            manifest: "slp.toml",
            first: &[],
            link: None,
            code: false,
        }
    }
}

/// Something that reviewers must see, such as permissions that widen. No form leaves out a
/// point of it to save room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// In slp's own words.
    pub title: String,
    pub points: Vec<Point>,
}

/// One thing of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub addr: Addr,
    pub text: String,
}

/// The sections that come first: those that were given, and what a rehearsal saw fail.
pub fn first(plan: &Plan, beside: &Beside) -> Vec<Section> {
    let mut sections = beside.first.to_vec();
    let held = plan.gates.iter().filter(|trip| trip.waived.is_none());
    let held = held.map(|trip| (&trip.addr, format!("{}: {}", trip.gate, trip.what)));
    sections.extend(section("Gates refuse this", held));
    let widening = rights::widening(plan);
    let widening = widening.iter().map(|one| (&one.addr, one.what.clone()));
    sections.extend(section("Somebody may do more than before", widening));
    let failures = plan.rehearsal.iter().flat_map(|r| &r.failures);
    let failures = failures.map(|one| (&one.addr, format!("{}; {}", one.error, one.hint)));
    sections.extend(section("AWS would refuse this", failures));
    sections
}

fn section<'a>(title: &str, points: impl Iterator<Item = (&'a Addr, String)>) -> Option<Section> {
    let points = points.map(|(addr, text)| Point {
        addr: addr.clone(),
        text,
    });
    let points: Vec<Point> = points.collect();
    let title = title.to_owned();
    (!points.is_empty()).then_some(Section { title, points })
}

/// The entries, such as routes, that a resource loses which itself stays. Of maps whose
/// entries are mere values, such as tags, nobody's use of anything hangs on one.
pub fn lost_entries(change: &Change) -> Vec<&str> {
    let lost = |field: &&FieldChange| {
        field.shape == Shape::Entry && !field.summary.is_empty() && field.after.is_none()
    };
    let fields = change.fields.iter().filter(|_| !change.removes());
    let keys = fields.filter(lost).filter_map(|field| field.path.last());
    keys.map(String::as_str).collect()
}

/// Does it take away what somebody may use?
pub fn is_destructive(change: &Change) -> bool {
    change.removes() || !lost_entries(change).is_empty()
}

/// Does it put back what was changed outside slp?
pub fn is_drift(change: &Change) -> bool {
    change.fields.iter().any(|field| field.drift)
}

/// The first names of the fields that differ, each once.
pub fn touched(fields: &[FieldChange]) -> String {
    let firsts = fields.iter().filter_map(|field| field.path.first());
    let mut names: Vec<&str> = firsts.map(String::as_str).collect();
    names.dedup();
    printable(&names.join(", "))
}

/// How the texts inside these forms are laid out: no colour, and a width that fits a page.
pub fn inside(style: &Style) -> Style {
    Style {
        color: false,
        width: 100,
        manifest: style.manifest.clone(),
    }
}

/// The same, each text on one line.
pub fn one_line(style: &Style) -> Style {
    Style {
        width: usize::MAX / 2,
        ..inside(style)
    }
}
