//! Statements as people write them and as AWS answers them, without AWS.

use serde_json::json;

use super::decl::{Decl, lower};
use super::{Place, policy};
use crate::resolve::Strength;
use crate::resolve::bench::Bench;

fn bench() -> Bench {
    let mut bench = Bench::new(crate::aws::kinds());
    bench.knows(
        "function.X",
        &[
            ("arn", "arn:aws:lambda:eu-central-1:1:function:the-x"),
            ("name", "the-x"),
        ],
    );
    bench.knows("function.X.alias.live", &[]);
    bench
}

fn place(alias: Option<&str>) -> Place {
    Place {
        function: "the-x".into(),
        alias: alias.map(str::to_owned),
        sid: "bucket".into(),
    }
}

#[test]
fn what_is_written_equals_what_aws_answers() {
    let block = r#"
        principal = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::assets"
        source_account = "604370441254"
        alias = "live"
    "#;
    let (wanted, gathered) =
        bench().lower("function.X.permission.bucket", block, |decl: &Decl, ctx| {
            lower(decl, ctx)
        });
    assert_eq!(gathered.problems, []);
    assert_eq!(
        gathered.needs.get("function.X.alias.live"),
        Some(&Strength::Hard)
    );
    let statement = json!({
        "Sid": "bucket",
        "Effect": "Allow",
        "Principal": { "Service": "s3.amazonaws.com" },
        "Action": "lambda:InvokeFunction",
        "Resource": "arn:aws:lambda:eu-central-1:1:function:the-x:live",
        "Condition": {
            "StringEquals": { "AWS:SourceAccount": "604370441254" },
            "ArnLike": { "AWS:SourceArn": "arn:aws:s3:::assets" }
        }
    });
    let live = policy::spec(&place(Some("live")), &statement, &bench().scope);
    assert_eq!(wanted, Some(live));
}

#[test]
fn an_account_is_an_account_however_it_is_answered() {
    let of = |principal| {
        let statement = json!({ "Principal": principal, "Action": "lambda:InvokeFunction" });
        policy::spec(&place(None), &statement, &bench().scope)
            .principal
            .to_string()
    };
    assert_eq!(
        of(json!({ "AWS": "arn:aws:iam::123456789012:root" })),
        "123456789012"
    );
    assert_eq!(of(json!({ "AWS": "123456789012" })), "123456789012");
    assert_eq!(of(json!("*")), "*");
    let role = "arn:aws:iam::123456789012:role/x";
    assert_eq!(of(json!({ "AWS": role })), role);
}

#[test]
fn an_alias_has_statements_of_its_own() {
    let on = |sid, qualifier| {
        let arn = format!("arn:aws:lambda:eu-central-1:1:function:the-x{qualifier}");
        json!({ "Sid": sid, "Resource": arn })
    };
    let text = json!({ "Statement": [on("a", ""), on("b", ":live")] }).to_string();
    let sids = |qualifier| {
        policy::parse(&text, qualifier)
            .unwrap()
            .into_keys()
            .collect::<Vec<_>>()
    };
    assert_eq!(sids(None), ["a"]);
    assert_eq!(sids(Some("live")), ["b"]);
}

#[test]
fn an_id_is_read_back() {
    for alias in [None, Some("live")] {
        assert_eq!(Place::parse(&place(alias).id()), Some(place(alias)));
        let by_arn = Place {
            function: "arn:aws:lambda:eu-central-1:1:function:other".into(),
            ..place(alias)
        };
        assert_eq!(Place::parse(&by_arn.id()), Some(by_arn));
    }
    assert_eq!(Place::parse("nothing"), None);
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let block = "principal = \"\"\naction = \"s3:GetObject\"\nfunction_url_auth_type = \"ALL\"\nalias = \"dead\"";
    let (_, gathered) = bench().lower("function.X.permission.p", block, |decl: &Decl, ctx| {
        lower(decl, ctx)
    });
    let at: Vec<String> = gathered
        .problems
        .iter()
        .map(|problem| problem.path.join("."))
        .collect();
    assert_eq!(
        at,
        ["alias", "action", "function_url_auth_type", "principal"]
    );
}
