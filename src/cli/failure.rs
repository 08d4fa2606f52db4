//! What ends a command early: a message, what to do next, and the exit code.

use super::printer::Printer;
use crate::apply::ApplyError;
use crate::cloud;
use crate::local::StoreError;
use crate::manifest::Report;
use crate::plan::Refusal;
use crate::problem::Level;
use crate::provider::ProviderError;
use crate::refresh::Unread;
use crate::render::Line;
use crate::state::StateError;

/// Exit codes: 1 failed, 2 the manifest or the command line is wrong, 4 the state does not fit,
/// 5 a gate refuses.
#[derive(Debug)]
pub struct Failure {
    code: u8,
    what: What,
    /// Would it have gone well elsewhere: was nothing found, or nobody reached?
    of_place: bool,
}

#[derive(Debug)]
enum What {
    Message { text: String, hints: Vec<String> },
    Report(Box<Report>),
}

impl Failure {
    pub fn new(code: u8, text: impl Into<String>) -> Failure {
        Failure {
            code,
            what: What::Message {
                text: text.into(),
                hints: Vec::new(),
            },
            of_place: false,
        }
    }

    pub fn usage(text: impl Into<String>) -> Failure {
        Failure::new(2, text)
    }

    /// What to do next, in place of what was said of it before.
    pub fn hint(mut self, next: impl Into<String>) -> Failure {
        if let What::Message { hints, .. } = &mut self.what {
            *hints = vec![next.into()];
        }
        self
    }

    /// What to do rather than what was said of it before.
    pub fn rather(mut self, next: impl Into<String>) -> Failure {
        if let What::Message { hints, .. } = &mut self.what {
            hints.insert(0, next.into());
        }
        self
    }

    /// What else could be done.
    pub fn also(mut self, next: impl Into<String>) -> Failure {
        if let What::Message { hints, .. } = &mut self.what {
            hints.push(next.into());
        }
        self
    }

    /// Says that it would have gone well in another place: nothing was found here, or nobody
    /// could be asked.
    pub fn of_place(self) -> Failure {
        Failure {
            of_place: true,
            ..self
        }
    }

    pub fn is_of_place(&self) -> bool {
        self.of_place
    }

    /// What is wrong with the manifest, where that is what ended the command.
    pub fn report(&self) -> Option<&Report> {
        match &self.what {
            What::Report(report) => Some(report),
            What::Message { .. } => None,
        }
    }

    /// For programs, what ended the run early.
    fn line(&self) -> Line {
        let (error, hint, problems) = match &self.what {
            What::Message { text, hints } => {
                let hint = (!hints.is_empty()).then(|| hints.join("; "));
                (text.clone(), hint, None)
            }
            What::Report(report) => {
                let text = format!("the manifest is not sound: {}", report.count());
                (
                    text,
                    None,
                    serde_json::to_value(report.only(Level::Error)).ok(),
                )
            }
        };
        Line::Error {
            error,
            hint,
            problems,
            exit_code: self.code,
        }
    }

    /// Prints it; gives the exit code.
    pub fn print(self, printer: &Printer) -> u8 {
        if printer.streams() {
            printer.line(&self.line());
        }
        match self.what {
            What::Report(report) => {
                printer.mark(&report);
                printer.err(&report.render(printer.width(), printer.color()));
            }
            What::Message { text, hints } => {
                printer.err(&format!("error: {text}"));
                for hint in hints {
                    printer.err(&format!("  help: {hint}"));
                }
            }
        }
        self.code
    }
}

impl From<Report> for Failure {
    fn from(report: Report) -> Failure {
        Failure {
            code: 2,
            what: What::Report(Box::new(report)),
            of_place: false,
        }
    }
}

impl From<ProviderError> for Failure {
    fn from(error: ProviderError) -> Failure {
        let failure = Failure::new(1, error.to_string());
        match error.hint {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Failure {
        let failure = Failure::new(error.exit_code(), error.to_string());
        match error {
            StateError::NoState { .. } => failure.hint(cloud::first()).of_place(),
            _ => failure,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        let code = match error {
            StoreError::Busy(_) => 4,
            _ => 1,
        };
        Failure::new(code, error.to_string())
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Failure {
        match error {
            ApplyError::State(error) => error.into(),
            circle => Failure::new(1, circle.to_string()),
        }
    }
}

impl From<Unread> for Failure {
    fn from(unread: Unread) -> Failure {
        let line =
            |(addr, error): &(crate::addr::Addr, ProviderError)| format!("  {addr}: {error}");
        let lines: Vec<String> = unread.iter().map(line).collect();
        let failure = Failure::new(
            1,
            format!(
                "{} could not be read; nothing was changed\n{}",
                cloud::name(),
                lines.join("\n")
            ),
        );
        match unread.iter().find_map(|(_, error)| error.hint.clone()) {
            Some(hint) => failure.hint(hint),
            None => failure,
        }
    }
}

impl From<Vec<Refusal>> for Failure {
    fn from(refusals: Vec<Refusal>) -> Failure {
        let code = refusals.iter().map(Refusal::exit_code).max().unwrap_or(1);
        let line = |refusal: &Refusal| format!("  {refusal}\n    help: {}", refusal.hint());
        let lines: Vec<String> = refusals.iter().map(line).collect();
        Failure::new(
            code,
            format!(
                "this cannot be planned; nothing was changed\n{}",
                lines.join("\n")
            ),
        )
    }
}
