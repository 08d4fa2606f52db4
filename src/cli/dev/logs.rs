//! What is asked of APIs and functions, one line each, with what the functions print meanwhile and
//! why a call failed.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use super::super::places::Places;
use super::super::printer::Printer;
use crate::local::{
    Caller, Cloud, Executed, FunctionEvent, Invoked, Manifested as _, Why, is_failure, is_lambdas,
};
use crate::render::{self, Asked, Line, Ran, Reason, Request, told_seconds};
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

/// Tells in lines for a person, or in events for a program.
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
            FunctionEvent::Warning(text) if self.printer.streams() => {
                let text = text.clone();
                self.printer.line(&Line::Note { text });
            }
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
        let text = places.hidden(&text);
        match self.printer.streams() {
            true => self.printer.line(&Line::log(places.shown(function), &text)),
            false => self.out(places.shown(function), &text),
        }
    }

    fn out(&self, name: &str, text: &str) {
        let line = render::log_line(name, text, &self.printer.style());
        self.printer.out(&line);
    }

    fn ended(&self, function: &str, by: Caller, invoked: &Invoked) {
        let places = self.places();
        let trace = invoked.trace();
        let why = trace.map(|trace| self.trace(&places, function, &trace));
        let name = places.shown(function);
        if self.printer.streams() {
            return self.printer.line(&Line::Ran(Box::new(Ran {
                function: name.to_owned(),
                queued: by == Caller::Queue,
                seconds: told_seconds(invoked.duration),
                start_seconds: invoked.init.map(told_seconds),
                why,
            })));
        }
        let is_failed = invoked.function_error.is_some();
        let request = Request {
            verb: match by {
                Caller::Queue => "event",
                Caller::Client | Caller::Api => "invoke",
            },
            what: name,
            status: if is_failed { "failed" } else { "ok" },
            is_failed,
            took: invoked.duration,
            function: None,
            start: invoked.init,
        };
        self.told(&request, why);
    }

    fn request(&self, executed: &Executed) {
        let places = self.places();
        let told = executed.why.as_ref();
        let why = told.map(|why| self.why(&places, executed, why));
        let function = executed.function.as_deref();
        let function = function.map(|name| places.shown(name));
        if self.printer.streams() {
            return self.printer.line(&Line::Request(Box::new(Asked {
                method: executed.method.clone(),
                path: executed.path.clone(),
                status: executed.status,
                seconds: told_seconds(executed.duration),
                function: function.map(str::to_owned),
                start_seconds: executed.init.map(told_seconds),
                why,
            })));
        }
        let status = executed.status.to_string();
        let request = Request {
            verb: &executed.method,
            what: &executed.path,
            status: &status,
            is_failed: why.is_some() || executed.status >= 500,
            took: executed.duration,
            function,
            start: executed.init,
        };
        self.told(&request, why);
    }

    fn told(&self, request: &Request<'_>, why: Option<Reason>) {
        let mut text = render::request(request, &self.printer.style());
        if let Some(why) = why {
            text.push('\n');
            text.push_str(&render::below(&[why.text]));
        }
        self.printer.out(&text);
    }

    fn why(&self, places: &Places, executed: &Executed, why: &Why) -> Reason {
        if let (Some(trace), Some(function)) = (why.trace(), &executed.function) {
            return self.trace(places, function, &trace);
        }
        let mut lines: Vec<String> = why.lines();
        lines
            .iter_mut()
            .for_each(|line| *line = places.hidden(line));
        if matches!(why, Why::Late(_)) {
            let resource = executed.resource.as_deref().unwrap_or_default();
            lines.extend(places.waits(&executed.api, &executed.method, resource));
        }
        Reason::of(why.kind(), lines)
    }

    /// A function's error.
    fn trace(&self, places: &Places, function: &str, trace: &Trace) -> Reason {
        match places.late(function, trace) {
            Some(late) => Reason::of(&trace.kind, vec![late]),
            None => {
                let reason = Reason::of_trace(trace, &places.sources(function), self.verbose);
                Reason {
                    text: places.hidden(&reason.text),
                    ..reason
                }
            }
        }
    }
}
