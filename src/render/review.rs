//! What the forms for reviewers share: what they take beside the plan, and what of a plan
//! takes something away.
//!
//! A plan alone is enough for each of them; what is beside it only makes them tell more.

use std::collections::{BTreeMap, BTreeSet};

use super::packages::{NoPackages, Packages};
use super::style::Style;
use super::value::printable;
use super::words::Words;
use crate::addr::Addr;
use crate::cloud;
use crate::diff::{FieldChange, Shape};
use crate::plan::{Change, Plan};
use crate::rights::{self, Usual, Widening};

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
    /// Each point of it keeps the plan from being carried out.
    pub refuses: bool,
    pub points: Vec<Point>,
}

/// One thing of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    pub addr: Addr,
    pub text: String,
}

/// The sections that come first: those that were given, what gates say, who may do more, and
/// what a rehearsal saw fail.
pub fn first(plan: &Plan, beside: &Beside) -> Vec<Section> {
    let mut sections = beside.first.to_vec();
    sections.extend(gates(plan));
    let widening = rights::widening(plan);
    let widening = widening
        .iter()
        .filter(|one| usually(one, plan) == Usual::No);
    let widening = widening.map(|one| (&one.addr, one.what.clone()));
    sections.extend(section(Words::of(plan).widening(), false, widening));
    let failures = plan.rehearsal.iter().flat_map(|r| &r.failures);
    let failures = failures.map(|one| (&one.addr, format!("{}; {}", one.error, one.hint)));
    sections.extend(section(
        &format!("{} would refuse this", cloud::begun()),
        true,
        failures,
    ));
    sections
}

/// Routes of a new API that are public: to be seen, after what nobody would expect.
pub fn usual(plan: &Plan) -> Option<Section> {
    let widening = rights::widening(plan);
    let usual = widening
        .iter()
        .filter(|one| usually(one, plan) == Usual::Public);
    let usual = usual.map(|one| (&one.addr, one.what.clone()));
    section("New, and public", false, usual)
}

/// A drift has nothing new: what comes back was closed for everybody.
fn usually(one: &Widening, plan: &Plan) -> Usual {
    match plan.drift {
        true => Usual::No,
        false => one.usual,
    }
}

/// What gates refuse, then what they let pass because somebody said so.
fn gates(plan: &Plan) -> impl Iterator<Item = Section> {
    let held = plan.gates.iter().filter(|trip| trip.waived.is_none());
    let held = held.map(|trip| (&trip.addr, format!("{}: {}", trip.gate, trip.what)));
    let passing = plan.gates.iter().filter_map(|trip| {
        let waiver = ends_kept(trip.waived.as_ref()?);
        // The waiver comes first, so that no cut of a long sentence takes it away.
        let text = format!("{} (waived: {waiver}): {}", trip.gate, trip.what);
        Some((&trip.addr, text))
    });
    let held = section("Gates refuse this", true, held);
    held.into_iter()
        .chain(section("Gates let this pass", false, passing))
}

/// A long waiver loses its middle: its end is the day on which it ends.
fn ends_kept(waiver: &str) -> String {
    const HEAD: usize = 240;
    const TAIL: usize = 20;
    let count = waiver.chars().count();
    if count <= HEAD + TAIL {
        return waiver.to_owned();
    }
    let head: String = waiver.chars().take(HEAD).collect();
    let tail: String = waiver.chars().skip(count - TAIL).collect();
    format!("{head}…{tail}")
}

fn section<'a>(
    title: &str,
    refuses: bool,
    points: impl Iterator<Item = (&'a Addr, String)>,
) -> Option<Section> {
    let points = points.map(|(addr, text)| Point {
        addr: addr.clone(),
        text,
    });
    let points: Vec<Point> = points.collect();
    let title = title.to_owned();
    (!points.is_empty()).then_some(Section {
        title,
        refuses,
        points,
    })
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
        whole: true,
    }
}

