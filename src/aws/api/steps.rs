//! Which calls lead from one API to another, in the order that AWS demands.
//!
//! What a stage serves is a snapshot, so nothing here is seen by callers until the stage
//! moves: a method may be taken away and put again.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::spec::{Facts, Response, Route, Spec, method_and_path};
use super::{Api, paths};
use crate::aws::patch::{Patch, PatchOp, escape};
use crate::aws::resource::Transition;
use crate::aws::tags;

/// One AWS call. Routes are named by their key, `GET /y`; values come from the wanted spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    CreateApi,
    /// One call for everything that changed of the API itself.
    UpdateApi(Vec<Patch>),
    Untag(Vec<String>),
    /// With the ownership tags, after a move.
    Tag {
        own: bool,
    },
    DeleteResource {
        path: String,
    },
    CreateResource {
        path: String,
    },
    DeleteMethod {
        route: String,
    },
    PutMethod {
        route: String,
    },
    PutIntegration {
        route: String,
    },
    PutMethodResponse {
        route: String,
        status: String,
    },
    PutIntegrationResponse {
        route: String,
        status: String,
    },
    DeleteApi,
}

pub fn steps(delta: &Transition<Api>) -> Vec<Step> {
    match (&delta.before, &delta.after) {
        (None, Some(after)) => {
            let mut steps = vec![Step::CreateApi];
            add_routes(after, &BTreeSet::new(), after.routes.keys(), &mut steps);
            steps
        }
        (Some(before), Some(after)) => update(before, after, delta),
        (Some(_), None) => vec![Step::DeleteApi],
        (None, None) => Vec::new(),
    }
}

fn update(before: &Spec, after: &Spec, delta: &Transition<Api>) -> Vec<Step> {
    let mut steps = Vec::new();
    let patches = patches(before, after);
    if !patches.is_empty() {
        steps.push(Step::UpdateApi(patches));
    }
    let (untag, tag) = tags::change(&before.tags, &after.tags);
    if !untag.is_empty() {
        steps.push(Step::Untag(untag));
    }
    if tag || delta.moved {
        steps.push(Step::Tag { own: delta.moved });
    }
    let wanted = paths::with_parents(after.routes.keys().map(|key| method_and_path(key).1));
    // Paths alone make no difference between two specs: those left over go with the next change.
    let (doomed, kept) = split(&delta.facts, &wanted);
    remove_routes(before, after, &doomed, &mut steps);
    let changed = after.routes.iter().filter_map(|(key, route)| {
        let old = before.routes.get(key).filter(|old| *old != route)?;
        Some((key, old, route))
    });
    for (key, old, route) in changed {
        change_route(key, old, route, &mut steps);
    }
    let added = after
        .routes
        .keys()
        .filter(|key| !before.routes.contains_key(*key));
    add_routes(after, &kept, added, &mut steps);
    steps
}

/// Paths that AWS has: those that go, and those that stay.
fn split<'a>(facts: &'a Facts, wanted: &BTreeSet<&str>) -> (BTreeSet<&'a str>, BTreeSet<&'a str>) {
    facts
        .resources
        .keys()
        .map(String::as_str)
        .partition(|path| !wanted.contains(path))
}

fn remove_routes(before: &Spec, after: &Spec, doomed: &BTreeSet<&str>, steps: &mut Vec<Step>) {
    for key in before.routes.keys() {
        let path = method_and_path(key).1;
        if !after.routes.contains_key(key) && !doomed.contains(path) {
            steps.push(Step::DeleteMethod { route: key.clone() });
        }
    }
    let paths = paths::deepest_first(doomed);
    steps.extend(paths.map(|path| Step::DeleteResource { path: path.into() }));
}

/// Adds routes in order of path, each path just before its methods.
fn add_routes<'a>(
    after: &'a Spec,
    have: &BTreeSet<&str>,
    keys: impl Iterator<Item = &'a String>,
    steps: &mut Vec<Step>,
) {
    let mut by_path: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for path in paths::with_parents(after.routes.keys().map(|key| method_and_path(key).1)) {
        by_path.insert(path, Vec::new());
    }
    for key in keys {
        by_path.entry(method_and_path(key).1).or_default().push(key);
    }
    for (path, keys) in by_path {
        if path != "/" && !have.contains(path) {
            steps.push(Step::CreateResource { path: path.into() });
        }
        for key in keys {
            if let Some(route) = after.routes.get(key) {
                put_route(key, route, steps);
            }
        }
    }
}

fn put_route(key: &str, route: &Route, steps: &mut Vec<Step>) {
    steps.push(Step::PutMethod { route: key.into() });
    steps.push(Step::PutIntegration { route: key.into() });
    for status in route.responses.keys() {
        steps.push(Step::PutMethodResponse {
            route: key.into(),
            status: status.clone(),
        });
    }
    put_answers(key, route, |_| true, steps);
}

