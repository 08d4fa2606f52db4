//! The policy that `slp permissions` prints is enough, and nothing in it is too much: an embedded
//! cloud enforces it over a manifest's whole life, and without any one of its actions some part of
//! that life fails. What a request asks of IAM the cloud reads from the request by itself.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::Stand;
use crate::apply::rebuild;
use crate::cli::args::PermissionsArgs;
use crate::cli::printer::Printer;
use crate::cli::{permissions, plan};
use crate::state::{Holder, LockRequest};

/// A manifest, and the changes that its life sees and then sees taken back.
struct Case {
    stand: fn() -> Stand,
    changes: &'static [(&'static str, &'static str, &'static str)],
}

/// Tags of the project are on everything, so that all of them change.
fn placed(stand: Stand) -> Stand {
    stand.change(
        "slp.toml",
        "[project]\n",
        "[project]\nregion = \"us-east-1\"\n",
    );
    stand
}

const HELLO_WORLD: Case = Case {
    stand: || placed(Stand::of("hello-world")),
    changes: &[
        (
            "slp.toml",
            "name = \"hello-world\"\n",
            "name = \"hello-world\"\ntags = { stage = \"a\" }\n",
        ),
        ("src/index.js", "Hello world", "Hello moon"),
        (
            "slp.toml",
            "trust = \"lambda.amazonaws.com\"\n",
            "trust = [\"lambda.amazonaws.com\", \"edgelambda.amazonaws.com\"]\n\
             description = \"runs\"\n\
             boundary = \"arn:aws:iam::aws:policy/AWSLambdaExecute\"\n\
             allow = [{ actions = [\"s3:GetObject\"], resources = [\"*\"] }]\n",
        ),
        (
            "slp.toml",
            "attach = [\"hello-world-invoke-lambda-policy\"]",
            "attach = [\"hello-world-invoke-lambda-policy\", \
             \"arn:aws:iam::aws:policy/AWSLambdaExecute\"]",
        ),
        (
            "slp.toml",
            "actions = [\"lambda:InvokeFunction\"]",
            "actions = [\"lambda:InvokeFunction\", \"lambda:InvokeAsync\"]",
        ),
        (
            "slp.toml",
            "code = \"src\"",
            "code = \"src\"\nmemory = 256\nreserved_concurrency = 3",
        ),
        (
            "slp.toml",
            "name = \"Hello World Api\"\n",
            "name = \"Hello World Api\"\n\
             policy = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", \
             Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"*\" }] }\n",
        ),
        (
            "slp.toml",
            "[api.hello-world.routes]\n",
            "[api.hello-world.routes]\n\"GET /status\" = { mock = { status = 204 } }\n",
        ),
        (
            "slp.toml",
            "[api.hello-world.stage.test]\n",
            "[api.hello-world.stage.test]\nvariables = { colour = \"red\" }\n",
        ),
    ],
};

const EVERY_KIND: Case = Case {
    stand: || placed(Stand::of_every_kind()),
    changes: &[
        (
            "slp.toml",
            "tags = { team = \"shop\" }",
            "tags = { team = \"shop\", stage = \"a\" }",
        ),
        ("src/index.js", "Hello world", "Hello moon"),
        (
            "slp.toml",
            "description = \"runs\"\ntrust = \"lambda.amazonaws.com\"",
            "description = \"runs it\"\n\
             trust = [\"lambda.amazonaws.com\", \"edgelambda.amazonaws.com\"]",
        ),
        (
            "slp.toml",
            "LambdaBasicExecutionRole\", \"own\"]",
            "LambdaBasicExecutionRole\"]",
        ),
        (
            "slp.toml",
            "[[role.run.allow]]\nactions = [\"s3:GetObject\"]\n\
             resources = [\"arn:aws:s3:::assets/*\"]\n",
            "[role.run.inline.other]\nVersion = \"2012-10-17\"\n\
             Statement = [{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = \"*\" }]\n",
        ),
        (
            "slp.toml",
            "boundary = \"limits\"",
            "description = \"unbound\"",
        ),
        (
            "slp.toml",
            "actions = [\"s3:*\"]",
            "actions = [\"s3:Get*\"]",
        ),
        ("slp.toml", "reserved_concurrency = 3", "memory = 256"),
        ("slp.toml", "retention_days = 7", "retention_days = 14"),
        (
            "slp.toml",
            "[function.Front.alias.live]\n",
            "[function.Front.alias.live]\n[function.Front.alias.next]\n",
        ),
        (
            "slp.toml",
            "source_arn = \"arn:aws:s3:::assets\"",
            "source_arn = \"arn:aws:s3:::goods\"",
        ),
        (
            "slp.toml",
            "binary_media_types = [\"image/png\"]\n",
            "policy = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", \
             Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"*\" }] }\n",
        ),
        ("slp.toml", "\"POST /mock\"", "\"POST /mocked\""),
        ("slp.toml", "colour = \"red\"", "colour = \"blue\""),
    ],
};

