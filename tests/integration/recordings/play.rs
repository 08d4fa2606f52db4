//! Plays a script against a cloud of its own, and compares the answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use slp::local::{ACCOUNT, Answered, Cloud};

use super::recording::{Id, Recordings};
use super::script::{Script, Step};
use crate::calls::{Bindings, Call, Comparison, Difference, Response, answer, fill, request};

/// The account that the recordings have for every account.
const RECORDED_ACCOUNT: &str = "111111111111";
const REGION: &str = "us-east-1";
/// How often an answer is asked for that takes its time, and how long is waited in between.
const PATIENCE: (usize, Duration) = (200, Duration::from_millis(10));

/// A scenario's recorded steps: why each differs, or nothing where it agrees.
pub struct Played {
    pub id: Id,
    pub steps: BTreeMap<String, Option<String>>,
}

pub fn all(recordings: &Recordings, scripts: Vec<Script>) -> Vec<Played> {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let played = scripts.into_iter().map(|script| {
        let recorded = recordings.get(&script.id);
        let recorded = recorded.unwrap_or_else(|| panic!("not recorded: {:?}", script.id));
        runtime.block_on(play(script, recorded))
    });
    played.collect()
}

/// Prints how a scenario went.
pub fn tell(played: &Played) {
    eprintln!("{} {}", played.id.service, played.id.name);
    for (step, difference) in &played.steps {
        eprintln!("  {step}: {}", difference.as_deref().unwrap_or("agrees"));
    }
}

async fn play(script: Script, recorded: &Map<String, Value>) -> Played {
    let cloud = Arc::new(Cloud::in_memory().expect("memory is always there"));
    // What is recorded as under way is under way however busy this machine is.
    cloud.faults().settle_in(Duration::from_secs(3600));
    let mut player = Player {
        cloud,
        bound: Bindings::from([
            (RECORDED_ACCOUNT.into(), ACCOUNT.into()),
            ("<region>".into(), REGION.into()),
            ("<partition>".into(), "aws".into()),
        ]),
    };
    let unasked = "no request of the script is for it".to_owned();
    let names = recorded.keys().cloned();
    let mut steps: BTreeMap<_, _> = names.map(|name| (name, Some(unasked.clone()))).collect();
    for step in &script.steps {
        let told = player.step(step, recorded).await;
        match (&step.step, told) {
            (Some(name), told) => {
                let before = steps.get(name).cloned().flatten();
                let before = before.filter(|before| *before != unasked);
                steps.insert(name.clone(), before.or(told.err()));
            }
            (None, Ok(())) => {}
            (None, Err(why)) => {
                let why = format!("its preparation failed: {}: {why}", step.call);
                let open = steps.values_mut().flatten().filter(|it| **it == unasked);
                open.for_each(|it| it.clone_from(&why));
                break;
            }
        }
    }
    Played {
        id: script.id,
        steps,
    }
}

struct Player {
    cloud: Arc<Cloud>,
    bound: Bindings,
}

impl Player {
    /// Asks, and compares with what was recorded.
    async fn step(&mut self, step: &Step, recorded: &Map<String, Value>) -> Result<(), String> {
        let answer = self.asked(step).await?;
        let kept = self.kept(step, &answer);
        let told = match &step.step {
            None => prepared(step, &answer),
            Some(name) => {
                let recorded = recorded.get(name).ok_or("it is not in the recording")?;
                let at = recorded
                    .pointer(&step.at)
                    .ok_or(format!("nothing at {}", step.at))?;
                self.compared(step, &as_here(at, &self.bound), answer)
            }
        };
        told.and(kept)
    }

    /// Remembers what later inputs want of the answer.
    fn kept(&mut self, step: &Step, answer: &Value) -> Result<(), String> {
        for (hole, place) in &step.keep {
            let value = answer.pointer(place).ok_or(format!("{place} is missing"))?;
            let value = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            self.bound.insert(hole.clone(), value);
        }
        Ok(())
    }