fn put_answers(key: &str, route: &Route, which: impl Fn(&str) -> bool, steps: &mut Vec<Step>) {
    let answered = route
        .responses
        .iter()
        .filter(|(_, response)| response.answer.is_some());
    steps.extend(
        answered
            .filter(|(status, _)| which(status))
            .map(|(status, _)| Step::PutIntegrationResponse {
                route: key.into(),
                status: status.clone(),
            }),
    );
}

fn change_route(key: &str, old: &Route, new: &Route, steps: &mut Vec<Step>) {
    if must_be_put_again(old, new) {
        steps.push(Step::DeleteMethod { route: key.into() });
        return put_route(key, new, steps);
    }
    if integration_differs(old, new) {
        steps.push(Step::PutIntegration { route: key.into() });
        // Whether PutIntegration drops them is not documented.
        return put_answers(key, new, |_| true, steps);
    }
    let differs = |status: &str| old.responses.get(status) != new.responses.get(status);
    put_answers(key, new, differs, steps);
}

/// A method cannot be put over another, nor can a method response, and what slp cannot
/// write it cannot unwrite. UpdateMethod would save calls, but no emulator carries it out
/// (ministack stores `"true"` for true, moto knows no such call), and it heeds the order of
/// parameters and the mappings that use them; a stage's snapshot hides the gap.
fn must_be_put_again(old: &Route, new: &Route) -> bool {
    let method = |route: &Route| (route.auth.clone(), route.api_key, route.parameters.clone());
    let declared = |route: &Route| -> Vec<_> {
        let declared = route.responses.iter().map(|(status, response)| {
            let Response {
                headers,
                models,
                answer,
            } = response.clone();
            (status.clone(), headers, models, answer.is_some())
        });
        declared.collect()
    };
    method(old) != method(new) || declared(old) != declared(new) || old.extra != new.extra
}

fn integration_differs(old: &Route, new: &Route) -> bool {
    let bare = |route: &Route| Route {
        responses: BTreeMap::new(),
        ..route.clone()
    };
    bare(old) != bare(new)
}

/// What changed of the API itself. Texts that may hold references are looked up when the
/// call is made, by the patch's path.
fn patches(before: &Spec, after: &Spec) -> Vec<Patch> {
    let mut patches = Vec::new();
    let mut set = |differs: bool, path: &str, value: Option<String>| {
        if differs {
            patches.push(Patch::new(PatchOp::Replace, path, value));
        }
    };
    set(before.name != after.name, "/name", Some(after.name.clone()));
    set(before.description != after.description, DESCRIPTION, None);
    set(
        before.api_key_source != after.api_key_source,
        "/apiKeySource",
        Some(after.api_key_source.clone()),
    );
    let disable = after.disable_execute_api_endpoint;
    set(
        before.disable_execute_api_endpoint != disable,
        "/disableExecuteApiEndpoint",
        Some(disable.to_string()),
    );
    set(before.policy != after.policy, POLICY, None);
    // Without a value compression is off.
    let size = after.minimum_compression_size;
    set(
        before.minimum_compression_size != size,
        "/minimumCompressionSize",
        size.map(|size| size.to_string()),
    );
    set(
        before.endpoint != after.endpoint,
        "/endpointConfiguration/types/0",
        Some(after.endpoint.aws().into()),
    );
    let binary = |media: &String| (format!("/binaryMediaTypes/{}", escape(media)), None);
    members(
        &before.binary_media_types,
        &after.binary_media_types,
        binary,
        &mut patches,
    );
    let vpc = |id: &String| {
        (
            "/endpointConfiguration/vpcEndpointIds".to_owned(),
            Some(id.clone()),
        )
    };
    members(
        &before.vpc_endpoints,
        &after.vpc_endpoints,
        vpc,
        &mut patches,
    );
    patches
}

/// Patches whose value the call takes from the wanted spec.
pub const DESCRIPTION: &str = "/description";
pub const POLICY: &str = "/policy";

fn members(
    before: &BTreeSet<String>,
    after: &BTreeSet<String>,
    place: impl Fn(&String) -> (String, Option<String>),
    patches: &mut Vec<Patch>,
) {
    for (op, member) in before
        .difference(after)
        .map(|member| (PatchOp::Remove, member))
        .chain(
            after
                .difference(before)
                .map(|member| (PatchOp::Add, member)),
        )
    {
        let (path, value) = place(member);
        patches.push(Patch::new(op, path, value));
    }
}

/// AWS's name of the call.
pub fn call(step: &Step) -> &'static str {
    match step {
        Step::CreateApi => "CreateRestApi",
        Step::UpdateApi(_) => "UpdateRestApi",
        Step::Untag(_) => "UntagResource",
        Step::Tag { .. } => "TagResource",
        Step::DeleteResource { .. } => "DeleteResource",
        Step::CreateResource { .. } => "CreateResource",
        Step::DeleteMethod { .. } => "DeleteMethod",
        Step::PutMethod { .. } => "PutMethod",
        Step::PutIntegration { .. } => "PutIntegration",
        Step::PutMethodResponse { .. } => "PutMethodResponse",
        Step::PutIntegrationResponse { .. } => "PutIntegrationResponse",
        Step::DeleteApi => "DeleteRestApi",
    }
}
