//! The log of one invocation, in the lines that AWS writes.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast;

use super::failure::Failure;
use super::invocation::Level;
use super::{FunctionEvent, Image, LogFormat, LogLine, platform};
use crate::trace::Trace;

/// What one invocation may write; a function that prints for ever must not fill the disk.
const LARGEST: usize = 1 << 20;

/// The lines so far.
pub struct Journal<'a> {
    image: &'a Image,
    request_id: &'a str,
    listeners: &'a broadcast::Sender<FunctionEvent>,
    lines: Vec<LogLine>,
    /// Of the function's own output.
    bytes: usize,
}

/// What the line REPORT says.
pub struct Report<'a> {
    pub duration: Duration,
    pub memory_mb: Option<u64>,
    pub init: Option<Duration>,
    pub failure: Option<&'a Failure>,
}

impl<'a> Journal<'a> {
    /// A journal that goes on from what was written while the process started.
    pub fn new(
        image: &'a Image,
        request_id: &'a str,
        listeners: &'a broadcast::Sender<FunctionEvent>,
        before: Vec<LogLine>,
    ) -> Journal<'a> {
        let mut journal = Journal {
            image,
            request_id,
            listeners,
            lines: Vec::new(),
            bytes: 0,
        };
        before.into_iter().for_each(|line| journal.add(line));
        journal
    }

    pub fn start(&mut self, now: Timestamp) {
        let Image { version, .. } = self.image;
        let id = self.request_id;
        let text = match system(self.image) {
            None => format!("START RequestId: {id} Version: {version}\n"),
            Some(level) if level <= Level::Info => platform::start(now, id, version),
            Some(_) => return,
        };
        self.add(line(now, text));
    }

    /// A line or frame of the function's.
    pub fn write(&mut self, now: Timestamp, text: String) {
        if let Some(text) = fitting(&mut self.bytes, text) {
            self.add(line(now, text));
        }
    }

    pub fn fail(&mut self, now: Timestamp, failure: &Failure) {
        // In JSON the report says so.
        if system(self.image).is_some() {
            return;
        }
        let time = now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        if let Some(text) = failure.logged(self.request_id, &time) {
            self.add(line(now, text));
        }
    }

    /// END and REPORT.
    pub fn end(mut self, now: Timestamp, report: &Report<'_>) -> Vec<LogLine> {
        let id = self.request_id;
        if let Some(level) = system(self.image) {
            let texts = platform::end(now, level, id, self.image.memory_mb, report);
            texts.into_iter().for_each(|text| self.add(line(now, text)));
            return self.lines;
        }
        self.add(line(now, format!("END RequestId: {id}\n")));
        let mut text = format!(
            "REPORT RequestId: {id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\t",
            milliseconds(report.duration),
            billed_ms(report.duration),
            self.image.memory_mb,
        );
        if let Some(memory) = report.memory_mb {
            text.push_str(&format!("Max Memory Used: {memory} MB\t"));
        }
        if let Some(init) = report.init {
            text.push_str(&format!("Init Duration: {:.2} ms\t", milliseconds(init)));
        }
        if let Some(failure) = report.failure {
            text.push_str(&failure.status());
        }
        text.push('\n');
        self.add(line(now, text));
        self.lines
    }

    fn add(&mut self, line: LogLine) {
        if self.listeners.receiver_count() > 0 {
            // Whoever listened may have left just now.
            let _ = self.listeners.send(FunctionEvent::Line {
                function: self.image.name.clone(),
                request_id: self.request_id.to_owned(),
                line: line.clone(),
            });
        }
        self.lines.push(line);
    }
}

/// The least that Lambda itself writes, where the log is JSON.
fn system(image: &Image) -> Option<Level> {
    match image.log_format {
        LogFormat::Text => None,
        LogFormat::Json { system, .. } => Some(system),
    }
}

/// The first line of a start, if it is to be written.
pub fn init_start(now: Timestamp, image: &Image, runtime: &str) -> Option<String> {
    match system(image) {
        None => Some(format!("INIT_START Runtime Version: {runtime}\n")),
        Some(level) => (level <= Level::Info)
            .then(|| platform::init_start(now, runtime, &image.name, &image.version)),
    }
}

/// The line of a start that was given up after `took`.
pub fn init_failed(now: Timestamp, image: &Image, took: Duration, failure: &Failure) -> String {
    let took = milliseconds(took);
    match system(image) {
        None => {
            let status = failure.status();
            format!("INIT_REPORT Init Duration: {took:.2} ms\tPhase: init\t{status}\n")
        }
        Some(_) => platform::init_failed(now, took, failure),
    }
}

/// Is it the line with which an invocation begins?
pub fn is_start(text: &str) -> bool {
    text.starts_with("START RequestId:") || platform::is(text, Some("start"))
}

/// Is it a line that Lambda itself writes?
pub fn is_lambdas(text: &str) -> bool {
    const BEGINNINGS: [&str; 4] = [
        "INIT_START Runtime",
        "START RequestId:",
        "END RequestId:",
        "REPORT RequestId:",
    ];
    BEGINNINGS.iter().any(|begin| text.starts_with(begin)) || platform::is(text, None)
}

/// Is it what the runtime or Lambda writes of a failure, and the end of the run tells as well?
pub fn is_failure(text: &str) -> bool {
    // A line in JSON may be the function's own.
    !text.starts_with('{') && Trace::of_log(text).is_some()
}

/// What is kept of `text` where so many bytes were written before: all, a word once that no more is,
/// or nothing.
pub fn fitting(written: &mut usize, text: String) -> Option<String> {
    let before = *written;
    *written = before.saturating_add(text.len());
    if *written <= LARGEST {
        Some(text)
    } else {
        let told = || format!("slp: an invocation's log holds {LARGEST} bytes; the rest is lost\n");
        (before <= LARGEST).then(told)
    }
}

pub fn line(now: Timestamp, text: String) -> LogLine {
    LogLine {
        time: now.as_millisecond(),
        text,
    }
}

pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Begun milliseconds.
pub fn billed_ms(duration: Duration) -> u128 {
    duration.as_nanos().div_ceil(1_000_000).max(1)
}
