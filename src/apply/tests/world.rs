//! A cloud in memory that is strict about order: what comes too early or too late it
//! refuses, and writes down. It fails or dies at the call that a test chooses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value, json};

use crate::addr::Addr;
use crate::event::Listener;
use crate::kind::Outputs;
use crate::provider::{Ask, Boxed, Caller, Job, Live, Made, Provider, ProviderError};
use crate::scope::Owner;

/// What happens at one call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    /// It is refused.
    Refused,
    /// It is done, and the answer is an error.
    Lost,
    /// Whoever makes it is killed before the cloud hears of it.
    DiesBefore,
    /// Whoever makes it is killed once it is done.
    DiesAfter,
}

impl Fault {
    fn is_after(self) -> bool {
        matches!(self, Fault::Lost | Fault::DiesAfter)
    }

    fn kills(self) -> bool {
        matches!(self, Fault::DiesBefore | Fault::DiesAfter)
    }
}

/// One thing that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Thing {
    pub spec: Value,
    /// Address and operation in its tags; children carry none.
    tags: Option<(String, String)>,
    /// Another one under the same name has another.
    unique: usize,
}

/// Kind and id.
pub type Key = (String, String);

#[derive(Default)]
pub struct World(Mutex<Inner>);

#[derive(Default)]
pub struct Inner {
    pub things: BTreeMap<Key, Thing>,
    /// Every call that was carried out, as `<verb> <kind> <address>`.
    pub calls: Vec<String>,
    /// At which call from the beginning what goes wrong.
    pub fault: Option<(usize, Fault)>,
    /// Whoever worked with this cloud is dead.
    pub dead: bool,
    /// What is made anew under its old name: others may go on naming it meanwhile.
    pub replacing: BTreeSet<Key>,
    /// What was asked for too early or too late.
    pub broken: Vec<String>,
    asked: usize,
    next: usize,
}

impl World {
    pub fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    /// Everything, with addresses in place of invented ids: the same for two clouds that
    /// hold the same. A thing that is there twice stands in it twice.
    pub fn picture(&self) -> Vec<String> {
        let inner = self.lock();
        let ids: Vec<(String, String)> = inner
            .things
            .iter()
            .filter(|((kind, _), _)| kind == "api")
            .filter_map(|((_, id), thing)| Some((id.clone(), thing.tags.clone()?.0)))
            .collect();
        let named = |text: String| {
            let one = |text: String, (id, addr): &(String, String)| text.replace(id, addr);
            ids.iter().fold(text, one)
        };
        let line = |((kind, id), thing): (&Key, &Thing)| {
            let addr = thing.tags.as_ref().map_or("-", |(addr, _)| addr);
            named(format!("{kind} {id} {addr} {}", thing.spec))
        };
        let mut lines: Vec<String> = inner.things.iter().map(line).collect();
        lines.sort();
        lines
    }

    /// From the next call on: nothing counted, nothing wrong but what is said here.
    pub fn begin(&self, fault: Option<(usize, Fault)>) {
        let mut inner = self.lock();
        inner.calls.clear();
        inner.asked = 0;
        inner.fault = fault;
        inner.dead = false;
    }
}

impl Inner {
    /// Removes a thing and what AWS removes with it.
    pub fn remove(&mut self, key: &Key) {
        self.things.remove(key);
        let (kinds, ids) = (format!("{}.", key.0), format!("{}/", key.1));
        self.things
            .retain(|(kind, id), _| !(kind.starts_with(&kinds) && id.starts_with(&ids)));
    }

    fn fresh(&mut self) -> usize {
        self.next += 1;
        self.next
    }

    /// What the calls of a change do.
    fn carry_out(&mut self, job: &Job<'_>, made: &Made, verb: &str) -> Result<Made, ProviderError> {
        let kind = job.addr.kind();
        self.calls.push(format!("{verb} {kind} {}", job.addr));
        let known = made.id.clone().map(|id| (kind.clone(), id));
        match (verb, known, job.after) {
            ("Create", _, Some(after)) => self.create(job, &kind, after),
            ("Configure" | "Update", Some(key), Some(after)) => {
                self.check_references(job.addr, &kind, after);
                let thing = self.things.get_mut(&key).ok_or_else(|| gone(&key))?;
                thing.spec = after.clone();
                Ok(self.made(&key))
            }
            ("Tag", Some(key), Some(_)) => {
                let tags = Some((job.addr.to_string(), job.op.to_owned()));
                let thing = self.things.get_mut(&key).ok_or_else(|| gone(&key))?;
                thing.tags = thing.tags.as_ref().and(tags);
                Ok(self.made(&key))
            }
            ("Delete", Some(key), None) => {
                self.check_users(job.addr, &key);
                self.remove(&key);
                Ok(made.clone())
            }
            _ => panic!("{verb} {} makes no sense: {made:?}", job.addr),
        }
    }

