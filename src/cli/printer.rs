//! Results to stdout, everything else to stderr. A closed pipe is nobody's fault.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::outside::{self, Allowed};
use crate::event::{Event, Listener};
use crate::render::Style;

/// Where a command prints.
#[derive(Clone)]
pub struct Printer {
    color: bool,
    width: usize,
    /// The manifest's name, as plans print it.
    manifest: String,
    /// What was said, where a test listens instead of a terminal.
    #[cfg(test)]
    heard: Option<std::sync::Arc<Mutex<String>>>,
}

/// A wait is told again after this long.
const PATIENCE: Duration = Duration::from_secs(5);

impl Printer {
    pub fn new(no_color: bool, manifest: &str) -> Printer {
        let refused =
            no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Printer {
            color: !refused && std::io::stdout().is_terminal(),
            width: width(),
            manifest: manifest.to_owned(),
            #[cfg(test)]
            heard: None,
        }
    }

    /// Prints nowhere, and remembers what it was told.
    #[cfg(test)]
    pub fn mute() -> Printer {
        Printer {
            heard: Some(std::sync::Arc::default()),
            ..Printer::new(true, "slp.toml")
        }
    }

    /// All that a mute one was told.
    #[cfg(test)]
    pub fn said(&self) -> String {
        let heard = self.heard.as_ref().and_then(|heard| heard.lock().ok());
        heard.map(|heard| heard.clone()).unwrap_or_default()
    }

    #[cfg(test)]
    fn is_heard(&self, text: &str) -> bool {
        let heard = self.heard.as_ref().and_then(|heard| heard.lock().ok());
        heard
            .map(|mut heard| {
                heard.push_str(text);
                heard.push('\n');
            })
            .is_some()
    }

    pub fn color(&self) -> bool {
        self.color
    }

    pub fn width(&self) -> usize {
        self.width
    }

    pub fn style(&self) -> Style {
        Style {
            color: self.color,
            width: self.width,
            manifest: self.manifest.clone(),
        }
    }

    /// The result.
    pub fn out(&self, text: &str) {
        self.print(text, false, std::io::stdout().lock());
    }

    /// The result where it is commands for GitHub's runner.
    pub fn commands(&self, text: &str) {
        self.print(text, true, std::io::stdout().lock());
    }

    /// Progress and messages.
    pub fn err(&self, text: &str) {
        self.print(text, false, std::io::stderr().lock());
    }

    /// A value for another program, as it is; at a terminal it is made printable.
    pub fn raw(&self, text: &str) {
        #[cfg(test)]
        if self.is_heard(text) {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        if stdout.is_terminal() {
            self.print(text, false, stdout);
        } else {
            let _ = stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.write_all(b"\n"));
        }
    }

    fn print(&self, text: &str, commands: bool, mut stream: impl Write) {
        let colors = self.color;
        let text = outside::printable(text, Allowed { colors, commands });
        #[cfg(test)]
        if self.is_heard(&text) {
            return;
        }
        let end = if text.ends_with('\n') || text.is_empty() {
            ""
        } else {
            "\n"
        };
        let _ = write!(stream, "{text}{end}").and_then(|()| stream.flush());
    }

    /// Prints events as they come; of a wait that goes on, one line in five seconds.
    pub fn listener(&self) -> Listener {
        let style = Style {
            color: self.color && std::io::stderr().is_terminal(),
            ..self.style()
        };
        let told: Mutex<HashMap<String, Instant>> = Mutex::default();
        let printer = self.clone();
        Listener::new(move |event| {
            if let Event::Waiting { addr, why, .. } = &event {
                let mut told = told.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
                let key = format!("{addr} {why}");
                if told.get(&key).is_some_and(|last| last.elapsed() < PATIENCE) {
                    return;
                }
                told.insert(key, Instant::now());
            }
            if let Some(line) = crate::render::event(&event, &style) {
                printer.err(&line);
            }
        })
    }
}

/// `COLUMNS`, or 80: a plan reads the same in a CI log.
fn width() -> usize {
    let columns = std::env::var("COLUMNS")
        .ok()
        .and_then(|text| text.parse().ok());
    columns
        .filter(|columns| (40..=400).contains(columns))
        .unwrap_or(80)
}
