//! `slp dev`: the manifest applied to the embedded cloud, served, and followed as it changes.

mod logs;
mod names;
mod round;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};

use super::args::{Global, ServeArgs};
use super::failure::Failure;
use super::home::Home;
use super::open;
use super::printer::Printer;
use super::serve::Serving;
use super::signals::Ending;
use crate::cancel::Cancel;
use names::Names;
use round::{Round, Rounds};
use watch::Watch;

/// A round ended early, since what it was made from is no longer what the files say.
const OUTDATED: &str = "a file was saved meanwhile; trying again";

pub async fn run(global: &Global, args: &ServeArgs, printer: &Printer) -> Result<u8, Failure> {
    // Whoever is in the wrong folder is told at once.
    if !global.file.exists() {
        open::offline(global)?;
    }
    let root = open::folder(global);
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let mut watch = Watch::new(&root);
    let mut ending = Ending::listen();
    let serving = Serving::start(&Home::of(global), args).await?;
    let names: Arc<Mutex<Names>> = Arc::default();
    logs::print(&serving.front.cloud, names.clone(), printer.clone());
    let (tell, stop) = tokio::sync::watch::channel(false);
    let rounds = Rounds {
        global,
        serving: &serving,
        printer,
        stop,
    };
    let work = follow(&rounds, &mut watch, &names);
    tokio::pin!(work);
    let code = tokio::select! {
        code = ending.wait() => code,
        // It goes on until it is told to stop, which nobody has done yet.
        () = &mut work => return Ok(0),
    };
    let _ = tell.send(true);
    // A round in flight finishes what it began and saves the state; who asks twice does not wait.
    tokio::select! {
        () = &mut work => {}
        _ = ending.wait() => {}
    }
    Ok(code)
}

/// Rounds, one at the start and one a change, until it is to end.
async fn follow(rounds: &Rounds<'_>, watch: &mut Watch, names: &Mutex<Names>) {
    let mut shown = None;
    let mut stop = rounds.stop.clone();
    loop {
        let (ended, is_outdated) = round(rounds, watch).await;
        match ended {
            Ok(round) => {
                *names.lock().unwrap_or_else(PoisonError::into_inner) = round.names.clone();
                watch.follow(round.sources.clone());
                tell(rounds, round, is_outdated, &mut shown);
            }
            Err(failure) => {
                failure.print(rounds.printer);
                rounds.printer.err(match (is_outdated, &shown) {
                    (true, _) => OUTDATED,
                    (false, Some(_)) => "what was there before goes on; save the file to try again",
                    (false, None) => "save the file to try again",
                });
            }
        }
        if is_outdated && !*stop.borrow() {
            continue;
        }
        tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => return,
            () = watch.changed() => {}
        }
    }
}

/// One round. Its waits end when a file is saved, which is told, or when slp is to end.
async fn round(rounds: &Rounds<'_>, watch: &mut Watch) -> (Result<Round, Failure>, bool) {
    let (tell, cancel) = tokio::sync::watch::channel(false);
    let cancel = Cancel::when(cancel);
    let work = rounds.run(&cancel);
    tokio::pin!(work);
    let mut stop = rounds.stop.clone();
    let is_outdated = tokio::select! {
        biased;
        ended = &mut work => return (ended, false),
        _ = stop.wait_for(|stop| *stop) => false,
        () = watch.changed() => true,
    };
    tell.send_replace(true);
    (work.await, is_outdated)
}

/// The outputs, when they are others than those that were shown last.
fn tell(rounds: &Rounds<'_>, round: Round, is_outdated: bool, shown: &mut Option<String>) {
    if !round.is_whole {
        rounds.printer.err(if is_outdated {
            OUTDATED
        } else {
            "save a file to try again"
        });
    }
    if shown.as_ref() == Some(&round.outputs) {
        return;
    }
    rounds.printer.out(&round.outputs);
    if shown.is_none() {
        let url = &rounds.serving.front.url;
        rounds.printer.err(&format!(
            "page: {url}/ · the files are followed · Ctrl-C ends it\n"
        ));
    }
    *shown = Some(round.outputs);
}
