//! What settles a difference. Recorded answers are looked up where `SLP_AWS_RECORDINGS` names
//! their folder: the step must then really have been answered so by AWS. Where the documentation
//! does not say it, an answer of AWS that somebody quotes in public must do.

use serde_json::Value;

use super::Played;
use super::sequence::Step;
use crate::recordings::{Id, Recordings, recorded};

/// AWS's documentation, and what others quote of AWS's answers.
const PUBLIC: [&str; 2] = ["https://docs.aws.amazon.com/", "quoted https://"];

/// The steps whose sources do not settle what they should.
pub fn wrong(played: &[Played]) -> Vec<String> {
    let recordings = recorded();
    let steps = played.iter().flat_map(|played| {
        let name = &played.sequence.name;
        played.sequence.steps.iter().map(move |step| (name, step))
    });
    let told = steps.filter_map(|(name, step)| {
        let why = check(step, recordings.as_ref()).err()?;
        Some(format!("{name}.toml: {:?}: its source {why}", step.step))
    });
    told.collect()
}

fn check(step: &Step, recordings: Option<&Recordings>) -> Result<(), String> {
    let differs = step.moto.is_some() || step.ministack.is_some();
    let source = match &step.source {
        Some(source) => source,
        None if differs => return Err("is missing".to_owned()),
        None => return Ok(()),
    };
    match source.strip_prefix("recorded ") {
        Some(place) => match recordings {
            Some(recordings) => answered(step, place, recordings),
            None => Ok(()),
        },
        None if PUBLIC.iter().any(|start| source.starts_with(start)) => Ok(()),
        None => Err("is none of the three kinds".to_owned()),
    }
}

/// `SERVICE SCENARIO STEP`: did AWS answer there what the step expects?
fn answered(step: &Step, place: &str, recordings: &Recordings) -> Result<(), String> {
    let parts: Vec<&str> = place.split(' ').collect();
    let [service, scenario, name] = parts[..] else {
        return Err("does not name service, scenario and step".to_owned());
    };
    let id = Id {
        service: service.to_owned(),
        name: scenario.to_owned(),
    };
    let recorded = recordings.get(&id).and_then(|steps| steps.get(name));
    let recorded = recorded.ok_or("is not in the recordings")?;
    let code = find(recorded, "Code").and_then(Value::as_str);
    let status = find(recorded, "HTTPStatusCode").ok_or("has no status")?;
    let is = match code.filter(|_| find(recorded, "Error").is_some()) {
        Some(code) => format!("{code} {status}"),
        None => status.to_string(),
    };
    match is == step.is {
        true => Ok(()),
        false => Err(format!("has {is}")),
    }
}

/// The first member of that name, however deep.
fn find<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let map = value.as_object()?;
    map.get(name)
        .or_else(|| map.values().find_map(|inner| find(inner, name)))
}

#[test]
fn a_recording_must_say_what_the_step_says() {
    let text = r#"{"a": {"Error": {"Code": "C"}, "ResponseMetadata": {"HTTPStatusCode": 400}}}"#;
    let id = Id {
        service: "iam".into(),
        name: "T::t".into(),
    };
    let recordings = Recordings::from([(id, serde_json::from_str(text).unwrap())]);
    let step = |is: &str| -> Step {
        let step = serde_json::json!({"step": "s", "call": "iam:A", "is": is});
        serde_json::from_value(step).unwrap()
    };
    assert_eq!(answered(&step("C 400"), "iam T::t a", &recordings), Ok(()));
    assert!(answered(&step("D 400"), "iam T::t a", &recordings).is_err());
    assert!(answered(&step("C 400"), "iam T::t b", &recordings).is_err());
}
