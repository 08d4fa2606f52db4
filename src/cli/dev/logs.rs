//! What functions print, as they print it, each line with its function's name; and why calls of
//! APIs failed.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::super::printer::Printer;
use super::names::Names;
use crate::local::{Cloud, Executed, FunctionEvent, is_lambdas};
use crate::render;

/// Prints until the cloud has gone, or the process. On threads of their own: a reader of stdout
/// that stops reading (a pager) must hold up neither calls nor Ctrl-C.
pub fn print(cloud: &Cloud, names: Arc<Mutex<Names>>, printer: Printer) {
    let (requests, functions) = (cloud.requests(), cloud.functions());
    let apis = printer.clone();
    std::thread::spawn(move || each(requests, &apis, |request| failed(request, &apis)));
    std::thread::spawn(move || {
        each(functions, &printer, |event| {
            let names = names.lock().unwrap_or_else(PoisonError::into_inner).clone();
            line(event, &names, &printer)
        });
    });
}

fn each<T: Clone>(
    mut events: broadcast::Receiver<T>,
    printer: &Printer,
    line: impl Fn(&T) -> Option<String>,
) {
    loop {
        let event = match events.blocking_recv() {
            Ok(event) => event,
            Err(RecvError::Lagged(missed)) => {
                printer.err(&format!(
                    "{missed} log lines came too fast and are not shown"
                ));
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        if let Some(line) = line(&event) {
            printer.out(&line);
        }
    }
}

/// Why API Gateway refused a call or could not answer it: its caller is told in a few words only.
fn failed(request: &Executed, printer: &Printer) -> Option<String> {
    let why = request.why.as_ref()?;
    let call = format!("{} {}", request.method, request.path);
    let text = format!("{}: {why}", request.status);
    Some(render::log_line(&call, &text, &printer.style()))
}

fn line(event: &FunctionEvent, names: &Names, printer: &Printer) -> Option<String> {
    let style = printer.style();
    match event {
        FunctionEvent::Line { function, line, .. } => {
            // The end of a run tells what Lambda's own lines do.
            (!is_lambdas(&line.text))
                .then(|| render::log_line(names.shown(function), &line.text, &style))
        }
        FunctionEvent::Ended { function, invoked } => Some(render::ran(
            names.shown(function),
            invoked.duration,
            invoked.init,
            invoked.function_error,
            &style,
        )),
        FunctionEvent::Warning(text) => Some(render::log_line("warning", text, &style)),
    }
}
