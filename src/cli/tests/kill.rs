//! A run that dies at any call loses nothing and makes nothing twice: killed at each changing
//! call in turn, before the cloud heard of it and after it was done, and then run again.

use super::Stand;
use super::answers::lands;
use crate::local::{Fault, Moment, What};

/// What is done to an example once it is deployed.
pub(super) type Change = fn(&Stand);

/// What `everything.toml` becomes: changes in place, a replacement, an address that moves.
pub(super) fn change_every_kind(stand: &Stand) {
    let to = |from: &str, to: &str| stand.change("slp.toml", from, to);
    to("description = \"runs\"", "description = \"still runs\"");
    to("actions = [\"s3:*\"]", "actions = [\"s3:GetObject\"]");
    to("path = \"/teams/\"", "path = \"/team/\"");
    to("reserved_concurrency = 3\n", "");
    to("retention_days = 7", "retention_days = 14");
    to(
        "source_arn = \"arn:aws:s3:::assets\"",
        "source_arn = \"arn:aws:s3:::other\"",
    );
    to("status = 201", "status = 202");
    to("colour = \"red\"", "colour = \"blue\"");
    stand.change("src/index.js", "Hello world", "Hello moon");
}

pub(super) const EXAMPLES: [(&str, Change); 3] = [
    ("hello-world", |stand| {
        let route = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
        let other = route.replace("ANY /{hello+}", "GET /status");
        stand.change("src/index.js", "Hello world", "Hello moon");
        stand.change("slp.toml", "code = \"src\"", "code = \"src\"\nmemory = 256");
        stand.change("slp.toml", route, &format!("{route}\n{other}"));
    }),
    ("standard-and-premium", |stand| {
        stand.change(
            "slp.toml",
            "\"GET /premium\" = { function = \"Premium\" }\n",
            "",
        );
        stand.change("slp.toml", "[function.Premium]", "[function.Gold]");
        stand.change("slp.toml", "${api.shop.stage.live.url}/premium", "none");
        stand.change("slp.toml", "[api.shop]", "[api.shop]\nname = \"The shop\"");
    }),
    ("python-worker", |stand| {
        stand.change("slp.toml", "memory = 256", "memory = 512");
        stand.change("slp.toml", "retention_days = 14", "retention_days = 30");
        stand.change("slp.toml", "reserved_concurrency = 5\n", "");
        stand.change(
            "slp.toml",
            "[role.worker]",
            "[role.worker]\ndescription = \"works\"",
        );
        stand.change("slp.toml", "batch_size = 25", "batch_size = 50");
    }),
];

#[tokio::test(start_paused = true)]
async fn an_apply_killed_at_any_call_is_finished_by_the_next() {
    for (example, _) in EXAMPLES {
        let begin = async || Stand::of(example);
        everywhere(example, begin, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_killed_at_any_call_is_finished_by_the_next() {
    for (example, change) in EXAMPLES {
        let begin = async || {
            let stand = deployed(example).await;
            change(&stand);
            stand
        };
        everywhere(example, begin, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_killed_at_any_call_is_finished_by_the_next() {
    for (example, _) in EXAMPLES {
        let begin = async || deployed(example).await;
        everywhere(example, begin, true).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_killed_at_any_call_is_finished_by_the_next() {
    let changed = async || {
        let stand = deployed_of_every_kind().await;
        change_every_kind(&stand);
        stand
    };
    everywhere("every kind", async || Stand::of_every_kind(), false).await;
    everywhere("every kind, changed", changed, false).await;
    everywhere("every kind", deployed_of_every_kind, true).await;
}

pub(super) async fn deployed_of_every_kind() -> Stand {
    let stand = Stand::of_every_kind();
    stand.run(false).await.expect("it applies");
    stand
}

pub(super) async fn deployed(example: &str) -> Stand {
    let stand = Stand::of(example);
    stand.run(false).await.expect("it applies");
    stand
}

/// Kills a run at its first changing call, its second, and so on to the last.
pub(super) async fn everywhere(example: &str, begin: impl AsyncFn() -> Stand, destroy: bool) {
    let undisturbed = begin().await;
    let calls = undisturbed.run(destroy).await.expect("it works");
    assert!(calls >= 4, "{example}: {calls} calls");
    let end = undisturbed.picture();
    eprintln!(
        "{example}, destroy {destroy}: killed at {} points",
        2 * calls
    );
    for call in 1..=calls {
        for moment in [Moment::Before, Moment::After] {
            let stand = begin().await;
            killed(&stand, call, moment, destroy).await;
            let what = format!("{example}, destroy {destroy}, call {call} {moment:?}");
            let again = stand.run(destroy).await;
            again.unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
            same(&what, &end, &stand.picture());
            let idle = stand.run(destroy).await.expect("it works");
            assert_eq!(idle, 0, "{what}: the next run changes something again");
        }
    }
}

async fn killed(stand: &Stand, call: usize, moment: Moment, destroy: bool) {
    let fault = Fault {
        call,
        operation: None,
        changing: true,
        moment,
        what: What::Kill,
    };
    killed_by(stand, fault, destroy).await;
}

async fn killed_by(stand: &Stand, fault: Fault, destroy: bool) {
    let what = format!("{fault:?}");
    stand.cloud.faults().plan([fault]);
    tokio::select! {
        biased;
        () = stand.cloud.faults().killed() => {}
        ended = stand.work(destroy) => panic!("not killed by {what}: {ended:?}"),
    }
}

/// The one name that AWS does not keep unique is the API's.
#[tokio::test(start_paused = true)]
async fn what_lands_after_its_maker_was_killed_is_taken_over_and_not_made_again() {
    let undisturbed = deployed("hello-world").await;
    let stand = Stand::of("hello-world");
    let fault = Fault {
        call: 1,
        operation: Some("CreateRestApi".into()),
        changing: true,
        moment: Moment::Before,
        what: lands(true),
    };
    killed_by(&stand, fault, false).await;
    stand.run(false).await.expect("it is finished");
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    same("landed", &undisturbed.picture(), &stand.picture());
}

/// Says what is there too much and what is missing, and not all of both.
pub(super) fn same(what: &str, wanted: &[String], found: &[String]) {
    let missing: Vec<_> = wanted.iter().filter(|line| !found.contains(line)).collect();
    let added: Vec<_> = found.iter().filter(|line| !wanted.contains(line)).collect();
    assert!(
        wanted == found,
        "{what}:\nmissing {missing:#?}\nadded {added:#?}"
    );
}
