//! A stage as a person would write it.

use super::Spec;
use crate::import::{Fields, Raising};

pub fn raise(spec: &Spec, r: &Raising) -> Fields {
    let mut fields = Fields::default();
    for (what, value) in &spec.extra {
        r.lost(format!("{what} ({value})"));
    }
    fields.differing("description", r.text(&spec.description), String::new());
    fields.differing("tracing", spec.tracing, false);
    if let Some(throttle) = spec.throttle {
        let mut limits = Fields::default();
        limits.set("rate", throttle.rate);
        limits.set("burst", throttle.burst);
        fields.inline("throttle", limits);
    }
    fields.block("variables", r.texts(&spec.variables));
    r.own_tags(&spec.tags, &mut fields);
    fields
}
