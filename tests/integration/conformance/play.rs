//! Plays the sequences to one of the clouds, and tells where it answers otherwise.

use std::time::Duration;

use serde_json::{Value, json};

use super::sequence::{Sequence, Step};
use crate::calls::{Bindings, Call, Comparison, Response, answer, fill, fit, request};
use crate::harness;

const REGION: &str = "us-east-1";
/// How often an answer is asked for that takes its time, and how long is waited in between.
const PATIENCE: (usize, Duration) = (500, Duration::from_millis(10));

/// What came instead of what the step says; nothing where it came.
pub type Told = Option<String>;

pub struct Target {
    url: String,
    account: String,
}

impl Target {
    pub fn at(url: &str) -> Target {
        let mut target = Target {
            url: url.to_owned(),
            account: String::new(),
        };
        let who = Call {
            service: "sts".into(),
            operation: "GetCallerIdentity".into(),
            input: json!({}),
            region: REGION.into(),
        };
        let who = target.answer(&who).expect("an identity");
        target.account = who["Account"].as_str().expect("an account").to_owned();
        target
    }

    fn answer(&self, call: &Call) -> Result<Value, String> {
        let request = request(call)?;
        let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
        };
        let headers: Vec<String> = request.headers().iter().map(header).collect();
        let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
        let body = std::str::from_utf8(request.body()).map_err(|error| error.to_string())?;
        let url = format!("{}{}", self.url, request.uri());
        let got = harness::request(request.method().as_str(), &url, &headers, body);
        let response = Response {
            status: got.status,
            headers: got.headers,
            body: got.body.into(),
        };
        // A crashed emulator answers a page for people.
        answer(call, &response)
            .map_err(|_| format!("{} without an answer of AWS's form", response.status))
    }
}

pub fn all(target: &Target, sequences: &[Sequence]) -> Vec<Vec<Told>> {
    sequences.iter().map(|it| play(target, it)).collect()
}

fn play(target: &Target, sequence: &Sequence) -> Vec<Told> {
    let kept = sequence.steps.iter().flat_map(|step| step.keep.keys());
    let account = ("<account>".to_owned(), target.account.clone());
    let mut player = Player {
        target,
        holes: kept.map(String::as_str).collect(),
        bound: Bindings::from([account]),
    };
    let steps = sequence.steps.iter();
    steps.map(|step| player.step(step).err()).collect()
}

struct Player<'a> {
    target: &'a Target,
    /// Everything that steps keep.
    holes: Vec<&'a str>,
    bound: Bindings,
}

impl Player<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        let answer = self.asked(step)?;
        self.keep(step, &answer);
        let is = is(&answer);
        if is != step.is {
            return Err(is);
        }
        let mut differences: Vec<String> = Vec::new();
        for (place, value) in &step.has {
            differences.extend(self.differences(place, value, answer.pointer(place)));
        }
        let added = step.lacks.iter().filter(|it| answer.pointer(it).is_some());
        differences.extend(added.map(|place| format!("{place} is there")));
        match differences.is_empty() {
            true => Ok(()),
            false => Err(differences.join("; ")),
        }
    }

    fn differences(&self, place: &str, value: &Value, got: Option<&Value>) -> Vec<String> {
        let Some(got) = got else {
            return vec![format!("{place} is missing")];
        };
        let mut comparison = Comparison {
            any_order: &[],
            bound: self.bound.clone(),
        };
        let expected = match fill(value, &self.bound) {
            Ok(expected) => expected,
            Err(why) => return vec![why],
        };
        let found = comparison.differences(&expected, got).into_iter();
        let told = found.map(|it| match (&it.got, it.recorded.is_null()) {
            (None, _) => format!("{place}{} is missing", it.path),
            (Some(_), true) if !it.path.is_empty() => format!("{place}{} is there", it.path),
            (Some(got), _) => format!("{place}{} is {got}", it.path),
        });
        told.collect()
    }

    fn keep(&mut self, step: &Step, answer: &Value) {
        for (hole, place) in &step.keep {
            if let Some(value) = answer.pointer(place) {
                let text = value.as_str().map(str::to_owned);
                let text = text.unwrap_or_else(|| value.to_string());
                self.bound.insert(hole.clone(), text);
            }
        }
    }

    /// The answer, once it is as the step wants it.
    fn asked(&self, step: &Step) -> Result<Value, String> {
        let (service, operation) = step.call.split_once(':').ok_or("no service in the call")?;
        let call = Call {
            service: service.to_owned(),
            operation: operation.to_owned(),
            input: fill(&step.input, &self.bound)?,
            region: step.region.clone().unwrap_or_else(|| REGION.to_owned()),
        };
        let written = call.input.to_string();
        if let Some(hole) = self.holes.iter().find(|hole| written.contains(**hole)) {
            return Err(format!("not asked: no {}", hole.trim_matches(['<', '>'])));
        }
        let mut answer = self.target.answer(&call)?;
        for _ in 0..PATIENCE.0 {
            let mut wanted = step.until.iter();
            if wanted.all(|(place, value)| answer.pointer(place) == Some(value)) {
                break;
            }
            std::thread::sleep(PATIENCE.1);
            answer = self.target.answer(&call)?;
        }
        Ok(answer)
    }
}

/// `200`, or `NoSuchEntity 404`.
fn is(answer: &Value) -> String {
    let status = &answer["ResponseMetadata"]["HTTPStatusCode"];
    match answer.pointer("/Error/Code").and_then(Value::as_str) {
        Some(code) => format!("{code} {status}"),
        None => status.to_string(),
    }
}

/// Why what was told is not what was settled. Holes in the settled text fit any text.
pub fn unsettled(told: &Told, settled: Option<&String>) -> Option<String> {
    match (told, settled) {
        (None, None) => None,
        (Some(told), Some(settled)) if fit(settled, told, &Bindings::new()).is_some() => None,
        (Some(told), None) => Some(format!("differs, and nothing settles it: {told:?}")),
        (Some(told), Some(_)) => Some(format!("differs in another way: {told:?}")),
        (None, Some(_)) => Some("is said to differ, and does not".to_owned()),
    }
}

#[test]
fn a_difference_must_be_the_settled_one() {
    let told = |text: &str| Some(text.to_owned());
    let settled = "/Id is \"<any>\"".to_owned();
    assert_eq!(unsettled(&None, None), None);
    assert_eq!(unsettled(&told("/Id is \"a1\""), Some(&settled)), None);
    assert!(unsettled(&told("200"), None).is_some());
    assert!(unsettled(&told("200"), Some(&settled)).is_some());
    assert!(unsettled(&None, Some(&settled)).is_some());
}
