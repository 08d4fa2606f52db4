//! What a log is told where AWS is slow, and when; on a clock that jumps.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use tokio::time::Instant;

use super::super::printer::Printer;
use super::Stand;
use crate::cli::args::{Global, Scope};
use crate::event::{Event, Listener, Phase};
use crate::local::testing::send;
use crate::local::{Fault, Moment, Outage, What};

/// Hello-world with its state in a bucket: writing to a disk takes time of another clock.
async fn place() -> Stand {
    let mut stand = Stand::of("hello-world");
    stand.in_bucket = true;
    let make = Request::builder().method("PUT").uri("/states");
    let made = send(&stand.cloud, "s3", make, Bytes::new()).await;
    assert_eq!(made.status(), 200);
    stand
}

/// Every answer comes after so long, but a bucket's.
fn slow_down(stand: &Stand, delay: Duration) {
    stand.cloud.faults().fail_from(Outage {
        from: 1,
        first: Moment::Before,
        what: What::Delay(delay),
        spares: Some("s3"),
    });
}

/// What an apply or a destroy says outside of its plan, each line with its second.
async fn told(stand: &Stand, part: &Scope, destroy: bool) -> Vec<String> {
    let (since, printer) = (Instant::now(), Printer::mute());
    let ended = printer.attend(stand.part(part, destroy, &printer)).await;
    assert!(matches!(ended, Ok(0)), "{}", printer.said());
    let lines = printer.timed().into_iter().filter_map(|(at, text)| {
        let is_page = text.starts_with("hello-world · ");
        (!is_page).then(|| format!("{} {}", (at - since).as_secs(), text.trim_end()))
    });
    lines.collect()
}

/// The lines that say how long something lasts already.
fn still(lines: &[String]) -> Vec<&str> {
    let lines = lines.iter().map(String::as_str);
    lines.filter(|line| line.contains("still ")).collect()
}

#[tokio::test(start_paused = true)]
async fn thirteen_seconds_a_call_are_told_at_their_times() {
    let stand = place().await;
    slow_down(&stand, Duration::from_secs(13));
    let lines = told(&stand, &super::one_by_one(), false).await;
    let expected = [
        "1 asking the embedded cloud who we are",
        "10 still asking the embedded cloud who we are, 10 s",
        "14 reading 5 resources",
        "23 still reading 5 resources, 10 s",
        "53 still reading 5 resources, 40 s",
        "88   role.basic-lambda-logging  still being created, 10 s",
        "104 + role.basic-lambda-logging  created in 26.0 s",
        "114   function.HelloWorld  still being created, 10 s",
        "117 + function.HelloWorld  created in 13.0 s",
        "127   policy.hello-world-invoke-lambda-policy  still being created, 10 s",
        "130 + policy.hello-world-invoke-lambda-policy  created in 13.0 s",
        "140   role.hello-world-api-gateway-role  still being created, 10 s",
        "156 + role.hello-world-api-gateway-role  created in 26.0 s",
        "166   api.hello-world  still being created, 10 s",
        "196   api.hello-world  still being created, 40 s",
        "208 + api.hello-world  created in 52.0 s",
        "218   api.hello-world.stage.test  still being created, 10 s",
        "234 + api.hello-world.stage.test  created in 26.0 s",
    ];
    let progress = lines.iter().filter(|line| !is_more(line));
    assert_eq!(progress.collect::<Vec<_>>(), expected);
}

/// What is said besides: of the bucket, and in the end.
fn is_more(line: &str) -> bool {
    let more = ["s3://states: ", "Done: ", "url = ", "nothing is served yet"];
    more.iter().any(|more| line.contains(more))
}

#[tokio::test(start_paused = true)]
async fn a_destroy_is_told_as_well() {
    let stand = place().await;
    stand.work(false).await.expect("applied");
    slow_down(&stand, Duration::from_secs(13));
    let lines = told(&stand, &super::one_by_one(), true).await;
    let expected = [
        "10 still asking the embedded cloud who we are, 10 s",
        "23 still reading 6 resources, 10 s",
        "53 still reading 6 resources, 40 s",
        "83 still reading 6 resources, 1 min 10 s",
        "113 still reading 6 resources, 1 min 40 s",
        "143 still reading 6 resources, 2 min 10 s",
        "173 still reading 6 resources, 2 min 40 s",
        "205 still looking for what is ours and in no state, 10 s",
        "218   api.hello-world  still being deleted, 10 s",
        "231   role.hello-world-api-gateway-role  still being deleted, 10 s",
        "257   policy.hello-world-invoke-lambda-policy  still being deleted, 10 s",
        "283   function.HelloWorld  still being deleted, 10 s",
        "296   role.basic-lambda-logging  still being deleted, 10 s",
    ];
    assert_eq!(still(&lines), expected);
}

#[tokio::test(start_paused = true)]
async fn what_ends_within_half_a_second_is_not_told() {
    let stand = place().await;
    slow_down(&stand, Duration::from_millis(100));
    let lines = told(&stand, &Scope::default(), false).await;
    let waits = |line: &&String| line.contains("asking") || line.contains("reading");
    assert_eq!(lines.iter().find(waits), None);
    assert_eq!(still(&lines), [""; 0]);
}

/// What happens on this machine, and at the very end, is told as the rest is.
#[tokio::test(start_paused = true)]
async fn packing_and_letting_go_of_the_lock_are_phases() {
    let stand = place().await;
    let begun: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = begun.clone();
    let global = Global {
        events: Listener::new(move |event| {
            if let Event::Began(Phase::Named(name)) = event {
                heard.lock().unwrap().push(name);
            }
        }),
        ..stand.global()
    };
    stand.opened(&global).await.expect("it opens");
    assert!(begun.lock().unwrap().contains(&"packing code".to_owned()));
    let slow = |call| Fault {
        call,
        operation: Some("DeleteObject".into()),
        changing: false,
        moment: Moment::Before,
        what: What::Delay(Duration::from_secs(13)),
    };
    stand.cloud.faults().plan((1..=9).map(slow));
    let lines = told(&stand, &super::one_by_one(), false).await;
    let phase = |line: &&String| line.contains("letting go of the lock");
    let told: Vec<&str> = lines.iter().filter(phase).map(String::as_str).collect();
    let [first, still] = told[..] else {
        panic!("{lines:?}");
    };
    assert!(first.ends_with(" letting go of the lock"), "{first}");
    assert!(still.ends_with(" still letting go of the lock, 10 s"));
}