impl Case {
    /// What `slp permissions` prints.
    async fn policy(&self, only_plan: bool) -> Value {
        let (stand, printer) = ((self.stand)(), Printer::mute());
        let args = PermissionsArgs {
            plan: only_plan,
            for_plan: false,
            trust: None,
        };
        let ended = permissions::run(&stand.global(), &args, &printer).await;
        assert!(matches!(ended, Ok(0)), "{}", printer.said());
        // Nothing but the policy: there is nothing to remark.
        serde_json::from_str(&printer.said()).expect("a policy")
    }

    /// Made, changed, changed back, its state lost and found, taken away.
    async fn lives(&self, policy: &Value) -> Result<(), String> {
        let stand = (self.stand)();
        enforce(&stand, policy);
        settles(&stand).await?;
        self.changes(&stand);
        settles(&stand).await?;
        self.changes_back(&stand);
        settles(&stand).await?;
        loses_its_state(&stand).await?;
        settles(&stand).await?;
        ends_well(&stand, true).await
    }

    fn changes(&self, stand: &Stand) {
        for (file, from, to) in self.changes {
            stand.change(file, from, to);
        }
    }

    fn changes_back(&self, stand: &Stand) {
        for (file, from, to) in self.changes {
            stand.change(file, to, from);
        }
    }

    /// Planned at each turn of the same life by somebody who may do no more than the policy says.
    async fn is_looked_at(&self, policy: &Value) -> Result<(), String> {
        let stand = (self.stand)();
        looks(&stand, policy).await?;
        settles(&stand).await?;
        looks(&stand, policy).await?;
        self.changes(&stand);
        looks(&stand, policy).await?;
        settles(&stand).await?;
        enforce(&stand, policy);
        loses_its_state(&stand).await?;
        looks(&stand, policy).await
    }

    /// How many actions were taken away; each was missed.
    async fn is_least(&self) -> usize {
        let policy = self.policy(false).await;
        let lived = self.lives(&policy).await;
        assert_eq!(lived, Ok(()), "{policy:#}");
        let actions = actions(&policy);
        let mut needless = Vec::new();
        for action in &actions {
            let lived = self.lives(&without(&policy, action)).await;
            needless.extend(is_needless(action, lived));
        }
        assert_eq!(needless, Vec::<&str>::new(), "{policy:#}");
        actions.len()
    }

    async fn is_least_to_look_at(&self) -> usize {
        let policy = self.policy(true).await;
        let looked = self.is_looked_at(&policy).await;
        assert_eq!(looked, Ok(()), "{policy:#}");
        let actions = actions(&policy);
        let mut needless = Vec::new();
        for action in &actions {
            let looked = self.is_looked_at(&without(&policy, action)).await;
            needless.extend(is_needless(action, looked));
        }
        assert_eq!(needless, Vec::<&str>::new(), "{policy:#}");
        let stand = (self.stand)();
        enforce(&stand, &policy);
        assert!(ends_well(&stand, false).await.is_err(), "it only looks");
        actions.len()
    }
}

