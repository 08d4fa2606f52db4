//! What came of it, against what is known: `tests/recordings/differences` lists the steps
//! whose answers differ and why that is so, `left-out.toml` the scenarios that have no script.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Deserialize;

use super::play::Played;
use super::recording::{Id, Recordings, SERVICES};
use crate::harness::root;

/// How a scenario stands.
pub enum Standing {
    In {
        /// Steps that agree.
        agree: usize,
        steps: usize,
        /// Steps that are known to differ, and why.
        known: BTreeMap<String, String>,
    },
    Out {
        why: String,
    },
}

pub struct Account {
    pub scenarios: BTreeMap<Id, Standing>,
    /// Every step that does not agree, and how.
    differing: Vec<String>,
    /// How many of them are not listed.
    unlisted: usize,
    /// What else should not be.
    unexpected: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LeftOut {
    service: String,
    why: String,
    /// `*` stands for anything.
    scenarios: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LeftOuts {
    left_out: Vec<LeftOut>,
}

/// By scenario and step: why it differs.
type Known = BTreeMap<String, BTreeMap<String, String>>;

pub fn settle(recordings: &Recordings, played: &[Played]) -> Account {
    let mut account = Account {
        scenarios: BTreeMap::new(),
        differing: Vec::new(),
        unlisted: 0,
        unexpected: Vec::new(),
    };
    for service in SERVICES {
        let mut known: Known = data(&format!("differences/{service}.toml"));
        for played in played.iter().filter(|it| it.id.service == service) {
            let listed = known.remove(&played.id.name).unwrap_or_default();
            account.enter(played, listed);
        }
        let left = known.into_keys();
        let left = left.map(|name| format!("listed as different, but not played: {name}"));
        account.unexpected.extend(left);
    }
    account.leave_out(recordings, &data::<LeftOuts>("left-out.toml").left_out);
    account
}

fn data<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = root().join("tests/recordings").join(name);
    let text = std::fs::read_to_string(path).expect(name);
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

impl Account {
    fn enter(&mut self, played: &Played, listed: BTreeMap<String, String>) {
        let Id { service, name } = &played.id;
        for (step, difference) in &played.steps {
            let line = |what: &str| format!("{service} {name}: {step}: {what}");
            match (difference, listed.get(step)) {
                (None, None) => {}
                (Some(difference), known) => {
                    let unknown = if known.is_none() { "NOT LISTED: " } else { "" };
                    self.differing.push(line(&format!("{unknown}{difference}")));
                    self.unlisted += usize::from(known.is_none());
                }
                (None, Some(_)) => self
                    .unexpected
                    .push(line("listed as different, but agrees")),
            }
        }
        let strangers = listed
            .keys()
            .filter(|step| !played.steps.contains_key(*step));
        let strangers = strangers.map(|step| format!("{name} has no step {step}"));
        self.unexpected.extend(strangers);
        let standing = Standing::In {
            agree: played.steps.values().filter(|it| it.is_none()).count(),
            steps: played.steps.len(),
            known: listed,
        };
        self.scenarios.insert(played.id.clone(), standing);
    }

    fn leave_out(&mut self, recordings: &Recordings, rules: &[LeftOut]) {
        let mut used = BTreeSet::new();
        for (id, steps) in recordings {
            if self.scenarios.contains_key(id) {
                continue;
            }
            let rule = rules.iter().filter(|rule| rule.service == id.service);
            let mut found = rule.flat_map(|rule| {
                let fits = rule.scenarios.iter().filter(|it| matches(it, &id.name));
                fits.map(|pattern| (rule.why.as_str(), pattern))
            });
            let why = match (steps.is_empty(), found.next()) {
                (true, _) => "nothing was recorded",
                (false, Some((why, pattern))) => {
                    used.insert((id.service.as_str(), pattern.as_str()));
                    why
                }
                (false, None) => {
                    self.unexpected
                        .push(format!("neither in nor left out: {id:?}"));
                    continue;
                }
            };
            let why = why.to_owned();
            self.scenarios.insert(id.clone(), Standing::Out { why });
        }
        let all = rules.iter().flat_map(|rule| {
            let patterns = rule.scenarios.iter();
            patterns.map(|pattern| (rule.service.as_str(), pattern.as_str()))
        });
        let idle = all.filter(|rule| !used.contains(rule));
        let idle = idle.map(|(service, it)| format!("leaves nothing out: {service} {it}"));
        self.unexpected.extend(idle.collect::<Vec<_>>());
    }

    /// Is something not listed, or listed for nothing?
    pub fn surprises(&self) -> bool {
        self.unlisted > 0 || !self.unexpected.is_empty()
    }

    /// The scenarios that are in; the check of function names, which was recorded for dozens of
    /// names, is one.
    pub fn counted(&self) -> usize {
        let are_in = self
            .scenarios
            .iter()
            .filter(|(_, it)| matches!(it, Standing::In { .. }));
        let names = are_in.map(|(id, _)| match id.name.split_once('[') {
            Some((check, _)) if check.ends_with("name_and_qualifier_validation") => check,
            _ => &id.name,
        });
        names.collect::<BTreeSet<_>>().len()
    }

    /// How many steps agree, of how many.
    pub fn steps(&self) -> (usize, usize) {
        self.scenarios.values().fold((0, 0), |sum, it| match it {
            Standing::In { agree, steps, .. } => (sum.0 + agree, sum.1 + steps),
            Standing::Out { .. } => sum,
        })
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            let ends = (0..=name.len()).filter(|at| name.is_char_boundary(*at));
            ends.into_iter().any(|at| matches(rest, &name[at..]))
        }),
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.differing {
            writeln!(f, "differs: {line}")?;
        }
        for line in &self.unexpected {
            writeln!(f, "unexpected: {line}")?;
        }
        let (agree, steps) = self.steps();
        let (counted, all) = (self.counted(), self.scenarios.len());
        write!(
            f,
            "{counted} of {all} recorded scenarios are in; {agree} of their {steps} steps agree"
        )
    }
}

#[test]
fn a_star_stands_for_anything() {
    assert!(matches("a*c", "abc") && matches("a*", "a") && matches("*b*", "abc"));
    assert!(!matches("a*c", "abd") && !matches("a", "ab") && !matches("b*", "ab"));
}
