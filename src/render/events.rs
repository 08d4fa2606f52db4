//! One line for each event, for a log; what is under way is `progress`'s.

use std::time::Duration;

use super::style::{Paint, Style};
use super::value::printable;
use crate::event::Event;
use crate::plan::Action;

/// The event's line, without a line break; `None` where a log need not know.
pub fn event(event: &Event, style: &Style) -> Option<String> {
    match event {
        Event::Began(_) | Event::Ended(_) | Event::Started { .. } | Event::Uploading { .. } => None,
        Event::Waiting {
            addr, why, waited, ..
        } => {
            let so_far = match waited.as_secs() {
                0 => String::new(),
                seconds => format!(", {seconds} s"),
            };
            let why = printable(why.trim_start_matches("waiting for "));
            Some(format!("  {addr}  waiting for {why}{so_far}"))
        }
        Event::Finished { addr, action, took } => Some(format!(
            "{} {addr}  {} in {}",
            style.symbol(action.symbol()),
            done(*action),
            seconds(*took)
        )),
        Event::Failed {
            addr,
            action,
            error,
            hint,
            ..
        } => Some(failed(
            addr.as_str(),
            *action,
            error,
            hint.as_deref(),
            style,
        )),
        Event::Stopped {
            addr, action, why, ..
        } => {
            let (why, done) = (printable(why), done(*action));
            Some(format!(
                "  {addr}  stopped while waiting for {why}; not {done} yet"
            ))
        }
        Event::Skipped { addr, because } => {
            Some(format!("  {addr}  skipped, because {because} failed"))
        }
        Event::Note(text) => Some(printable(text)),
    }
}

/// The error and its hint, which may take two lines.
pub(super) fn failed(
    addr: &str,
    action: Action,
    error: &str,
    hint: Option<&str>,
    style: &Style,
) -> String {
    let symbol = style.paint(Paint::Removed, "✗");
    let error = printable(error);
    let line = format!("{symbol} {addr}  could not {}: {error}", action.verb());
    match hint {
        Some(hint) => format!("{line}\n    {}", printable(hint)),
        None => line,
    }
}

/// `created`, as in `3 created`.
pub(super) fn done(action: Action) -> &'static str {
    match action {
        Action::Create => "created",
        Action::Update => "updated",
        Action::Replace => "replaced",
        Action::Delete => "deleted",
        Action::Move => "moved",
        Action::Import => "taken over",
        Action::Forget => "forgotten",
        Action::Learn => "learned",
    }
}

/// `12 s`, `2 min 5 s`; a part of a second counts as one.
pub(super) fn whole_seconds(time: Duration) -> String {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    match seconds {
        0..60 => format!("{seconds} s"),
        all => format!("{} min {} s", all / 60, all % 60),
    }
}

/// `1.2 s`, `2 min 5 s`.
pub(super) fn seconds(took: Duration) -> String {
    match took.as_secs() {
        0..60 => format!("{:.1} s", took.as_secs_f64()),
        all => format!("{} min {} s", all / 60, all % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Addr;
    use crate::event::Phase;

    #[test]
    fn each_event_is_a_line() {
        let addr = || Addr::root_of("role", "x");
        let table = [
            (Event::Began(Phase::Reading { resources: 1 }), None),
            (
                Event::Started {
                    addr: addr(),
                    action: Action::Create,
                },
                None,
            ),
            (
                Event::Finished {
                    addr: addr(),
                    action: Action::Create,
                    took: Duration::from_millis(1234),
                },
                Some("+ role.x  created in 1.2 s"),
            ),
            (
                Event::Finished {
                    addr: addr(),
                    action: Action::Replace,
                    took: Duration::from_secs(125),
                },
                Some("-/+ role.x  replaced in 2 min 5 s"),
            ),
            (
                Event::Waiting {
                    addr: addr(),
                    why: "IAM to let Lambda assume its role".into(),
                    waited: Duration::from_secs(6),
                    pause: Duration::ZERO,
                },
                Some("  role.x  waiting for IAM to let Lambda assume its role, 6 s"),
            ),
            (
                Event::Failed {
                    addr: addr(),
                    action: Action::Update,
                    error: "CreateRole: no\u{1b}[2J".into(),
                    hint: Some("try that".into()),
                    took: Duration::ZERO,
                },
                Some("✗ role.x  could not update: CreateRole: no\\u{1b}[2J\n    try that"),
            ),
            (
                Event::Stopped {
                    addr: addr(),
                    action: Action::Create,
                    why: "IAM to know it".into(),
                    took: Duration::ZERO,
                },
                Some("  role.x  stopped while waiting for IAM to know it; not created yet"),
            ),
            (
                Event::Skipped {
                    addr: addr(),
                    because: Addr::root_of("policy", "y"),
                },
                Some("  role.x  skipped, because policy.y failed"),
            ),
            (Event::Note("hello".into()), Some("hello")),
        ];
        for (happened, line) in table {
            assert_eq!(event(&happened, &Style::default()).as_deref(), line);
        }
    }
}