/// `slp plan` and `slp plan --destroy`; nothing is enforced after.
async fn looks(stand: &Stand, policy: &Value) -> Result<(), String> {
    enforce(stand, policy);
    pending(stand, false).await?;
    pending(stand, true).await?;
    stand.cloud.enforce(None).map_err(|error| error.message)
}

/// Where nothing failed without an action; a failure has to tell of it.
fn is_needless(action: &str, ended: Result<(), String>) -> Option<&str> {
    match ended {
        Ok(()) => Some(action),
        Err(said) => {
            assert!(is_why(&said, action), "without {action}: {said}");
            None
        }
    }
}

fn enforce(stand: &Stand, policy: &Value) {
    let policy = policy.to_string();
    stand.cloud.enforce(Some(&policy)).expect("a policy");
}

/// A refusal names the action; who may not see tags is told that nothing is ours.
fn is_why(said: &str, action: &str) -> bool {
    said.contains(action) || action == "lambda:ListTags"
}

/// `slp apply`, or `slp destroy`; else all that was said.
async fn ends_well(stand: &Stand, destroy: bool) -> Result<(), String> {
    match stand.told(destroy).await {
        (Ok(0), _) => Ok(()),
        (Ok(_), said) => Err(said),
        (Err(failure), said) => Err(format!("{failure:?} {said}")),
    }
}

/// An apply, after which there is nothing to do.
async fn settles(stand: &Stand) -> Result<(), String> {
    ends_well(stand, false).await?;
    match pending(stand, false).await? {
        0 => Ok(()),
        calls => Err(format!("{calls} calls are left to do")),
    }
}

/// The calls that a plan finds.
async fn pending(stand: &Stand, destroy: bool) -> Result<usize, String> {
    let (mut project, aws) = stand.open().await.map_err(|error| format!("{error:?}"))?;
    if destroy {
        project.desired = plan::nothing(&project.desired);
    }
    let events = Printer::mute().listener();
    let snapshot = project.store.load().await.expect("a state");
    let state = plan::known(&project, snapshot, &aws, &events).await;
    let state = state.map_err(|error| format!("{error:?}"))?;
    let part = super::one_by_one();
    let made = plan::make(&project, &aws, state, &part, destroy, &events).await;
    made.map(|made| made.plan.calls())
        .map_err(|error| format!("{error:?}"))
}

/// `slp state rebuild`.
async fn loses_its_state(stand: &Stand) -> Result<(), String> {
    std::fs::remove_dir_all(stand.path(".slp/local/state")).expect("lost");
    let (project, aws) = stand.open().await.map_err(|error| format!("{error:?}"))?;
    let events = Printer::mute().listener();
    let rebuilt = rebuild(&project.desired, &project.scope, &aws, &events).await;
    let rebuilt = rebuilt.map_err(|error| format!("{error:?}"))?;
    if !rebuilt.left_out.is_empty() {
        return Err(format!("left out: {:?}", rebuilt.left_out));
    }
    let request = LockRequest {
        holder: Holder::this_process("test"),
        timeout: Duration::ZERO,
    };
    let session = project.store.lock(request, &events).await.expect("free");
    session.finish(rebuilt.state).await.expect("saved");
    Ok(())
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().expect("statements");
    let listed = statements.iter().flat_map(|s| s["Action"].as_array());
    let actions = listed.flatten().filter_map(Value::as_str);
    actions.map(str::to_owned).collect()
}

/// The same policy without an action, in whatever statement.
fn without(policy: &Value, action: &str) -> Value {
    let statements = policy["Statement"].as_array().expect("statements").iter();
    let kept = statements.filter_map(|statement| {
        let actions = statement["Action"].as_array().expect("actions").iter();
        let actions: Vec<&Value> = actions.filter(|one| *one != action).collect();
        let mut kept = statement.clone();
        kept["Action"] = json!(actions);
        (!actions.is_empty()).then_some(kept)
    });
    json!({ "Version": policy["Version"], "Statement": kept.collect::<Vec<_>>() })
}

