//! `slp logs`: what functions wrote, from CloudWatch Logs.

use std::collections::BTreeSet;
use std::time::Duration;

use super::args::{Global, LogsArgs};
use super::failure::Failure;
use super::functions::{Applied, Functions};
use super::printer::Printer;
use super::signals::Ending;
use crate::aws::LogEvent;
use crate::render;

/// Between two looks. AWS allows 10 calls of FilterLogEvents a second.
const PAUSE: Duration = Duration::from_secs(1);
/// Lines reach CloudWatch late and out of order.
const OVERLAP_MS: i64 = 10_000;

pub async fn run(global: &Global, args: &LogsArgs, printer: &Printer) -> Result<u8, Failure> {
    let functions = Functions::open(global).await?;
    let chosen: Vec<Applied> = match args.names.is_empty() {
        true => functions.all.clone(),
        false => args
            .names
            .iter()
            .map(|name| functions.named(name).cloned())
            .collect::<Result<_, _>>()?,
    };
    if chosen.is_empty() {
        printer.err("no function was applied");
        return Ok(0);
    }
    let since = i64::try_from(args.since.as_millis()).unwrap_or(i64::MAX);
    let mut reader = Reader {
        functions: &functions,
        chosen,
        filter: args.filter.as_deref(),
        since: jiff::Timestamp::now()
            .as_millisecond()
            .saturating_sub(since),
        seen: BTreeSet::new(),
        printer,
    };
    reader.read().await?;
    if !args.follow {
        return Ok(0);
    }
    let mut ending = Ending::listen();
    tokio::select! {
        failed = reader.follow() => Err(failed),
        code = ending.wait() => Ok(code),
    }
}

struct Reader<'a> {
    functions: &'a Functions,
    chosen: Vec<Applied>,
    filter: Option<&'a str>,
    since: i64,
    /// What was printed and may be given again: its time, group and id.
    seen: BTreeSet<(i64, String, String)>,
    printer: &'a Printer,
}

impl Reader<'_> {
    /// Prints what is new, oldest first.
    async fn read(&mut self) -> Result<(), Failure> {
        let mut found: Vec<(&Applied, LogEvent)> = Vec::new();
        for function in &self.chosen {
            let group = &function.log_group;
            let events = self
                .functions
                .aws
                .log_events(group, self.since, self.filter)
                .await?;
            found.extend(events.into_iter().map(|event| (function, event)));
        }
        found.sort_by_key(|(_, event)| event.time);
        let newest = found.last().map_or(self.since, |(_, event)| event.time);
        // Emulators give one id to several lines: only what an earlier look had is known.
        let known = self.seen.clone();
        for (function, event) in found {
            let key = (event.time, function.log_group.clone(), event.id);
            if !known.contains(&key) {
                self.seen.insert(key);
                let style = self.printer.style();
                let line = render::log_line(&function.name, &event.text, &style);
                self.printer.out(&line);
            }
        }
        self.since = self.since.max(newest - OVERLAP_MS);
        let since = self.since;
        self.seen.retain(|(time, _, _)| *time >= since);
        Ok(())
    }

    /// Until something fails.
    async fn follow(&mut self) -> Failure {
        loop {
            tokio::time::sleep(PAUSE).await;
            if let Err(failure) = self.read().await {
                return failure;
            }
        }
    }
}
