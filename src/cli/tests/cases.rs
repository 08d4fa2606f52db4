//! Single faults of AWS's, each with the message that AWS gives. `tests/faults.md` lists them all.

use std::time::Duration;

use super::{Stand, make_role};
use crate::cli::printer::Printer;
use crate::local::testing::{query, rows};
use crate::local::{AwsError, Fault, Moment, Undone, What};
use crate::state::{Holder, LockRequest};

/// This answer to so many calls of an operation, from its first.
fn answers(operation: &str, error: AwsError, times: usize) -> Vec<Fault> {
    let fault = |call| Fault {
        call,
        operation: Some(operation.to_owned()),
        changing: true,
        moment: Moment::Before,
        what: What::Error(error.clone()),
    };
    (1..=times).map(fault).collect()
}

const FOREVER: usize = 500;

struct Case {
    operation: &'static str,
    status: u16,
    code: &'static str,
    message: &'static str,
}

impl Case {
    fn times(&self, times: usize) -> Vec<Fault> {
        let error = AwsError::new(self.status, self.code, self.message);
        answers(self.operation, error, times)
    }

    /// Comes right by itself: waited for, and done.
    async fn passes(&self) {
        let stand = with_principal().await;
        stand.cloud.faults().plan(self.times(3));
        let (ended, said) = stand.told(false).await;
        assert!(matches!(ended, Ok(0)), "{}: {said}", self.message);
        assert!(said.contains("6 created"), "{said}");
    }

    /// Never comes right: given up in time, named, and the rest is done.
    async fn is_given_up(&self, within: Duration, says: &[&str]) {
        let stand = with_principal().await;
        stand.cloud.faults().plan(self.times(FOREVER));
        let since = tokio::time::Instant::now();
        let (ended, said) = stand.told(false).await;
        assert!(matches!(ended, Ok(1)), "{}: {said}", self.message);
        assert!(since.elapsed() < within, "{:?}: {said}", since.elapsed());
        for part in says {
            assert!(said.contains(part), "no {part:?} in {said}");
        }
        assert!(stand.run(false).await.is_ok(), "{}", self.message);
    }
}

/// Hello-world, beside a role that somebody else made a moment ago.
async fn with_principal() -> Stand {
    let stand = Stand::of("hello-world");
    // As AWS does, of which this cloud stands in the place.
    let faults = stand.cloud.faults();
    faults.propagate_in(Duration::from_millis(1));
    make_role(&stand, "x").await;
    stand
}

const CANNOT_ASSUME: Case = Case {
    operation: "CreateFunction",
    status: 400,
    code: "InvalidParameterValueException",
    message: "The role defined for the function cannot be assumed by Lambda.",
};
const NO_GRANT: Case = Case {
    operation: "CreateFunction",
    status: 400,
    code: "InvalidParameterValueException",
    message: "Lambda was unable to configure access to your environment variables because the \
              KMS key is invalid for CreateGrant. Please check your KMS key settings.",
};
const NO_PRINCIPAL: Case = Case {
    operation: "CreateRole",
    status: 400,
    code: "MalformedPolicyDocument",
    message: "Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/x\"",
};
const BUSY: Case = Case {
    operation: "CreateStage",
    status: 409,
    code: "ConflictException",
    message: "Unable to complete operation due to concurrent modification. Please try again later.",
};
const QUOTA: Case = Case {
    operation: "CreateResource",
    status: 429,
    code: "LimitExceededException",
    message: "Maximum number of resources for this API has been reached.",
};
const SKEWED: Case = Case {
    operation: "CreateRole",
    status: 403,
    code: "RequestTimeTooSkewed",
    message: "The difference between the request time and the current time is too large.",
};

