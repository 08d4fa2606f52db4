//! Makes in the copy what AWS has: by the calls with which apply would make it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::failure::Failure;
use super::super::open::Project;
use super::super::plan::MadePlan;
use super::outside::{ALLOWS_ALL, Outside};
use super::{beside, connect, stand_in};
use crate::addr::Addr;
use crate::apply::redacted;
use crate::aws::Aws;
use crate::cancel::Cancel;
use crate::event::Listener;
use crate::kind::Delta;
use crate::local::Cloud;
use crate::provider::{Job, Live, Made, Provider, ProviderError};
use crate::scope::Owner;
use crate::state::State;

/// What became of the live things in the copy.
#[derive(Default)]
pub struct Seeds {
    made: BTreeMap<Addr, Made>,
    /// What could not be made there, and why.
    pub failed: BTreeMap<Addr, String>,
}

/// Makes things in a copy.
struct Gardener<'a> {
    project: &'a Project,
    cloud: &'a Arc<Cloud>,
    tagged: Aws,
    untagged: Aws,
}

impl Seeds {
    /// Fills an empty copy.
    pub async fn plant(
        project: &Project,
        cloud: &Arc<Cloud>,
        made: &MadePlan,
        outside: &Outside,
    ) -> Result<Seeds, Failure> {
        let gardener = Gardener {
            project,
            cloud,
            tagged: connect(project, cloud, 1, true).await?,
            untagged: connect(project, cloud, 1, false).await?,
        };
        gardener.take_over(outside).await;
        let mut seeds = Seeds::default();
        for (addr, role) in &outside.roles {
            // Who needs it and misses it is told, not this.
            let _ = gardener.make(addr, role, &BTreeMap::new()).await;
        }
        for addr in order(made) {
            let live = &made.live[&addr];
            match gardener.make(&addr, live, &made.live).await {
                Ok(made) => drop(seeds.made.insert(addr, made)),
                Err(error) => {
                    let why = redacted(&error.to_string(), &project.desired.secrets);
                    seeds.failed.insert(addr, why);
                }
            }
        }
        Ok(seeds)
    }

    /// The state as it would be if the copy were the real thing.
    pub fn state(&self, made: &MadePlan) -> State {
        let mut state = made.state.clone();
        for (addr, seed) in &self.made {
            let (Some(stored), Some(live)) = (state.resources.get_mut(addr), made.live.get(addr))
            else {
                continue;
            };
            stored.spec = Some(live.spec.clone());
            stored.id = seed.id.clone().unwrap_or_default();
            stored.outputs = live.outputs.clone();
            stored.outputs.extend(seed.outputs.clone());
            stored.facts = merged(&live.facts, &seed.facts);
        }
        state
    }
}

