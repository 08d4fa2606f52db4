//! A permission as a person would write it.

use super::Spec;
use super::decl::{INVOKE, RESERVED};
use crate::addr::is_name;
use crate::import::{Fields, Raising};
use crate::text::Text;

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let optional = |text: &Option<Text>| text.as_ref().map(|text| r.text(text));
    let mut fields = Fields::default();
    fields.set("principal", r.text(&spec.principal));
    fields.differing("action", spec.action.as_str(), INVOKE);
    fields.optional("source_arn", optional(&spec.source_arn));
    fields.optional("source_account", optional(&spec.source_account));
    fields.optional("org_id", optional(&spec.org_id));
    fields.optional("event_source_token", optional(&spec.event_source_token));
    fields.optional(
        "function_url_auth_type",
        spec.function_url_auth_type.as_deref(),
    );
    fields.differing(
        "invoked_via_function_url",
        spec.invoked_via_function_url,
        false,
    );
    fields.optional("alias", spec.alias.as_deref());
    fields
}

/// Can a manifest hold a statement of this name? What slp adds has names of its own.
pub fn is_writable(sid: &str) -> bool {
    is_name(sid) && !sid.starts_with("slp-") && !sid.starts_with(RESERVED)
}
