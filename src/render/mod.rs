//! Plans, events, outcomes and states as text.
//!
//! Way in: [`plan`] for a terminal and [`formed`] for every form of a plan, [`event`],
//! [`summary`], [`outputs`], [`listing`], [`resource`], [`plan_json`]. Pure: text goes out, nothing is read or printed. No kind is known by
//! name: how a field looks stands in its `FieldChange`. Symbols carry the meaning and
//! colour only repeats it. Nothing that came from outside reaches a terminal unescaped,
//! and no secret does.

mod bytes;
mod events;
mod form;
mod gates;
mod github;
mod html;
mod json;
mod logs;
mod markdown;
mod markup;
mod outputs;
mod packages;
mod permissions;
mod plan;
mod progress;
mod rehearsal;
mod requests;
mod resource;
mod review;
mod routes;
mod rows;
mod served;
mod short;
mod stream;
mod style;
mod summary;
mod value;
mod why;
mod words;

pub use events::event;
pub use form::{Form, formed};
pub use github::{Mark, mark};
pub use json::{plan_json, plan_schema};
pub use logs::{brief_line, log_json, log_line};
pub use outputs::{outputs, outputs_json, raw};
pub use packages::{NoPackages, Packages};
pub use plan::{brief, plan};
pub use progress::{Progress, Slow};
pub use requests::{Request, below, request, trace};
pub use resource::{listing, resource};
pub use review::{Beside, Edges, Point, Section};
pub use routes::{Route, routes};
pub use served::{Asked, Ran, Reason, told_seconds};
pub use stream::{Line, events_schema, line};
pub use style::{Paint, Style, folded};
pub use summary::summary;
pub use value::printable;
pub use why::{Why, why, why_json};
