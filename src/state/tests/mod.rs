//! What the tests of the state share: a state, a plan, a store in a folder of its own.

#![expect(clippy::print_stderr, reason = "how much was tried is told")]

mod crash;
mod edit;
mod file;
mod journal;
mod lock;
mod settle;
mod store;
mod suspend;

use std::path::Path;
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::event::Listener;
use crate::plan::{Action, Change, FORMAT};
use crate::provider::Made;

pub fn addr(text: &str) -> Addr {
    Addr::parse(text).unwrap()
}

pub fn scope(root: &Path) -> Scope {
    Scope {
        project: "shop".into(),
        env: Some("prod".into()),
        account: "604370441254".into(),
        region: "eu-central-1".into(),
        root: root.into(),
        ..Scope::default()
    }
}

pub fn stored(kind: &str, id: &str, needs: &[&str]) -> Stored {
    Stored {
        kind: kind.into(),
        id: id.into(),
        veils: Vec::new(),
        spec: Some(json!({ "name": id, "memory": 128 })),
        outputs: [("arn".to_owned(), format!("arn:aws:x:::{id}"))].into(),
        facts: json!({ "revision": "r1" }),
        needs: needs.iter().map(|text| addr(text)).collect(),
        protect: false,
        ignore: vec![],
    }
}

/// Two resources, the same at every call but for lineage and key.
pub fn sample(root: &Path) -> State {
    let mut state = State::new(&scope(root));
    state
        .resources
        .insert(addr("role.a"), stored("role", "a", &[]));
    state
        .resources
        .insert(addr("function.F"), stored("function", "F", &["role.a"]));
    state
}

pub fn change(at: &str, action: Action) -> Change {
    let call = |name: &str| crate::kind::Call {
        call: Some(name.into()),
        step: json!(name),
    };
    let removes = matches!(action, Action::Delete | Action::Replace);
    let makes = matches!(
        action,
        Action::Create | Action::Update | Action::Replace | Action::Move
    );
    Change {
        addr: addr(at),
        action,
        op: format!("op-{at}"),
        added_for: None,
        moved_from: None,
        id: None,
        before: None,
        after: Some(json!({ "name": at })),
        facts: json!(null),
        outputs: Default::default(),
        new_id: None,
        fields: vec![],
        removal: removes.then(|| call("Delete")).into_iter().collect(),
        calls: makes.then(|| call("Make")).into_iter().collect(),
        needs: [addr("role.a")].into(),
        removed_after_removal: [].into(),
        removed_after_making: [].into(),
        made_after_removal: [].into(),
        protect: false,
        ignore: vec![],
        reason: None,
    }
}

pub fn plan(state: &State, changes: Vec<Change>) -> Plan {
    Plan {
        format: FORMAT,
        project: state.project.clone(),
        env: state.env.clone(),
        account: state.account.clone(),
        region: state.region.clone(),
        endpoint: None,
        lineage: state.lineage.clone(),
        serial: state.serial,
        destroy: false,
        drift: false,
        changes,
        names: Default::default(),
        notices: vec![],
        warnings: vec![],
        outputs: [].into(),
        former: BTreeMap::new(),
        along: BTreeMap::new(),
        not_looked_at: vec![],
        least: None,
        bound: None,
        gates: Vec::new(),
        rights: Vec::new(),
        rehearsal: None,
    }
}

pub fn made(at: &str, step: usize, removal: bool, id: Option<&str>) -> Record {
    Record::Made {
        addr: addr(at),
        op: format!("op-{at}"),
        step,
        removal,
        made: Made {
            id: id.map(str::to_owned),
            ..Made::default()
        },
    }
}

pub fn done(at: &str, id: &str) -> Record {
    Record::Done {
        addr: addr(at),
        stored: stored("role", id, &[]),
    }
}

pub async fn lock(store: &LocalStore) -> Result<Box<dyn Session>, StateError> {
    store.lock(request("apply"), &Listener::deaf()).await
}

pub fn request(operation: &str) -> LockRequest {
    LockRequest {
        holder: Holder::this_process(operation),
        timeout: Duration::ZERO,
    }
}
