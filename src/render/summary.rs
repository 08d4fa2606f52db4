//! What an apply came to.

use std::time::Duration;

use super::events::{done, failed, seconds};
use super::style::{Paint, Style};
use super::value::counted;
use crate::addr::Addr;
use crate::cloud;
use crate::event::Outcome;
use crate::plan::Action;

/// What was done, what failed and why, what was skipped because of what, and what to run
/// next; `command` is what was run, `apply` or `destroy`. `told`: failures were told when they
/// happened, and are only counted.
pub fn summary(outcome: &Outcome, command: &str, told: bool, style: &Style) -> String {
    let mut out = String::new();
    for failure in outcome.failed.iter().filter(|_| !told) {
        let (addr, hint) = (failure.addr.as_str(), failure.hint.as_deref());
        out.push_str(&failed(addr, failure.action, &failure.error, hint, style));
        out.push('\n');
    }
    for (addr, because) in outcome.skipped.iter().filter(|_| !told) {
        out.push_str(&format!("  {addr}  not tried, because {because} failed\n"));
    }
    for addr in outcome.stopped.iter().filter(|_| !told) {
        out.push_str(&format!("  {addr}  stopped before it was finished\n"));
    }
    for addr in &outcome.not_started {
        out.push_str(&format!("  {addr}  not started\n"));
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(&totals(outcome, style));
    out.push_str(&next(outcome, command));
    out
}

fn totals(outcome: &Outcome, style: &Style) -> String {
    let order = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Delete,
        Action::Move,
        Action::Import,
        Action::Forget,
    ];
    let count = |action| outcome.done.iter().filter(|(_, a)| *a == action).count();
    let mut parts: Vec<String> = order
        .into_iter()
        .map(|action| (count(action), done(action)))
        .filter(|(count, _)| *count > 0)
        .map(|(count, done)| format!("{count} {done}"))
        .collect();
    if parts.is_empty() {
        parts.push("nothing changed".to_owned());
    }
    let failed = outcome.failed.len();
    let skipped = outcome.skipped.len() + outcome.not_started.len();
    parts.extend((failed > 0).then(|| format!("{failed} failed")));
    let stopped = outcome.stopped.len();
    parts.extend((stopped > 0).then(|| format!("{stopped} not finished")));
    parts.extend((skipped > 0).then(|| format!("{skipped} not tried")));
    let word = match (outcome.interrupted, failed) {
        (true, _) => style.paint(Paint::Changed, "Interrupted"),
        (false, 0) => style.paint(Paint::Added, "Done"),
        (false, _) => style.paint(Paint::Removed, "Failed"),
    };
    let calls = counted(outcome.calls, cloud::call());
    let took = Duration::try_from_secs_f64(outcome.seconds).unwrap_or_default();
    format!(
        "{word}: {} · {calls} · {}\n",
        parts.join(", "),
        seconds(took)
    )
}

fn next(outcome: &Outcome, command: &str) -> String {
    let look = match command {
        "destroy" => "plan --destroy",
        _ => "plan",
    };
    let next = match (outcome.interrupted, outcome.failed.is_empty()) {
        (true, true) if outcome.not_started.is_empty() && outcome.stopped.is_empty() => {
            return String::new();
        }
        (true, true) if command == "dev" => "The next round does the rest.".to_owned(),
        (true, _) => {
            format!("Run `slp {command}` again to do the rest, or `slp {look}` to see it.")
        }
        (false, false) => {
            format!("Mend what failed, then run `slp {command}` again: it does the rest.")
        }
        (false, true) => return String::new(),
    };
    if outcome.open.is_empty() {
        return format!("What was done is saved in the state. {next}\n");
    }
    let open: Vec<&str> = outcome.open.iter().map(Addr::as_str).collect();
    format!(
        "{} did not say whether it made {}. What was done stands in the journal: the next `slp apply`, `slp destroy` or `slp recover` asks again, and goes on from there.\n",
        cloud::begun(),
        open.join(", ")
    )
}

#[cfg(test)]
#[path = "summary_tests.rs"]
mod tests;
