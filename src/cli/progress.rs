//! Tells what is under way while it lasts, in the form that the reader can use: a line that is
//! redrawn at a terminal, a line in ten and then in thirty seconds in a log. What is told, and
//! when, is `render`'s.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressState, ProgressStyle};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::width::stderr_width;
use crate::event::Event;
use crate::render::{Progress, Slow};

/// The line shows seconds, and appears after half of one.
const REDRAW: Duration = Duration::from_millis(500);

/// What is under way in this process. Clones watch the same.
#[derive(Clone)]
pub struct Watch {
    shared: Arc<Shared>,
    /// At a terminal.
    bar: Option<ProgressBar>,
}

struct Shared {
    progress: Mutex<Progress>,
    /// The moment that times are counted from.
    origin: Instant,
    /// Something began or ended.
    changed: Notify,
}

impl Watch {
    /// Tells a log.
    pub fn log() -> Watch {
        Watch {
            shared: Arc::new(Shared {
                progress: Mutex::default(),
                origin: Instant::now(),
                changed: Notify::new(),
            }),
            bar: None,
        }
    }

    /// Draws at the terminal that stderr is.
    pub fn terminal() -> Watch {
        let watch = Watch::log();
        let shared = watch.shared.clone();
        let line = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
            let line = shared.progress().line(shared.now(), stderr_width());
            let _ = out.write_str(&line.unwrap_or_default());
        };
        let style =
            ProgressStyle::with_template("{line}").map(|style| style.with_key("line", line));
        let bar = style.ok().map(|style| {
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr())
                .with_style(style)
                .with_finish(ProgressFinish::AndClear)
        });
        Watch { bar, ..watch }
    }

    pub fn is_drawn(&self) -> bool {
        self.bar.is_some()
    }

    /// Takes note of an event; is it worth a line of its own?
    pub fn hear(&self, event: &Event) -> bool {
        let mut progress = self.shared.progress();
        let was_idle = progress.is_idle();
        let is_news = progress.hear(event, self.shared.now());
        let is_idle = progress.is_idle();
        drop(progress);
        self.shared.changed.notify_one();
        match (was_idle, is_idle, &self.bar) {
            (true, false, Some(bar)) => bar.enable_steady_tick(REDRAW),
            (false, true, Some(bar)) => wipe(bar),
            _ => {}
        }
        is_news
    }

    /// Does this without the drawn line in the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(print),
            None => print(),
        }
    }

    /// Does the work, and tells meanwhile what takes long in it; nothing is under way afterwards.
    pub fn during<'a, T>(
        &'a self,
        tell: impl Fn(Slow) + 'a,
        work: impl Future<Output = T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        // A whole command's: too large to be handed on.
        let work = Box::pin(work);
        async move {
            let ended = tokio::select! {
                biased;
                ended = work => ended,
                never = self.tell_slow(tell) => match never {},
            };
            self.clear();
            ended
        }
    }

    /// Takes the line away for good: the process is about to end.
    pub fn clear(&self) {
        self.shared.progress().clear();
        if let Some(bar) = &self.bar {
            wipe(bar);
        }
    }

    async fn tell_slow(&self, tell: impl Fn(Slow)) -> Infallible {
        let changed = &self.shared.changed;
        loop {
            // A terminal shows it all the time.
            let next = self.shared.progress().next().filter(|_| self.bar.is_none());
            match next {
                None => changed.notified().await,
                Some(next) => {
                    let next = tokio::time::sleep_until(self.shared.origin + next);
                    tokio::select! {
                        () = changed.notified() => {}
                        () = next => {
                            let due = self.shared.progress().due(self.shared.now());
                            due.into_iter().for_each(&tell);
                        }
                    }
                }
            }
        }
    }
}

impl Shared {
    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.origin.elapsed()
    }
}

/// Draws no more, and leaves nothing behind.
fn wipe(bar: &ProgressBar) {
    bar.disable_steady_tick();
    bar.suspend(|| ());
}
