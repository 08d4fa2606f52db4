//! `validate` and the embedded cloud agree: what the cloud refuses for its own sake, `validate`
//! refuses; what AWS takes at its limits, both take.

mod cloud;
mod sites;

use std::collections::BTreeSet;
use std::fs;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::calls::{Inputs, like};
use crate::harness::{Sandbox, root};
use cloud::Cloud;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refusals {
    inputs: Inputs,
    other: Vec<Other>,
    same: Vec<Same>,
}

/// Refusals that no manifest can be blamed for, or that have another limit in it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Other {
    why: String,
    sites: Vec<String>,
}

/// A value that both refuse.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Same {
    sites: Vec<String>,
    /// What the cloud says, in AWS's words.
    says: String,
    manifest: String,
    call: String,
    like: Option<String>,
    input: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    inputs: Inputs,
    limit: Vec<Limit>,
}

/// The largest or smallest value that AWS takes, and the next one, which it refuses.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limit {
    field: String,
    at: i64,
    over: i64,
    /// `<<N>>` is the number, `<<x N>>` so many letters.
    manifest: String,
    call: String,
    like: String,
    /// JSON, with the same placeholders.
    input: String,
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    let path = root().join("tests/integration/agreement").join(name);
    let text = fs::read_to_string(path).expect("the table");
    toml::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// `<<x 65>>` is 65 letters.
fn expanded(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<<") {
        let (inside, after) = after.split_once(">>").expect("an end");
        let (letter, count) = inside.split_once(' ').expect("a letter and a number");
        out.push_str(before);
        out.push_str(&letter.repeat(count.parse().expect("a number")));
        rest = after;
    }
    out + rest
}

fn project(tables: &str) -> Sandbox {
    let sandbox = Sandbox::empty("agreement");
    let head = "[project]\nname = \"agreement\"\nregion = \"us-east-1\"\n";
    sandbox
        .write("slp.toml", &format!("{head}{}", expanded(tables)))
        .write("src/index.js", "exports.handler = async () => 1;\n");
    sandbox
}

fn input(call: &str, base: Option<&str>, own: &Value, inputs: &Inputs) -> Value {
    let mut step = json!({ "call": call, "input": own });
    if let Some(base) = base.filter(|base| !base.is_empty()) {
        step["like"] = base.into();
    }
    like(&step, inputs).expect("an input")["input"].take()
}

/// Whoever adds a refusal says here whether `validate` has it too.
#[test]
fn every_refusal_of_the_embedded_cloud_is_accounted_for() {
    let Refusals { other, same, .. } = read("refusals.toml");
    assert!(other.iter().all(|group| !group.why.is_empty()));
    let told = other.iter().map(|group| &group.sites);
    let told = told.chain(same.iter().map(|one| &one.sites)).flatten();
    let told: BTreeSet<String> = told.cloned().collect();
    let found = sites::all();
    let unknown: Vec<&String> = found.difference(&told).collect();
    assert!(
        unknown.is_empty(),
        "refusals without an entry: {unknown:#?}"
    );
    let gone: Vec<&String> = told.difference(&found).collect();
    assert!(gone.is_empty(), "entries without a refusal: {gone:#?}");
}

#[test]
fn what_the_embedded_cloud_refuses_is_refused_when_the_manifest_is_read() {
    let Refusals { inputs, same, .. } = read("refusals.toml");
    assert!(same.len() > 100);
    let cloud = Cloud::start();
    let mut wrong = Vec::new();
    for one in &same {
        let input = input(&one.call, one.like.as_deref(), &one.input, &inputs);
        match cloud.call(&one.call, &input) {
            Err(why) if why.contains(&one.says) => {}
            other => wrong.push(format!("{:?}: the cloud: {other:?}", one.sites)),
        }
        let run = project(&one.manifest).slp("validate --json");
        let told: Value = serde_json::from_str(&run.stdout).unwrap_or_default();
        let first = &told["problems"][0];
        if run.code != 2 || !first["line"].is_u64() || !first["column"].is_u64() {
            wrong.push(format!("{:?}: validate: {run}", one.sites));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        same.len(),
        wrong.join("\n")
    );
}

#[test]
fn at_the_limit_both_take_it_and_one_over_both_refuse_it() {
    let Limits { inputs, limit } = read("limits.toml");
    assert!(limit.len() > 20);
    let cloud = Cloud::start();
    let mut wrong = Vec::new();
    for one in &limit {
        let with = |text: &str, n: i64| {
            let letters = text.replace(" N>>", &format!(" {n}>>"));
            letters.replace("<<N>>", &n.to_string())
        };
        let at = project(&with(&one.manifest, one.at));
        for command in ["validate", "--local apply --ephemeral --yes"] {
            let run = at.slp(command);
            if run.code != 0 {
                wrong.push(format!("{} at {}: {run}", one.field, one.at));
            }
        }
        let run = project(&with(&one.manifest, one.over)).slp("validate");
        if run.code != 2 {
            wrong.push(format!("{} at {}: {run}", one.field, one.over));
        }
        let own: Value =
            serde_json::from_str(&expanded(&with(&one.input, one.over))).expect("JSON");
        if let Ok(taken) = cloud.call(&one.call, &input(&one.call, Some(&one.like), &own, &inputs))
        {
            wrong.push(format!(
                "{} at {}: the cloud took it: {taken}",
                one.field, one.over
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