#[tokio::test(start_paused = true)]
async fn hello_world_takes_what_is_printed_and_no_less() {
    let tried = HELLO_WORLD.is_least().await;
    assert!(tried > 40, "{tried}");
    eprintln!("{tried} actions of hello-world taken away, one at a time: each is missed");
}

#[tokio::test(start_paused = true)]
async fn every_kind_takes_what_is_printed_and_no_less() {
    let tried = EVERY_KIND.is_least().await;
    assert!(tried > 50, "{tried}");
    eprintln!("{tried} actions of every kind taken away, one at a time: each is missed");
}

#[tokio::test(start_paused = true)]
async fn a_plan_takes_what_is_printed_and_no_less() {
    let tried = HELLO_WORLD.is_least_to_look_at().await + EVERY_KIND.is_least_to_look_at().await;
    assert!(tried > 20, "{tried}");
    eprintln!("{tried} actions of plans taken away, one at a time: each is missed");
}

/// What one plan takes.
mod of_one_plan {
    use super::*;
    use crate::aws::rights::{document, of_plan};

    async fn policy(stand: &Stand) -> Value {
        let (project, aws) = stand.open().await.expect("it opens");
        let events = Printer::mute().listener();
        let snapshot = project.store.load().await.expect("a state");
        let state = plan::known(&project, snapshot, &aws, &events).await;
        let (state, part) = (state.expect("a state"), super::super::one_by_one());
        let made = plan::make(&project, &aws, state, &part, false, &events).await;
        let made = made.expect("a plan");
        let rights = of_plan(&project.desired, &made.plan, &project.scope);
        json!(document(&rights.expect("specs")))
    }

    async fn changed() -> Stand {
        let stand = (HELLO_WORLD.stand)();
        settles(&stand).await.expect("it applies");
        HELLO_WORLD.changes(&stand);
        stand
    }

    #[tokio::test(start_paused = true)]
    async fn it_takes_its_own_calls_and_what_reading_takes() {
        let new = policy(&(HELLO_WORLD.stand)()).await;
        let change = policy(&changed().await).await;
        let reading = actions(&HELLO_WORLD.policy(true).await);
        let mut tried = 0;
        for action in actions(&new).difference(&reading) {
            let stand = (HELLO_WORLD.stand)();
            enforce(&stand, &without(&new, action));
            let said = ends_well(&stand, false).await.expect_err(action);
            assert!(said.contains(action.as_str()), "without {action}: {said}");
            tried += 1;
        }
        for action in actions(&change).difference(&reading) {
            let stand = changed().await;
            enforce(&stand, &without(&change, action));
            let said = ends_well(&stand, false).await.expect_err(action);
            assert!(said.contains(action.as_str()), "without {action}: {said}");
            tried += 1;
        }
        assert!(tried > 20, "{tried}");
        eprintln!("{tried} actions of two plans taken away, one at a time: each is missed");
        let stand = (HELLO_WORLD.stand)();
        enforce(&stand, &new);
        assert_eq!(settles(&stand).await, Ok(()));
        HELLO_WORLD.changes(&stand);
        assert!(ends_well(&stand, false).await.is_err(), "it is of the other plan");
        let stand = changed().await;
        enforce(&stand, &change);
        assert_eq!(settles(&stand).await, Ok(()));
    }
}

/// The same for a state in a bucket of the same cloud.
mod in_a_bucket {
    use clap::Parser;

    use super::*;
    use crate::aws::Aws;
    use crate::aws::rights::{Part, document};
    use crate::cli::args::{Cli, Global};
    use crate::cli::open::{self, Project};
    use crate::cli::{apply, place};
    use crate::local::testing::rest;
    use crate::provider::{Caller, Provider};

    const PLACE: &str =
        "[state]\nbackend = \"s3\"\nbucket = \"states\"\n\n[role.basic-lambda-logging]";

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
        let part = super::super::one_by_one();
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
}
