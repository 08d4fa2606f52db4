//! One half of one change: its calls, one after another, each noted.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::addr::Addr;
use crate::cancel::Cancel;
use crate::cloud;
use crate::event::Listener;
use crate::kind::{Call, Outputs};
use crate::manifest::Secret;
use crate::plan::{Change, Half};
use crate::provider::{Job, Live, Made, Provider, ProviderError};
use crate::resolve::Desired;
use crate::scope::Owner;
use crate::state::{Record, SecretKey, Session, StateError};
use crate::text::{self, Piece, Text};

/// What every task may look at.
pub struct Shop<'a> {
    pub provider: &'a dyn Provider,
    pub session: &'a dyn Session,
    pub desired: &'a Desired,
    /// What AWS had when the plan was made: values under `ignore` are sent as they are there.
    pub live: &'a BTreeMap<Addr, Live>,
    pub events: &'a Listener,
    /// Ends waits early.
    pub cancel: &'a Cancel,
    /// The key of the state's digests.
    pub key: SecretKey,
    /// AWS calls that have ended well.
    pub calls: AtomicUsize,
    /// The outputs of everything that exists, as far as this run knows.
    pub outputs: Mutex<BTreeMap<Addr, Outputs>>,
}

/// Why a task ended early.
#[derive(Debug)]
pub enum Stop {
    Aws(ProviderError),
    /// What has happened can no longer be noted: nothing more may be started.
    Store(StateError),
}

impl From<ProviderError> for Stop {
    fn from(error: ProviderError) -> Stop {
        Stop::Aws(error)
    }
}

impl From<StateError> for Stop {
    fn from(error: StateError) -> Stop {
        Stop::Store(error)
    }
}

impl Shop<'_> {
    fn lookup(&self, piece: &Piece) -> Option<String> {
        let Piece::Ref { addr, output } = piece else {
            return None;
        };
        let outputs = self
            .outputs
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        outputs.get(addr)?.get(output).cloned()
    }

    pub fn learn(&self, addr: &Addr, outputs: Outputs) {
        let mut all = self
            .outputs
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        all.entry(addr.clone()).or_default().extend(outputs);
    }

    /// References filled in, secrets still as digests: what the state will hold.
    pub fn filled(&self, value: &Value) -> Value {
        text::fill_value(value, &|piece| self.lookup(piece))
    }

    /// With the secrets too: only for the call, never to be kept.
    fn revealed(&self, addr: &Addr, value: &Value) -> Value {
        let template = self.desired.resources.get(addr).map(|wanted| &wanted.spec);
        let fill = |piece: &Piece| match piece {
            Piece::Secret(name) => {
                let secret = self.desired.secrets.get(name);
                secret.map(|secret: &Secret| secret.reveal().to_owned())
            }
            piece => self.lookup(piece),
        };
        let same = |value: &str, digest: &str| self.key.digest(value) == digest;
        let live = self.live.get(addr).map(|live| &live.spec);
        reveal(
            &self.filled(value),
            [template, live],
            &Revealing {
                fill: &fill,
                same: &same,
            },
        )
    }
}

/// A text of AWS's or of a function's without a project's secrets, which they like to echo.
pub fn redacted(text: &str, secrets: &BTreeMap<String, Secret>) -> String {
    let telling = secrets.values().filter(|secret| secret.is_telling());
    let mut echoes: Vec<String> = telling.map(Secret::reveal).flat_map(spellings).collect();
    // The longest first: one may begin with another.
    echoes.sort_by_key(|echo| std::cmp::Reverse(echo.len()));
    let without = |text: String, echo: &String| text.replace(echo, "(secret)");
    echoes.iter().fold(text.to_owned(), without)
}

/// As it is, and as it stands in JSON.
fn spellings(secret: &str) -> [String; 2] {
    let json = Value::String(secret.to_owned()).to_string();
    let inner = json.trim_start_matches('"').strip_suffix('"');
    [secret.to_owned(), inner.unwrap_or(secret).to_owned()]
}

/// How digests become values again.
struct Revealing<'a> {
    fill: &'a dyn Fn(&Piece) -> Option<String>,
    /// Is this the value that the digest stands for?
    same: &'a dyn Fn(&str, &str) -> bool,
}

/// Puts a value back wherever its own digest stands: the template's, filled, or (of a field under
/// `ignore`) the one that AWS has. Any other digest stays.
fn reveal(value: &Value, sources: [Option<&Value>; 2], how: &Revealing) -> Value {
    match text::from_value(value) {
        Some(Text::Masked(digest)) => {
            let texts = sources.into_iter().flatten().filter_map(text::from_value);
            let plain = texts.filter_map(|text| text.fill(how.fill).known().map(str::to_owned));
            let mut own = plain.filter(|plain| (how.same)(plain, &digest));
            return own.next().map_or_else(|| value.clone(), Value::String);
        }
        Some(text @ Text::Template(_)) => return text::to_value(&text.fill(how.fill)),
        _ => {}
    }
    match value {
        Value::Object(map) => {
            let deeper = |(key, inner): (&String, &Value)| {
                let sources = sources.map(|source| source.and_then(|source| source.get(key)));
                (key.clone(), reveal(inner, sources, how))
            };
            Value::Object(map.iter().map(deeper).collect())
        }
        Value::Array(items) => {
            let deeper = |(at, inner): (usize, &Value)| {
                let sources = sources.map(|source| source.and_then(|source| source.get(at)));
                reveal(inner, sources, how)
            };
            Value::Array(items.iter().enumerate().map(deeper).collect())
        }
        other => other.clone(),
    }
}

