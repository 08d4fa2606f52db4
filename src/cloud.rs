//! What the cloud that a run works on is called, in every sentence that means the place and not
//! the rules of AWS: one word for messages, plans, prompts and errors.
//!
//! A process works on one cloud: on AWS, or what answers like it elsewhere, unless [`embed`] says
//! that it is the embedded one. Only [`crate::cli`] says so, before anything else is done.

use std::sync::atomic::{AtomicBool, Ordering};

static EMBEDDED: AtomicBool = AtomicBool::new(false);

/// From now on the embedded cloud is meant.
pub fn embed() {
    EMBEDDED.store(true, Ordering::Relaxed);
}

fn is_embedded() -> bool {
    EMBEDDED.load(Ordering::Relaxed)
}

/// Within a sentence: `left in AWS`, `left in the embedded cloud`.
pub fn name() -> &'static str {
    match is_embedded() {
        true => "the embedded cloud",
        false => "AWS",
    }
}

/// Where a sentence begins.
pub fn begun() -> &'static str {
    match is_embedded() {
        true => "The embedded cloud",
        false => "AWS",
    }
}

/// How what there is nothing of yet is made, within a sentence.
pub fn first() -> &'static str {
    match is_embedded() {
        true => "run `slp apply --local` first, or `slp dev`",
        false => "run `slp apply` first",
    }
}

/// As a label: `AWS`, `cloud`.
pub fn label() -> &'static str {
    match is_embedded() {
        true => "cloud",
        false => "AWS",
    }
}

/// One call to it, without a number; with an `s` behind it, several.
pub fn call() -> &'static str {
    match is_embedded() {
        true => "call",
        false => "AWS call",
    }
}

/// What a call waits for that was refused for coming too fast.
pub fn to_accept() -> &'static str {
    match is_embedded() {
        true => "the embedded cloud to accept more calls",
        false => "AWS to accept more calls",
    }
}

/// What a call waits for that got no answer.
pub fn to_answer() -> &'static str {
    match is_embedded() {
        true => "the embedded cloud to answer",
        false => "AWS to answer",
    }
}