#[tokio::test(start_paused = true)]
async fn what_aws_does_not_see_yet_is_waited_for() {
    for case in [CANNOT_ASSUME, NO_GRANT, NO_PRINCIPAL, BUSY] {
        case.passes().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_aws_never_sees_is_given_up_and_named() {
    let soon = Duration::from_secs(135);
    let of_function = ["function.HelloWorld", "cannot be assumed"];
    CANNOT_ASSUME.is_given_up(soon, &of_function).await;
    let key = ["function.HelloWorld", "KMS key is invalid"];
    NO_GRANT.is_given_up(soon, &key).await;
    let principal = ["role.", "Invalid principal", "role/x"];
    NO_PRINCIPAL.is_given_up(soon * 3, &principal).await;
    let busy = ["api.hello-world.stage.test", "concurrent modification"];
    BUSY.is_given_up(soon, &busy).await;
}

#[tokio::test(start_paused = true)]
async fn what_waiting_does_not_mend_is_not_waited_for() {
    let at_once = Duration::from_secs(5);
    QUOTA
        .is_given_up(at_once, &["api.hello-world", "Maximum number of resources"])
        .await;
    SKEWED
        .is_given_up(at_once, &["role.", "request time"])
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_throttles_is_waited_out_as_long_as_aws_asks() {
    let stand = Stand::of("hello-world");
    let error = AwsError::new(429, "TooManyRequestsException", "Rate Exceeded.");
    let error = error.header("Retry-After", 5);
    stand
        .cloud
        .faults()
        .plan(answers("CreateFunction", error, 6));
    let since = tokio::time::Instant::now();
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    assert!(since.elapsed() >= Duration::from_secs(30), "{said}");
    assert!(
        said.contains("waiting for AWS to accept more calls"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_new_role_that_lambda_does_not_know_yet_is_waited_for() {
    let stand = Stand::of("hello-world");
    stand
        .cloud
        .faults()
        .propagate_in(Duration::from_millis(300));
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_policy_that_is_replaced_is_not_attached_to_a_role_that_leaves() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    let policy = "[policy.hello-world-invoke-lambda-policy]\n";
    stand.change("slp.toml", policy, &format!("{policy}path = \"/team/\"\n"));
    let role = "[role.hello-world-api-gateway-role]\n\
                trust = \"apigateway.amazonaws.com\"\n\
                attach = [\"hello-world-invoke-lambda-policy\"]\n";
    stand.change("slp.toml", role, "");
    let credentials = ", credentials = \"hello-world-api-gateway-role\"";
    stand.change("slp.toml", credentials, "");
    let since = tokio::time::Instant::now();
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    assert_eq!(since.elapsed(), Duration::ZERO, "{said}");
}

#[tokio::test(start_paused = true)]
async fn one_branch_that_fails_stops_only_what_needs_it() {
    let stand = Stand::of("hello-world");
    stand.cloud.faults().plan(QUOTA.times(FOREVER));
    let (_, said) = stand.told(false).await;
    assert!(
        said.contains("5 created") || said.contains("4 created"),
        "{said}"
    );
    assert!(
        said.contains("api.hello-world.stage.test  skipped"),
        "{said}"
    );
    assert!(said.contains("slp apply"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn after_a_failed_upload_only_the_code_is_left_to_do() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    stand.change("src/index.js", "Hello world", "Hello moon");
    stand.change("slp.toml", "code = \"src\"", "code = \"src\"\nmemory = 256");
    let refused = AwsError::new(400, "InvalidParameterValueException", "Could not unzip");
    stand
        .cloud
        .faults()
        .plan(answers("UpdateFunctionCode", refused, 1));
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(1)), "{said}");
    stand.cloud.faults().plan([]);
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    assert!(
        said.contains("1 AWS call") && !said.contains("memory"),
        "{said}"
    );
}

/// A change that Lambda accepts and does not carry out is told; the next run makes these calls.
async fn is_done_again(file: &str, from: &str, to: &str, calls: &[&str]) {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    stand.change(file, from, to);
    stand.cloud.faults().undo(Some(Undone {
        code: "SubnetOutOfIPAddresses".into(),
        reason: "the subnet has no address left".into(),
    }));
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(1)), "{said}");
    for part in [
        "the update failed",
        "no address left",
        "SubnetOutOfIPAddresses",
    ] {
        assert!(said.contains(part), "no {part:?} in {said}");
    }
    stand.cloud.faults().undo(None);
    stand.cloud.faults().plan([]);
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(0)), "{said}");
    let made = stand.cloud.faults().calls();
    let made: Vec<_> = made.iter().filter(|made| made.changing).collect();
    let made: Vec<_> = made.iter().map(|made| made.operation.as_str()).collect();
    assert_eq!(made, calls, "{said}");
    assert_eq!(stand.run(false).await.expect("it is idle"), 0);
}

#[tokio::test(start_paused = true)]
async fn what_lambda_accepts_and_does_not_carry_out_is_told_and_done_again() {
    let (from, to) = ("code = \"src\"", "code = \"src\"\nmemory = 256");
    is_done_again("slp.toml", from, to, &["UpdateFunctionConfiguration"]).await;
    let both = ["UpdateFunctionConfiguration", "UpdateFunctionCode"];
    is_done_again("src/index.js", "Hello world", "Hello moon", &both).await;
}

#[tokio::test(start_paused = true)]
async fn what_aws_echoes_of_a_secret_is_taken_out() {
    let stand = Stand::of_every_kind();
    let echo = "1 validation error: environment {TOKEN=open-sesame} is not valid";
    let error = AwsError::new(400, "ValidationException", echo);
    stand
        .cloud
        .faults()
        .plan(answers("CreateFunction", error, FOREVER));
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(1)), "{said}");
    assert!(said.contains("TOKEN=(secret)"), "{said}");
    assert!(!said.contains("open-sesame"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn what_a_terminal_would_obey_in_awss_text_is_taken_out() {
    let stand = Stand::of("hello-world");
    let message = "\u{1b}[2Jno such\r role\u{9b}31m \u{202e}elor";
    let error = AwsError::new(400, "ValidationException", message);
    stand
        .cloud
        .faults()
        .plan(answers("CreateFunction", error, FOREVER));
    let (ended, said) = stand.told(false).await;
    assert!(matches!(ended, Ok(1)), "{said}");
    assert!(said.contains("no such role"), "{said}");
    let obeyed = |c: &char| c.is_control() && *c != '\n' || *c == '\u{202e}';
    assert_eq!(said.chars().find(obeyed), None, "{said:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_state_of_every_kind_is_made_again() {
    let stand = Stand::of_every_kind();
    stand.run(false).await.expect("it applies");
    let before = stand.state().len();
    std::fs::remove_dir_all(stand.path(".slp/local/state")).expect("lost");
    let printer = Printer::mute();
    let (project, aws) = stand.open().await.expect("it opens");
    let events = printer.listener();
    let rebuilt = crate::apply::rebuild(&project.desired, &project.scope, &aws, &events).await;
    let rebuilt = rebuilt.expect("everything can be read");
    assert!(rebuilt.left_out.is_empty(), "{:?}", rebuilt.left_out);
    let request = LockRequest {
        holder: Holder::this_process("test"),
        timeout: Duration::ZERO,
    };
    let session = project.store.lock(request, &events).await.expect("free");
    session.finish(rebuilt.state).await.expect("saved");
    drop(session);
    assert_eq!(stand.state().len(), before);
    assert_eq!(stand.run(false).await.expect("it applies"), 0);
    stand.run(true).await.expect("it goes");
}

#[tokio::test(start_paused = true)]
async fn twenty_permissions_of_one_function_are_all_there() {
    let stand = Stand::of("hello-world");
    let mut manifest = std::fs::read_to_string(stand.path("slp.toml")).expect("the manifest");
    for n in 0..20 {
        manifest.push_str(&format!(
            "\n[function.HelloWorld.permission.p{n}]\nprincipal = \"s3.amazonaws.com\"\n\
             source_arn = \"arn:aws:s3:::b{n}\"\n"
        ));
    }
    std::fs::write(stand.path("slp.toml"), manifest).expect("written");
    stand.run(false).await.expect("it applies");
    let rows = rows(&stand.cloud).join("\n");
    for n in 0..20 {
        assert!(rows.contains(&format!("arn:aws:s3:::b{n}\"")), "{n}");
    }
    assert_eq!(stand.run(false).await.expect("it applies"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_policy_of_five_versions_takes_a_sixth() {
    let stand = Stand::of_every_kind();
    stand.run(false).await.expect("it applies");
    let mut last = "s3:*".to_owned();
    for n in 0..7 {
        let next = format!("s3:Get{n}*");
        let actions = |action: &str| format!("actions = [\"{action}\"]");
        stand.change("slp.toml", &actions(&last), &actions(&next));
        let (ended, said) = stand.told(false).await;
        assert!(matches!(ended, Ok(0)), "{said}");
        last = next;
    }
    let rows = rows(&stand.cloud).join("\n");
    assert!(rows.contains("s3:Get6*") && !rows.contains("s3:Get0*"));
}

#[tokio::test(start_paused = true)]
async fn a_role_that_is_made_anew_is_given_to_its_function_again() {
    let stand = Stand::of("hello-world");
    stand.run(false).await.expect("it applies");
    let role = ("RoleName", "basic-lambda-logging");
    let basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    let version = ("Version", "2010-05-08");
    let detach = [
        ("Action", "DetachRolePolicy"),
        version,
        role,
        ("PolicyArn", basic),
    ];
    let delete = [("Action", "DeleteRole"), version, role];
    assert_eq!(query(&stand.cloud, "iam", &detach).await.0, 200);
    assert_eq!(query(&stand.cloud, "iam", &delete).await.0, 200);
    stand.run(false).await.expect("it applies");
    let calls = stand.cloud.faults().calls().into_iter();
    let changing = calls.filter(|call| call.changing);
    let names: Vec<String> = changing.map(|call| call.operation).collect();
    let update = names
        .iter()
        .position(|name| name == "UpdateFunctionConfiguration");
    let create = names.iter().position(|name| name == "CreateRole");
    assert!(create < update && create.is_some(), "{names:?}");
    assert_eq!(stand.run(false).await.expect("it applies"), 0);
}
