//! Results to stdout, everything else to stderr. A closed pipe is nobody's fault; a result that
//! cannot be written (a full disk) is told at the end.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
#[cfg(test)]
use std::sync::Mutex;
use std::sync::{Arc, OnceLock};

use super::args::{Cli, Command};
use super::format::{self, Format};
use super::outside::{self, Allowed};
use super::progress::Watch;
use super::width::{stderr_width, stdout_width};
use crate::event::{Event, Listener};
use crate::manifest::Report;
use crate::plan::Plan;
use crate::render::{self, Line, Mark, Slow, Style, folded};

/// Where a command prints.
#[derive(Clone)]
pub struct Printer {
    color: bool,
    width: usize,
    /// The manifest's name, as plans print it.
    manifest: String,
    /// What is under way.
    watch: Watch,
    /// Is stdout one JSON event a line, from the plan to the outputs?
    streams: bool,
    /// Is stdout annotations of GitHub's? Then the folder that `-C` names, which files are below.
    marks: Option<PathBuf>,
    /// Why a part of the result could not be written.
    lost: Arc<OnceLock<io::Error>>,
    /// What was said, where a test listens instead of a terminal, and when.
    #[cfg(test)]
    heard: Option<Arc<Mutex<Vec<Heard>>>>,
}

/// A text, and when it was said.
#[cfg(test)]
type Heard = (tokio::time::Instant, String);

impl Printer {
    /// The commands that stream events with `--json`.
    pub const STREAMING: [&str; 3] = ["apply", "destroy", "dev"];

    pub fn new(no_color: bool, manifest: &str) -> Printer {
        let is_dumb = std::env::var_os("TERM").is_some_and(|kind| kind == "dumb");
        let refused = no_color || is_set("NO_COLOR") || is_dumb;
        Printer {
            color: !refused && std::io::stdout().is_terminal(),
            width: stdout_width(),
            manifest: manifest.to_owned(),
            watch: Watch::log(),
            streams: false,
            marks: None,
            lost: Arc::default(),
            #[cfg(test)]
            heard: None,
        }
    }

    /// As the command line asks for it.
    pub fn of(cli: &Cli) -> Printer {
        let global = &cli.global;
        let printer = Printer::new(global.no_color, &global.file.display().to_string());
        let streams = matches!(
            cli.command,
            Command::Apply(_) | Command::Destroy(_) | Command::Dev(_)
        );
        let format = match &cli.command {
            Command::Plan(args) => args.format.format,
            Command::Drift(args) => args.format.format,
            _ => Format::default(),
        };
        Printer {
            watch: match !global.json && is_attended() {
                true => Watch::terminal(),
                false => Watch::log(),
            },
            streams: global.json && streams,
            marks: (format == Format::Github).then(|| global.directory.clone().unwrap_or_default()),
            ..printer
        }
    }

    /// Prints nowhere, and remembers what it was told.
    #[cfg(test)]
    pub fn mute() -> Printer {
        Printer {
            heard: Some(Arc::default()),
            ..Printer::new(true, "slp.toml")
        }
    }

    /// All that a mute one was told.
    #[cfg(test)]
    pub fn said(&self) -> String {
        let lines = self.timed().into_iter().map(|(_, text)| text + "\n");
        lines.collect()
    }

    /// The same, with the time of each.
    #[cfg(test)]
    pub fn timed(&self) -> Vec<Heard> {
        let heard = self.heard.as_ref().and_then(|heard| heard.lock().ok());
        heard.map(|heard| heard.clone()).unwrap_or_default()
    }

    #[cfg(test)]
    fn is_heard(&self, text: &str) -> bool {
        let heard = self.heard.as_ref().and_then(|heard| heard.lock().ok());
        heard
            .map(|mut heard| heard.push((tokio::time::Instant::now(), text.to_owned())))
            .is_some()
    }

    pub fn color(&self) -> bool {
        self.color
    }

    pub fn width(&self) -> usize {
        self.width
    }

    /// Is stdout one JSON event a line? Then whatever a program wants to know is one of them, and
    /// stderr is for people.
    pub fn streams(&self) -> bool {
        self.streams
    }

    /// Marks problems of files on their lines, where stdout is GitHub's annotations.
    pub fn mark(&self, report: &Report) {
        let Some(folder) = &self.marks else {
            return;
        };
        let marks = report.problems().iter().map(|found| {
            let (source, problem) = (&found.source, &found.problem);
            let help = problem.help.iter().map(|help| format!("\nhelp: {help}"));
            render::mark(&Mark {
                is_error: problem.is_error(),
                file: &format::in_repository(folder, Path::new(&source.name)),
                place: problem.span.as_ref().map(|span| {
                    let byte = span.start;
                    (source.line(byte), source.column(byte))
                }),
                text: format!("{}{}", problem.message, help.collect::<String>()),
            })
        });
        self.commands(&marks.collect::<String>());
    }

