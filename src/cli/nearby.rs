//! `--local` left out: what a command finds nothing of may be in the embedded cloud beside it.

use super::args::Global;
use super::failure::Failure;
use super::home::Home;
use super::open;

/// The failure, with a word of the embedded cloud where it has what was looked for elsewhere.
pub async fn told(global: &Global, failure: Failure) -> Failure {
    if !failure.is_of_place() {
        return failure;
    }
    match hint(global).await {
        // An address that was given is what was meant.
        Some(hint) if open::endpoint(global).is_some() => failure.also(hint),
        Some(hint) => failure.rather(hint),
        None => failure,
    }
}

/// Where the embedded cloud beside the manifest holds something, and was not asked.
pub async fn hint(global: &Global) -> Option<&'static str> {
    if global.local {
        return None;
    }
    let home = Home::of(global);
    if home.server().await.is_some() {
        return Some("`slp dev` serves this project on this machine: add --local to ask that");
    }
    let left = "the embedded cloud has what `slp dev` left: add --local to ask that";
    home.has_states().then_some(left)
}
