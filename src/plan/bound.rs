//! What a plan that is kept for later was made from, and what of it has moved since.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Change, Plan};
use crate::addr::Addr;

/// By field, a digest keyed by the state: it tells that something moved, never what it was.
pub type Print = BTreeMap<String, String>;

/// Everything that must still be so when the plan is carried out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// The slp that made it.
    pub slp: String,
    /// When: RFC 3339.
    pub made: String,
    /// The commit of the manifest's repository; `-dirty` behind it where files were changed.
    /// Told, and not compared: a merge makes another commit of the same files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// SHA-256 of the manifest's text.
    pub manifest: String,
    /// What the command line left out or added.
    #[serde(default)]
    pub part: Part,
    /// What was wanted of each resource, its package and secrets as well.
    pub wanted: BTreeMap<Addr, Print>,
    /// What AWS had of each resource.
    pub live: BTreeMap<Addr, Print>,
    /// The line of each header in the manifest, and what each resource needs, for showing only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub lines: BTreeMap<Addr, usize>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub needs: BTreeMap<Addr, BTreeSet<Addr>>,
    /// By content digest: the files of the packages in the plan, for showing only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub packages: BTreeMap<String, Value>,
}

/// The part of the work that a plan was made for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub target: Vec<Addr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<Addr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<Addr>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub take: Vec<Addr>,
    /// `full`, `fast` or `none`.
    pub refresh: String,
}

/// A time to the second, in RFC 3339: two of them compare as texts.
pub fn second(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The print of one spec. `digest` is keyed: a spec may hold what can be guessed.
pub fn print(spec: &Value, digest: &dyn Fn(&str) -> String) -> Print {
    let short = |value: &Value| digest(&value.to_string()).chars().take(16).collect();
    match spec {
        Value::Object(fields) => {
            let fields = fields.iter();
            fields
                .map(|(key, value)| (key.clone(), short(value)))
                .collect()
        }
        other => Print::from([("all of it".to_owned(), short(other))]),
    }
}

impl Bound {
    /// What is other now than it was then, for people; empty where nothing is. `since`: when AWS
    /// says that a resource was changed last.
    pub fn moved(&self, now: &Bound, since: &dyn Fn(&Addr) -> Option<String>) -> Vec<String> {
        let mut moved = Vec::new();
        if self.slp != now.slp {
            moved.push(format!("slp was {}, and this is {}", self.slp, now.slp));
        }
        if self.manifest != now.manifest {
            moved.push("the manifest was changed".to_owned());
        }
        for (addr, fields) in others(&self.wanted, &now.wanted) {
            moved.push(format!(
                "{addr}: the manifest, its variables or files ask for something else ({fields})"
            ));
        }
        for (addr, fields) in others(&self.live, &now.live) {
            // Not all that is watched moves the time that AWS gives.
            let at = since(&addr).filter(|at| *at >= self.made);
            let at = at.map_or_else(String::new, |at| format!(" at {at}"));
            moved.push(format!(
                "{addr} was changed{at} outside this plan ({fields})"
            ));
        }
        moved
    }
}

/// Where two sets of prints differ, and in which fields.
fn others(then: &BTreeMap<Addr, Print>, now: &BTreeMap<Addr, Print>) -> BTreeMap<Addr, String> {
    let every: BTreeSet<&Addr> = then.keys().chain(now.keys()).collect();
    let differs = |addr: &&Addr| then.get(*addr) != now.get(*addr);
    let told = |addr: &Addr| match (then.get(addr), now.get(addr)) {
        (None, _) => "it is new".to_owned(),
        (_, None) => "it is gone".to_owned(),
        (Some(then), Some(now)) => fields(then, now),
    };
    every
        .into_iter()
        .filter(differs)
        .map(|addr| (addr.clone(), told(addr)))
        .collect()
}

fn fields(then: &Print, now: &Print) -> String {
    let every: BTreeSet<&String> = then.keys().chain(now.keys()).collect();
    let other = every
        .into_iter()
        .filter(|key| then.get(*key) != now.get(*key));
    other.cloned().collect::<Vec<_>>().join(", ")
}

impl Plan {
    /// Would the same be done? The marks of what is made differ from plan to plan.
    pub fn does_the_same(&self, other: &Plan) -> bool {
        let unmarked = |plan: &Plan| -> Vec<Change> {
            let changes = plan.changes.iter().cloned();
            changes
                .map(|change| Change {
                    op: String::new(),
                    ..change
                })
                .collect()
        };
        unmarked(self) == unmarked(other) && self.outputs == other.outputs
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bound(wanted: Value, live: Value) -> Bound {
        let addr = Addr::parse("function.X").expect("an address");
        let digest = |text: &str| format!("{text:_<16}");
        Bound {
            slp: "1".into(),
            made: "then".into(),
            commit: None,
            manifest: "a".into(),
            part: Part::default(),
            wanted: BTreeMap::from([(addr.clone(), print(&wanted, &digest))]),
            live: BTreeMap::from([(addr, print(&live, &digest))]),
            lines: BTreeMap::new(),
            needs: BTreeMap::new(),
            packages: BTreeMap::new(),
        }
    }

    #[test]
    fn what_moved_is_named_by_field() {
        let spec = json!({ "memory": 128, "timeout": 3 });
        let then = bound(spec.clone(), spec.clone());
        assert_eq!(then.moved(&then, &|_| None), Vec::<String>::new());
        let later = Bound {
            made: "later".into(),
            commit: Some("b".into()),
            ..then.clone()
        };
        assert_eq!(
            then.moved(&later, &|_| None),
            Vec::<String>::new(),
            "neither time nor commit counts"
        );
        let other = json!({ "memory": 256, "timeout": 3 });
        let changed = bound(spec.clone(), other.clone());
        assert_eq!(
            then.moved(&bound(spec.clone(), other.clone()), &|_| None),
            ["function.X was changed outside this plan (memory)"]
        );
        assert_eq!(
            then.moved(&bound(other, spec), &|_| None),
            ["function.X: the manifest, its variables or files ask for something else (memory)"]
        );
        let at = |time: &'static str| move |_: &Addr| Some(time.to_owned());
        let made = Bound {
            made: "2026-11-28T14:00:00Z".into(),
            ..then.clone()
        };
        assert_eq!(
            made.moved(&changed, &at("2026-11-28T14:02:11Z")),
            ["function.X was changed at 2026-11-28T14:02:11Z outside this plan (memory)"]
        );
        assert_eq!(
            made.moved(&changed, &at("2026-11-28T13:02:11Z")),
            ["function.X was changed outside this plan (memory)"],
            "what moved is nothing that AWS keeps the time of"
        );
        let gone = Bound {
            live: BTreeMap::new(),
            ..then.clone()
        };
        assert_eq!(
            then.moved(&gone, &|_| None),
            ["function.X was changed outside this plan (it is gone)"]
        );
        let newer = Bound {
            slp: "2".into(),
            manifest: "b".into(),
            ..then.clone()
        };
        assert_eq!(then.moved(&newer, &|_| None).len(), 2);
    }
}
