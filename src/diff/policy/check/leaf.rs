//! Actions, resources, principals, and the characters of every text.

use serde_json::{Map, Value};

use super::{Use, leaves};
use crate::iam::evaluate::{matches, matches_any_case};
use crate::iam::principal::{Verdict, judge};
use crate::iam::{resource, services};
use crate::problem::{Problem, nearest};
use crate::text::{self, Piece, Text};

/// A list of actions or resources: there, texts, and each in the form that AWS reads.
pub fn list(key: &str, value: &Value, used: Use, problems: &mut Vec<Problem>) {
    let items = leaves(value);
    if items.is_empty() {
        problems.push(Problem::at(&[key], format!("`{key}` is empty")));
    }
    for (index, item) in items.iter().enumerate() {
        let index = index.to_string();
        let at: &[&str] = match value.is_array() {
            true => &[key, &index],
            false => &[key],
        };
        let fault = match text::from_value(item) {
            None => Some((format!("{item} is not a text"), "put quotes around it")),
            Some(text) if key.ends_with("Action") => action(&text),
            Some(text) => resource(&text, used),
        };
        match fault {
            Some((message, help)) => problems.push(Problem::at(at, message).help(help)),
            None if used == Use::Resource => problems.extend(foreign(key, item, at)),
            None => {}
        }
    }
}

type Fault = Option<(String, &'static str)>;

fn action(text: &Text) -> Fault {
    let known = text.known()?;
    let word = |part: &str, more: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let fits = known == "*"
        || known
            .split_once(':')
            .is_some_and(|(service, name)| word(service, "-") && word(name, "*?"));
    (!fits).then(|| {
        (
            format!("\"{known}\" is not an action"),
            "an action is service:Name, such as \"s3:GetObject\" or \"s3:*\"",
        )
    })
}

fn resource(text: &Text, used: Use) -> Fault {
    let start = match (text, text.pieces().first()) {
        (Text::Known(known), _) => known.as_str(),
        (_, Some(Piece::Lit(start))) => start.as_str(),
        _ => return None,
    };
    let whole = text.known().is_some();
    // An API's own policy may leave out the head of the ARN: API Gateway puts it in.
    let short = used == Use::Resource && start.starts_with("execute-api:/");
    let fits = short
        || start == "*" && whole
        || start.starts_with("arn:") && (!whole || start.splitn(6, ':').count() == 6);
    if fits && used == Use::Identity && whole && resource::check(&unholed(start)).is_err() {
        return Some((
            format!("IAM takes no resource \"{text}\""),
            "IAM and S3 have no regions, the service is written out, and what is IAM's is a role/, user/, policy/ or the like",
        ));
    }
    (!fits).then(|| {
        (
            format!("\"{text}\" is not a resource"),
            "a resource is an ARN, such as \"arn:aws:s3:::bucket/*\", or \"*\" alone",
        )
    })
}

/// What can be done with an API (Service Authorization Reference, Amazon API Gateway).
const OF_APIS: [&str; 3] = [
    "execute-api:Invoke",
    "execute-api:InvalidateCache",
    "execute-api:ManageConnections",
];

/// What is about no API: AWS takes it, and the statement never counts.
fn foreign(key: &str, item: &Value, at: &[&str]) -> Option<Problem> {
    let text = text::from_value(item)?;
    let known = text.known()?;
    let (counts, what) = match key {
        "Action" => {
            let fits = |action: &&str| matches_any_case(known, action);
            (OF_APIS.iter().any(fits), "an action of APIs")
        }
        "Resource" => {
            let service = known.split(':').nth(2).unwrap_or("execute-api");
            let is_api = known.starts_with("execute-api:") || matches(service, "execute-api");
            (is_api, "an ARN of an API")
        }
        // Everything but what is no API's is every API's.
        _ => return None,
    };
    let help = match nearest(known, OF_APIS) {
        Some(meant) => format!("did you mean \"{meant}\"?"),
        None => "AWS takes it, and the statement never counts: \"execute-api:Invoke\" on \"execute-api:/*\" is every call".to_owned(),
    };
    let message = format!("\"{known}\" is not {what}");
    (!counts).then(|| Problem::at(at, message).help(help).warning())
}

const WHO: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// `"*"`, or a table of who by what they are.
pub fn principal(key: &str, value: &Value, problems: &mut Vec<Problem>) {
    let Some(map) = value.as_object() else {
        if value.as_str() != Some("*") {
            let problem = Problem::at(&[key], format!("{value} is not a principal"));
            problems.push(problem.help(
                "write { Service = \"lambda.amazonaws.com\" }, { AWS = \"arn:…\" }, or \"*\" for everyone",
            ));
        }
        return;
    };
    if map.is_empty() {
        problems.push(Problem::at(&[key], format!("`{key}` names nobody")));
    }
    for (who, names) in map {
        if !WHO.contains(&who.as_str()) {
            let help = match nearest(who, WHO) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("it is one of `{}`", WHO.join("`, `")),
            };
            let message = format!("`{who}` is no sort of principal");
            problems.push(Problem::at(&[key, who], message).help(help));
        }
        let listed = leaves(names);
        if listed.is_empty() {
            problems.push(Problem::at(&[key, who], format!("`{who}` names nobody")));
        }
        for (index, name) in listed.into_iter().enumerate() {
            let index = index.to_string();
            let at: &[&str] = match names.is_array() {
                true => &[key, who, &index],
                false => &[key, who],
            };
            match text::from_value(name) {
                Some(text) => problems.extend(whom(who, &text, at)),
                None => {
                    let problem = Problem::at(at, format!("{name} is not a text"));
                    problems.push(problem.help("put quotes around it"));
                }
            }
        }
    }
}