    pub fn style(&self) -> Style {
        Style {
            color: self.color,
            width: self.width,
            manifest: self.manifest.clone(),
            whole: false,
        }
    }

    /// The result.
    pub fn out(&self, text: &str) {
        self.note(self.print(text, false, std::io::stdout()));
    }

    /// The result where it is commands for GitHub's runner.
    pub fn commands(&self, text: &str) {
        self.note(self.print(text, true, std::io::stdout()));
    }

    /// One line of a stream of events.
    pub fn line(&self, line: &Line) {
        self.out(&render::line(line, jiff::Timestamp::now()));
    }

    /// The first line of a stream.
    pub fn plan(&self, plan: &Plan) {
        self.line(&Line::plan(plan));
    }

    /// Progress and messages. At a terminal long lines are broken between words; in a log they
    /// stay whole, for whoever searches it.
    pub fn err(&self, text: &str) {
        // Nobody is left to be told that this could not be written.
        let _ = match std::io::stderr().is_terminal() && !cfg!(test) {
            true => self.print(&folded(text, stderr_width()), false, std::io::stderr()),
            false => self.print(text, false, std::io::stderr()),
        };
    }

    /// A question at a terminal, whose answer stands in the same line.
    pub fn ask(&self, text: &str) {
        // Nobody is left to be told that this could not be written.
        let _ = self.write(&folded(text, stderr_width()), "", false, std::io::stderr());
    }

    /// A value for another program, as it is; at a terminal it is made printable.
    pub fn raw(&self, text: &str) {
        #[cfg(test)]
        if self.is_heard(text) {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        self.note(if stdout.is_terminal() {
            self.print(text, false, stdout)
        } else {
            stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.write_all(b"\n"))
                .and_then(|()| stdout.flush())
        });
    }

    /// Why the result was not written whole, if it was not.
    pub fn lost(&self) -> Option<&io::Error> {
        self.lost.get()
    }

    fn note(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            // The first reason is the one to know.
            let _ = self.lost.set(error);
        }
    }

    /// Whole lines.
    fn print(&self, text: &str, commands: bool, stream: impl Write) -> io::Result<()> {
        let end = if text.ends_with('\n') || text.is_empty() {
            ""
        } else {
            "\n"
        };
        self.write(text, end, commands, stream)
    }

    fn write(
        &self,
        text: &str,
        end: &str,
        commands: bool,
        mut stream: impl Write,
    ) -> io::Result<()> {
        let colors = self.color;
        let text = outside::printable(text, Allowed { colors, commands });
        #[cfg(test)]
        if self.is_heard(&text) {
            return Ok(());
        }
        self.watch
            .aside(|| write!(stream, "{text}{end}").and_then(|()| stream.flush()))
    }

    /// Does a command's work, and tells meanwhile what takes long in it.
    pub fn attend<'a, T>(
        &'a self,
        work: impl Future<Output = T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        self.watch.during(|slow| self.slow(&slow), work)
    }

    fn slow(&self, slow: &Slow) {
        if !self.streams {
            return self.err(&slow.text);
        }
        if let Some(line) = Line::slow(slow) {
            self.line(&line);
        }
    }

    /// Takes away what is drawn: the process is about to end.
    pub fn clear(&self) {
        self.watch.clear();
    }

    /// Prints events as they come, and watches what is under way.
    pub fn listener(&self) -> Listener {
        self.listener_of(|_| true)
    }

    /// The same, where only some of them are printed.
    pub fn listener_of(&self, is_told: fn(&Event) -> bool) -> Listener {
        let printer = self.clone();
        let style = Style {
            color: self.color && std::io::stderr().is_terminal(),
            width: stderr_width(),
            ..self.style()
        };
        Listener::new(move |event| {
            let is_news = printer.watch.hear(&event);
            if is_told(&event) {
                printer.tell(&event, is_news, &style);
            }
        })
    }

    fn tell(&self, event: &Event, is_news: bool, style: &Style) {
        if self.streams {
            return Line::of(event).iter().for_each(|line| self.line(line));
        }
        // What waits stands in the line that is drawn.
        let is_drawn = self.watch.is_drawn() && matches!(event, Event::Waiting { .. });
        if let Some(line) = render::event(event, style).filter(|_| is_news && !is_drawn) {
            self.err(&line);
        }
    }
}

/// Does somebody sit at stderr, whose terminal can redraw a line?
fn is_attended() -> bool {
    let terminal = std::env::var_os("TERM").is_some_and(|kind| !kind.is_empty() && kind != "dumb");
    std::io::stderr().is_terminal() && terminal && !is_set("CI")
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
