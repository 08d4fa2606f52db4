//! IAM through its wire protocol.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::ask::Unassumable;
use super::{Caller, Context, Request, allowed, assumable, permits};
use crate::local::testing::{URL, cloud, query};
use crate::local::turn::Turn;
use crate::local::{Cloud, Place};

const LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const ANY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";

async fn call(cloud: &Arc<Cloud>, action: &str, parameters: &[(&str, &str)]) -> (u16, String) {
    let mut all = vec![("Action", action), ("Version", "2010-05-08")];
    all.extend_from_slice(parameters);
    query(cloud, "iam", &all).await
}

async fn done(cloud: &Arc<Cloud>, action: &str, parameters: &[(&str, &str)]) -> String {
    let (status, xml) = call(cloud, action, parameters).await;
    assert_eq!(status, 200, "{action}: {xml}");
    xml
}

async fn refused(cloud: &Arc<Cloud>, action: &str, parameters: &[(&str, &str)]) -> String {
    let (status, xml) = call(cloud, action, parameters).await;
    assert_ne!(status, 200, "{action}: {xml}");
    let part = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>")).expect(name);
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    let message = part("Message")
        .replace("&quot;", "\"")
        .replace("&apos;", "'");
    format!("{status} {}: {message}", part("Code"))
}

async fn role(cloud: &Arc<Cloud>, name: &str, trust: &str) -> String {
    let parameters = [("RoleName", name), ("AssumeRolePolicyDocument", trust)];
    done(cloud, "CreateRole", &parameters).await
}

fn element<'x>(xml: &'x str, name: &str) -> &'x str {
    let (_, rest) = xml.split_once(&format!("<{name}>")).expect(name);
    rest.split('<').next().expect("text")
}

