//! The question before anything is changed.

use std::io::{BufRead, IsTerminal};

use super::failure::Failure;
use super::printer::Printer;

/// Asks; the lock is kept alive meanwhile, however long a person reads.
///
/// # Errors
/// The answer was another than `yes`, or there is nobody to ask.
pub async fn confirm(word: &str, printer: &Printer) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "`slp {word}` asks before it changes anything, and there is no terminal to ask at"
        ))
        .hint("read the plan above, then run it with --yes"));
    }
    printer.err(&format!(
        "\nDo you want to {word} this? Only `yes` is a yes: "
    ));
    let (tell, told) = tokio::sync::oneshot::channel();
    // A thread of its own: the one that runs all else must go on, and a process that ends does
    // not wait for this one.
    std::thread::spawn(move || {
        let mut answer = String::new();
        let read = std::io::stdin().lock().read_line(&mut answer);
        let _ = tell.send(read.is_ok() && answer.trim() == "yes");
    });
    match told.await {
        Ok(true) => Ok(()),
        _ => Err(Failure::new(1, "the answer was no; nothing was changed")),
    }
}