    fn create(&mut self, job: &Job<'_>, kind: &str, after: &Value) -> Result<Made, ProviderError> {
        self.check_references(job.addr, kind, after);
        let id = match kind {
            "api" => format!("api-{:04}", self.fresh()),
            _ => id_of(job.addr, after),
        };
        let key = (kind.to_owned(), id);
        if self.things.contains_key(&key) {
            let mut error = ProviderError::new("Create", format!("{key:?} is there already"));
            error.code = Some("EntityAlreadyExists".into());
            return Err(error);
        }
        let tagged = matches!(kind, "role" | "policy" | "function" | "api" | "api.stage");
        let mut spec = after.clone();
        if let Some(later) = made_later(kind) {
            spec[later] = json!({});
        }
        let thing = Thing {
            spec,
            tags: tagged.then(|| (job.addr.to_string(), job.op.to_owned())),
            unique: self.fresh(),
        };
        self.things.insert(key.clone(), thing);
        Ok(self.made(&key))
    }

    fn made(&self, key: &Key) -> Made {
        let thing = &self.things[key];
        Made {
            id: Some(key.1.clone()),
            outputs: outputs(key, thing),
            facts: facts(key, thing),
        }
    }

    /// Everything that a spec names and AWS looks for must be there.
    fn check_references(&mut self, addr: &Addr, kind: &str, spec: &Value) {
        for target in references(kind, spec) {
            if !self.things.contains_key(&target) {
                self.broken
                    .push(format!("{addr} came before its {target:?}"));
            }
        }
    }

    /// Nothing may name what goes for good.
    fn check_users(&mut self, addr: &Addr, key: &Key) {
        if self.replacing.contains(key) {
            return;
        }
        // No cloud looks whether a permission still lets somebody in who has gone.
        let goes_along =
            |kind: &str| kind.starts_with(&format!("{}.", key.0)) || kind == "function.permission";
        let users: Vec<Key> = self
            .things
            .iter()
            .filter(|((kind, _), _)| !goes_along(kind))
            .filter(|((kind, _), thing)| references(kind, &thing.spec).contains(key))
            .map(|(user, _)| user.clone())
            .collect();
        if !users.is_empty() {
            let line = format!("{addr} went before its users {users:?}");
            self.broken.push(line);
        }
    }

    fn find(&self, ask: &Ask) -> Option<Key> {
        let kind = ask.addr.kind();
        let by_id = |id: &String| (kind.clone(), id.clone());
        let by_tags = || {
            let of_kind = self.things.iter().filter(|((k, _), _)| *k == kind);
            let mut ours = of_kind.filter(|(_, thing)| {
                let tagged = thing.tags.as_ref().map(|(addr, _)| addr.as_str());
                tagged == Some(ask.addr.as_str())
            });
            ours.next().map(|(key, _)| key.clone())
        };
        let key = match (&ask.id, kind.as_str(), &ask.wanted) {
            (Some(id), _, _) => by_id(id),
            (None, "api", _) => by_tags()?,
            (None, _, Some(wanted)) => by_id(&id_of(&ask.addr, wanted)),
            (None, _, None) => return None,
        };
        self.things.contains_key(&key).then_some(key)
    }

    fn read(&self, ask: &Ask) -> Option<Live> {
        let key = self.find(ask)?;
        let thing = &self.things[&key];
        let owner = match &thing.tags {
            Some((addr, op)) => Owner::Ours {
                addr: addr.clone(),
                op: op.clone(),
            },
            None if key.0.contains('.') => Owner::Parents,
            None => Owner::Nobody,
        };
        Some(Live {
            spec: thing.spec.clone(),
            outputs: outputs(&key, thing),
            facts: facts(&key, thing),
            owner,
            id: key.1,
            modified: None,
        })
    }
}

const LOG_GROUP: &str = "function.log_group";

/// What the first call of a create leaves out.
fn made_later(kind: &str) -> Option<&'static str> {
    match kind {
        "function" => Some("environment"),
        "api" => Some("routes"),
        _ => None,
    }
}