fn look<T>(cloud: &Cloud, step: impl FnOnce(&mut Turn<'_>) -> T) -> T {
    let place = Place {
        region: "us-east-1".into(),
        url: URL.into(),
    };
    cloud.turn(place, |turn| Ok(step(turn))).expect("a look")
}

#[tokio::test]
async fn a_role_has_ids_defaults_and_an_encoded_document() {
    let cloud = cloud();
    let xml = role(&cloud, "Worker", LAMBDA).await;
    assert!(element(&xml, "RoleId").starts_with("AROA"), "{xml}");
    assert_eq!(element(&xml, "RoleId").len(), 21);
    assert_eq!(
        element(&xml, "Arn"),
        "arn:aws:iam::000000000000:role/Worker"
    );
    assert!(element(&xml, "AssumeRolePolicyDocument").starts_with("%7B%22Version%22"));
    assert!(!xml.contains("MaxSessionDuration"), "{xml}");
    let xml = done(&cloud, "GetRole", &[("RoleName", "worker")]).await;
    assert_eq!(element(&xml, "MaxSessionDuration"), "3600");
    assert_eq!(element(&xml, "RoleName"), "Worker");
}

#[tokio::test]
async fn names_paths_numbers_and_tags_are_checked() {
    let cloud = cloud();
    role(&cloud, "a", LAMBDA).await;
    let long = "x".repeat(65);
    let base = ("AssumeRolePolicyDocument", LAMBDA);
    for (more, expected) in [
        (
            vec![],
            "400 ValidationError: 1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
        ),
        (
            vec![("RoleName", "a b")],
            "400 ValidationError: The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
        ),
        (
            vec![("RoleName", "A")],
            "409 EntityAlreadyExists: Role with name A already exists.",
        ),
        (
            vec![("RoleName", "b"), ("Path", "x/")],
            "400 ValidationError: The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ),
        (
            vec![("RoleName", "b"), ("MaxSessionDuration", "60")],
            "400 ValidationError: 1 validation error detected: Value '60' at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600",
        ),
        (
            vec![
                ("RoleName", "b"),
                (
                    "PermissionsBoundary",
                    "arn:aws:iam::aws:policy/NoSuchPolicy",
                ),
            ],
            "404 NoSuchEntity: Policy arn:aws:iam::aws:policy/NoSuchPolicy does not exist or is not attachable.",
        ),
        (
            vec![
                ("RoleName", "b"),
                ("Tags.member.1.Key", "k"),
                ("Tags.member.1.Value", "v"),
                ("Tags.member.2.Key", "K"),
                ("Tags.member.2.Value", "v"),
            ],
            "400 InvalidInput: Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ),
    ] {
        let mut parameters = vec![base];
        parameters.extend(more);
        assert_eq!(refused(&cloud, "CreateRole", &parameters).await, expected);
    }
    let told = refused(&cloud, "GetRole", &[("RoleName", &long)]).await;
    assert!(
        told.ends_with("Member must have length less than or equal to 64"),
        "{told}"
    );
}

#[tokio::test]
async fn trust_policies_are_checked() {
    let cloud = cloud();
    let of = |principal: serde_json::Value, action: &str| {
        json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": action, "Principal": principal}]})
        .to_string()
    };
    let lambda = json!({"Service": "lambda.amazonaws.com"});
    for (trust, expected) in [
        ("{".to_owned(), "This policy contains invalid Json"),
        (
            r#"{"Version":"2012-10-17","Statement":[]}"#.to_owned(),
            "Could not parse the policy: Statement is empty!",
        ),
        (ANY.to_owned(), "Has prohibited field Resource"),
        (
            of(json!({}), "sts:AssumeRole"),
            "Missing required field Principal",
        ),
        (
            of(lambda.clone(), "s3:GetObject"),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            of(json!({"Service": "lamda.amazonaws.com"}), "sts:AssumeRole"),
            "Invalid principal in policy: \"SERVICE\":\"lamda.amazonaws.com\"",
        ),
        (
            of(
                json!({"AWS": "arn:aws:iam::000000000000:role/none"}),
                "sts:AssumeRole",
            ),
            "Invalid principal in policy: \"AWS\":\"arn:aws:iam::000000000000:role/none\"",
        ),
        (
            of(lambda.clone(), "sts:AssumeRole").replace("Allow", "Perhaps"),
            "Syntax errors in policy.",
        ),
    ] {
        let parameters = [
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", trust.as_str()),
        ];
        let told = refused(&cloud, "CreateRole", &parameters).await;
        assert_eq!(told, format!("400 MalformedPolicyDocument: {expected}"));
    }
    let large = of(json!({"AWS": vec!["123456789012"; 200]}), "sts:AssumeRole");
    let parameters = [
        ("RoleName", "r"),
        ("AssumeRolePolicyDocument", large.as_str()),
    ];
    let told = refused(&cloud, "CreateRole", &parameters).await;
    assert_eq!(
        told,
        "409 LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048"
    );
}

#[tokio::test]
async fn policies_of_holders_are_checked() {
    let cloud = cloud();
    let with = |key: &str, value: serde_json::Value| {
        let mut statement = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
        statement[key] = value;
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    for (document, expected) in [
        ("x".to_owned(), "Syntax errors in policy."),
        (
            with("Principal", json!("*")),
            "Policy document should not specify a principal.",
        ),
        (
            with("Action", json!("GetObject")),
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ),
        (
            with("Action", json!([])),
            "Policy statement must contain actions.",
        ),
        (
            with("Resource", json!([])),
            "Policy statement must contain resources.",
        ),
        (
            with("Resource", json!("bucket")),
            "Resource bucket must be in ARN format or \"*\".",
        ),
        (
            with("Resource", json!("arn:aws:iam:us-east-1::role/x")),
            "IAM resource arn:aws:iam:us-east-1::role/x cannot contain region information.",
        ),
        (
            with("Sid", json!("a-b")),
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ),
        (
            with("Condition", json!({"StringSounds": {"k": "v"}})),
            "Syntax errors in policy.",
        ),
    ] {
        let parameters = [("PolicyName", "p"), ("PolicyDocument", document.as_str())];
        let told = refused(&cloud, "CreatePolicy", &parameters).await;
        assert_eq!(told, format!("400 MalformedPolicyDocument: {expected}"));
    }
    let large = with(
        "Resource",
        json!(vec![format!("arn:aws:s3:::{}", "x".repeat(200)); 31]),
    );
    let parameters = [("PolicyName", "p"), ("PolicyDocument", large.as_str())];
    let told = refused(&cloud, "CreatePolicy", &parameters).await;
    assert_eq!(
        told,
        "409 LimitExceeded: Cannot exceed quota for PolicySize: 6144"
    );
}

#[tokio::test]
async fn what_is_in_use_stays() {
    let cloud = cloud();
    role(&cloud, "r", LAMBDA).await;
    let xml = done(
        &cloud,
        "CreatePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", ANY)],
    )
    .await;
    let arn = element(&xml, "Arn").to_owned();
    let both = [("RoleName", "r"), ("PolicyArn", arn.as_str())];
    done(&cloud, "AttachRolePolicy", &both).await;
    let name = [("RoleName", "r")];
    let policy = [("PolicyArn", arn.as_str())];
    assert_eq!(
        refused(&cloud, "DeleteRole", &name).await,
        "409 DeleteConflict: Cannot delete entity, must detach all policies first."
    );
    assert_eq!(
        refused(&cloud, "DeletePolicy", &policy).await,
        "409 DeleteConflict: Cannot delete a policy attached to entities."
    );
    let xml = done(&cloud, "ListEntitiesForPolicy", &policy).await;
    assert_eq!(element(&xml, "RoleName"), "r");
    done(&cloud, "DetachRolePolicy", &both).await;
    assert!(
        refused(&cloud, "DetachRolePolicy", &both)
            .await
            .starts_with("404 NoSuchEntity")
    );
    let inline = [
        ("RoleName", "r"),
        ("PolicyName", "i"),
        ("PolicyDocument", ANY),
    ];
    done(&cloud, "PutRolePolicy", &inline).await;
    assert_eq!(
        refused(&cloud, "DeleteRole", &name).await,
        "409 DeleteConflict: Cannot delete entity, must delete policies first."
    );
    done(&cloud, "DeleteRolePolicy", &inline[..2]).await;
    done(&cloud, "DeleteRole", &name).await;
    done(&cloud, "DeletePolicy", &policy).await;
    assert_eq!(
        refused(&cloud, "GetRole", &name).await,
        "404 NoSuchEntity: The role with name r cannot be found."
    );
}

#[tokio::test]
async fn five_versions_and_one_counts() {
    let cloud = cloud();
    let xml = done(
        &cloud,
        "CreatePolicy",
        &[("PolicyName", "p"), ("PolicyDocument", ANY)],
    )
    .await;
    let arn = element(&xml, "Arn").to_owned();
    let new = [
        ("PolicyArn", arn.as_str()),
        ("PolicyDocument", ANY),
        ("SetAsDefault", "true"),
    ];
    for number in 2..=5 {
        let xml = done(&cloud, "CreatePolicyVersion", &new).await;
        assert_eq!(element(&xml, "VersionId"), format!("v{number}"));
    }
    let told = refused(&cloud, "CreatePolicyVersion", &new).await;
    assert!(
        told.starts_with("409 LimitExceeded: A managed policy can have up to 5"),
        "{told}"
    );
    let version = |id| [("PolicyArn", arn.as_str()), ("VersionId", id)];
    assert_eq!(
        refused(&cloud, "DeletePolicyVersion", &version("v5")).await,
        "409 DeleteConflict: Cannot delete the default version of a policy."
    );
    done(&cloud, "DeletePolicyVersion", &version("v1")).await;
    let xml = done(&cloud, "CreatePolicyVersion", &new[..2]).await;
    assert_eq!(
        element(&xml, "VersionId"),
        "v6",
        "a number is never used again"
    );
    let told = refused(&cloud, "DeletePolicy", &new[..1]).await;
    assert!(told.contains("has more than one version"), "{told}");
    let xml = done(&cloud, "GetPolicy", &new[..1]).await;
    assert_eq!(element(&xml, "DefaultVersionId"), "v5");
}

#[tokio::test]
async fn ten_policies_a_role() {
    let cloud = cloud();
    role(&cloud, "r", LAMBDA).await;
    for number in 0..11 {
        let name = format!("p{number}");
        let xml = done(
            &cloud,
            "CreatePolicy",
            &[("PolicyName", &name), ("PolicyDocument", ANY)],
        )
        .await;
        let both = [("RoleName", "r"), ("PolicyArn", element(&xml, "Arn"))];
        match number {
            10 => assert_eq!(
                refused(&cloud, "AttachRolePolicy", &both).await,
                "409 LimitExceeded: Cannot exceed quota for PoliciesPerRole: 10"
            ),
            _ => drop(done(&cloud, "AttachRolePolicy", &both).await),
        }
    }
}

#[tokio::test]
async fn lists_have_pages() {
    let cloud = cloud();
    for name in ["c", "a", "b"] {
        role(&cloud, name, LAMBDA).await;
    }
    let xml = done(&cloud, "ListRoles", &[("MaxItems", "2")]).await;
    assert_eq!(element(&xml, "IsTruncated"), "true");
    assert!(
        xml.contains("<RoleName>a<") && xml.contains("<RoleName>b<"),
        "{xml}"
    );
    let marker = element(&xml, "Marker");
    let xml = done(
        &cloud,
        "ListRoles",
        &[("MaxItems", "2"), ("Marker", marker)],
    )
    .await;
    assert_eq!(
        (element(&xml, "IsTruncated"), element(&xml, "RoleName")),
        ("false", "c")
    );
    let xml = done(
        &cloud,
        "GetAccountAuthorizationDetails",
        &[("Filter.member.1", "Role")],
    )
    .await;
    assert_eq!(xml.matches("<RoleName>").count(), 3);
    assert!(xml.contains("<Policies></Policies>"), "{xml}");
}

#[tokio::test]
async fn a_trust_remembers_the_role_not_its_name() {
    let cloud = cloud();
    let xml = role(&cloud, "caller", LAMBDA).await;
    let id = element(&xml, "RoleId").to_owned();
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Action": "sts:AssumeRole", "Principal": {"AWS": element(&xml, "Arn")}}]})
    .to_string();
    let xml = role(&cloud, "target", &trust).await;
    assert!(
        element(&xml, "AssumeRolePolicyDocument").contains("role%2Fcaller"),
        "{xml}"
    );
    done(&cloud, "DeleteRole", &[("RoleName", "caller")]).await;
    role(&cloud, "caller", LAMBDA).await;
    let xml = done(&cloud, "GetRole", &[("RoleName", "target")]).await;
    let shown = element(&xml, "AssumeRolePolicyDocument");
    assert!(
        shown.contains(&id) && !shown.contains("role%2Fcaller"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_new_role_spreads_only_in_time() {
    let cloud = cloud();
    cloud.faults().propagate_in(Duration::from_secs(3600));
    let arn = element(&role(&cloud, "r", LAMBDA).await, "Arn").to_owned();
    let may = || {
        look(&cloud, |turn| {
            assumable(turn, &arn, "lambda.amazonaws.com", &Context::new())
        })
    };
    assert_eq!(may(), Err(Unassumable::New));
    let trust = LAMBDA.replace(
        r#""Service":"lambda.amazonaws.com""#,
        &format!(r#""AWS":"{arn}""#),
    );
    let parameters = [
        ("RoleName", "s"),
        ("AssumeRolePolicyDocument", trust.as_str()),
    ];
    let told = refused(&cloud, "CreateRole", &parameters).await;
    assert!(told.contains("Invalid principal in policy"), "{told}");
    cloud.faults().propagate_in(Duration::ZERO);
    assert_eq!(may(), Ok(()));
    done(&cloud, "CreateRole", &parameters).await;
}

#[tokio::test]
async fn who_may_assume_and_what_it_may() {
    let cloud = cloud();
    let arn = element(&role(&cloud, "r", LAMBDA).await, "Arn").to_owned();
    let none = Context::new();
    look(&cloud, |turn| {
        assert_eq!(assumable(turn, &arn, "lambda.amazonaws.com", &none), Ok(()));
        assert!(assumable(turn, &arn, "apigateway.amazonaws.com", &none).is_err());
        let other = format!("{arn}x");
        assert_eq!(
            assumable(turn, &other, "lambda.amazonaws.com", &none),
            Err(Unassumable::Missing)
        );
    });
    let may = |action: &str| look(&cloud, |turn| allowed(turn, &arn, action, "*", &none));
    assert!(!may("logs:PutLogEvents"));
    done(
        &cloud,
        "AttachRolePolicy",
        &[("RoleName", "r"), ("PolicyArn", BASIC)],
    )
    .await;
    done(
        &cloud,
        "PutRolePolicy",
        &[
            ("RoleName", "r"),
            ("PolicyName", "i"),
            ("PolicyDocument", ANY),
        ],
    )
    .await;
    assert!(may("logs:PutLogEvents") && may("s3:GetObject") && !may("sqs:SendMessage"));
    let boundary = [("RoleName", "r"), ("PermissionsBoundary", BASIC)];
    done(&cloud, "PutRolePermissionsBoundary", &boundary).await;
    assert!(
        may("logs:PutLogEvents") && !may("s3:GetObject"),
        "the boundary bounds"
    );
}

#[tokio::test]
async fn a_service_works_for_this_account() {
    let cloud = cloud();
    for (account, fits) in [("000000000000", true), ("111122223333", false)] {
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
            "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"},
            "Condition": {"StringEquals": {"aws:SourceAccount": account}}}]});
        let arn = element(&role(&cloud, account, &trust.to_string()).await, "Arn").to_owned();
        let may = look(&cloud, |turn| {
            assumable(turn, &arn, "lambda.amazonaws.com", &Context::new()).is_ok()
        });
        assert_eq!(may, fits, "{account}");
    }
}

#[test]
fn a_document_that_is_none_permits_nothing() {
    let context = Context::new();
    let request = Request {
        action: "lambda:InvokeFunction",
        resource: "f",
        context: &context,
    };
    assert!(!permits("nonsense", Caller::Service("s3.amazonaws.com"), request).allowed());
}

#[tokio::test]
async fn users_are_refused_by_name() {
    let (status, xml) = call(&cloud(), "CreateUser", &[("UserName", "u")]).await;
    assert_eq!(status, 501);
    assert!(xml.contains("does not emulate iam:CreateUser"), "{xml}");
}
