//! What is under way, told while it lasts: one line for a terminal, and for a log a line of what
//! takes long. Fed by events; times are those since any moment that the caller keeps to.

use std::time::Duration;

use super::bytes::size;
use super::events::{done, whole_seconds};
use super::style::columns;
use super::value::{counted, elided, printable};
use crate::addr::Addr;
use crate::event::{Event, Phase};
use crate::plan::Action;

/// What ends sooner is not told on a terminal.
const SOON: Duration = Duration::from_millis(500);
/// What is of no resource is told first after this.
const FIRST_OF_A_PHASE: Duration = Duration::from_secs(1);
/// A resource, and any phase again, after this.
const FIRST: Duration = Duration::from_secs(10);
/// And then each time after this.
const EVERY: Duration = Duration::from_secs(30);
/// Between two pauses a held call is tried again.
const TRY: Duration = Duration::from_secs(2);

/// All that is under way, the oldest first.
#[derive(Debug, Default)]
pub struct Progress {
    work: Vec<Work>,
    /// Since when there is anything.
    busy: Option<Duration>,
    /// How many tasks of an apply have ended.
    ended: usize,
}

#[derive(Debug)]
struct Work {
    what: What,
    since: Duration,
    /// When it is told in a log again.
    next: Option<Duration>,
    detail: Option<Detail>,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Phase(Phase),
    Change(Addr, Action),
    /// A wait that belongs to no change.
    Wait(Addr),
}

/// What a change is about at the moment.
#[derive(Clone, Debug, PartialEq)]
enum Detail {
    Uploads(usize),
    Waits { why: String, until: Duration },
}

/// Something that takes long, as a log tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Slow {
    /// The line for people.
    pub text: String,
    /// For programs: the change that it is about.
    pub change: Option<(Addr, Action)>,
    pub took: Duration,
}

impl Progress {
    /// Takes note of an event. Is it worth a line of its own? A wait that goes on is not.
    pub fn hear(&mut self, event: &Event, now: Duration) -> bool {
        self.forget_waits(now);
        let is_news = match event {
            Event::Began(phase) => self.begin(What::Phase(phase.clone()), now),
            Event::Ended(phase) => self.end(&What::Phase(phase.clone())),
            Event::Started { addr, action } => self.begin(What::Change(addr.clone(), *action), now),
            Event::Uploading { addr, bytes } => self.detail(addr, Detail::Uploads(*bytes), now),
            Event::Waiting {
                addr, why, pause, ..
            } => {
                let (why, until) = (why.clone(), now + *pause + TRY);
                self.detail(addr, Detail::Waits { why, until }, now)
            }
            Event::Finished { addr, action, .. }
            | Event::Failed { addr, action, .. }
            | Event::Stopped { addr, action, .. } => {
                self.ended += 1;
                self.end(&What::Change(addr.clone(), *action))
            }
            Event::Skipped { .. } | Event::Note(_) => true,
        };
        self.busy = match self.work.is_empty() {
            true => None,
            false => self.busy.or(Some(now)),
        };
        is_news
    }

    pub fn is_idle(&self) -> bool {
        self.work.is_empty()
    }

    /// Nothing is under way any more.
    pub fn clear(&mut self) {
        *self = Progress::default();
    }

    fn begin(&mut self, what: What, now: Duration) -> bool {
        let first = match &what {
            What::Phase(Phase::Applying { .. }) => {
                self.ended = 0;
                None
            }
            What::Phase(_) => Some(FIRST_OF_A_PHASE),
            What::Change(..) | What::Wait(_) => Some(FIRST),
        };
        self.work.push(Work {
            what,
            since: now,
            next: first.map(|first| now + first),
            detail: None,
        });
        true
    }

    fn end(&mut self, what: &What) -> bool {
        let at = self.work.iter().rposition(|work| work.what == *what);
        at.map(|at| self.work.remove(at));
        true
    }

    /// What a change is about; is it something else than before?
    fn detail(&mut self, of: &Addr, detail: Detail, now: Duration) -> bool {
        let is_of = |work: &Work| match &work.what {
            What::Change(addr, _) | What::Wait(addr) => addr == of,
            What::Phase(_) => false,
        };
        if !self.work.iter().any(is_of) {
            self.begin(What::Wait(of.clone()), now);
        }
        let Some(work) = self.work.iter_mut().find(|work| is_of(work)) else {
            return true;
        };
        let is_same = match (&work.detail, &detail) {
            (Some(Detail::Waits { why: old, .. }), Detail::Waits { why, .. }) => old == why,
            _ => false,
        };
        work.detail = Some(detail);
        !is_same
    }