/// What was noted in the copy counts; what nobody could note there is as in AWS.
fn merged(live: &Value, copy: &Value) -> Value {
    let (Value::Object(live), Value::Object(copy)) = (live, copy) else {
        return copy.clone();
    };
    let mut merged = live.clone();
    let noted = copy.iter().filter(|(_, value)| !is_empty(value));
    merged.extend(noted.map(|(key, value)| (key.clone(), value.clone())));
    Value::Object(merged)
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// What is needed comes first, as the state has it.
fn order(made: &MadePlan) -> Vec<Addr> {
    let mut left: BTreeSet<Addr> = made.live.keys().cloned().collect();
    let mut order = Vec::new();
    while let Some(first) = left.first().cloned() {
        let waits = |addr: &Addr| {
            let stored = made.state.resources.get(addr);
            let needs = stored.into_iter().flat_map(|stored| &stored.needs).cloned();
            let mut needs = needs.chain(addr.parent());
            needs.any(|need| need != *addr && left.contains(&need))
        };
        let ready: Vec<Addr> = left.iter().filter(|addr| !waits(addr)).cloned().collect();
        // A circle, which no apply leaves behind, is broken anywhere.
        let next = if ready.is_empty() { vec![first] } else { ready };
        for addr in next {
            left.remove(&addr);
            order.push(addr);
        }
    }
    order
}

impl Gardener<'_> {
    /// What is outside the project; what cannot be taken over is missed by who needs it.
    async fn take_over(&self, outside: &Outside) {
        let (cloud, region) = (self.cloud, self.project.scope.region.as_str());
        for (arn, document) in &outside.policies {
            let _ = cloud.outside_policy(arn, document);
        }
        for principal in &outside.principals {
            let _ = cloud.outside_principal(principal);
        }
        for layer in &outside.layers {
            let _ = cloud.outside_layer(region, layer);
        }
        for arn in &outside.unread_roles {
            stand_in::role(cloud, arn, ALLOWS_ALL).await;
        }
        for (bucket, key) in &outside.objects {
            stand_in::object(cloud, region, bucket, key).await;
        }
        if let Some(bucket) = &outside.artifacts {
            stand_in::bucket(cloud, region, bucket).await;
        }
        stand_in::object(cloud, region, stand_in::BUCKET, stand_in::KEY).await;
    }

    async fn make(
        &self,
        addr: &Addr,
        live: &Live,
        all: &BTreeMap<Addr, Live>,
    ) -> Result<Made, ProviderError> {
        let kind = addr.kind();
        if kind == "api" {
            // Another id shows when the copy is compared.
            let _ = self.cloud.next_api(&self.project.scope.region, &live.id);
        }
        let spec = prepared(&kind, live);
        let none = BTreeSet::new();
        let delta = Delta {
            before: None,
            after: Some(&spec),
            facts: &Value::Null,
            moved: false,
            renewed: &none,
        };
        let calls = match self.project.kinds.get(&kind) {
            Some(kind) => kind.calls(&delta),
            None => Ok(Vec::new()),
        };
        let calls = calls.map_err(|error| ProviderError::new(&kind, error.to_string()))?;
        let aws = match live.owner {
            Owner::Nobody | Owner::Borrowed => &self.untagged,
            _ => &self.tagged,
        };
        let op = match &live.owner {
            Owner::Ours { op, .. } => op.as_str(),
            _ => "rehearsal",
        };
        let mut made = Made::default();
        for call in &calls {
            let job = Job {
                addr,
                op,
                step: &call.step,
                before: None,
                after: Some(&spec),
                events: &Listener::deaf(),
                cancel: &Cancel::never(),
            };
            aws.run(job, &mut made).await?;
        }
        let region = &self.project.scope.region;
        beside::make(self.cloud, region, &kind, live, all).await;
        Ok(made)
    }
}

/// What AWS has, as it can be made anew: code is not read back from AWS, and versions have
/// numbers of their own.
fn prepared(kind: &str, live: &Live) -> Value {
    let mut spec = live.spec.clone();
    let names = |facts: &str| {
        let names = live.facts.get(facts).and_then(Value::as_array);
        names.cloned().unwrap_or_default()
    };
    match kind {
        "function" => {
            if spec.pointer("/code/image").is_none() {
                let object = json!({"bucket": stand_in::BUCKET, "key": stand_in::KEY});
                spec["code"] = json!({ "s3": object });
            }
            spec["publish"] = Value::Bool(false);
        }
        "role" => {
            if let Some(attached) = spec.get_mut("attach").and_then(Value::as_array_mut) {
                attached.extend(names("other_attached"));
            }
            if let Some(inline) = spec.get_mut("inline").and_then(Value::as_object_mut) {
                let document: Value = serde_json::from_str(ALLOWS_ALL).unwrap_or_default();
                let others = names("other_inline");
                let others = others.iter().filter_map(Value::as_str);
                inline.extend(others.map(|name| (name.to_owned(), document.clone())));
            }
        }
        _ => {}
    }
    spec
}
