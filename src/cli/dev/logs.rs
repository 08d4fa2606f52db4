//! What is asked of APIs and functions, one line each, with what the functions print meanwhile and
//! why a call failed.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::super::places::Places;
use super::super::printer::Printer;
use crate::local::{Caller, Cloud, Executed, FunctionEvent, Invoked, Why, is_failure, is_lambdas};
use crate::render::{self, Request};
use crate::trace::Trace;

/// What the manifest says of what runs, as of the last round.
pub type Known = Arc<Mutex<Places>>;

/// Prints until the cloud has gone, or the process. On a thread of its own: a reader of stdout
/// that stops reading (a pager) must hold up neither calls nor Ctrl-C.
pub fn print(cloud: &Cloud, teller: Teller) {
    let watched = Watched {
        requests: cloud.requests(),
        functions: cloud.functions(),
        teller,
    };
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        // Without it, which nobody has seen yet, nothing is told and all goes on.
        if let Ok(runtime) = runtime {
            runtime.block_on(watched.follow());
        }
    });
}

struct Watched {
    requests: broadcast::Receiver<Executed>,
    functions: broadcast::Receiver<FunctionEvent>,
    teller: Teller,
}

impl Watched {
    async fn follow(mut self) {
        loop {
            let goes_on = tokio::select! {
                event = self.functions.recv() => self.event(event),
                request = self.requests.recv() => self.request(request),
            };
            if !goes_on {
                return;
            }
        }
    }

    fn event(&self, event: Result<FunctionEvent, RecvError>) -> bool {
        match event {
            Ok(event) => self.teller.event(&event),
            Err(RecvError::Lagged(missed)) => self.teller.missed(missed),
            Err(RecvError::Closed) => return false,
        }
        true
    }

    /// What a function wrote until its answer stands above the line of the request.
    fn request(&mut self, request: Result<Executed, RecvError>) -> bool {
        loop {
            match self.functions.try_recv() {
                Ok(event) => self.teller.event(&event),
                Err(TryRecvError::Lagged(missed)) => self.teller.missed(missed),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
            }
        }
        match request {
            Ok(request) => self.teller.request(&request),
            Err(RecvError::Lagged(missed)) => self.teller.missed(missed),
            Err(RecvError::Closed) => return false,
        }
        true
    }
}

/// Tells in lines for a person.
pub struct Teller {
    pub known: Known,
    pub printer: Printer,
    /// With whole traces?
    pub verbose: bool,
}

impl Teller {
    fn places(&self) -> Places {
        self.known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn missed(&self, many: u64) {
        let text = format!("{many} lines came too fast and are not shown");
        self.printer.err(&text);
    }

    fn event(&self, event: &FunctionEvent) {
        match event {
            FunctionEvent::Line { function, line, .. } => self.line(function, &line.text),
            // The line of the request says it.
            FunctionEvent::Ended {
                by: Caller::Api, ..
            } => {}
            FunctionEvent::Ended {
                function,
                by,
                invoked,
            } => self.ended(function, *by, invoked),
            FunctionEvent::Warning(text) => self.out("warning", text),
        }
    }

    /// What a function wrote. The end of its run tells what Lambda's own lines do.
    fn line(&self, function: &str, text: &str) {
        if is_lambdas(text) || is_failure(text) {
            return;
        }
        let places = self.places();
        let text = match Trace::of_log(text) {
            Some(trace) => {
                let lines = render::trace(&trace, &places.sources(function), self.verbose);
                lines.join("\n")
            }
            None => render::brief_line(text),
        };
        self.out(places.shown(function), &text);
    }

    fn out(&self, name: &str, text: &str) {
        let line = render::log_line(name, text, &self.printer.style());
        self.printer.out(&line);
    }

    fn ended(&self, function: &str, by: Caller, invoked: &Invoked) {
        let places = self.places();
        let is_failed = invoked.function_error.is_some();
        let request = Request {
            verb: match by {
                Caller::Queue => "event",
                Caller::Client | Caller::Api => "invoke",
            },
            what: places.shown(function),
            status: if is_failed { "failed" } else { "ok" },
            is_failed,
            took: invoked.duration,
            function: None,
            start: invoked.init,
        };
        let why = invoked
            .trace()
            .map(|trace| self.trace(&places, function, &trace));
        self.told(&request, &why.unwrap_or_default());
    }

    fn request(&self, executed: &Executed) {
        let places = self.places();
        let status = executed.status.to_string();
        let request = Request {
            verb: &executed.method,
            what: &executed.path,
            status: &status,
            is_failed: executed.why.is_some() || executed.status >= 500,
            took: executed.duration,
            function: executed.function.as_deref().map(|name| places.shown(name)),
            start: executed.init,
        };
        let why = executed
            .why
            .as_ref()
            .map(|why| self.why(&places, executed, why));
        self.told(&request, &why.unwrap_or_default());
    }

    fn told(&self, request: &Request<'_>, why: &[String]) {
        let mut text = render::request(request, &self.printer.style());
        if !why.is_empty() {
            text.push('\n');
            text.push_str(&render::below(why));
        }
        self.printer.out(&text);
    }

    fn why(&self, places: &Places, executed: &Executed, why: &Why) -> Vec<String> {
        if let (Some(trace), Some(function)) = (why.trace(), &executed.function) {
            return self.trace(places, function, &trace);
        }
        let mut lines = why.lines();
        if matches!(why, Why::Late(_)) {
            let resource = executed.resource.as_deref().unwrap_or_default();
            lines.extend(places.waits(&executed.api, &executed.method, resource));
        }
        lines
    }

    /// A function's error.
    fn trace(&self, places: &Places, function: &str, trace: &Trace) -> Vec<String> {
        match places.late(function, trace) {
            Some(late) => vec![late],
            None => render::trace(trace, &places.sources(function), self.verbose),
        }
    }
}
