//! `[state]`: where the state is kept.

use serde::Deserialize;

use super::decode::decode_in_part_guided;
use super::encryption::Encryption;
use super::guide::Guide;
use super::substitute::plain;
use super::{Project, tree};
use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::Words;
use crate::kind::Block;
use crate::problem::Problem;

/// `[state]`; without it, `state/<project>[@env].json` beside the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StatePlace {
    /// `local`, or `s3` for a bucket that everybody who works on the project can reach.
    #[serde(default)]
    pub backend: Backend,
    /// The bucket, which must be there already.
    pub bucket: Option<String>,
    /// The state's key in it; absent: `slp/<project>.json`. With an environment, `@<env>` is put
    /// before the last dot.
    pub key: Option<String>,
    /// The bucket's region, where it is not the project's.
    pub region: Option<String>,
    /// Encrypts with this KMS key (an id, ARN or alias); absent: as the bucket does by itself.
    pub kms_key: Option<String>,
    /// Twelve digits: the account that the bucket must belong to.
    pub bucket_owner: Option<String>,
    /// How long a lock holds whose holder shows no sign of life, in s (30 to 3600, 300 unless said).
    pub lease_seconds: Option<u32>,
    /// Encrypts the state before it is written.
    pub encryption: Option<Encryption>,
}

/// Where a state is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    #[default]
    Local,
    S3,
}

impl StatePlace {
    /// The key of this project's state in the bucket.
    pub fn key(&self, project: &Project, env: Option<&str>) -> String {
        let key = match &self.key {
            Some(key) => key.clone(),
            None => format!("slp/{}.json", project.name),
        };
        match (env, key.rsplit_once('.')) {
            (None, _) => key,
            (Some(env), Some((stem, end))) if !end.contains('/') => format!("{stem}@{env}.{end}"),
            (Some(env), _) => format!("{key}@{env}"),
        }
    }
}

/// What other tools say of the place of a state.
const WORDS: Words = &[
    ("type", Key("backend")),
    ("workspacekeyprefix", Key("key")),
    ("kmskeyid", Key("kms_key")),
    ("expectedbucketowner", Key("bucket_owner")),
    ("accountid", Key("bucket_owner")),
    (
        "dynamodbtable",
        Way("leave it out: the lock is kept beside the state, in the bucket"),
    ),
    (
        "uselockfile",
        Way("leave it out: the lock is kept beside the state, in the bucket"),
    ),
    (
        "encrypt",
        Way(
            "the bucket encrypts by itself; `kms_key` names a key, and `encryption` encrypts before that",
        ),
    ),
    (
        "path",
        Way("without a bucket it is state/PROJECT.json, beside the manifest"),
    ),
];

/// Reads `[state]`, texts filled.
pub fn read(block: Option<Block>, problems: &mut Vec<Problem>) -> StatePlace {
    let Some(block) = block else {
        return StatePlace::default();
    };
    let guide = || Guide {
        words: WORDS,
        ..Guide::default()
    };
    let Some(mut place) = decode_in_part_guided::<StatePlace>(&block, &guide, problems) else {
        return StatePlace::default();
    };
    let mut complain = |key: &str, message: String, help: &str| {
        let span = Some(tree::place(&block, &[key.to_owned()]));
        let problem = Problem::at(&[], message).help(help);
        problems.push(Problem { span, ..problem });
    };
    let texts = [
        ("bucket", &mut place.bucket),
        ("key", &mut place.key),
        ("region", &mut place.region),
        ("kms_key", &mut place.kms_key),
        ("bucket_owner", &mut place.bucket_owner),
    ];
    for (key, text) in texts {
        let Some(text) = text else { continue };
        match plain(text) {
            Ok(settled) => *text = settled,
            Err(reference) => complain(
                key,
                format!("`{reference}` cannot stand in [state]"),
                "only variables that are not secret, `${project.name}` and `${project.env}` can",
            ),
        }
    }
    if let Some(Err((message, help))) = place.encryption.as_ref().map(Encryption::places) {
        complain("encryption", message, help);
    }
    // Of a backend that is none nobody knows what belongs beside it.
    if is_understood(&block) {
        check(&place, &mut complain);
    }
    place
}

fn is_understood(block: &Block) -> bool {
    let backend = tree::table(block).and_then(|table| table.get("backend"));
    backend.is_none_or(|backend| matches!(backend.get_ref().as_str(), Some("local" | "s3")))
}

fn check(place: &StatePlace, complain: &mut dyn FnMut(&str, String, &str)) {
    if place.backend == Backend::Local {
        let others = [
            ("bucket", place.bucket.is_some()),
            ("key", place.key.is_some()),
            ("region", place.region.is_some()),
            ("kms_key", place.kms_key.is_some()),
            ("bucket_owner", place.bucket_owner.is_some()),
            ("lease_seconds", place.lease_seconds.is_some()),
        ];
        for (key, _) in others.iter().filter(|(_, there)| *there) {
            let help = "write backend = \"s3\", or take it out";
            complain(key, format!("`{key}` is for a state in a bucket"), help);
        }
        return;
    }
    match place.bucket.as_deref() {
        None => complain(
            "backend",
            "a state in S3 needs a bucket".into(),
            "write bucket = \"…\"; slp does not make it",
        ),
        Some(bucket) if !is_bucket(bucket) => complain(
            "bucket",
            format!("`{bucket}` cannot name a bucket"),
            "3 to 63 lower-case letters, digits, `-` and `.`",
        ),
        Some(_) => {}
    }
    if let Some(key) = &place.key
        && (key.is_empty() || key.starts_with('/') || key.ends_with('/') || key.len() > 900)
    {
        complain(
            "key",
            format!("`{key}` cannot be the key of a state"),
            "such as `shop/state.json`, without `/` at either end",
        );
    }
    let digits = |text: &String| text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(owner) = place.bucket_owner.as_ref().filter(|owner| !digits(owner)) {
        let message = format!("`{owner}` is not an account");
        complain(
            "bucket_owner",
            message,
            "an account is twelve digits, in quotes",
        );
    }
    if let Some(seconds) = place.lease_seconds
        && !(30..=3600).contains(&seconds)
    {
        let message = format!("a lease of {seconds} s is not supported");
        complain("lease_seconds", message, "30 to 3600 seconds");
    }
}

/// AWS's rules for names of buckets, as far as they matter for reaching one.
fn is_bucket(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    (3..=63).contains(&text.len()) && text.bytes().all(plain)
}