/// Runs one half. What was made stands in `made`, also when it ends early.
pub async fn run(
    shop: &Shop<'_>,
    change: &Change,
    half: Half,
    made: &mut Made,
) -> Result<(), Stop> {
    let removing = half == Half::Remove;
    let (calls, after) = match removing {
        true => (&change.removal, None),
        false => (
            &change.calls,
            change
                .after
                .as_ref()
                .map(|after| shop.revealed(&change.addr, after)),
        ),
    };
    if let Some(unknown) = after.as_ref().and_then(unknown) {
        return Err(unknown.into());
    }
    for (done, call) in calls.iter().enumerate() {
        let step = shop.filled(&call.step);
        // After a replacement's removal there is nothing left to compare with.
        let before = change
            .before
            .as_ref()
            .filter(|_| removing || !change.removes());
        let job = Job {
            addr: &change.addr,
            op: &change.op,
            step: &step,
            before,
            after: after.as_ref(),
            events: shop.events,
            cancel: shop.cancel,
        };
        // Of what has a name, the next run finds it taken.
        if !removing && made.id.is_none() && change.new_id.is_none() {
            let (addr, at) = (change.addr.clone(), jiff::Timestamp::now());
            shop.session
                .record(&Record::Sent { addr, at }, false)
                .await?;
        }
        let known = made.id.clone();
        let ran = match shop.provider.run(job, made).await {
            Ok(()) => Ok(()),
            Err(error) => own_earlier(shop, change, call, error, after.as_ref(), made).await,
        };
        if ran.is_ok() && call.call.is_some() {
            shop.calls.fetch_add(1, Ordering::Relaxed);
        }
        let durable = made.id != known;
        if ran.is_ok() || durable {
            let record = Record::Made {
                addr: change.addr.clone(),
                op: change.op.clone(),
                step: done + usize::from(ran.is_ok()),
                removal: removing,
                made: made.clone(),
            };
            shop.session.record(&record, durable && !removing).await?;
        }
        ran?;
    }
    Ok(())
}

/// A value that nobody knows must not be written over the one that AWS has.
fn unknown(after: &Value) -> Option<ProviderError> {
    let mut unknown = None;
    text::map_texts(after, &mut |text| {
        if text.known().is_none() {
            unknown = Some(text.to_string());
        }
        text
    });
    let message = format!("a value that this needs is not known: {}", unknown?);
    let hint = format!(
        "only {} has it, and it was not read: run this again without `--refresh none`",
        cloud::name()
    );
    Some(ProviderError::new("apply", message).hint(hint))
}

/// What is there before the first call.
pub fn start(change: &Change, half: Half) -> Made {
    let exists = half == Half::Remove || !change.removes() && change.before.is_some();
    Made {
        id: change.id.clone().filter(|_| exists),
        outputs: match exists {
            true => change.outputs.clone(),
            false => Outputs::new(),
        },
        facts: change.facts.clone(),
    }
}

/// A create that AWS refuses because the name is taken may have met its own first attempt,
/// whose answer was lost. What carries this very operation's mark is ours.
async fn own_earlier(
    shop: &Shop<'_>,
    change: &Change,
    call: &Call,
    error: ProviderError,
    after: Option<&Value>,
    made: &mut Made,
) -> Result<(), ProviderError> {
    const TAKEN: &[&str] = &[
        "EntityAlreadyExists",
        "ResourceConflictException",
        "ConflictException",
    ];
    let creates = call
        .call
        .as_deref()
        .is_some_and(|name| name.starts_with("Create"));
    if !creates || !TAKEN.iter().any(|code| error.is(code)) {
        return Err(error);
    }
    let ask = crate::provider::Ask {
        addr: change.addr.clone(),
        id: change.new_id.clone(),
        prior: None,
        wanted: after.cloned(),
        depth: crate::provider::Depth::Full,
        replaced: false,
        adopts: false,
        children: Vec::new(),
    };
    let answer = shop.provider.read(&[ask], shop.events).await.pop();
    match answer {
        Some(Ok(Some(live))) if matches!(&live.owner, Owner::Ours { op, .. } if *op == change.op) =>
        {
            *made = Made {
                id: Some(live.id),
                outputs: live.outputs,
                facts: live.facts,
            };
            Ok(())
        }
        // Nobody can say whose it is: that is for whoever looks next.
        Some(Err(_)) => Err(error.unsure()),
        _ => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_echo_of_a_secret_is_taken_out() {
        let mut secrets = BTreeMap::new();
        for (name, value) in [
            ("a", "abcd"),
            ("b", "abcd1234"),
            ("c", "x\"y\nz"),
            ("d", "no"),
        ] {
            secrets.insert(name.to_owned(), Secret::new(value));
        }
        let text = r#"no: {"A": "abcd", "B": "abcd1234", "C": "x\"y\nz"}"#;
        let clean = r#"no: {"A": "(secret)", "B": "(secret)", "C": "(secret)"}"#;
        assert_eq!(redacted(text, &secrets), clean);
    }
}
