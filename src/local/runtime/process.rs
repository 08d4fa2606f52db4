//! A function's process: started, fed, and ended with all that it started itself.
//!
//! It is in a process group that `bootstrap/watch.sh` leads. That shell waits at a pipe which
//! this process holds: when it closes, however we end, the whole group is killed, and with it
//! what the function started in sessions of their own.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::process::{Child, ChildStdin, Command};

use super::Image;
use super::api::{Line, Said};
use super::environment::{self, Surroundings};
use super::failure::Failure;
use super::folder::{Folder, Unpacked};
use super::inspect::Seat;
use super::interpreter::Language;
use super::output::Output;
use super::sandbox::{Key, Sandbox};
use crate::local::error::AwsError;

/// Why there is no process, or none that takes events.
#[derive(Debug)]
pub enum Trouble {
    /// This machine cannot run the function.
    Refused(AwsError),
    Failed(Failure),
    /// The process told what is wrong with the function.
    Told(bytes::Bytes),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Trouble {
        Trouble::Failed(failure)
    }
}

impl From<AwsError> for Trouble {
    fn from(error: AwsError) -> Trouble {
        Trouble::Refused(error)
    }
}

/// What happens with a process.
pub enum Event {
    /// Whole lines or frames.
    Wrote(Vec<String>),
    Said(Said),
    Ended(ExitStatus),
}

/// What a process is started from.
pub struct Ingredients<'a> {
    pub image: &'a Image,
    pub language: Language,
    /// What runs it; `None` for the package's own `bootstrap`.
    pub interpreter: Option<PathBuf>,
    /// Where a debugger attaches to it.
    pub seat: Option<Seat>,
    pub folder: &'a Folder,
    pub sandbox: &'a Sandbox,
    pub code: Arc<Unpacked>,
    pub layers: Option<Arc<Unpacked>>,
    pub endpoint: Option<String>,
}

/// A running process that handles one invocation at a time.
pub struct Process {
    pub key: Key,
    pub line: Line,
    pub output: Output,
    child: Child,
    /// Closing it ends the group.
    hold: Option<ChildStdin>,
    watcher: Child,
    /// What it runs stays on disk as long as it runs.
    _code: (Arc<Unpacked>, Option<Arc<Unpacked>>),
    pub idle_since: Instant,
}

impl Process {
    /// Starts a process; it has not said anything yet.
    pub fn start(of: Ingredients<'_>, line: Line) -> Result<Process, Trouble> {
        let program = program(&of)?;
        let programs = program.interpreter.as_deref();
        let programs = programs.map(|interpreter| of.folder.programs(interpreter));
        let programs = programs.transpose().map_err(no_process)?;
        let mark = uuid::Uuid::new_v4().simple().to_string();
        let surroundings = Surroundings {
            language: &of.language,
            task: &of.code.path,
            opt: of.layers.as_ref().map(|layers| layers.path.as_path()),
            temporary: of.sandbox.temporary.path(),
            runtime: &of.folder.bootstrap(""),
            programs: programs.as_deref(),
            api: line.address,
            mark: &mark,
            log_stream: &of.sandbox.log_stream,
            endpoint: of.endpoint.as_deref(),
        };
        let variables = environment::of(of.image, &surroundings);
        let (output, writer) = Output::pipe().map_err(no_process)?;
        let script = of.folder.bootstrap("watch.sh");
        let (mut watcher, group) = watch(&script, &mark).map_err(no_process)?;
        let hold = watcher
            .stdin
            .take()
            .ok_or_else(|| no_process(io::ErrorKind::BrokenPipe.into()))?;
        let errors = writer.try_clone().map_err(no_process)?;
        let child = Command::new(&program.file)
            .args(&program.arguments)
            .env_clear()
            .envs(variables)
            .current_dir(&of.code.path)
            .process_group(group)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(errors)
            .spawn()
            .map_err(|error| program.failed(error))?;
        Ok(Process {
            key: Key::of(of.image),
            line,
            output,
            child,
            hold: Some(hold),
            watcher,
            _code: (of.code, of.layers),
            idle_since: Instant::now(),
        })
    }

    /// Has it ended while nobody asked anything of it?
    pub fn ended(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// The next that happens with it. What it wrote comes before what it said after that.
    pub async fn event(&mut self) -> Event {
        tokio::select! {
            biased;
            texts = self.output.next() => Event::Wrote(texts),
            Some(said) = self.line.said.recv() => Event::Said(said),
            // How it ended may not be to be known any more; that it is gone is.
            status = self.child.wait() => Event::Ended(status.unwrap_or_default()),
        }
    }

    /// Waits until it takes events, and returns what its interpreter says of itself. What it
    /// writes meanwhile goes to `write`.
    pub async fn begin(
        &mut self,
        limit: Duration,
        mut write: impl FnMut(String),
    ) -> Result<Option<String>, Trouble> {
        let late = tokio::time::sleep(limit);
        tokio::pin!(late);
        let result = loop {
            tokio::select! {
                biased;
                () = &mut late => break Err(Failure::TimedOut(limit).into()),
                event = self.event() => match event {
                    Event::Wrote(texts) => texts.into_iter().for_each(&mut write),
                    Event::Said(Said::Ready { agent }) => break Ok(agent),
                    Event::Said(Said::InitError(body)) => break Err(Trouble::Told(body)),
                    // The API refuses an answer to nothing.
                    Event::Said(Said::Answer { .. } | Said::Taken) => {}
                    Event::Ended(status) => break Err(Failure::Exited(status).into()),
                },
            }
        };
        self.output.drain().into_iter().for_each(write);
        result
    }

    /// The most memory that it ever had, in MB; `None` where the system does not tell.
    pub fn peak_memory_mb(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()?)).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
        Some(kilobytes.div_ceil(1024))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The watcher finds the process's children by it, so the process must not end first.
        self.hold.take();
        if !matches!(self.watcher.try_wait(), Ok(None)) {
            // Somebody ended the watcher. One that has ended itself is ended.
            let _ = self.child.start_kill();
        }
    }
}

