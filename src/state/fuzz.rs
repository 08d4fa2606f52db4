//! What must hold for any bytes in a state's place, or in that of what stands beside it.

use std::path::Path;

use super::seal::{Seal, Source};
use super::{file, journal, plan_file};

/// What is read as a state is written as it was read.
pub fn a_state(bytes: &[u8]) {
    if let Ok(state) = file::decode(bytes) {
        let written = file::encode(&state).expect("a state has a form");
        assert_eq!(file::decode(&written).ok(), Some(state));
    }
    file::peek(bytes);
}

pub fn a_plan(bytes: &[u8]) {
    // Behind the right digest: whatever stands there must be read or refused.
    let text = String::from_utf8_lossy(bytes);
    let _ = plan_file::parse(Path::new("x.plan"), bytes.to_vec());
    let _ = plan_file::parse(Path::new("x.plan"), plan_file::summed(&text).into_bytes());
}

pub fn a_journal(bytes: &[u8]) {
    let path = Path::new("x.journal");
    let _ = journal::parse(path, bytes);
    // Behind the right checksums.
    let lines = journal::lines(bytes.split(|byte| *byte == b'\n'));
    if let Ok(replay) = journal::parse(path, &lines) {
        replay.settle(super::State::new(&crate::scope::Scope::default()));
    }
}

pub fn a_sealed_text(bytes: &[u8]) {
    let seal = Seal::new(Some(Source::File(vec![1; 32].into())), vec![]);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let opened = runtime.expect("a runtime").block_on(async {
        seal.prepare(&[bytes]).await.ok()?;
        seal.open(bytes.to_vec()).ok()
    });
    assert!(
        opened.is_none_or(|text| text.is_empty()),
        "opened without the key"
    );
}

/// Whole files of a kind, to be damaged.
#[cfg(test)]
pub fn samples(target: &str) -> Vec<Vec<u8>> {
    use super::tests::{change, done, made, plan, sample};
    let state = sample(Path::new("."));
    let changes = vec![change("role.b", crate::plan::Action::Create)];
    let plan = plan(&state, changes);
    match target {
        "plan" => {
            let text = serde_json::to_string_pretty(&plan).expect("a plan has a form");
            vec![
                text.clone().into_bytes(),
                plan_file::summed(&text).into_bytes(),
            ]
        }
        "journal" => {
            let holder = super::Holder::this_process("apply");
            let mut text = journal::Text::begin(&state, &plan, &holder).expect("a plan has a form");
            for record in [made("role.b", 1, false, None), done("role.b", "b")] {
                text.push(&record).expect("a record has a form");
            }
            vec![text.bytes().to_vec()]
        }
        _ => {
            let other = Seal::new(Some(Source::File(vec![2; 32].into())), vec![]);
            let runtime = tokio::runtime::Builder::new_current_thread().build();
            let prepared = runtime.expect("a runtime").block_on(other.prepare(&[]));
            prepared.expect("a key");
            vec![other.close(b"{}").expect("sealed")]
        }
    }
}
