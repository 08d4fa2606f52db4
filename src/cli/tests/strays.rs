//! What is ours and in no state is named; what was forgotten and found again goes in its order.

use serde_json::json;

use super::Stand;
use super::kill::deployed;
use crate::addr::Addr;
use crate::aws::Look;
use crate::cli::printer::Printer;
use crate::cli::{locked, plan, rebuild};
use crate::event::Listener;
use crate::local::testing::rest;
use crate::local::{AwsError, Fault, Moment, What};
use crate::state::{Holder, LockRequest, Session, amend, forget};

impl Stand {
    async fn session(&self, work: &str) -> Box<dyn Session> {
        let (project, _) = self.open().await.expect("it opens");
        let request = LockRequest {
            holder: Holder::this_process(work),
            timeout: std::time::Duration::ZERO,
        };
        let session = project.store.lock(request, &Listener::deaf()).await;
        session.expect("free")
    }

    /// `slp state rm`, then `slp state rebuild`.
    async fn forget_and_rebuild(&self, addr: &str) {
        let addr = Addr::parse(addr).expect("an address");
        let session = self.session("state rm").await;
        let edit = amend(&*session, "the state", |state| forget(state, &addr)).await;
        edit.expect("it is there");
        drop(session);
        let (project, aws) = self.open().await.expect("it opens");
        let session = self.session("state rebuild").await;
        let (events, printer) = (Listener::deaf(), Printer::mute());
        let rebuilt = rebuild::rebuilt(&project, &aws, &*session, &events, &printer).await;
        locked::released(&*session, rebuilt, &events)
            .await
            .expect("it is found");
    }

    /// The changing calls of a run, in order.
    async fn changing_calls(&self) -> Vec<String> {
        self.run(false).await.expect("it applies");
        let calls = self.cloud.faults().calls().into_iter();
        let changing = calls.filter(|call| call.changing);
        changing.map(|call| call.operation).collect()
    }

    /// What `slp drift` (`Everything`) or a plan says of what is in no state.
    async fn strays(&self, look: Look) -> String {
        let (project, aws) = self.open().await.expect("it opens");
        let snapshot = project.store.load().await.expect("the state");
        let state = plan::known(&project, snapshot, &aws, &Listener::deaf()).await;
        let found = aws.strays(&state.expect("the state"), look).await;
        let found = found.expect("it can be asked").found.into_iter();
        found
            .map(|(addr, text)| format!("{addr}: {text}\n"))
            .collect()
    }
}

fn rename_the_function(stand: &Stand) {
    let text = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    std::fs::write(stand.path("slp.toml"), text.replace("HelloWorld", "Hello")).expect("written");
}

#[tokio::test(start_paused = true)]
async fn what_was_forgotten_and_rebuilt_goes_after_what_uses_it() {
    let [straight, mended] = [deployed("hello-world").await, deployed("hello-world").await];
    mended.forget_and_rebuild("function.HelloWorld").await;
    for stand in [&straight, &mended] {
        rename_the_function(stand);
    }
    let calls = straight.changing_calls().await;
    assert!(
        calls.iter().any(|call| call == "DeleteFunction"),
        "{calls:?}"
    );
    assert_eq!(mended.changing_calls().await, calls);
}

/// `CreateRestApi` and `CreateDeployment` are carried out, and AWS says that they came too fast.
async fn doubled() -> Stand {
    let stand = Stand::of("hello-world");
    let throttled = |operation: &str| Fault {
        call: 1,
        operation: Some(operation.into()),
        changing: true,
        moment: Moment::After,
        what: What::Error(AwsError::new(
            429,
            "TooManyRequestsException",
            "Rate Exceeded.",
        )),
    };
    let faults = ["CreateRestApi", "CreateDeployment"].map(throttled);
    stand.cloud.faults().plan(faults);
    stand.work(false).await.expect("it applies");
    stand
}

#[tokio::test(start_paused = true)]
async fn what_was_made_twice_is_named() {
    let once = deployed("hello-world").await;
    assert_eq!(once.strays(Look::Everything).await, "");
    let stand = doubled().await;
    let told = stand.strays(Look::Everything).await;
    let lines: Vec<&str> = told.lines().collect();
    let [api, deployment] = lines[..] else {
        panic!("{told}");
    };
    assert!(
        api.starts_with("api.hello-world: an API that is in no state, "),
        "{api}"
    );
    assert!(
        deployment.contains("deployments that no stage serves"),
        "{deployment}"
    );
    // A plan for one API by its id reads no list; one that takes everything away does.
    assert_eq!(stand.strays(Look::AsRead).await, "");
    assert_eq!(stand.strays(Look::Apis).await.lines().count(), 1);
    let (_, said) = stand.told(true).await;
    assert!(said.contains("an API that is in no state"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn an_api_of_somebody_else_is_nobodys_business_here() {
    let stand = deployed("hello-world").await;
    for tags in [
        json!({}),
        json!({"slp:project": "other", "slp:address": "api.hello-world"}),
    ] {
        let body = json!({"name": "x", "tags": tags});
        rest(&stand.cloud, "apigateway", "POST", "/restapis", body).await;
    }
    assert_eq!(stand.strays(Look::Everything).await, "");
}

/// What a run that did not end left open is not lost by it.
#[tokio::test(start_paused = true)]
async fn a_rebuild_settles_what_was_open_first() {
    let stand = Stand::of("hello-world");
    stand.cloud.faults().plan([Fault {
        call: 1,
        operation: Some("CreateStage".into()),
        changing: true,
        moment: Moment::After,
        what: What::Kill,
    }]);
    tokio::select! {
        biased;
        () = stand.cloud.faults().killed() => {}
        ended = stand.work(false) => panic!("not killed: {ended:?}"),
    }
    stand.cloud.faults().plan([]);
    let (project, aws) = stand.open().await.expect("it opens");
    let session = stand.session("state rebuild").await;
    let (events, printer) = (Listener::deaf(), Printer::mute());
    let rebuilt = rebuild::rebuilt(&project, &aws, &*session, &events, &printer).await;
    // All that the killed run made is in the state by then: nothing lacks.
    assert!(rebuilt.is_err(), "{}", printer.said());
    drop(session);
    let state = project.store.load().await.expect("the state");
    let known = state.state.expect("saved").resources.into_keys();
    let known: Vec<String> = known.map(|addr| addr.to_string()).collect();
    assert!(
        known.contains(&"api.hello-world.stage.test".to_owned()),
        "{known:?}"
    );
    assert!(state.replay.is_none());
}
