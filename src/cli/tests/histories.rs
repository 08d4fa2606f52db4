//! Random histories: manifests that change, things that others do by hand, runs that are killed
//! or answered wrongly; and after each the same truths. `SLP_HISTORIES` says how many.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::Stand;
use super::answers::{ANSWERS, Answer};
use crate::local::testing::{cloud, query, rest, rows};
use crate::local::{Fault, Moment, What};

/// What a manifest wants; each field can be another at each step.
#[derive(Clone, Debug)]
struct Wish {
    functions: Vec<Function>,
    routes: Vec<usize>,
    colour: u8,
    policy: bool,
    description: u8,
}

#[derive(Clone, Debug)]
struct Function {
    memory: u16,
    greeting: u8,
    alias: bool,
    permission: bool,
}

#[derive(Clone, Debug)]
enum Step {
    Want(Wish),
    /// By hand, outside slp: which of the ways, to which function.
    ByHand(u8, usize),
    /// A run that dies at so many changing calls.
    Killed(usize, bool),
    /// A run that is answered so at so many changing calls.
    Answered(usize, usize),
    Destroyed,
}

fn functions() -> impl Strategy<Value = Vec<Function>> {
    let function = (0..3_u16, 0..3_u8, any::<bool>(), any::<bool>());
    let function = function.prop_map(|(memory, greeting, alias, permission)| Function {
        memory: 128 << memory,
        greeting,
        alias,
        permission,
    });
    prop::collection::vec(function, 0..3)
}