    /// The answer, once it is as the step wants it.
    async fn asked(&self, step: &Step) -> Result<Value, String> {
        let (service, operation) = step.call.split_once(':').ok_or("no service in the call")?;
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input: fill(&step.input, &self.bound)?,
            region: step.region.clone().unwrap_or_else(|| REGION.to_owned()),
        };
        if !step.until.is_empty() {
            self.cloud.settle();
        }
        let mut answer = self.answer(&call).await?;
        for _ in 0..PATIENCE.0 {
            let mut wanted = step.until.iter();
            if wanted.all(|(place, value)| answer.pointer(place) == Some(value)) {
                return Ok(answer);
            }
            if answer.get("Error").is_some() {
                break;
            }
            tokio::time::sleep(PATIENCE.1).await;
            answer = self.answer(&call).await?;
        }
        Err(format!("it never came to {:?}: {answer}", step.until))
    }

    async fn answer(&self, call: &Call) -> Result<Value, String> {
        let url = "http://127.0.0.1:4566";
        let response = match self.cloud.answer(request(call)?, url).await {
            Answered::Response(response) => response,
            Answered::Reset => return Err("the connection was reset".into()),
        };
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        };
        let response = Response {
            status: response.status().as_u16(),
            headers: response.headers().iter().map(header).collect(),
            body: response.into_body(),
        };
        answer(call, &response)
    }

    fn compared(&mut self, step: &Step, recorded: &Value, answer: Value) -> Result<(), String> {
        let answer = match step.validation {
            true => validation(&answer)?,
            false => pared(recorded, answer),
        };
        let picked = answer.pointer(&step.pick);
        let picked = picked.ok_or_else(|| format!("nothing at {}: {answer}", step.pick))?;
        let mut comparison = Comparison {
            any_order: &step.any_order,
            bound: self.bound.clone(),
        };
        let differences = comparison.differences(recorded, picked);
        self.bound = comparison.bound;
        match differences.is_empty() {
            true => Ok(()),
            false => Err(told(&differences)),
        }
    }
}

/// A step that was not recorded must end as the script says.
fn prepared(step: &Step, answer: &Value) -> Result<(), String> {
    let code = answer.pointer("/Error/Code").and_then(Value::as_str);
    match code == step.fails.as_deref() {
        true => Ok(()),
        false => Err(answer.to_string()),
    }
}

/// What the SDK adds to an answer by itself.
const OF_THE_SDK: [&str; 3] = ["HTTPHeaders", "RequestId", "RetryAttempts"];

/// What was recorded, with this cloud's account and region and without what the SDK added.
fn as_here(recorded: &Value, bound: &Bindings) -> Value {
    match recorded {
        Value::String(text) => Value::String(text_here(text, bound)),
        Value::Array(items) => items.iter().map(|item| as_here(item, bound)).collect(),
        Value::Object(map) => map
            .iter()
            .filter(|(name, _)| !OF_THE_SDK.contains(&name.as_str()))
            .map(|(name, item)| (text_here(name, bound), as_here(item, bound)))
            .collect(),
        plain => plain.clone(),
    }
}

fn text_here(text: &str, bound: &Bindings) -> String {
    let fixed = [RECORDED_ACCOUNT, "<region>", "<partition>"];
    let text = fixed.iter().fold(text.to_owned(), |text, name| {
        text.replace(name, &bound[*name])
    });
    // `<a:len(65)>` stands for 65 times `a`.
    let Some((before, rest)) = text.split_once("<a:len(") else {
        return text;
    };
    match rest.split_once(")>") {
        Some((times, after)) => {
            let times = times.parse().unwrap_or_default();
            format!("{before}{}{}", "a".repeat(times), text_here(after, bound))
        }
        None => text,
    }
}

/// Without what no recording of this step shows: the SDK's own member where a fixture took it
/// away, and of a refusal's body those members that AWS's model does not have.
fn pared(recorded: &Value, mut answer: Value) -> Value {
    let has = |name: &str| recorded.get(name).is_some();
    let is_error = answer.get("Error").is_some() && has("Error");
    if let Value::Object(map) = &mut answer {
        map.retain(|name, _| has(name) || (!is_error && name != "ResponseMetadata"));
    }
    answer
}

/// A refusal as the recordings of name checks have it: with the list of validation errors, if
/// it has such.
fn validation(answer: &Value) -> Result<Value, String> {
    let error = &answer["Error"];
    let message = error["Message"].as_str().unwrap_or_default();
    let Some((count, errors)) = message.split_once(" detected: ") else {
        return Ok(json!({"Code": error["Code"], "Message": message}));
    };
    let count: u64 = count
        .split(' ')
        .next()
        .and_then(|count| count.parse().ok())
        .ok_or(answer.to_string())?;
    let mut errors: Vec<&str> = errors.split("; ").collect();
    errors.sort_unstable();
    Ok(json!({"Code": error["Code"], "Count": count, "Errors": errors}))
}

fn told(differences: &[Difference]) -> String {
    let first = &differences[0];
    let got = match &first.got {
        Some(value) => value.to_string(),
        None => "nothing".to_owned(),
    };
    let more = differences[1..].iter().map(|it| format!("; {}", it.path));
    let more: String = more.collect();
    let Difference { path, recorded, .. } = first;
    format!("{path}: AWS {recorded}, the cloud {got}{more}")
}
