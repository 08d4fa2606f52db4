//! A managed policy as a person would write it.

use super::Spec;
use crate::aws::raise;
use crate::import::{Fields, Raising};
use crate::scope::Scope;

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let mut fields = Fields::default();
    r.name(&spec.name, &mut fields);
    fields.differing("path", spec.path.as_str(), "/");
    let description = spec.description.to_string();
    fields.differing("description", r.literal(&description), String::new());
    if !raise::statements(&spec.document, r, &mut fields) {
        fields.block("document", raise::whole(&spec.document, r));
    }
    r.own_tags(&spec.tags, &mut fields);
    fields
}

/// The ARN of a policy of this account, given that or its name.
pub fn id_of(text: &str, scope: &Scope) -> Option<String> {
    let head = scope.arn("iam", "policy/");
    match text.contains([':', '/']) {
        true => text.starts_with(&head).then(|| text.to_owned()),
        false => Some(format!("{head}{text}")),
    }
}
