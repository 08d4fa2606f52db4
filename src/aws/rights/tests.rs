//! From a manifest to rights, and from rights to a policy.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::manifest::{Backend, Encryption, Origin, StatePlace};

fn scope() -> Scope {
    Scope {
        account: "604370441254".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        ..Scope::default()
    }
}

fn lines(rights: &Rights) -> Vec<String> {
    let line = |right: &Right| format!("{} {}", right.action, right.resource);
    rights.iter().map(line).collect()
}

/// A new kind needs a place in the table: something to read, something to change, nothing twice.
#[test]
fn every_kind_has_its_operations() {
    let kinds = crate::aws::kinds();
    for kind in kinds.iter() {
        let operations = table::of_kind(kind.name());
        assert!(operations.iter().any(|one| one.changes), "{}", kind.name());
        assert!(operations.iter().any(|one| !one.changes), "{}", kind.name());
        let names: BTreeSet<&str> = operations.iter().map(|one| one.name).collect();
        assert_eq!(
            names.len(),
            operations.len(),
            "{} has one twice",
            kind.name()
        );
    }
}

#[test]
fn what_nobody_knows_yet_is_a_wildcard() {
    let right = Right::new(
        "iam:GetRole",
        "arn:aws:iam::<project.account>:role/a<b",
        Only::Always,
    );
    assert_eq!(right.resource, "arn:aws:iam::*:role/a<b");
}

#[test]
fn actions_on_the_same_share_a_statement_in_one_order() {
    let passed = || Only::PassedTo("lambda.amazonaws.com");
    let rights = Rights::from([
        Right::new("iam:PassRole", "b", passed()),
        Right::new("iam:PassRole", "a", passed()),
        Right::new("iam:GetRole", "a", Only::Always),
        Right::new("iam:GetRole", "b", Only::Always),
        Right::new("iam:DeleteRole", "b", Only::Always),
        Right::new("iam:DeleteRole", "a", Only::Always),
        Right::new("s3:ListBucket", "a", Only::Always),
    ]);
    let policy = json!(document(&rights));
    let condition = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let wanted = json!([
        { "Effect": "Allow", "Action": ["iam:DeleteRole", "iam:GetRole"], "Resource": ["a", "b"] },
        { "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": ["a", "b"], "Condition": condition },
        { "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["a"] },
    ]);
    assert_eq!(policy["Statement"], wanted);
    let text = document(&rights).to_string();
    assert!(document(&rights).characters() < text.len(), "{text}");
    assert!(text.starts_with("{\n  \"Version\""), "{text}");
}

#[test]
fn a_state_in_a_bucket_takes_its_own_objects_and_no_others() {
    let place = StatePlace {
        backend: Backend::S3,
        bucket: Some("b".into()),
        kms_key: Some("alias/state".into()),
        ..StatePlace::default()
    };
    let rights = of_state(&place, "slp/shop.json", &scope(), Part::Plan);
    assert_eq!(
        lines(&rights),
        [
            "kms:Decrypt arn:aws:kms:eu-central-1:604370441254:key/*",
            "s3:GetObject arn:aws:s3:::b/slp/shop.json",
            "s3:GetObject arn:aws:s3:::b/slp/shop.json.journal",
            "s3:ListBucket arn:aws:s3:::b",
        ]
    );
    let alias = Only::Alias("alias/state".into());
    assert_eq!(rights.first().map(|right| &right.only), Some(&alias));
    let whole = of_state(&place, "slp/shop.json", &scope(), Part::Life);
    let whole = lines(&whole);
    assert!(whole.contains(&"s3:PutObject arn:aws:s3:::b/slp/shop.json".to_owned()));
    assert!(
        whole
            .iter()
            .any(|line| line.starts_with("kms:GenerateDataKey"))
    );
    let here = StatePlace {
        encryption: Some(Encryption {
            kms_key: Some("1234".into()),
            ..Encryption::default()
        }),
        ..StatePlace::default()
    };
    let key = "arn:aws:kms:eu-central-1:604370441254:key/1234";
    assert_eq!(
        lines(&of_state(&here, "", &scope(), Part::Life)),
        [
            format!("kms:Decrypt {key}"),
            format!("kms:GenerateDataKey {key}")
        ]
    );
}

#[test]
fn sources_are_named_as_aws_names_them() {
    let secret = |id: &str| Origin::Secret {
        id: id.into(),
        key: None,
    };
    let whole = "arn:aws:secretsmanager:eu-central-1:604370441254:secret:a-AbCdEf";
    let origins = BTreeSet::from([
        Origin::Parameter("/shop/token:3".into()),
        Origin::Parameter("plain".into()),
        secret("shop"),
        secret(whole),
    ]);
    assert_eq!(
        lines(&of_sources(&origins, &scope())),
        [
            "secretsmanager:BatchGetSecretValue *".to_owned(),
            format!("secretsmanager:GetSecretValue {whole}"),
            "secretsmanager:GetSecretValue arn:aws:secretsmanager:eu-central-1:604370441254:secret:shop-??????".to_owned(),
            "ssm:GetParameters arn:aws:ssm:eu-central-1:604370441254:parameter/plain".to_owned(),
            "ssm:GetParameters arn:aws:ssm:eu-central-1:604370441254:parameter/shop/token".to_owned(),
        ]
    );
}

fn condition(who: &str) -> Value {
    let who: Trusted = who.parse().expect("sound");
    let mut policy = json!(trust(&who, &scope()));
    policy["Statement"][0]["Condition"].take()
}

#[test]
fn the_jobs_of_one_repository_are_trusted() {
    let github = |sub: &str| {
        json!({ "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": sub,
        } })
    };
    for (who, sub) in [
        ("github:o/r@main", "repo:o/r:ref:refs/heads/main"),
        ("github:o/r@a/b", "repo:o/r:ref:refs/heads/a/b"),
        ("github:o/r:environment:prod", "repo:o/r:environment:prod"),
        ("github:o/r:pull_request", "repo:o/r:pull_request"),
    ] {
        assert_eq!(condition(who), github(sub), "{who}");
    }
    let gitlab = json!({ "StringEquals": {
        "gitlab.com:aud": "https://gitlab.com",
        "gitlab.com:sub": "project_path:g/h/p:ref_type:branch:ref:main",
    } });
    assert_eq!(condition("gitlab:g/h/p@main"), gitlab);
    let any = json!({
        "StringEquals": { "token.actions.githubusercontent.com:aud": "sts.amazonaws.com" },
        "StringLike": { "token.actions.githubusercontent.com:sub": "repo:o/r:*" },
    });
    assert_eq!(condition("github:o/r"), any);
    let who: Trusted = "gitlab:g/p@main".parse().expect("sound");
    let provider = "arn:aws:iam::604370441254:oidc-provider/gitlab.com";
    assert_eq!(
        json!(trust(&who, &scope()))["Statement"][0]["Principal"]["Federated"],
        provider
    );
}

#[test]
fn nobody_is_trusted_by_a_slip() {
    for who in [
        "",
        "o/r",
        "github:",
        "github:o",
        "github:o/r/x",
        "github:o/*",
        "github:*/r",
        "github:o/r@",
        "github:o/r@*",
        "github:o/r:environment:",
        "github:o/r:environment:*",
        "github:o/r:tag:v1",
        "gitlab:g/p:environment:prod",
        "gitlab:p",
        "bitbucket:o/r",
    ] {
        assert!(who.parse::<Trusted>().is_err(), "{who}");
    }
}
