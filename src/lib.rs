//! slp, a declarative deployer for serverless applications on AWS.
//!
//! ```text
//! slp.toml ─manifest→ Declared(+spans) ─┐
//! cloud ─identify, sources (async)──────┴resolve→ Desired ─┐
//!                                                          ├─plan→ Plan ─render→ text | JSON | Markdown | HTML
//! state ─store→ State ─refresh(cloud, read)→ Live ─────────┘         └─apply(cloud, store)→ State′ + Events ─render→
//! ```
//!
//! Data flows forward only. [`plan::Plan`] is the object that is shown, saved and applied:
//! a pure value, complete, with no meaningful choice left for [`apply`]. Destroy has no
//! engine of its own: it is the plan of no resources.
//!
//! [`local`] is a small AWS of our own: the SDK's requests reach it in process or over HTTP, so
//! it knows nothing of the rest but what IAM's policies mean ([`iam`]), what AWS takes of a value
//! by itself ([`bounds`]) and how zips are unpacked ([`package`]), and only [`cli`] knows of it.
//! There a rehearsal fills one with what AWS has, and lets [`apply`] work on it.
//!
//! Downwards only: `main → cli → {render, aws, local} → {refresh, apply, gates, import, rights} → {plan,
//! resolve, manifest, state, provider} → {diff, graph, iam, bounds, text, trace, cloud, addr, cancel, event, files,
//! written}`. Only [`aws`]
//! names the SDK, only [`cli`] prints, and `manifest`, `resolve`, `graph`, `diff`, `iam`,
//! `plan`, `rights` and `render` have nothing to await; tests hold these rules.
//!
//! To add a kind of resource read [`aws::resource`]; to follow a command, its file in [`cli`].
//! What a plan may not do without a waiver is in [`gates`], who may do more by it in
//! [`rights`], how tables are written for what exists in [`import`]. What a killed run leaves and
//! how it is finished: [`state`] and [`apply::settle`]; how machines share a state in a bucket:
//! [`state::remote`].

pub mod addr;
pub mod apply;
pub mod aws;
pub mod bounds;
pub mod cancel;
pub mod cli;
pub mod cloud;
pub mod diff;
pub mod elsewhere;
pub mod event;
pub mod files;
#[cfg(any(test, fuzzing))]
pub mod fuzz;
pub mod gates;
pub mod graph;
pub mod iam;
pub mod import;
pub mod kind;
pub mod local;
pub mod manifest;
pub mod package;
pub mod plan;
pub mod problem;
pub mod provider;
pub mod refresh;
pub mod render;
pub mod resolve;
pub mod rights;
pub mod scope;
pub mod state;
pub mod text;
pub mod trace;
pub mod written;
