//! The question before anything is changed.

use std::io::{BufRead, IsTerminal};

use super::failure::Failure;
use super::printer::Printer;
use super::signals::Ending;

/// Asks `question` in the name of `slp WORD`; the lock is kept alive meanwhile, however long a
/// person reads.
///
/// # Errors
/// The answer was another than `yes`, a signal came instead of one, or there is nobody to ask.
pub async fn confirm(word: &str, question: &str, printer: &Printer) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "`slp {word}` asks before it changes anything, and there is no terminal to ask at"
        ))
        .hint("read the plan above, then run it with --yes"));
    }
    let mut ending = Ending::listen();
    printer.ask(&format!("\n{question} Only `yes` is a yes: "));
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: the one that runs all else must go on, and a process that ends does
    // not wait for this one.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let _ = tell.send(read.is_ok() && answer.trim() == "yes");
    });
    let answer = tokio::select! {
        answer = told => answer,
        code = ending.wait() => {
            // The line of the question is not ended by an answer.
            printer.err("\n");
            return Err(Failure::new(code, "stopped; nothing was changed"));
        }
    };
    match answer {
        Ok(true) => Ok(()),
        _ => Err(Failure::new(1, "the answer was no; nothing was changed")),
    }
}
