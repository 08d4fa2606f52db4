//! The same for a state in a bucket of the same cloud.

use clap::Parser;

use super::cases::placed;
use super::*;
use crate::aws::Aws;
use crate::aws::rights::{Part, document};
use crate::cli::args::{Cli, Global};
use crate::cli::open::{self, Project};
use crate::cli::{apply, place};
use crate::local::testing::rest;
use crate::provider::{Caller, Provider};

const PLACE: &str = "[state]\nbackend = \"s3\"\nbucket = \"states\"\n\n[role.basic-lambda-logging]";

async fn stand() -> Stand {
    let stand = placed(Stand::of("hello-world"));
    stand.change("slp.toml", "[role.basic-lambda-logging]", PLACE);
    let (status, _) = rest(&stand.cloud, "s3", "PUT", "/states", Value::Null).await;
    assert_eq!(status, 200);
    stand
}

/// As on AWS: `--local` keeps the state on this machine.
fn global(stand: &Stand) -> Global {
    let file = stand.path("slp.toml").display().to_string();
    Cli::parse_from(["slp", "apply", "--file", &file]).global
}

async fn opened(stand: &Stand) -> Result<(Project, Aws), String> {
    let (mut project, aws) = stand.open().await.map_err(|error| format!("{error:?}"))?;
    let draft = open::draft(&stand.global(), &project.kinds).expect("a manifest");
    let store = place::store(&draft, &project.scope, &aws);
    project.store = store.map_err(|error| format!("{error:?}"))?;
    Ok((project, aws))
}

async fn policy(part: Part) -> Value {
    let stand = stand().await;
    let (project, aws) = opened(&stand).await.expect("it opens");
    let caller: Caller = aws.identify().await.expect("a caller");
    let draft = open::draft(&stand.global(), &project.kinds).expect("a manifest");
    let scope = draft.scope("us-east-1", Some(&caller), None);
    let rights = permissions::of_manifest(&global(&stand), draft, &scope, part);
    json!(document(
        &rights.unwrap_or_else(|error| panic!("{error:?}"))
    ))
}

async fn runs(stand: &Stand, destroy: bool) -> Result<(), String> {
    let (mut project, aws) = opened(stand).await?;
    if destroy {
        project.desired = plan::nothing(&project.desired);
    }
    let (global, printer) = (stand.global(), Printer::mute());
    let part = crate::cli::tests::one_by_one();
    let ran = apply::carry_out(&global, project, aws, &part, true, destroy, &printer).await;
    match ran {
        Ok(0) => Ok(()),
        Ok(_) => Err(printer.said()),
        Err(failure) => Err(format!("{failure:?} {}", printer.said())),
    }
}

async fn looks(stand: &Stand) -> Result<(), String> {
    let (project, aws) = opened(stand).await?;
    let events = Printer::mute().listener();
    let snapshot = project.store.load().await;
    let snapshot = snapshot.map_err(|error| format!("{error:?}"))?;
    let state = plan::known(&project, snapshot, &aws, &events).await;
    state.map(drop).map_err(|error| format!("{error:?}"))
}

async fn lives(policy: &Value) -> Result<(), String> {
    let stand = stand().await;
    enforce(&stand, policy);
    runs(&stand, false).await?;
    stand.change("src/index.js", "Hello world", "Hello moon");
    looks(&stand).await?;
    runs(&stand, false).await?;
    runs(&stand, true).await
}

async fn only_looks(policy: &Value) -> Result<(), String> {
    let stand = stand().await;
    enforce(&stand, policy);
    looks(&stand).await?;
    stand.cloud.enforce(None).expect("no policy");
    runs(&stand, false).await?;
    enforce(&stand, policy);
    looks(&stand).await
}

/// The actions on the bucket, each with each of its resources.
fn of_bucket(policy: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for statement in policy["Statement"].as_array().expect("statements") {
        for action in statement["Action"].as_array().expect("actions") {
            for resource in statement["Resource"].as_array().expect("resources") {
                let (action, resource) = (action.as_str(), resource.as_str());
                let pair = (action.expect("text"), resource.expect("text"));
                pairs.push((pair.0.to_owned(), pair.1.to_owned()));
            }
        }
    }
    pairs.retain(|(action, _)| action.starts_with("s3:"));
    pairs
}

/// The policy, with no more on the bucket than these.
fn with_only(policy: &Value, pairs: &[(String, String)]) -> Value {
    let mut kept = policy.clone();
    for (action, _) in of_bucket(policy) {
        kept = without(&kept, &action);
    }
    let statements = kept["Statement"].as_array_mut().expect("statements");
    statements.extend(pairs.iter().map(|(action, resource)| {
        json!({ "Effect": "Allow", "Action": [action], "Resource": [resource] })
    }));
    kept
}

#[tokio::test(start_paused = true)]
async fn a_state_takes_what_is_printed_and_no_less() {
    let whole = policy(Part::Life).await;
    assert_eq!(lives(&whole).await, Ok(()), "{whole:#}");
    let read = policy(Part::Plan).await;
    assert_eq!(only_looks(&read).await, Ok(()), "{read:#}");
    let mut needless = Vec::new();
    let (pairs, look) = (of_bucket(&whole), of_bucket(&read));
    for n in 0..pairs.len() {
        let mut less = pairs.clone();
        let gone = less.remove(n);
        if lives(&with_only(&whole, &less)).await.is_ok() {
            needless.push(gone);
        }
    }
    for n in 0..look.len() {
        let mut less = look.clone();
        let gone = less.remove(n);
        if only_looks(&with_only(&read, &less)).await.is_ok() {
            needless.push(gone);
        }
    }
    assert_eq!(needless, Vec::<(String, String)>::new());
    let tried = pairs.len() + look.len();
    assert!(tried > 10, "{tried}");
    eprintln!("{tried} rights on a bucket taken away, one at a time: each is missed");
}