/// The same, each text on one line.
pub fn one_line(style: &Style) -> Style {
    Style {
        width: usize::MAX / 2,
        ..inside(style)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Action, Gate, Trip};
    use crate::render::permissions::tests::{example as permissions, right};
    use crate::render::plan::tests::example;
    use crate::render::{Form, formed};

    fn trip(gate: Gate, waived: Option<&str>) -> Trip {
        Trip {
            gate,
            addr: Addr::root_of("policy", "old"),
            what: "is destroyed".into(),
            waived: waived.map(str::to_owned),
        }
    }

    #[test]
    fn what_gates_let_pass_is_told_behind_what_they_refuse() {
        let mut plan = example();
        plan.gates = vec![
            trip(Gate::Destroy, Some("nobody has it, until 2026-12-31")),
            trip(Gate::Replace, None),
        ];
        let sections = first(&plan, &Beside::default());
        let told = sections.iter().take(2);
        let told: Vec<_> = told
            .map(|one| (one.title.as_str(), one.refuses, one.points[0].text.as_str()))
            .collect();
        let passing = "destroy (waived: nobody has it, until 2026-12-31): is destroyed";
        assert_eq!(
            told,
            [
                ("Gates refuse this", true, "replace: is destroyed"),
                ("Gates let this pass", false, passing),
            ]
        );
    }

    #[test]
    fn reviewers_see_losses_of_permissions_too() {
        let mut plan = example();
        let gained = vec![right(None, "s3:GetObject", Some("*"))];
        plan.rights = vec![permissions(gained)];
        let told = |form| formed(&plan, form, &Beside::default(), &Style::default());
        let comment = told(Form::Markdown { max_bytes: 60_000 });
        let group = "\
<details><summary>Permissions: 1</summary>

- `role.x` · 1 gained, 1 lost, 1 not known

  <details><summary><code>details</code></summary>

  ```diff
  + gains s3:GetObject on *
  - no longer events.amazonaws.com may sts:AssumeRole
";
        assert!(comment.contains(group), "{comment}");
        let page = told(Form::Html);
        let lost =
            "<span class=\"gone\">- no longer events.amazonaws.com may sts:AssumeRole</span>";
        assert!(page.contains("<h2>Permissions <small"), "{page}");
        assert!(page.contains(lost), "{page}");
        let annotations = told(Form::Github);
        let less = "::notice file=slp.toml,line=1,title=role.x%3A may do less than before::no longer events.amazonaws.com may sts:AssumeRole\n";
        assert!(annotations.contains(less), "{annotations}");
    }

    /// A plan of an API with one route that nobody is asked at.
    fn opens(action: Action) -> Plan {
        let mut plan = example();
        let mut api = plan.changes[0].clone();
        api.addr = Addr::root_of("api", "shop");
        api.action = action;
        api.before = None;
        api.after = Some(serde_json::json!({"routes": {"GET /todos": {"auth": "NONE"}}}));
        plan.changes = vec![api];
        plan.rights.clear();
        plan.serial = 0;
        plan
    }

    #[test]
    fn a_public_route_alarms_only_where_the_api_is_not_new() {
        let told = |plan: &Plan, form| formed(plan, form, &Beside::default(), &Style::default());
        let text = "GET /todos is public (no auth)";
        let (new, old) = (opens(Action::Create), opens(Action::Update));
        assert_eq!(first(&new, &Beside::default()), []);
        assert_eq!(usual(&new).expect("a section").points[0].text, text);
        assert_eq!(first(&old, &Beside::default())[0].points[0].text, text);
        assert_eq!(usual(&old), None);
        let page = told(&new, Form::Html);
        assert!(
            page.contains("<section class=\"list \"><h2>New, and public"),
            "{page}"
        );
        assert!(!page.contains("<section class=\"list first\">"), "{page}");
        // What is new is folded.
        assert!(!page.contains("data-addr=\"api.shop\" open>"), "{page}");
        let page = told(&old, Form::Html);
        assert!(
            page.contains("<section class=\"list first\"><h2>Somebody"),
            "{page}"
        );
        assert!(page.contains("data-addr=\"api.shop\" open>"), "{page}");
        let comment = told(&new, Form::Markdown { max_bytes: 60_000 });
        assert!(comment.contains(text), "{comment}");
        let annotations = told(&new, Form::Github);
        assert!(
            annotations.contains("title=api.shop%3A new%2C and public::GET /todos"),
            "{annotations}"
        );
    }

    #[test]
    fn a_long_reason_keeps_its_day() {
        let reason = format!("{}, until 2026-12-31", "because ".repeat(100));
        let kept = ends_kept(&reason);
        assert_eq!(kept.chars().count(), 261);
        assert!(kept.ends_with(", until 2026-12-31"), "{kept}");
    }
}
