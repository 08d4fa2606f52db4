//! What no kind can see by itself: duplicates, dangling `depends_on`, cycles.

use std::collections::BTreeMap;

use super::Strength;
use super::lower::Known;
use crate::addr::Addr;
use crate::graph::{self, Needs};
use crate::manifest::Manifest;
use crate::problem::Problem;

pub fn all(known: &Known<'_>) -> Vec<Problem> {
    let mut problems = duplicates(known);
    problems.extend(dangling(known));
    problems.extend(cycles(known));
    problems
}

/// Two resources of a kind that AWS could not tell apart. IAM compares names without case.
fn duplicates(known: &Known<'_>) -> Vec<Problem> {
    let mut seen: BTreeMap<(String, String), &Addr> = BTreeMap::new();
    let mut problems = Vec::new();
    for (addr, identity) in known.names.iter() {
        let Some(id) = &identity.id else {
            continue;
        };
        let kind = addr.kind();
        let key = match kind.as_str() {
            "role" | "policy" => id.to_lowercase(),
            _ => id.clone(),
        };
        match seen.get(&(kind.clone(), key.clone())) {
            Some(first) => problems.push(same_name(known, addr, first)),
            None => drop(seen.insert((kind, key), addr)),
        }
    }
    problems
}

fn same_name(known: &Known<'_>, addr: &Addr, first: &Addr) -> Problem {
    let name = |addr: &Addr| {
        let identity = known.names.get(addr);
        let name = identity.and_then(|identity| identity.known.get("name").cloned());
        name.unwrap_or_else(|| addr.name().to_owned())
    };
    let (own, other) = (name(addr), name(first));
    let cloud = crate::cloud::name();
    let (message, help) = match own == other {
        true => (
            format!("{addr} and {first} have the same name in {cloud}, `{own}`"),
            "give one of them another `name`",
        ),
        false => (
            format!("the names of {addr} and {first}, `{own}` and `{other}`, differ only in case"),
            "IAM does not tell them apart: give one of them another `name`",
        ),
    };
    let source = &known.manifest.source;
    let line = header(known.manifest, first).map(|span| source.line(span.start));
    let help = match line {
        Some(line) => format!("{first} stands on line {line}; {help}"),
        None => help.to_owned(),
    };
    Problem {
        span: header(known.manifest, addr),
        ..Problem::at(&[], message).help(help)
    }
}

fn header(manifest: &Manifest, addr: &Addr) -> Option<std::ops::Range<usize>> {
    let declared = manifest.resources.get(addr);
    let declared = declared.or_else(|| manifest.resources.get(addr.root()));
    declared.map(|declared| declared.span.clone())
}

fn dangling(known: &Known<'_>) -> Vec<Problem> {
    let manifest = known.manifest;
    let mut problems = Vec::new();
    for declared in manifest.resources.values() {
        for on in &declared.depends_on {
            let is_there = manifest.resources.contains_key(on) || known.resources.contains_key(on);
            if is_there || known.names.is_misplaced(on) {
                continue;
            }
            let span = Some(declared.place_of_need(on));
            let problem = Problem {
                span,
                ..Problem::at(&[], format!("there is no [{on}]"))
            };
            let meant = known
                .names
                .guesses
                .nearest_addr(on, manifest.resources.keys());
            problems.push(match meant {
                Some(meant) => problem.help(format!("did you mean `{meant}`?")),
                None => problem.help("`depends_on` takes headers, such as \"function.X\""),
            });
        }
    }
    problems
}

fn cycles(known: &Known<'_>) -> Vec<Problem> {
    let callers = calls_its_own_api(known);
    if !callers.is_empty() {
        return callers;
    }
    let wanted = known.resources.iter();
    let needs: Needs = wanted
        .map(|(addr, w)| (addr.clone(), w.needs.clone()))
        .collect();
    let Err(cycle) = graph::order(&needs) else {
        return Vec::new();
    };
    let span = cycle.0.iter().find_map(|addr| header(known.manifest, addr));
    let problem = Problem::at(&[], format!("these need each other: {cycle}"));
    vec![Problem {
        span,
        ..problem.help(way_out(known, &cycle.0))
    }]
}

/// The way out of a cycle of these.
fn way_out(known: &Known<'_>, cycle: &[Addr]) -> String {
    let next = cycle.iter().cycle().skip(1);
    let said = cycle.iter().zip(next).find(|(addr, next)| {
        let declared = known.manifest.resources.get(*addr);
        declared.is_some_and(|declared| declared.depends_on.contains(next))
    });
    if let Some((addr, next)) = said {
        return format!("take {next} out of the `depends_on` of {addr}");
    }
    let of = |kind: &str| cycle.iter().find(|addr| addr.kind() == kind);
    match (of("role"), of("function")) {
        (Some(role), Some(function)) => format!(
            "{role} has to be there before {function} is made: take what refers to {function} out of the role, or write its name or ARN out there"
        ),
        (Some(role), None) => format!(
            "AWS looks for whom {role} trusts when it is made: in one of them trust the account, with a condition on `aws:PrincipalArn`"
        ),
        _ => "name one of them in AWS's own terms (a name or ARN that you write out), or take one reference out".to_owned(),
    }
}

/// A function whose environment holds a value of the API that routes to it: the API's id
/// would have to exist before the function, and the function before the API is served.
fn calls_its_own_api(known: &Known<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (addr, wanted) in known.resources {
        if addr.kind() != "function" {
            continue;
        }
        let hard = wanted
            .needs
            .iter()
            .filter(|(_, strength)| **strength == Strength::Hard);
        for (target, _) in hard {
            let api = target.root();
            if !api.starts_with("api.") {
                continue;
            }
            let back = known
                .resources
                .get(api)
                .and_then(|api| api.needs.keys().find(|needed| needed.within(addr)));
            if let Some(back) = back {
                let through = match target.as_str() == api {
                    true => String::new(),
                    false => format!("{api} → "),
                };
                problems.push(round_trip(known, addr, target, &through, back));
            }
        }
    }
    problems
}

fn round_trip(
    known: &Known<'_>,
    function: &Addr,
    target: &Addr,
    through: &str,
    back: &Addr,
) -> Problem {
    let message = format!("these need each other: {function} → {target} → {through}{back}");
    let problem = Problem::at(&[], message).help(
        "a function cannot hold the URL or id of the API that routes to it: the request context holds it (`requestContext.domainName` and `.stage`), and a stage's variables, `${stageVariables.…}`, can hold the rest",
    );
    Problem {
        span: header(known.manifest, function),
        ..problem
    }
}