fn text(spec: &Value, field: &str) -> String {
    spec[field].as_str().unwrap_or_default().to_owned()
}

/// The id of what is not called by AWS.
fn id_of(addr: &Addr, spec: &Value) -> String {
    let iam = |kind: &str| format!("arn:aws:iam::604370441254:{kind}/{}", text(spec, "name"));
    match addr.kind().as_str() {
        kind @ ("role" | "policy") => iam(kind),
        "function" => text(spec, "name"),
        "api.stage" => format!("{}/{}", text(spec, "api"), text(spec, "name")),
        LOG_GROUP => format!("/aws/lambda/{}", addr.parent().unwrap().name()),
        _ => format!("{}/{}", text(spec, "of"), addr.name()),
    }
}

/// What AWS looks for when it takes a spec.
fn references(kind: &str, spec: &Value) -> Vec<Key> {
    let one = |kind: &str, id: String| vec![(kind.to_owned(), id)];
    match kind {
        "role" => {
            let attached = spec["attach"].as_array().into_iter().flatten();
            let arns = attached.filter_map(Value::as_str);
            arns.map(|arn| ("policy".to_owned(), arn.to_owned()))
                .collect()
        }
        "function" => one("role", text(spec, "role")),
        "function.alias" => one("function", text(spec, "of")),
        "function.permission" => {
            let mut both = one("function", text(spec, "of"));
            both.extend(one("api", text(spec, "api")));
            both
        }
        "api.stage" => one("api", text(spec, "api")),
        _ => Vec::new(),
    }
}

fn outputs((kind, id): &Key, thing: &Thing) -> Outputs {
    let pairs: Vec<(&str, String)> = match kind.as_str() {
        "role" | "policy" => vec![("arn", id.clone()), ("name", text(&thing.spec, "name"))],
        "function" => {
            let arn = format!("arn:aws:lambda:eu-central-1:604370441254:function:{id}");
            vec![("arn", arn), ("name", id.clone())]
        }
        "api" => vec![("id", id.clone()), ("arn", format!("arn:{id}"))],
        "api.stage" => vec![("url", format!("https://{id}"))],
        _ => Vec::new(),
    };
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn facts((kind, _): &Key, thing: &Thing) -> Value {
    match kind.as_str() {
        "role" => json!({ "unique_id": format!("U{}", thing.unique) }),
        _ => Value::Null,
    }
}

fn gone(key: &Key) -> ProviderError {
    ProviderError::new("Update", format!("{key:?} is not there"))
}

/// Lets others go on; how often depends on the call, so that many orders are tried.
async fn interleave(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

impl Provider for World {
    fn identify(&self) -> Boxed<'_, Result<Caller, ProviderError>> {
        Box::pin(async { Err(ProviderError::new("identify", "nobody asks this")) })
    }

    fn read<'a>(
        &'a self,
        asks: &'a [Ask],
        _: &'a Listener,
    ) -> Boxed<'a, Vec<Result<Option<Live>, ProviderError>>> {
        Box::pin(async move {
            let inner = self.lock();
            asks.iter().map(|ask| Ok(inner.read(ask))).collect()
        })
    }

    fn run<'a>(&'a self, job: Job<'a>, made: &'a mut Made) -> Boxed<'a, Result<(), ProviderError>> {
        Box::pin(async move {
            let number = {
                let mut inner = self.lock();
                inner.asked += 1;
                inner.asked
            };
            interleave(number * 7 % 4).await;
            let verb = job.step.as_str().unwrap_or_default().to_owned();
            let fault = self.lock().fault.filter(|(at, _)| *at == number);
            let fault = fault.map(|(_, fault)| fault);
            let answer = match fault {
                Some(fault) if !fault.is_after() => Err(refused(&verb)),
                Some(_) => {
                    let done = self.lock().carry_out(&job, made, &verb);
                    done.and(Err(refused(&verb).unsure()))
                }
                None => self.lock().carry_out(&job, made, &verb),
            };
            if fault.is_some_and(Fault::kills) {
                self.lock().dead = true;
                std::future::pending::<()>().await;
            }
            interleave(number * 5 % 3).await;
            *made = answer?;
            Ok(())
        })
    }
}

fn refused(verb: &str) -> ProviderError {
    ProviderError::new(verb, "the cloud is out of sorts")
}
