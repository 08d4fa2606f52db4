//! A role as a person would write it.

use serde_json::json;

use super::Spec;
use crate::aws::document::{Document, VERSION};
use crate::aws::raise;
use crate::import::{Fields, Raising};
use crate::scope::Scope;

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let mut fields = Fields::default();
    r.name(&spec.name, &mut fields);
    match principals(&spec.trust, r).as_deref() {
        Some([one]) => fields.set("trust", one.as_str()),
        Some(many) => fields.set("trust", many.to_vec()),
        None => fields.block("trust", raise::whole(&spec.trust, r)),
    }
    fields.list("attach", r.all_named("policy", &spec.attach));
    fields.optional(
        "boundary",
        spec.boundary.as_ref().map(|arn| r.named("policy", arn)),
    );
    fields.differing("path", spec.path.as_str(), "/");
    fields.differing("description", r.text(&spec.description), String::new());
    fields.differing("max_session_duration", spec.max_session_duration, 3600);
    let mut inline = Fields::default();
    for (name, document) in &spec.inline {
        if name != "slp" || !raise::statements(document, r, &mut fields) {
            inline.block(name, raise::whole(document, r));
        }
    }
    fields.block("inline", inline);
    r.own_tags(&spec.tags, &mut fields);
    fields
}

/// The principals of a trust policy that says nothing but who may assume the role.
fn principals(trust: &Document, r: &Raising) -> Option<Vec<String>> {
    let who = trust
        .value()
        .pointer("/Statement/0/Principal")?
        .as_object()?;
    let mut all = Vec::new();
    for (kind, names) in who {
        for name in names.as_array()? {
            let name = name.as_str()?;
            // The short form tells them apart by their names.
            let service = name.ends_with(".amazonaws.com") || name.ends_with(".amazonaws.com.cn");
            if kind != if service { "Service" } else { "AWS" } {
                return None;
            }
            all.push(name.to_owned());
        }
    }
    let statement = json!({ "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": who });
    let plain = json!({ "Version": VERSION, "Statement": [statement] });
    (Document::new(&plain) == *trust)
        .then(|| {
            all.iter()
                .map(|name| r.plain(name))
                .collect::<Vec<String>>()
        })
        .filter(|all| !all.is_empty())
}

/// What a role refers to.
pub fn uses(spec: &Spec) -> Vec<String> {
    let texts = spec.attach.iter().chain(&spec.boundary);
    texts.map(ToString::to_string).collect()
}

/// The name in a role's ARN.
pub fn id_of(arn: &str, scope: &Scope) -> Option<String> {
    let path = arn.strip_prefix(&scope.arn("iam", "role/"))?;
    path.rsplit('/').next().map(str::to_owned)
}
