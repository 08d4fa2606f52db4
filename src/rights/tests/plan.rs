use serde_json::{Value, json};

use super::world::{World, allow, deny, permission, role};
use crate::rights::{Read, unknown};

const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const THEIRS: &str = "arn:aws:iam::111122223333:policy/theirs";
const OWN: &str = "arn:aws:iam::111122223333:policy/own";

#[test]
fn a_role_gains_what_an_attached_policy_of_aws_allows() {
    let world = World::default()
        .stays("role.x", "x", role(&[], json!({})))
        .becomes("role.x", "update", role(&[BASIC], json!({})));
    assert_eq!(unknown(&world.sides()), [].into());
    assert_eq!(
        world.told(&Read::new()),
        ["role.x +logs:CreateLogGroup, logs:CreateLogStream, logs:PutLogEvents on *"]
    );
}

#[test]
fn from_inline_to_attached_is_no_change_and_a_policy_of_no_role_is_told_by_itself() {
    let world = World::default()
        .stays(
            "role.x",
            "x",
            role(&[], json!({"slp": allow("s3:GetObject", "a")})),
        )
        .becomes("role.x", "update", role(&[OWN], json!({})))
        .stays(
            "policy.own",
            OWN,
            json!({"document": allow("s3:GetObject", "a")}),
        )
        .becomes(
            "policy.free",
            "create",
            json!({"document": allow("sqs:*", "q")}),
        );
    assert_eq!(world.told(&Read::new()), ["policy.free +sqs:* on q"]);
}

#[test]
fn a_role_that_stays_gains_by_its_policy() {
    let world = World::default()
        .stays("role.x", "x", role(&[OWN], json!({})))
        .stays(
            "role.y",
            "y",
            role(&[OWN], json!({"slp": allow("s3:*", "*")})),
        )
        .stays(
            "policy.own",
            OWN,
            json!({"document": allow("s3:GetObject", "a")}),
        )
        .becomes(
            "policy.own",
            "update",
            json!({"document": allow("s3:*", "a")}),
        );
    assert_eq!(
        world.told(&Read::new()),
        ["role.x +s3:* (but not s3:GetObject) on a"]
    );
    assert_eq!(
        world.widening(),
        ["role.x gains s3:* (but not s3:GetObject) on a"]
    );
}

#[test]
fn a_new_role_names_a_policy_that_is_not_there_yet() {
    let hole = json!({"$template": [{"ref": "policy.own", "output": "arn"}]});
    let mut spec = role(&[], json!({}));
    spec["attach"] = json!([hole]);
    let world = World::default()
        .becomes(
            "policy.own",
            "create",
            json!({"document": allow("s3:GetObject", "a")}),
        )
        .becomes("role.x", "create", spec);
    assert_eq!(
        world.told(&Read::new()),
        [
            "role.x +s3:GetObject on a",
            "role.x +lambda.amazonaws.com may sts:AssumeRole"
        ]
    );
    assert_eq!(world.widening(), Vec::<String>::new());
}

#[test]
fn what_only_aws_knows_is_asked_for_and_told_if_it_cannot_be_read() {
    let world = World::default()
        .stays("role.x", "x", role(&[], json!({})))
        .becomes("role.x", "update", role(&[THEIRS], json!({})));
    assert_eq!(unknown(&world.sides()), [THEIRS.to_owned()].into());
    let read = Read::from([(THEIRS.to_owned(), Some(allow("sqs:*", "q")))]);
    assert_eq!(world.told(&read), ["role.x +sqs:* on q"]);
    let unread = Read::from([(THEIRS.to_owned(), None)]);
    let note = format!("what {THEIRS} allows could not be read");
    assert_eq!(world.told(&unread), [format!("role.x ?{note}")]);
    assert_eq!(world.widening(), [format!("role.x may gain more: {note}")]);
}

#[test]
fn what_stays_is_asked_for_only_where_it_can_hide_something() {
    let had = role(&[THEIRS], json!({"no": deny("sqs:*")}));
    let world = World::default()
        .stays("role.x", "x", had.clone())
        .noted("role.x", json!({"other_inline": ["byhand"]}));
    let more = role(
        &[THEIRS],
        json!({"no": deny("sqs:*"), "slp": allow("s3:*", "a")}),
    );
    let world = world.becomes("role.x", "update", more);
    assert_eq!(unknown(&world.sides()), [].into());
    assert_eq!(world.told(&Read::new()), ["role.x +s3:* on a"]);

    let world = World::default()
        .stays("role.x", "x", had)
        .noted("role.x", json!({"other_inline": ["byhand"]}))
        .becomes("role.x", "update", role(&[THEIRS], json!({})));
    assert_eq!(unknown(&world.sides()), [THEIRS.to_owned()].into());
    let read = Read::from([(THEIRS.to_owned(), Some(allow("sqs:SendMessage", "q")))]);
    assert_eq!(
        world.told(&read),
        [
            "role.x +sqs:SendMessage on q",
            "role.x ?what its inline policy byhand allows was not read"
        ]
    );
}

#[test]
fn a_boundary_is_read_where_rights_change() {
    let mut had = role(&[], json!({}));
    had["boundary"] = THEIRS.into();
    let mut has = role(&[], json!({"slp": allow("*", "*")}));
    has["boundary"] = THEIRS.into();
    let world = World::default()
        .stays("role.x", "x", had)
        .becomes("role.x", "update", has);
    assert_eq!(unknown(&world.sides()), [THEIRS.to_owned()].into());
    let read = Read::from([(THEIRS.to_owned(), Some(allow("s3:Get*", "*")))]);
    assert_eq!(world.told(&read), ["role.x +s3:Get* on *"]);
}

