//! Actions, resources, principals, and the characters of every text.

use serde_json::Value;

use super::leaves;
use crate::problem::{Problem, nearest};
use crate::text::{self, Piece, Text};

/// A list of actions or resources: there, texts, and each in the form that AWS reads.
pub fn list(key: &str, value: &Value, problems: &mut Vec<Problem>) {
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
            Some(text) => resource(&text),
        };
        if let Some((message, help)) = fault {
            problems.push(Problem::at(at, message).help(help));
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

fn resource(text: &Text) -> Fault {
    let start = match (text, text.pieces().first()) {
        (Text::Known(known), _) => known.as_str(),
        (_, Some(Piece::Lit(start))) => start.as_str(),
        _ => return None,
    };
    let whole = text.known().is_some();
    let fits = start == "*" && whole
        || start.starts_with("arn:") && (!whole || start.splitn(6, ':').count() == 6);
    (!fits).then(|| {
        (
            format!("\"{text}\" is not a resource"),
            "a resource is an ARN, such as \"arn:aws:s3:::bucket/*\", or \"*\" alone",
        )
    })
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
        let names = leaves(names);
        if names.is_empty() {
            problems.push(Problem::at(&[key, who], format!("`{who}` names nobody")));
        }
        for name in names.into_iter().filter(|n| text::from_value(n).is_none()) {
            let problem = Problem::at(&[key, who], format!("{name} is not a text"));
            problems.push(problem.help("put quotes around it"));
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