    /// No event says that a wait is over.
    fn forget_waits(&mut self, now: Duration) {
        let lasts = |work: &Work| !matches!(work.what, What::Wait(_)) || work.waits(now).is_some();
        self.work.retain(lasts);
    }

    /// The line for a terminal of so many columns; `None` while nothing lasts.
    pub fn line(&self, now: Duration, width: usize) -> Option<String> {
        let lasts = self.busy.is_some_and(|since| now >= since + SOON);
        let changes = self.work.iter().filter(|work| !work.is_phase());
        let (first, others) = match changes.clone().next() {
            Some(first) => (first, changes.count() - 1),
            None => (self.work.last()?, 0),
        };
        let mut ends = first.waited(now);
        if others > 0 {
            ends.push_str(&format!(" · +{others} more"));
        }
        let text = first.text(now, &self.total());
        let room = width.saturating_sub(columns(&ends) + 1);
        let line = format!("{}{ends}", elided(&text, room, 0));
        lasts.then_some(line)
    }

    /// `2 of 6 done`, while a plan is carried out.
    fn total(&self) -> Option<String> {
        self.work.iter().find_map(|work| match work.what {
            What::Phase(Phase::Applying { tasks }) => {
                Some(format!("{} of {tasks} done", self.ended))
            }
            _ => None,
        })
    }

    /// What is to be told in a log by now; it is told once.
    pub fn due(&mut self, now: Duration) -> Vec<Slow> {
        self.forget_waits(now);
        let due = |work: &&mut Work| work.next.is_some_and(|next| next <= now);
        let slow = self.work.iter_mut().filter(due).map(|work| {
            let slow = work.slow(now);
            let took = now.saturating_sub(work.since);
            work.next = Some(work.since + after(took));
            slow
        });
        slow.collect()
    }

    /// When something is to be told next.
    pub fn next(&self) -> Option<Duration> {
        self.work.iter().filter_map(|work| work.next).min()
    }
}

/// The next of 10 s, 40 s, 70 s …
fn after(took: Duration) -> Duration {
    let mut next = FIRST;
    while next <= took {
        next += EVERY;
    }
    next
}

impl Work {
    fn is_phase(&self) -> bool {
        matches!(self.what, What::Phase(_))
    }

    /// What it waits for now.
    fn waits(&self, now: Duration) -> Option<&str> {
        match &self.detail {
            Some(Detail::Waits { why, until }) if now <= *until => Some(why),
            _ => None,
        }
    }

    /// `, 12 s`; nothing before the first second is over.
    fn waited(&self, now: Duration) -> String {
        match now.saturating_sub(self.since).as_secs() {
            0 => String::new(),
            seconds => format!(", {}", whole_seconds(Duration::from_secs(seconds))),
        }
    }

    /// `being created`, `waiting for IAM`.
    fn doing(&self, now: Duration) -> String {
        if let Some(why) = self.waits(now) {
            let why = printable(why.trim_start_matches("waiting for "));
            return format!("waiting for {why}");
        }
        match (&self.detail, &self.what) {
            (Some(Detail::Uploads(bytes)), _) => {
                format!(
                    "uploading {}",
                    size(u64::try_from(*bytes).unwrap_or(u64::MAX))
                )
            }
            (_, What::Change(_, action)) => format!("being {}", done(*action)),
            _ => "waiting".to_owned(),
        }
    }

    fn text(&self, now: Duration, total: &Option<String>) -> String {
        match (&self.what, total) {
            (What::Change(addr, _) | What::Wait(addr), Some(total)) => {
                format!("{total} · {addr} {}", self.doing(now))
            }
            (What::Change(addr, _) | What::Wait(addr), None) => {
                format!("{addr} {}", self.doing(now))
            }
            (What::Phase(Phase::Applying { .. }), Some(total)) => total.clone(),
            (What::Phase(phase), _) => name(phase),
        }
    }

    fn slow(&self, now: Duration) -> Slow {
        let took = now.saturating_sub(self.since);
        let text = match &self.what {
            What::Phase(phase) if took < FIRST => name(phase),
            What::Phase(phase) => format!("still {}{}", name(phase), self.waited(now)),
            What::Change(addr, _) | What::Wait(addr) => {
                format!("  {addr}  still {}{}", self.doing(now), self.waited(now))
            }
        };
        let change = match &self.what {
            What::Change(addr, action) => Some((addr.clone(), *action)),
            What::Phase(_) | What::Wait(_) => None,
        };
        Slow { text, change, took }
    }
}

fn name(phase: &Phase) -> String {
    match phase {
        Phase::Reading { resources } => format!("reading {}", counted(*resources, "resource")),
        Phase::Applying { tasks } => format!("doing {}", counted(*tasks, "task")),
        Phase::Named(name) => printable(name),
    }
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
