//! Ctrl-C and SIGTERM: the first lets what is in flight finish and saves, the second leaves
//! at once; the journal makes both lossless. A terminal that goes away stops nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

use super::failure::Failure;
use super::printer::Printer;

/// From now on a file that grows over the limit of this process (`ulimit -f`) is an error of that
/// write, which is told and after which what was done is saved, and no end of the process. To be
/// called within the runtime; where no handler can be had, the signal ends the process as before.
pub fn outlive_full_files() {
    /// SIGXFSZ, on every system that slp is built for.
    const FILE_TOO_LARGE: i32 = 25;
    // A handler stays for as long as the process lives.
    let _ = signal(SignalKind::from_raw(FILE_TOO_LARGE));
}

/// What the first signal does while something is changed.
const STOPPING: &str =
    "stopping: calls in flight are finished and saved, waits end now (again to leave at once)";

/// Turns true at the first signal.
pub struct Signals {
    pub stop: watch::Receiver<bool>,
    code: Arc<AtomicU8>,
    /// Is anything changed at the moment? Else whoever is stopped says what that means.
    changing: Arc<AtomicBool>,
}

impl Signals {
    /// Starts to listen; without it signals do what they always do.
    pub fn listen(printer: &Printer) -> Signals {
        let (tell, stop) = watch::channel(false);
        let code = Arc::new(AtomicU8::new(0));
        let noted = code.clone();
        let changing = Arc::new(AtomicBool::new(false));
        let is_changing = changing.clone();
        let printer = printer.clone();
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        // Taken here and not in the task: from now on no signal ends the process by itself.
        let [Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)] = kinds.map(signal) else {
            return Signals {
                stop,
                code,
                changing,
            };
        };
        tokio::spawn(async move {
            loop {
                let code = tokio::select! {
                    _ = interrupt.recv() => 130,
                    _ = terminate.recv() => 143,
                    _ = hangup.recv() => continue,
                };
                if noted.swap(code, Ordering::SeqCst) != 0 {
                    printer.clear();
                    printer.err(match is_changing.load(Ordering::SeqCst) {
                        true => "leaving at once; the next apply finds out what was in flight",
                        false => "leaving at once",
                    });
                    std::process::exit(code.into());
                }
                if is_changing.load(Ordering::SeqCst) {
                    printer.err(STOPPING);
                }
                let _ = tell.send(true);
            }
        });
        Signals {
            stop,
            code,
            changing,
        }
    }

    /// From now on calls change something, which a signal does not leave half done.
    pub fn begin(&self) {
        self.changing.store(true, Ordering::SeqCst);
    }

    /// Does this unless a signal comes first: then it is left where it is, as by a kill, but what
    /// it worked under can still be let go of.
    pub async fn or_stop<T>(
        &self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut stop = self.stop.clone();
        tokio::select! {
            biased;
            ended = work => ended,
            Ok(_) = stop.wait_for(|stop| *stop) => {
                Err(Failure::new(self.code(), "stopped before it was done")
                    .hint("run it again; what was begun, if anything, is found then"))
            }
        }
    }

    /// The exit code that the signal asks for; 0 without one.
    pub fn code(&self) -> u8 {
        self.code.load(Ordering::SeqCst)
    }
}

/// What ends a process that serves until it is told not to: Ctrl-C, SIGTERM, or its terminal
/// gone away. `None` where no handler could be had: there signals end the process by themselves.
pub struct Ending(Option<[Signal; 3]>);

impl Ending {
    /// From now on no signal ends the process by itself. To be called before anything is made
    /// that must be taken away, and before anybody is told that the process is there.
    pub fn listen() -> Ending {
        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        match kinds.map(signal) {
            [Ok(interrupt), Ok(terminate), Ok(hangup)] => {
                Ending(Some([interrupt, terminate, hangup]))
            }
            _ => Ending(None),
        }
    }

    /// Waits for a signal that came since `listen` or the last call; the exit code it asks for.
    pub async fn wait(&mut self) -> u8 {
        let Some([interrupt, terminate, hangup]) = &mut self.0 else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => 130,
            _ = terminate.recv() => 143,
            _ = hangup.recv() => 129,
        }
    }
}
