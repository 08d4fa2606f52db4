//! Plans to ask about: things by address, and what becomes of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::addr::Addr;
use crate::plan::{Permissions, Plan};
use crate::provider::Live;
use crate::rights::{Read, Seen, Sides, changed, lines, sides, widening};
use crate::scope::{Owner, Scope};
use crate::state::State;

/// Things by address: what AWS has, and what the plan makes of it (`None`: nothing is planned).
#[derive(Default)]
pub struct World {
    live: BTreeMap<Addr, Live>,
    changes: Vec<Value>,
}

impl World {
    pub fn stays(mut self, at: &str, id: &str, spec: Value) -> World {
        let live = Live {
            id: id.into(),
            spec,
            outputs: BTreeMap::new(),
            facts: Value::Null,
            owner: Owner::Nobody,
            modified: None,
        };
        self.live.insert(addr(at), live);
        self
    }

    pub fn noted(mut self, at: &str, facts: Value) -> World {
        self.live.get_mut(&addr(at)).unwrap().facts = facts;
        self
    }

    pub fn becomes(mut self, at: &str, action: &str, after: Value) -> World {
        let live = self.live.get(&addr(at)).filter(|_| action != "create");
        self.changes.push(json!({
            "addr": at, "action": action, "op": "o", "id": live.map(|live| &live.id),
            "before": live.map(|live| &live.spec), "after": after, "fields": [], "needs": [],
        }));
        self
    }

    pub fn plan(&self) -> Plan {
        serde_json::from_value(json!({
            "format": 1, "project": "p", "env": null, "account": "111122223333", "region": "r",
            "endpoint": null, "lineage": "l", "serial": 1, "destroy": false, "notices": [],
            "outputs": {}, "not_looked_at": [], "changes": self.changes,
        }))
        .unwrap()
    }

    pub fn sides(&self) -> Sides {
        let (plan, state) = (self.plan(), State::new(&Scope::default()));
        sides(Seen {
            plan: &plan,
            state: &state,
            live: &self.live,
            secrets: &BTreeMap::new(),
        })
    }

    pub fn rights(&self, read: &Read) -> Vec<Permissions> {
        changed(&self.sides(), read)
    }

    /// `role.x +s3:GetObject on *`, with `-` for what is lost and `?` for what is not known.
    pub fn told(&self, read: &Read) -> Vec<String> {
        let mut told = Vec::new();
        for one in self.rights(read) {
            let with = |sign: &'static str, lines: Vec<String>| {
                let addr = one.addr.clone();
                lines
                    .into_iter()
                    .map(move |line| format!("{addr} {sign}{line}"))
            };
            told.extend(with("+", lines(&one.gained)));
            told.extend(with("-", lines(&one.lost)));
            told.extend(with("?", one.unknown.clone()));
        }
        told
    }

    pub fn widening(&self) -> Vec<String> {
        let mut plan = self.plan();
        plan.rights = self.rights(&Read::new());
        let all = widening(&plan).into_iter();
        all.map(|one| format!("{} {}", one.addr, one.what))
            .collect()
    }
}

pub fn addr(text: &str) -> Addr {
    Addr::parse(text).unwrap()
}

pub fn allow(action: &str, resource: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": [action], "Resource": [resource]}]})
}

pub fn deny(action: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Deny", "Action": [action], "Resource": ["*"]}]})
}

pub fn trust(service: &str) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": [service]}}]})
}

pub fn role(attach: &[&str], inline: Value) -> Value {
    json!({"attach": attach, "inline": inline, "boundary": null,
        "trust": trust("lambda.amazonaws.com")})
}

pub fn permission(principal: &str, source: Option<&str>) -> Value {
    json!({"function": "f", "alias": null, "sid": "s", "action": "lambda:InvokeFunction",
        "principal": principal, "source_arn": source})
}