/// What is wrong with one name, as far as its form tells; one with a hole is judged by what
/// fills it.
pub fn whom(kind: &str, name: &Text, at: &[&str]) -> Option<Problem> {
    let known = unholed(name.known()?);
    let guess = match judge(kind, &known) {
        Verdict::Fits => return None,
        Verdict::Unknown => {
            let message = format!("slp knows no service `{name}`");
            let help = "if AWS does not know it either, it refuses the policy";
            return Some(Problem::at(at, message).help(help).warning());
        }
        Verdict::Never(guess) => guess,
    };
    let problem = Problem::at(at, format!("AWS knows nobody called \"{name}\""));
    Some(match (guess, kind) {
        (Some(meant), "AWS") if meant == known && services::is_one(&known) => {
            problem.help(format!("a service stands under `Service`: {{ Service = \"{meant}\" }}"))
        }
        (Some(meant), _) => problem.help(format!("did you mean \"{meant}\"?")),
        (None, "Service") => problem.help("a service is named like \"lambda.amazonaws.com\""),
        (None, "AWS") => problem.help(
            "it is an account's twelve digits, \"*\", or the ARN of one role or user, such as \"arn:aws:iam::123456789012:role/x\"",
        ),
        (None, "Federated") => problem.help(
            "it is the ARN of an OIDC or SAML provider, or one such as \"cognito-identity.amazonaws.com\"",
        ),
        (None, _) => problem.help("a canonical user's id has 64 hexadecimal digits"),
    })
}

/// In the partition that the checks know; without a network account and region are named holes.
fn unholed(text: &str) -> String {
    let rest = text
        .strip_prefix("arn:aws-")
        .and_then(|rest| rest.split_once(':'));
    let text = rest.map_or_else(|| text.to_owned(), |(_, rest)| format!("arn:aws:{rest}"));
    text.replace("<project.account>", "000000000000")
        .replace("<project.region>", "us-east-1")
}

/// A trust policy speaks of STS alone.
pub fn only_sts(map: &Map<String, Value>, problems: &mut Vec<Problem>) {
    let listed = ["Action", "NotAction"].into_iter().flat_map(|key| {
        let value = map.get(key).unwrap_or(&Value::Null);
        let many = value.is_array();
        let leaves = leaves(value).into_iter().enumerate();
        leaves.map(move |(index, action)| (key, many.then(|| index.to_string()), action))
    });
    for (key, index, action) in listed {
        let at: Vec<&str> = [key].into_iter().chain(index.as_deref()).collect();
        let text = action
            .as_str()
            .filter(|text| text.contains(':') || *text == "*");
        if text.is_some_and(|text| !text.to_ascii_lowercase().starts_with("sts:")) {
            let message = format!("{action} cannot stand in a trust policy");
            problems.push(
                Problem::at(&at, message)
                    .help("it allows \"sts:AssumeRole\" and other actions of STS only"),
            );
        }
    }
}

/// IAM takes U+0009, U+000A, U+000D and U+0020 to U+00FF (API reference of CreatePolicy).
pub fn characters(value: &Value, path: &mut Vec<String>, problems: &mut Vec<Problem>) {
    match value {
        Value::String(text) => letters(text, path, problems),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                path.push(index.to_string());
                characters(item, path, problems);
                path.pop();
            }
        }
        Value::Object(map) => {
            for (key, item) in map {
                path.push(key.clone());
                letters(key, path, problems);
                characters(item, path, problems);
                path.pop();
            }
        }
        _ => {}
    }
}

fn letters(text: &str, path: &[String], problems: &mut Vec<Problem>) {
    let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FF}');
    let Some((at, letter)) = text.chars().enumerate().find(|(_, c)| !taken(*c)) else {
        return;
    };
    let code = letter as u32;
    let message = format!(
        "character {} is {letter:?} (U+{code:04X}), which AWS takes in no policy",
        at + 1
    );
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    problems.push(Problem::at(&path, message).help("policies hold Latin-1 characters only"));
}
