//! The tests from outside: the real binary, over HTTP, against emulators of AWS that we did
//! not write, with the AWS CLI as the witness. One binary, for the SDK crates link slowly.
//! `UPDATE_TRANSCRIPTS=1` rewrites the transcripts.

#![expect(clippy::print_stderr, reason = "a failed test says how far it came")]

mod adopt;
mod agreement;
mod calls;
mod canary;
mod canary_by_hand;
mod cases;
mod code_errors;
mod commands;
mod conformance;
mod contract;
mod dev;
mod dev_events;
mod dev_inspect;
mod dev_runtimes;
mod dev_told;
mod drift;
mod emergency;
mod encryption;
mod environment;
mod events;
mod examples;
mod files;
mod functions;
mod gitops;
mod harness;
mod import;
mod kept;
mod kill;
mod leaving;
mod lifecycle;
mod local_safety;
mod local_server;
mod manifests;
mod outside;
mod page;
mod pipeline;
mod progress;
mod recordings;
mod refusals;
mod rehearse;
mod remote;
mod reviews;
mod rights;
mod rules;
mod served;
mod signals;
mod sources;
mod transcripts;
mod walkthrough;