fn no_process(error: io::Error) -> Trouble {
    let message = format!("a process for the function cannot be started: {error}");
    Trouble::Refused(AwsError::new(500, "ServiceException", message))
}

/// Starts the leader of a process group; the group's number is its own.
fn watch(script: &Path, mark: &str) -> io::Result<(Child, i32)> {
    let watcher = Command::new("/bin/sh")
        .arg(script)
        .arg(format!("SLP_PROCESS={mark}"))
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let group = watcher.id().and_then(|id| i32::try_from(id).ok());
    let group = group.ok_or(io::ErrorKind::NotFound)?;
    Ok((watcher, group))
}

/// What is executed.
struct Program {
    file: PathBuf,
    arguments: Vec<OsString>,
    interpreter: Option<PathBuf>,
    /// As AWS would name it.
    name: String,
}

impl Program {
    fn failed(&self, error: io::Error) -> Trouble {
        let why = match error.kind() {
            io::ErrorKind::PermissionDenied => "permission denied",
            io::ErrorKind::NotFound => "no such file or directory",
            _ if error.raw_os_error() == Some(8) => "exec format error",
            _ => return no_process(error),
        };
        Failure::Entrypoint(format!("fork/exec {}: {why}", self.name)).into()
    }
}

/// Chooses the program: an interpreter with our bootstrap, by the function's wrapper script if it
/// has one, or the package's own.
fn program(of: &Ingredients<'_>) -> Result<Program, Trouble> {
    let boot = |name: &str| of.folder.bootstrap(name).into_os_string();
    let Some(interpreter) = of.interpreter.clone() else {
        return own_bootstrap(of);
    };
    let arguments = match of.language {
        Language::Python(_) => {
            // AWS's folder cannot be written, so Python's compiled files go elsewhere.
            let mut cache = OsString::from("pycache_prefix=");
            cache.push(of.folder.pycache());
            // -S, -s: nothing of the environment that is on PATH, and nothing of the user's.
            let own = ["-S", "-s", "-u", "-X"].map(OsString::from);
            let (first, last) = inspected_python(of.seat.as_ref());
            [
                own.to_vec(),
                vec![cache],
                first,
                vec![boot("python.py")],
                last,
            ]
            .concat()
        }
        Language::Node(_) | Language::Provided => {
            [inspected_node(of.seat.as_ref()), vec![boot("node.cjs")]].concat()
        }
    };
    let Some(wrapper) = of.image.environment.get("AWS_LAMBDA_EXEC_WRAPPER") else {
        return Ok(Program {
            file: interpreter.clone(),
            arguments,
            name: interpreter.display().to_string(),
            interpreter: Some(interpreter),
        });
    };
    let file = here(of, wrapper);
    // AWS has a shell start it, which says so.
    if !file.is_file() {
        return Err(Failure::NotFound.into());
    }
    let first = interpreter.clone().into_os_string();
    Ok(Program {
        file,
        arguments: [vec![first], arguments].concat(),
        interpreter: Some(interpreter),
        name: wrapper.clone(),
    })
}

/// Node.js listens itself; where, it is not to print into the function's log.
fn inspected_node(seat: Option<&Seat>) -> Vec<OsString> {
    let Some(seat) = seat else {
        return Vec::new();
    };
    let place = format!("--inspect=127.0.0.1:{}", seat.port);
    [place.as_str(), "--inspect-publish-uid=http"]
        .map(OsString::from)
        .to_vec()
}

/// Our bootstrap has debugpy listen, which cannot see what Python has frozen. Before and after the
/// bootstrap's name.
fn inspected_python(seat: Option<&Seat>) -> (Vec<OsString>, Vec<OsString>) {
    let Some((seat, folder)) = seat.and_then(|seat| Some((seat, seat.debugpy.as_ref()?))) else {
        return (Vec::new(), Vec::new());
    };
    let first = ["-X", "frozen_modules=off"].map(OsString::from).to_vec();
    (first, vec![seat.port.to_string().into(), folder.into()])
}

/// A path as the function knows it, on this machine.
fn here(of: &Ingredients<'_>, path: &str) -> PathBuf {
    match (path.strip_prefix("/opt/"), &of.layers) {
        (Some(below), Some(layers)) => layers.path.join(below),
        _ => match path.strip_prefix("/var/task/") {
            Some(below) => of.code.path.join(below),
            None => of.code.path.join(path),
        },
    }
}

fn own_bootstrap(of: &Ingredients<'_>) -> Result<Program, Trouble> {
    let task = Some((&of.code, "/var/task/bootstrap"));
    let opt = of.layers.as_ref().map(|layers| (layers, "/opt/bootstrap"));
    for (unpacked, name) in [task, opt].into_iter().flatten() {
        let file = unpacked.path.join("bootstrap");
        if file.is_file() {
            return Ok(Program {
                file,
                arguments: Vec::new(),
                interpreter: None,
                name: name.to_owned(),
            });
        }
    }
    let why = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    Err(Failure::Entrypoint(why.to_owned()).into())
}
