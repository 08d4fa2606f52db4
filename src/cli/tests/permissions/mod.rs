//! The policy that `slp permissions` prints is enough, and nothing in it is too much: an embedded
//! cloud enforces it over a manifest's whole life, and without any one of its actions some part of
//! that life fails. What a request asks of IAM the cloud reads from the request by itself.

mod cases;
mod in_a_bucket;
mod of_one_plan;

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use cases::{EVERY_KIND, HELLO_WORLD};

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

impl Case {
    async fn policy(&self, only_plan: bool) -> Value {
        printed(&(self.stand)(), only_plan).await
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

/// What `slp permissions` prints.
async fn printed(stand: &Stand, only_plan: bool) -> Value {
    let printer = Printer::mute();
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

/// What a function is given that the embedded cloud has not: keys, layers, networks.
#[tokio::test]
async fn what_a_function_is_given_takes_rights_on_it() {
    let stand = cases::placed(Stand::of("hello-world"));
    stand.change(
        "slp.toml",
        "code = \"src\"",
        "s3 = { bucket = \"code\", key = \"a/b.zip\" }\n\
         layers = [\"arn:aws:lambda:us-east-1:444455556666:layer:x:3\"]\n\
         kms_key = \"arn:aws:kms:us-east-1:000000000000:key/1234\"\n\
         vpc = { subnets = [\"subnet-1\"], security_groups = [\"sg-1\"] }\n\
         exclusive = true",
    );
    let policy = printed(&stand, false).await;
    let statements = policy["Statement"].as_array().expect("statements");
    let allows = |action: &str, resource: &str| {
        let holds =
            |list: &Value, what: &str| list.as_array().is_some_and(|l| l.contains(&json!(what)));
        let mut statements = statements.iter();
        statements.any(|s| holds(&s["Action"], action) && holds(&s["Resource"], resource))
    };
    for (action, resource) in [
        ("s3:GetObject", "arn:aws:s3:::code/a/b.zip"),
        (
            "lambda:GetLayerVersion",
            "arn:aws:lambda:us-east-1:444455556666:layer:x:3",
        ),
        (
            "kms:CreateGrant",
            "arn:aws:kms:us-east-1:000000000000:key/1234",
        ),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:000000000000:key/1234"),
        ("ec2:DescribeSubnets", "*"),
        (
            "lambda:RemovePermission",
            "arn:aws:lambda:us-east-1:000000000000:function:HelloWorld",
        ),
    ] {
        assert!(
            allows(action, resource),
            "{action} on {resource} in {policy:#}"
        );
    }
    assert!(!actions(&policy).contains("s3:GetObjectVersion"));
}
