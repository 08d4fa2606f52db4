//! Every target, with real inputs that were damaged at random; as many as `SLP_FUZZ_CASES` says.

#![expect(clippy::print_stderr, reason = "how much was tried is told")]

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestRunner;

use super::{TARGETS, state};

/// What is done to an input.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index, usize),
    Twice(Index, usize),
    Put(Index, Vec<u8>),
    /// A word that the formats know.
    Word(Index, &'static str),
}

const WORDS: [&str; 24] = [
    "${",
    "}",
    "$${",
    "${var.x}",
    "${role.x.arn}",
    "\"",
    "'''",
    "[",
    "]",
    "[[",
    "{",
    "=",
    "\n",
    ".",
    "*",
    "null",
    "\\u0000",
    "é",
    "\u{202e}",
    "99999999999999999999",
    "-0",
    "Statement",
    "$template",
    "env",
];

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, byte)| Damage::Flip(at, byte)),
        (at(), 1..40usize).prop_map(|(at, length)| Damage::Cut(at, length)),
        (at(), 1..80usize).prop_map(|(at, length)| Damage::Twice(at, length)),
        (at(), prop::collection::vec(any::<u8>(), 1..8)).prop_map(|(at, b)| Damage::Put(at, b)),
        (at(), prop::sample::select(&WORDS[..])).prop_map(|(at, word)| Damage::Word(at, word)),
    ]
}

impl Damage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let place = |at: &Index| at.index(bytes.len() + 1);
        match self {
            Damage::Flip(at, with) => {
                let at = place(at);
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= with;
                }
            }
            Damage::Cut(at, length) => {
                let at = place(at);
                bytes.drain(at..(at + length).min(bytes.len()));
            }
            Damage::Twice(at, length) => {
                let at = place(at);
                let part = bytes[at..(at + length).min(bytes.len())].to_vec();
                bytes.splice(at..at, part);
            }
            Damage::Put(at, part) => {
                let at = place(at);
                bytes.splice(at..at, part.iter().copied());
            }
            Damage::Word(at, word) => {
                let at = place(at);
                bytes.splice(at..at, word.bytes());
            }
        }
    }
}

/// Files of this repository that are the real thing, or nearly.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let below = |folder: &str, name: &str| -> Vec<Vec<u8>> {
        let walk = ignore::WalkBuilder::new(root.join(folder)).build();
        let files = walk.filter_map(Result::ok).map(|entry| entry.into_path());
        let files = files.filter(|path| path.is_file() && path.to_string_lossy().ends_with(name));
        files.map(|path| std::fs::read(path).unwrap()).collect()
    };
    match target {
        "manifest" => [
            below("examples", ".toml"),
            below("tests/manifests", ".toml"),
        ]
        .concat(),
        "references" => [
            "${role.x.arn}/*",
            "a$${b}${var.c}",
            "function.X.permission.api-Y",
        ]
        .map(|text| text.as_bytes().to_vec())
        .to_vec(),
        "policy" => [below("src/iam", "managed.json"), policies()].concat(),
        "state" => below("state/fixtures", ".json"),
        _ => state::fuzz::samples(target),
    }
}

fn policies() -> Vec<Vec<u8>> {
    vec![br#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Allow","Action":["s3:Get*","s3:getobject"],"Resource":"*","Condition":{"StringEquals":{"aws:SourceArn":["a","b"]}}},{"Effect":"Deny","NotAction":"iam:*","NotResource":["arn:aws:s3:::x"],"Principal":{"AWS":["604370441254","arn:aws:iam::604370441254:root"]}}]}"#.to_vec()]
}

#[test]
fn no_damage_is_too_much_for_any_reader() {
    let cases = std::env::var("SLP_FUZZ_CASES")
        .ok()
        .and_then(|text| text.parse().ok());
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name}");
        let tried = AtomicUsize::new(0);
        let config = ProptestConfig {
            cases: cases.unwrap_or(1_500),
            failure_persistence: None,
            ..ProptestConfig::default()
        };
        let damaged = (any::<Index>(), prop::collection::vec(damage(), 0..12));
        let ran = TestRunner::new(config).run(&damaged, |(seed, damage)| {
            let mut bytes = seeds[seed.index(seeds.len())].clone();
            damage.iter().for_each(|damage| damage.apply(&mut bytes));
            tried.fetch_add(bytes.len(), Ordering::Relaxed);
            target(&bytes);
            Ok(())
        });
        ran.unwrap_or_else(|error| panic!("{name}: {error}"));
        eprintln!("{name}: {} bytes tried", tried.into_inner());
    }
}
