//! Random policies of few words, and every request of these words: what is said to be unchanged
//! is decided equally, and what is said to be gained is gained.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::iam::evaluate::{self, Caller, Context, Request};
use crate::iam::grammar;
use crate::plan::{Pattern, Right};
use crate::rights::compare::{Policies, identity, resource};
use crate::rights::{covers, lines};

const ACTIONS: [&str; 4] = ["s:Ga", "s:Gb", "s:Pa", "t:Ga"];
const RESOURCES: [&str; 5] = ["r:a", "r:ab", "r:b", "q:a", "r:u"];
const CALLERS: [Caller; 3] = [
    Caller::Service("s3.amazonaws.com"),
    Caller::Service("lambda.amazonaws.com"),
    Caller::Aws("arn:aws:iam::123456789012:role/x"),
];

fn few(words: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop::collection::vec(prop::sample::select(words), 1..3).prop_map(|words| json!(words))
}

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop::sample::select(&["Allow", "Allow", "Deny"][..]);
    let action = few(&["*", "s:*", "s:G*", "s:?a", "*a", "S:ga", "s:Pa", "t:Ga"]);
    let resource = few(&["*", "r:*", "r:a*", "r:?", "*b", "r:a", "q:a", "r:${k:u}"]);
    let condition = prop::sample::select(
        &[
            "",
            "",
            r#"{"Bool":{"k:x":"true"}}"#,
            r#"{"StringEquals":{"k:y":"a"}}"#,
            r#"{"StringEquals":{"k:y":["a","b"]}}"#,
            r#"{"StringNotEquals":{"k:y":"a"}}"#,
            r#"{"StringLike":{"k:y":"?"},"Bool":{"k:x":"true"}}"#,
        ][..],
    );
    let not = (prop::bool::weighted(0.2), prop::bool::weighted(0.2));
    (effect, action, resource, condition, not).prop_map(|(effect, action, resource, when, not)| {
        let mut statement = json!({"Effect": effect});
        statement[if not.0 { "NotAction" } else { "Action" }] = action;
        statement[if not.1 { "NotResource" } else { "Resource" }] = resource;
        if !when.is_empty() {
            statement["Condition"] = serde_json::from_str(when).expect("JSON");
        }
        statement
    })
}

fn document() -> impl Strategy<Value = Value> {
    prop::collection::vec(statement(), 0..4).prop_map(of)
}

fn of(statements: Vec<Value>) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn policies() -> impl Strategy<Value = Policies> {
    let boundary = prop::option::weighted(0.3, document());
    (prop::collection::vec(document(), 0..3), boundary).prop_map(|(documents, boundary)| Policies {
        documents,
        boundary,
    })
}

/// One that is mostly like the other.
fn pair() -> impl Strategy<Value = (Policies, Policies)> {
    (policies(), policies(), 0..4).prop_map(|(before, mut after, how)| {
        if how > 0 {
            after
                .documents
                .extend(before.documents.iter().rev().cloned());
        }
        if how > 1 {
            after.boundary = before.boundary.clone();
        }
        (before, after)
    })
}

/// A resource's policy: statements with callers.
fn named() -> impl Strategy<Value = Value> {
    let who = prop::sample::select(
        &[
            r#"{"Principal":"*"}"#,
            r#"{"Principal":{"Service":"s3.amazonaws.com"}}"#,
            r#"{"Principal":{"AWS":"arn:aws:iam::123456789012:role/x"}}"#,
            r#"{"NotPrincipal":{"Service":"s3.amazonaws.com"}}"#,
            r#"{"Principal":{"Service":["s3.amazonaws.com","lambda.amazonaws.com"]}}"#,
        ][..],
    );
    let one = (statement(), who).prop_map(|(mut statement, who)| {
        let who: Value = serde_json::from_str(who).expect("JSON");
        for (key, value) in who.as_object().expect("a map") {
            statement[key] = value.clone();
        }
        statement
    });
    prop::collection::vec(one, 0..4).prop_map(of)
}

/// The values that the variable has.
const VALUES: [&str; 2] = ["u", "b"];

fn contexts(u: &str) -> Vec<Context> {
    let mut all = Vec::new();
    for x in [None, Some("true"), Some("false")] {
        for y in [None, Some("a"), Some("b"), Some("cc")] {
            let mut context = Context::new().with("k:u", u);
            for (key, value) in [("k:x", x), ("k:y", y)] {
                context = value
                    .into_iter()
                    .fold(context, |c, value| c.with(key, value));
            }
            all.push(context);
        }
    }
    all
}

fn read(document: &Value) -> grammar::Document {
    grammar::read(&document.to_string()).expect("a document")
}

/// Every action, resource and circumstance that the words make; the variable's value beside it.
fn requests(mut each: impl FnMut(Request, &str)) {
    for u in VALUES {
        for context in contexts(u) {
            for action in ACTIONS {
                for resource in RESOURCES {
                    let request = Request {
                        action,
                        resource,
                        context: &context,
                    };
                    each(request, u);
                }
            }
        }
    }
}

fn may(policies: &Policies) -> impl Fn(Request) -> bool {
    let documents: Vec<_> = policies.documents.iter().map(read).collect();
    let boundary = policies.boundary.as_ref().map(read);
    move |request| {
        let within = boundary.as_ref().is_none_or(|boundary| {
            evaluate::identity(std::slice::from_ref(boundary), request).allowed()
        });
        within && evaluate::identity(&documents, request).allowed()
    }
}

