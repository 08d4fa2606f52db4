//! `slp dev`: the manifest applied to the embedded cloud, served, and followed as it changes.

mod inspect;
mod logs;
mod round;
mod routes;
mod watch;

use std::sync::{Arc, PoisonError};

use super::args::{DevArgs, Global};
use super::failure::Failure;
use super::home::Home;
use super::open;
use super::printer::Printer;
use super::runtimes::Told;
use super::serve::Serving;
use super::signals::Ending;
use crate::cancel::Cancel;
use crate::render::{self, Line};
use inspect::Inspect;
use logs::{Known, Teller};
use round::{Round, Rounds};
use watch::Watch;

/// A round ended early, since what it was made from is no longer what the files say.
const OUTDATED: &str = "a file was saved meanwhile; trying again";

pub async fn run(global: &Global, args: &DevArgs, printer: &Printer) -> Result<u8, Failure> {
    // Whoever is in the wrong folder is told at once.
    if !global.file.exists() {
        open::offline(global)?;
    }
    let root = open::folder(global);
    let root = std::path::absolute(root).unwrap_or_else(|_| root.to_owned());
    let mut watch = Watch::new(&root);
    let inspect = match &args.inspect {
        Some(name) => Some(Inspect::new(inspect::asked(global, name.as_deref())?)),
        None => None,
    };
    let mut ending = Ending::listen();
    let serving = Serving::start(&Home::of(global), &args.serve).await?;
    serving.tell_moved(printer);
    let known = Known::default();
    let teller = Teller {
        known: known.clone(),
        printer: printer.clone(),
        verbose: global.verbose,
    };
    logs::print(&serving.front.cloud, teller);
    if let Some(inspect) = &inspect {
        inspect.print(&serving.front.cloud, printer.clone());
    }
    let (tell, stop) = tokio::sync::watch::channel(false);
    let rounds = Rounds {
        global,
        serving: &serving,
        printer,
        stop,
        inspect,
        told: Told::default(),
    };
    let work = follow(&rounds, &mut watch, &known);
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
async fn follow(rounds: &Rounds<'_>, watch: &mut Watch, known: &Known) {
    let mut shown = Shown::default();
    let mut stop = rounds.stop.clone();
    loop {
        if rounds.printer.streams() {
            rounds.printer.line(&Line::Round {});
        }
        let (ended, is_outdated) = round(rounds, watch).await;
        match ended {
            Ok(None) if is_outdated => rounds.printer.err(OUTDATED),
            // It is to end.
            Ok(None) => {}
            Ok(Some(round)) => {
                *known.lock().unwrap_or_else(PoisonError::into_inner) = round.places.clone();
                let page = &rounds.serving.front.page;
                page.know(Arc::new(round.places.clone()));
                watch.follow(round.sources.clone());
                tell(rounds, round, is_outdated, &mut shown);
            }
            Err(failure) => failed(rounds, failure, is_outdated, &mut shown),
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
async fn round(rounds: &Rounds<'_>, watch: &mut Watch) -> (Result<Option<Round>, Failure>, bool) {
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

/// What was told already.
#[derive(Default)]
struct Shown {
    /// The outputs and the routes.
    results: Option<String>,
    broken: Option<Broken>,
}

/// What was wrong with the last round.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Broken {
    Manifest,
    Rest,
}

/// The round did not come to its end.
fn failed(rounds: &Rounds<'_>, failure: Failure, is_outdated: bool, shown: &mut Shown) {
    if !is_outdated {
        shown.broken = Some(match failure.report() {
            Some(_) => Broken::Manifest,
            None => Broken::Rest,
        });
    }
    failure.print(rounds.printer);
    rounds.printer.err(match (is_outdated, &shown.results) {
        (true, _) => OUTDATED,
        (false, Some(_)) => "what was there before goes on; save the file to try again",
        (false, None) => "save the file to try again",
    });
}

/// What a round came to: the outputs and the routes, when they are others than those that were
/// shown last, and that all is well where it was not.
fn tell(rounds: &Rounds<'_>, round: Round, is_outdated: bool, shown: &mut Shown) {
    let ended = round.ended;
    if !ended.is_whole {
        shown.broken = Some(Broken::Rest);
    }
    if is_outdated && (ended.is_stopped || !ended.is_whole) {
        rounds.printer.err(OUTDATED);
    } else if !ended.is_whole {
        rounds.printer.err("save a file to try again");
    } else if !ended.is_stopped
        && let Some(broken) = shown.broken.take()
    {
        mended(rounds, broken, ended.is_changed);
    }
    let results = results(rounds, &round);
    if shown.results.as_ref() == Some(&results) {
        return;
    }
    match rounds.printer.streams() {
        true => {
            let url = &rounds.serving.front.url;
            let line = Line::ready(url, &round.outputs, &round.routes);
            rounds.printer.line(&line);
        }
        false => rounds.printer.out(&results),
    }
    if shown.results.is_none() {
        let url = &rounds.serving.front.url;
        rounds.printer.err(&format!(
            "page: {url}/ · the files are followed · Ctrl-C ends it\n"
        ));
    }
    shown.results = Some(results);
}

/// The outputs and the routes, as they are printed.
fn results(rounds: &Rounds<'_>, round: &Round) -> String {
    let style = rounds.printer.style();
    let outputs = render::outputs(&round.outputs, &style);
    let routes = render::routes(&round.routes, &style);
    match outputs.is_empty() || routes.is_empty() {
        true => format!("{outputs}{routes}"),
        false => format!("{outputs}\n{routes}"),
    }
}

fn mended(rounds: &Rounds<'_>, broken: Broken, is_changed: bool) {
    let what = match broken {
        Broken::Manifest => format!("{} is right again", rounds.global.file.display()),
        Broken::Rest => "all is well again".to_owned(),
    };
    let text = match is_changed {
        true => what,
        false => format!("{what}; nothing to change"),
    };
    match rounds.printer.streams() {
        true => rounds.printer.line(&Line::Note { text }),
        false => rounds.printer.err(&text),
    }
}