#[test]
fn what_goes_is_not_told() {
    let world = World::default()
        .stays("role.x", "x", role(&[BASIC], json!({})))
        .becomes("role.x", "delete", Value::Null);
    assert_eq!(world.told(&Read::new()), Vec::<String>::new());
}

#[test]
fn a_functions_permissions_are_one_policy() {
    let gateway = permission(
        "apigateway.amazonaws.com",
        Some("arn:aws:execute-api:::a1/*"),
    );
    let mut live = permission("s3.amazonaws.com", None);
    live["alias"] = "live".into();
    let world = World::default()
        .stays(
            "function.f",
            "f",
            json!({"foreign_permissions": ["byhand"]}),
        )
        .stays("function.f.permission.api", "f/s", gateway.clone())
        .stays(
            "function.f.permission.old",
            "f/s",
            permission("111122223333", None),
        )
        .becomes("function.f", "update", json!({"foreign_permissions": []}))
        .becomes(
            "function.f.permission.api",
            "update",
            permission("apigateway.amazonaws.com", None),
        )
        .becomes("function.f.permission.old", "delete", Value::Null)
        .becomes("function.f.permission.live", "create", live)
        // Made anew with its parent: nothing changes.
        .stays("function.g", "g", json!({}))
        .stays("function.g.permission.api", "g/s", gateway.clone())
        .becomes("function.g.permission.api", "create", gateway);
    assert_eq!(
        world.told(&Read::new()),
        [
            "function.f +apigateway.amazonaws.com may lambda:InvokeFunction unless ArnLike \
             aws:SourceArn = arn:aws:execute-api:::a1/*",
            "function.f -111122223333 may lambda:InvokeFunction",
            "function.f ?whom the permission byhand, which goes, let in",
            "function.f.alias.live +s3.amazonaws.com may lambda:InvokeFunction",
        ]
    );
}

fn api(policy: Value) -> Value {
    json!({"endpoint": "regional", "policy": policy, "routes": {}})
}

fn to(who: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": who, "Action": "execute-api:Invoke", "Resource": "*"}]})
}

#[test]
fn an_api_without_a_policy_lets_everyone_in() {
    let account = to(json!({"AWS": "444455556666"}));
    let told = |before: Value, after: Value| {
        let world = World::default().stays("api.a", "a1", api(before)).becomes(
            "api.a",
            "update",
            api(after),
        );
        world.told(&Read::new())
    };
    assert_eq!(told(Value::Null, to(json!("*"))), Vec::<String>::new());
    assert_eq!(
        told(to(json!({"AWS": "444455556666"})), Value::Null),
        ["api.a +* (but not 444455556666) may execute-api:Invoke on execute-api:/*"]
    );
    // Another account's callers must be named even where everyone may come in.
    assert_eq!(
        told(Value::Null, account),
        [
            "api.a +444455556666 may execute-api:Invoke on execute-api:/*",
            "api.a -* (but not 444455556666) may execute-api:Invoke on execute-api:/*"
        ]
    );
    let new = World::default().becomes("api.a", "create", api(Value::Null));
    assert_eq!(new.told(&Read::new()), Vec::<String>::new());
}

#[test]
fn a_function_that_runs_with_another_role_gains_what_that_may() {
    let weak = role(&[], json!({"own": allow("s3:GetObject", "a")}));
    let strong = role(&[], json!({"own": allow("s3:*", "a")}));
    let arn = |name: &str| json!({"role": format!("arn:aws:iam::111122223333:role/{name}")});
    let before = |strong: Option<&Value>| {
        let world = World::default()
            .stays("role.weak", "weak", weak.clone())
            .stays("function.f", "f", arn("weak"));
        match strong {
            Some(strong) => world.stays("role.strong", "strong", strong.clone()),
            None => world,
        }
    };
    let moved = before(Some(&strong)).becomes("function.f", "update", arn("strong"));
    let gains = ["function.f +s3:* (but not s3:GetObject) on a"];
    assert_eq!(moved.told(&Read::new()), gains);
    assert_eq!(
        moved.widening(),
        ["function.f gains s3:* (but not s3:GetObject) on a"]
    );
    // The same where the role is new, and named by a hole.
    let hole = json!({"role": {"$template": [{"ref": "role.strong", "output": "arn"}]}});
    let new = before(None)
        .becomes("role.strong", "create", strong)
        .becomes("function.f", "update", hole);
    assert!(new.told(&Read::new()).contains(&gains[0].to_owned()));
    // Of a stranger nobody here knows what it may.
    let foreign = before(None).becomes("function.f", "update", arn("theirs"));
    assert!(
        foreign.widening()[0].starts_with("function.f may gain more: it runs with"),
        "{:?}",
        foreign.widening()
    );
    let same = before(None).becomes("function.f", "update", arn("weak"));
    assert_eq!(same.told(&Read::new()), Vec::<String>::new());
}

#[test]
fn a_policy_for_all_lets_signed_callers_of_other_accounts_in() {
    let api = |auth: &str, policy: Value| json!({"endpoint": "regional", "policy": policy, "routes": {"GET /": {"auth": auth}}});
    let all = json!({"Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": ["execute-api:Invoke"], "Resource": ["execute-api:/*"]}]});
    let told = |auth: &str| {
        let world = World::default()
            .stays("api.x", "x", api(auth, Value::Null))
            .becomes("api.x", "update", api(auth, all.clone()));
        world.told(&Read::new()).len()
    };
    assert_eq!((told("NONE"), told("AWS_IAM")), (0, 1));
}