/// Does one of the rights speak of the action on the resource, where the variable has a value?
fn told(rights: &[Right], request: Request, u: &str) -> bool {
    let any = |right: &Right| {
        let resource = right.resource.as_ref().map(|pattern| filled(pattern, u));
        covers(&right.action, request.action, true)
            && resource.is_none_or(|resource| covers(&resource, request.resource, false))
    };
    rights.iter().any(any)
}

fn filled(pattern: &Pattern, u: &str) -> Pattern {
    let fill = |texts: &[String]| texts.iter().map(|text| text.replace("${k:u}", u)).collect();
    Pattern {
        like: fill(&pattern.like),
        except: fill(&pattern.except),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_gain_is_hidden((before, after) in pair()) {
        let delta = identity(&before, &after);
        let (had, has) = (may(&before), may(&after));
        let mut wrong = Vec::new();
        requests(|request, u| {
            let (had, has) = (had(request), has(request));
            let gone = had && !has && !told(&delta.lost, request, u);
            let come = has && !had && !told(&delta.gained, request, u);
            if wrong.len() < 3 && (gone || come) {
                wrong.push(format!("{request:?}"));
            }
        });
        prop_assert_eq!(wrong, Vec::<String>::new(), "{:?}", lines(&delta.gained));
    }

    #[test]
    fn nothing_is_gained_by_writing_it_otherwise(policies in policies()) {
        let mut other = policies.clone();
        other.documents = split(&policies.documents);
        let delta = identity(&policies, &other);
        prop_assert_eq!((lines(&delta.gained), lines(&delta.lost)), (vec![], vec![]));
    }

    /// Without conditions and variables nothing is uncertain: each right told is one.
    #[test]
    fn each_gain_is_one((before, after) in pair()) {
        let (before, after) = (certain(before), certain(after));
        let delta = identity(&before, &after);
        let (had, has) = (may(&before), may(&after));
        for right in &delta.gained {
            let one = std::slice::from_ref(right);
            prop_assert!(
                words(right).iter().any(|(action, resource)| {
                    let context = Context::new();
                    let request = Request { action, resource, context: &context };
                    told(one, request, "u") && has(request) && !had(request)
                }),
                "{:?}", lines(one)
            );
        }
    }

    #[test]
    fn no_caller_is_hidden(before in named(), after in named()) {
        let delta = resource(Some(&before), Some(&after));
        let (was, is) = (read(&before), read(&after));
        let mut hidden = Vec::new();
        for caller in CALLERS {
            let name = match caller {
                Caller::Service(name) | Caller::Aws(name) => name,
            };
            let theirs: Vec<Right> = delta.gained.iter().filter(|right| {
                right.principal.as_ref().is_some_and(|who| covers(who, name, false))
            }).cloned().collect();
            requests(|request, u| {
                let may = |document| evaluate::resource(document, caller, request).allowed();
                if hidden.len() < 3 && may(&is) && !may(&was) && !told(&theirs, request, u) {
                    hidden.push(format!("{name} {request:?}"));
                }
            });
        }
        prop_assert_eq!(hidden, Vec::<String>::new(), "{:?}", lines(&delta.gained));
    }
}

/// Each action and each resource in a statement of its own, in one document, backwards.
fn split(documents: &[Value]) -> Vec<Value> {
    let mut statements = Vec::new();
    for statement in documents
        .iter()
        .flat_map(|d| d["Statement"].as_array().expect("a list"))
    {
        let parts = |key: &str| match statement.get(key) {
            Some(Value::Array(items)) => items.clone(),
            _ => vec![Value::Null],
        };
        for action in parts("Action") {
            for resource in parts("Resource") {
                let mut part = statement.clone();
                for (key, value) in [("Action", &action), ("Resource", &resource)] {
                    if !value.is_null() {
                        part[key] = value.clone();
                    }
                }
                statements.push(part);
            }
        }
    }
    statements.reverse();
    vec![of(statements)]
}

fn certain(policies: Policies) -> Policies {
    let plain = |document: &Value| {
        let mut document = document.clone();
        for statement in document["Statement"].as_array_mut().expect("a list") {
            statement
                .as_object_mut()
                .expect("a map")
                .remove("Condition");
        }
        let text = document.to_string().replace("${k:u}", "u");
        serde_json::from_str(&text).expect("JSON")
    };
    Policies {
        documents: policies.documents.iter().map(plain).collect(),
        boundary: policies.boundary.as_ref().map(plain),
    }
}

/// Requests that may be what a right speaks of: of the words, and of its own patterns with a
/// letter or more for each star.
fn words(right: &Right) -> Vec<(String, String)> {
    let texts = |pattern: Option<&Pattern>, known: &[&str]| -> Vec<String> {
        let own = pattern.into_iter().flat_map(|pattern| &pattern.like);
        let fills = |text: &String| {
            ["", "x", "za", "zb", "zza", "zzb"]
                .map(|fill| text.replace('*', fill).replace('?', "z"))
        };
        let known = known.iter().map(|word| (*word).to_owned());
        known.chain(own.flat_map(fills)).collect()
    };
    let (actions, resources) = (
        texts(Some(&right.action), &ACTIONS),
        texts(right.resource.as_ref(), &RESOURCES),
    );
    let both = |action: &String| {
        let action = action.clone();
        resources
            .iter()
            .map(move |resource| (action.clone(), resource.clone()))
            .collect::<Vec<_>>()
    };
    actions.iter().flat_map(both).collect()
}