fn wish() -> impl Strategy<Value = Wish> {
    let routes = prop::collection::vec(0..4_usize, 0..4);
    let rest = (routes, 0..3_u8, any::<bool>(), 0..3_u8);
    (functions(), rest).prop_map(|(functions, (routes, colour, policy, description))| Wish {
        functions,
        routes,
        colour,
        policy,
        description,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => wish().prop_map(Step::Want),
        2 => (0..5_u8, 0..2_usize).prop_map(|(way, which)| Step::ByHand(way, which)),
        3 => (1..25_usize, any::<bool>()).prop_map(|(call, after)| Step::Killed(call, after)),
        3 => (1..25_usize, 0..ANSWERS.len()).prop_map(|(call, n)| Step::Answered(call, n)),
        1 => Just(Step::Destroyed),
    ]
}

impl Wish {
    fn manifest(&self) -> String {
        let mut text = String::from("[project]\nname = \"random\"\n[role.run]\n");
        text += "trust = \"lambda.amazonaws.com\"\n";
        text += &format!("description = \"{}\"\n", self.description);
        if self.policy {
            text += "attach = [\"own\"]\n[policy.own]\n[[policy.own.allow]]\n";
            text += "actions = [\"s3:GetObject\"]\nresources = [\"*\"]\n";
        }
        for (n, function) in self.functions.iter().enumerate() {
            text += &format!(
                "[function.f{n}]\nruntime = \"nodejs22.x\"\nhandler = \"index.helloworld\"\n\
                 role = \"run\"\ncode = \"src\"\nmemory = {}\nenvironment = {{ GREETING = \"{}\" }}\n",
                function.memory, function.greeting
            );
            if function.alias {
                text += &format!("[function.f{n}.alias.live]\n");
            }
            if function.permission {
                text +=
                    &format!("[function.f{n}.permission.p]\nprincipal = \"s3.amazonaws.com\"\n");
                text += "source_arn = \"arn:aws:s3:::b\"\n";
            }
        }
        text += "[api.a]\n[api.a.routes]\n";
        text += "\"GET /health\" = { mock = { body = \"ok\" } }\n";
        let mut routes = self.routes.clone();
        routes.sort_unstable();
        routes.dedup();
        for route in routes {
            text += &match self.functions.len() {
                0 => format!("\"GET /r{route}\" = {{ mock = {{ body = \"{route}\" }} }}\n"),
                count => format!(
                    "\"GET /r{route}\" = {{ function = \"f{}\" }}\n",
                    route % count
                ),
            };
        }
        text += &format!(
            "[api.a.stage.v1]\nvariables = {{ colour = \"{}\" }}\n",
            self.colour
        );
        text
    }
}

/// Somebody changes something, if it is there.
async fn by_hand(stand: &Stand, way: u8, which: usize) {
    let function = format!("/2015-03-31/functions/f{which}");
    let cloud = &stand.cloud;
    match way {
        4 => {
            let words = [
                ("Action", "DetachRolePolicy"),
                ("Version", "2010-05-08"),
                ("RoleName", "run"),
                ("PolicyArn", "arn:aws:iam::000000000000:policy/own"),
            ];
            drop(query(cloud, "iam", &words).await);
        }
        0 => drop(rest(cloud, "lambda", "DELETE", &function, Value::Null).await),
        1 => {
            let path = format!("{function}/configuration");
            drop(rest(cloud, "lambda", "PUT", &path, json!({"MemorySize": 1024})).await);
        }
        2 => {
            let words = [
                ("Action", "AttachRolePolicy"),
                ("Version", "2010-05-08"),
                ("RoleName", "run"),
                ("PolicyArn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
            ];
            drop(query(cloud, "iam", &words).await);
        }
        _ => {
            let (_, apis) = rest(cloud, "apigateway", "GET", "/restapis", Value::Null).await;
            let id = apis["item"][0]["id"].as_str().map(str::to_owned);
            if let Some(id) = id {
                let path = format!("/restapis/{id}");
                drop(rest(cloud, "apigateway", "DELETE", &path, Value::Null).await);
            }
        }
    }
}

async fn killed(stand: &Stand, call: usize, after: bool) {
    stand.cloud.faults().plan([Fault {
        call,
        operation: None,
        changing: true,
        moment: if after { Moment::After } else { Moment::Before },
        what: What::Kill,
    }]);
    tokio::select! {
        biased;
        () = stand.cloud.faults().killed() => {}
        // Where it makes fewer calls, it lives.
        _ = stand.tried(false) => {}
    }
}

/// A run without faults ends well, and the next finds nothing to do.
async fn settles(stand: &Stand, destroy: bool, history: &[Step]) {
    let run = stand.run(destroy).await;
    run.unwrap_or_else(|failure| panic!("{failure:?} after {history:#?}"));
    let again = stand.run(destroy).await.expect("it works");
    assert_eq!(
        again, 0,
        "a second run changes something after {history:#?}"
    );
}

async fn lived(history: &[Step]) {
    let stand = Stand::of("hello-world");
    let first = Wish {
        functions: Vec::new(),
        routes: Vec::new(),
        colour: 0,
        policy: false,
        description: 0,
    };
    std::fs::write(stand.path("slp.toml"), first.manifest()).expect("written");
    for (at, step) in history.iter().enumerate() {
        match step {
            Step::Want(wish) => {
                std::fs::write(stand.path("slp.toml"), wish.manifest()).expect("written");
            }
            Step::ByHand(way, which) => by_hand(&stand, *way, *which).await,
            Step::Killed(call, after) => killed(&stand, *call, *after).await,
            Step::Answered(call, n) => {
                let answer: Answer = ANSWERS[*n];
                stand.cloud.faults().plan(answer.faults(*call));
                // It may fail or not.
                let _ = stand.tried(false).await;
            }
            Step::Destroyed => settles(&stand, true, &history[..=at]).await,
        }
        // What has not struck would strike whoever does something by hand.
        stand.cloud.faults().plan([]);
        // Not after each: one disturbance may meet what another left.
        if at % 3 == 2 {
            settles(&stand, false, &history[..=at]).await;
        }
    }
    settles(&stand, false, history).await;
    settles(&stand, true, history).await;
    let fresh = rows(&cloud());
    let left: Vec<String> = rows(&stand.cloud)
        .into_iter()
        // A number that Lambda has given is never given again.
        .filter(|row| !fresh.contains(row) && !row.contains("lambda.numbers"))
        .collect();
    assert_eq!(left, Vec::<String>::new(), "after {history:#?}");
}

#[test]
fn whatever_happens_the_next_run_puts_it_right() {
    let cases = std::env::var("SLP_HISTORIES").ok();
    let cases = cases.and_then(|text| text.parse().ok()).unwrap_or(20);
    let config = ProptestConfig {
        cases,
        max_shrink_iters: 40,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let histories = prop::collection::vec(step(), 4..10);
    proptest!(config, |(history in histories)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(lived(&history));
    });
    eprintln!("{cases} histories lived through");
}
