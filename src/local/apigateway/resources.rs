//! The tree of paths.

use serde_json::{Map, Value, json};

use super::error::{bad_request, conflict, limit, not_found};
use super::find::{self, API, gateway};
use super::model::Resource;
use super::patch::Op;
use super::snapshot::key;
use super::{ApiGateway, members, page, patch};
use crate::bounds::texts::is_path_part;
use crate::local::error::AwsError;
use crate::local::turn::{LOWER, Turn, random};
use crate::local::wire::{Answer, Input, Reply};

const PARENT: &str = "parent_id";
/// AWS's quota of resources an API.
const MOST: usize = 300;
const UPDATES: [&str; 2] = ["/parentId", "/pathPart"];

pub fn create_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let api = input.path(API);
    let part = members::text(&input.body, "pathPart")?.unwrap_or_default();
    let gateway = gateway(turn);
    let parent = gateway.resources.get(&key(api, input.path(PARENT)));
    let parent = parent.ok_or_else(|| not_found("Resource"))?;
    let resource = Resource {
        id: random(LOWER, 6),
        parent: Some(parent.id.clone()),
        path: below(&parent.path, &part),
        part,
        methods: Default::default(),
    };
    gateway.fits(api, &resource)?;
    if gateway.resources.under(&key(api, "")).count() >= MOST {
        return Err(limit(format!(
            "Maximum number of resources for this API has been reached: {MOST}. Please contact \
             AWS if you need additional resources."
        )));
    }
    let answer = view(&resource, false);
    gateway.resources.insert(key(api, &resource.id), resource);
    Ok(answer.into())
}

pub fn get_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let embed = embeds(input);
    Ok(view(find::resource(turn, input)?, embed).into())
}

pub fn get_resources(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let embed = embeds(input);
    let own = key(&find::api(turn, input)?.id, "");
    let resources = gateway(turn).resources.under(&own);
    page::page(input, resources, |resource| view(resource, embed))
}

pub fn update_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateResourceInput")?;
    let mut resource = find::resource(turn, input)?.clone();
    let api = input.path(API);
    let gateway = gateway(turn);
    for patch in &patches {
        let field = match (patch.op, &patch.parts()[..]) {
            (Op::Replace, [field @ ("parentId" | "pathPart")]) => *field,
            _ => return Err(patch.unknown_of(&UPDATES)),
        };
        if resource.parent.is_none() {
            return Err(bad_request(format!(
                "Root resource cannot update its {field}."
            )));
        }
        match field {
            "pathPart" => resource.part = patch.text().to_owned(),
            _ => resource.parent = Some(patch.text().to_owned()),
        }
        gateway.fits(api, &resource)?;
    }
    let answer = gateway.moved(api, resource)?;
    Ok(answer.into())
}

pub fn delete_resource(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let resource = find::resource(turn, input)?;
    if resource.parent.is_none() {
        return Err(bad_request("The root resource cannot be deleted."));
    }
    let id = resource.id.clone();
    let gateway = gateway(turn);
    for gone in gateway.subtree(input.path(API), &id) {
        gateway.resources.remove(&gone);
    }
    Ok(Reply::empty())
}

impl ApiGateway {
    /// May a resource stand where it says that it stands?
    fn fits(&self, api: &str, resource: &Resource) -> Result<(), AwsError> {
        let parent = resource.parent.as_deref().unwrap_or_default();
        let parent = self.resources.get(&key(api, parent));
        let parent = parent.ok_or_else(|| not_found("Resource"))?;
        if self
            .subtree(api, &resource.id)
            .contains(&key(api, &parent.id))
        {
            return Err(bad_request("Resources cannot be cyclical."));
        }
        check_part(&resource.part)?;
        if parent.part.ends_with("+}") {
            return Err(bad_request(format!(
                "Cannot create a child of a resource with a greedy path variable: {}",
                parent.part
            )));
        }
        self.alone(api, resource)
    }

    /// Siblings have names of their own, and one of them at most is a variable.
    fn alone(&self, api: &str, resource: &Resource) -> Result<(), AwsError> {
        let own = key(api, "");
        let resources = self.resources.under(&own).map(|(_, other)| other);
        let siblings: Vec<&Resource> = resources
            .filter(|other| other.parent == resource.parent && other.id != resource.id)
            .collect();
        let part = &resource.part;
        if siblings.iter().any(|other| other.part == *part) {
            return Err(conflict(format!(
                "Another resource with the same parent already has this name: {part}"
            )));
        }
        let variable = |part: &str| part.starts_with('{');
        match siblings.iter().find(|other| variable(&other.part)) {
            Some(other) if variable(part) => Err(bad_request(format!(
                "A sibling ({}) of this resource already has a variable path part -- only one is \
                 allowed",
                other.part
            ))),
            _ => Ok(()),
        }
    }

    /// The rows of a resource and all below it.
    fn subtree(&self, api: &str, id: &str) -> Vec<String> {
        let own = key(api, "");
        let mut ids = vec![id.to_owned()];
        let mut at = 0;
        while let Some(parent) = ids.get(at).cloned() {
            let children = self.resources.under(&own).map(|(_, resource)| resource);
            let children = children.filter(|child| child.parent.as_ref() == Some(&parent));
            ids.extend(children.map(|child| child.id.clone()).collect::<Vec<_>>());
            at += 1;
        }
        ids.iter().map(|id| key(api, id)).collect()
    }

    /// Puts a resource where it now stands, and writes the paths below it anew.
    fn moved(&mut self, api: &str, resource: Resource) -> Result<Value, AwsError> {
        let row = key(api, &resource.id);
        let rows = self.subtree(api, &resource.id);
        self.resources.insert(row.clone(), resource);
        for row in rows {
            let parent = self
                .resources
                .get(&row)
                .and_then(|resource| resource.parent.clone());
            let parent = parent.and_then(|parent| self.resources.get(&key(api, &parent)));
            let parent = parent.map(|parent| parent.path.clone());
            if let (Some(parent), Some(resource)) = (parent, self.resources.get_mut(&row)) {
                resource.path = below(&parent, &resource.part);
            }
        }
        let resource = self.resources.get(&row);
        let resource = resource.ok_or_else(|| not_found("Resource"))?;
        Ok(view(resource, false))
    }
}

fn check_part(part: &str) -> Result<(), AwsError> {
    match is_path_part(part) {
        true => Ok(()),
        false => Err(bad_request(
            "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and \
             curly braces at the beginning and the end.",
        )),
    }
}

fn below(parent: &str, part: &str) -> String {
    format!("{}/{part}", parent.trim_end_matches('/'))
}

fn embeds(input: &Input) -> bool {
    input.queries("embed").any(|what| what == "methods")
}

/// Methods show by their verbs alone, unless they were asked for.
fn view(resource: &Resource, embed: bool) -> Value {
    let mut view = json!({"id": resource.id, "path": resource.path});
    if let Some(parent) = &resource.parent {
        view["parentId"] = json!(parent);
        view["pathPart"] = json!(resource.part);
    }
    if !resource.methods.is_empty() {
        let methods = resource.methods.iter();
        let shown = methods.map(|(verb, method)| match embed {
            true => (verb.clone(), json!(method)),
            false => (verb.clone(), json!({})),
        });
        view["resourceMethods"] = Value::Object(shown.collect::<Map<_, _>>());
    }
    view
}
