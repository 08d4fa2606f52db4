//! What functions print, as they print it, each line with its function's name.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::super::printer::Printer;
use super::names::Names;
use crate::local::{FunctionEvent, is_lambdas};
use crate::render;

/// Prints until the cloud has gone, or the process. On a thread of its own: a reader of stdout
/// that stops reading (a pager) must hold up neither calls nor Ctrl-C.
pub fn print(
    events: broadcast::Receiver<FunctionEvent>,
    names: Arc<Mutex<Names>>,
    printer: Printer,
) {
    std::thread::spawn(move || each(events, &names, &printer));
}

fn each(mut events: broadcast::Receiver<FunctionEvent>, names: &Mutex<Names>, printer: &Printer) {
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
        let names = names.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(line) = line(&event, &names, printer) {
            printer.out(&line);
        }
    }
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
