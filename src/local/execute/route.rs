//! Which method of the deployed API a request means.
//!
//! At each step a fixed part is tried before a variable, and that before a greedy one; where
//! the rest of the path or the verb does not fit, the next is tried. So does AWS: OPTIONS of a
//! path that has no such method reaches a greedy sibling that has.

use std::collections::BTreeMap;

use super::answer::Failure;
use super::call::{Call, decoded};
use super::why::Why;
use crate::local::apigateway::{Method, Resource, Snapshot};

/// Finds the method, and fills in the call's path parameters.
pub fn find<'s>(
    snapshot: &'s Snapshot,
    call: &mut Call,
) -> Result<(&'s Resource, &'s Method), Failure> {
    let parts = parts(&call.path);
    let tree = Tree {
        snapshot,
        verb: &call.verb,
    };
    let root = snapshot
        .resources
        .values()
        .find(|resource| resource.parent.is_none());
    let found = root.and_then(|root| tree.below(root, &parts, &BTreeMap::new()));
    let Some((resource, method, parameters)) = found else {
        return Err(Failure::missing_token(Why::no_route(snapshot, call)));
    };
    call.parameters = parameters;
    Ok((resource, method))
}

/// A part of a path, and the path from there on, which a greedy variable takes whole.
struct Part<'p> {
    text: &'p str,
    rest: &'p str,
}

/// Slashes at the end mean nothing, nor do several for one; inside a greedy variable they stay.
fn parts(path: &str) -> Vec<Part<'_>> {
    let path = path.trim_matches('/');
    let mut found = Vec::new();
    let mut at = 0;
    for text in path.split('/') {
        if !text.is_empty() {
            let rest = &path[at..];
            found.push(Part { text, rest });
        }
        at += text.len() + 1;
    }
    found
}

struct Tree<'s, 'c> {
    snapshot: &'s Snapshot,
    verb: &'c str,
}

type Parameters = BTreeMap<String, String>;

impl<'s> Tree<'s, '_> {
    fn below(
        &self,
        at: &'s Resource,
        parts: &[Part<'_>],
        known: &Parameters,
    ) -> Option<(&'s Resource, &'s Method, Parameters)> {
        let Some((part, rest)) = parts.split_first() else {
            let method = self.method(at)?;
            return Some((at, method, known.clone()));
        };
        let mut children: Vec<&Resource> = self.snapshot.resources.values().collect();
        children.retain(|child| child.parent.as_ref() == Some(&at.id));
        let fixed = children
            .iter()
            .find(|child| child.part == decoded(part.text));
        if let Some(found) = fixed.and_then(|child| self.below(child, rest, known)) {
            return Some(found);
        }
        // Of siblings one at most is a variable.
        let child = children
            .into_iter()
            .find(|child| child.part.starts_with('{'))?;
        let name = child.part.trim_start_matches('{').trim_end_matches('}');
        let mut known = known.clone();
        match name.strip_suffix('+') {
            Some(name) => {
                let method = self.method(child)?;
                known.insert(name.to_owned(), part.rest.to_owned());
                Some((child, method, known))
            }
            None => {
                known.insert(name.to_owned(), part.text.to_owned());
                self.below(child, rest, &known)
            }
        }
    }

    fn method(&self, resource: &'s Resource) -> Option<&'s Method> {
        let own = resource.methods.get(self.verb);
        own.or_else(|| resource.methods.get("ANY"))
    }
}
