//! Plans, events, outcomes and states as text.
//!
//! Way in: [`plan`], [`event`], [`summary`], [`outputs`], [`listing`], [`resource`],
//! [`plan_json`]. Pure: text goes out, nothing is read or printed. No kind is known by
//! name: how a field looks stands in its `FieldChange`. Symbols carry the meaning and
//! colour only repeats it. Nothing that came from outside reaches a terminal unescaped,
//! and no secret does.

mod bytes;
mod events;
mod json;
mod logs;
mod outputs;
mod packages;
mod permissions;
mod plan;
mod rehearsal;
mod resource;
mod rows;
mod style;
mod summary;
mod value;

pub use events::event;
pub use json::{plan_json, plan_schema};
pub use logs::{log_line, ran};
pub use outputs::{outputs, outputs_json, raw};
pub use packages::{NoPackages, Packages, unified};
pub use permissions::permissions;
pub use plan::{brief, plan};
pub use resource::{listing, resource};
pub use style::{Paint, Style};
pub use summary::summary;
