//! `slp logs`: what functions wrote, from CloudWatch Logs.

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;

use super::args::{Global, LogsArgs};
use super::failure::Failure;
use super::functions::{Applied, Functions};
use super::printer::Printer;
use super::signals::Ending;
use crate::aws::LogEvent;
use crate::local::{Manifested as _, is_lambdas};
use crate::render;
use crate::trace::Trace;

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
        all: args.all,
        form: Form::of(global),
        since: Timestamp::now().as_millisecond().saturating_sub(since),
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

/// How a line is printed.
#[derive(Clone, Copy)]
enum Form {
    /// As CloudWatch has it, with its time: one object a line.
    Json,
    /// For a person; with whole traces?
    Text { whole: bool },
}

impl Form {
    fn of(global: &Global) -> Form {
        match global.json {
            true => Form::Json,
            false => Form::Text {
                whole: global.verbose,
            },
        }
    }
}

struct Reader<'a> {
    functions: &'a Functions,
    chosen: Vec<Applied>,
    filter: Option<&'a str>,
    /// Also Lambda's own lines, and nothing shortened?
    all: bool,
    form: Form,
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
            let key = (event.time, function.log_group.clone(), event.id.clone());
            if !known.contains(&key) {
                self.seen.insert(key);
                self.tell(function, &event);
            }
        }
        self.since = self.since.max(newest - OVERLAP_MS);
        let since = self.since;
        self.seen.retain(|(time, _, _)| *time >= since);
        Ok(())
    }

    fn tell(&self, function: &Applied, event: &LogEvent) {
        let (name, text) = (&function.name, event.text.trim_end());
        let text = self.functions.places.hidden(text);
        let text = text.as_str();
        let at = Timestamp::from_millisecond(event.time).unwrap_or_default();
        let text = match self.form {
            Form::Json => return self.printer.out(&render::log_json(name, at, text)),
            Form::Text { .. } if self.all => text.to_owned(),
            // Who filters has asked for what fits, whoever wrote it.
            Form::Text { .. } if is_lambdas(text) && self.filter.is_none() => return,
            Form::Text { whole } => format!("{at:.3}  {}", self.brief(function, text, whole)),
        };
        let line = render::log_line(name, &text, &self.printer.style());
        self.printer.out(&line);
    }

    /// What a person needs of it; of an error the message first.
    fn brief(&self, function: &Applied, text: &str, whole: bool) -> String {
        let (places, id) = (&self.functions.places, &function.id);
        let Some(trace) = Trace::of_log(text) else {
            return render::brief_line(text);
        };
        match places.late(id, &trace) {
            Some(late) => late,
            None => render::trace(&trace, &places.sources(id), whole).join("\n"),
        }
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
