//! Rights as people read them, and as a plan holds them.

use std::collections::{BTreeMap, BTreeSet};

use super::cell::Cell;
use super::condition::{Test, When};
use super::empty;
use super::glob::Glob;
use super::reach::Reach;
use super::read::Kind;
use crate::plan::{Pattern, Right};

/// A block as a plan holds it.
pub fn right(cell: &Cell, kind: Kind, partly: bool) -> Right {
    let named = kind == Kind::Resource;
    Right {
        principal: named.then(|| pattern(&cell.who, caller)),
        action: pattern(&cell.action, |text| text),
        // In a policy of a resource everything is the resource itself.
        resource: (!named || !cell.resource.is_any()).then(|| pattern(&cell.resource, |text| text)),
        condition: condition(&cell.when),
        partly,
    }
}

fn pattern(reach: &Reach, shown: fn(&str) -> &str) -> Pattern {
    let texts = |globs: &[Glob]| {
        let texts = globs.iter().map(|glob| shown(&glob.text).to_owned());
        let texts: BTreeSet<String> = texts.collect();
        texts.into_iter().collect()
    };
    Pattern {
        like: texts(&reach.all),
        except: texts(&reach.not),
    }
}

/// A caller's name without its kind: what it is can be seen.
fn caller(text: &str) -> &str {
    let kinds = ["AWS:", "Service:", "Federated:", "CanonicalUser:"];
    let name = kinds.iter().find_map(|kind| text.strip_prefix(kind));
    // Of a kind as a whole nothing else tells.
    name.filter(|name| *name != "*").unwrap_or(text)
}

/// `when StringEquals aws:x = y and Bool aws:z = true unless Null aws:w = true`
fn condition(when: &When) -> Option<String> {
    let joined = |tests: &BTreeSet<Test>| -> String {
        let tests: Vec<String> = tests.iter().map(test).collect();
        tests.join(" and ")
    };
    let mut parts = Vec::new();
    if !when.all.is_empty() {
        parts.push(format!("when {}", joined(&when.all)));
    }
    let not: BTreeSet<String> = when.not.iter().map(joined).collect();
    parts.extend(not.iter().map(|tests| format!("unless {tests}")));
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn test(test: &Test) -> String {
    let values = test.values.iter().map(|value| Glob::new(value, true).text);
    let values: Vec<String> = values.collect();
    format!("{} {} = {}", test.operator, test.key, values.join(" or "))
}

/// One line for each group of rights: `s3:GetObject, s3:PutObject on arn:aws:s3:::a/*`, or with a
/// caller `lambda.amazonaws.com may sts:AssumeRole`.
pub fn lines(rights: &[Right]) -> Vec<String> {
    // First what is done on the same thing, then things on which the same is done.
    let mut actions: BTreeMap<Right, BTreeSet<String>> = BTreeMap::new();
    for right in rights {
        let rest = Right {
            action: none(),
            ..right.clone()
        };
        actions
            .entry(rest)
            .or_default()
            .insert(shown(&right.action));
    }
    let mut resources: BTreeMap<(Right, Vec<String>), BTreeSet<String>> = BTreeMap::new();
    for (right, actions) in actions {
        let resource = right.resource.as_ref().map(shown);
        let rest = Right {
            resource: right.resource.as_ref().map(|_| none()),
            ..right
        };
        let group = resources.entry((rest, actions.into_iter().collect()));
        group.or_default().extend(resource);
    }
    let line = |((right, actions), resources): (&(Right, Vec<String>), &BTreeSet<String>)| {
        let resources: Vec<&str> = resources.iter().map(String::as_str).collect();
        line(right, &actions.join(", "), &resources.join(", "))
    };
    resources.iter().map(line).collect()
}

fn line(right: &Right, actions: &str, resources: &str) -> String {
    let mut line = match &right.principal {
        Some(who) if who.is_any() => format!("everyone may {actions}"),
        Some(who) => format!("{} may {actions}", shown(who)),
        None => actions.to_owned(),
    };
    if !resources.is_empty() {
        line.push_str(&format!(" on {resources}"));
    }
    if let Some(condition) = &right.condition {
        line.push_str(&format!(" {condition}"));
    }
    if right.partly {
        line.push_str(" (in part)");
    }
    line
}

/// The place of what is told as a list.
fn none() -> Pattern {
    Pattern {
        like: Vec::new(),
        except: Vec::new(),
    }
}

/// `s3:*`, `s3:* (but not s3:GetObject)`, `s3:Get* that is *Object too`
fn shown(pattern: &Pattern) -> String {
    let mut text = match pattern.like.split_first() {
        Some((first, [])) => first.clone(),
        Some((first, rest)) => format!("{first} that is {} too", rest.join(" and ")),
        None => String::new(),
    };
    if !pattern.except.is_empty() {
        text.push_str(&format!(" (but not {})", pattern.except.join(", ")));
    }
    text
}

/// Does a pattern of a plan speak of all that a text stands for? Actions know no case.
pub fn covers(pattern: &Pattern, text: &str, caseless: bool) -> bool {
    let glob = |text: &str| match caseless {
        true => Glob::action(text),
        false => Glob::new(text, true),
    };
    let text = glob(text);
    let fits = |like: &String| empty::covers(&glob(like), &text);
    pattern.like.iter().all(fits) && !pattern.except.iter().any(fits)
}
