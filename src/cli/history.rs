//! `slp state pull`, `push`, `history`, `rollback` and `migrate`: whole states.

use std::path::Path;
use std::time::Duration;

use super::args::Global;
use super::failure::Failure;
use super::locked::released;
use super::printer::Printer;
use super::{open, saved};
use crate::aws;
use crate::cloud;
use crate::event::Listener;
use crate::state::{self, Holder, LockRequest, Session, State, StateError, Store, encode_state};

/// Prints the state as its file has it.
pub async fn pull(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let state = saved::state(global).await?;
    printer.out(&encode_state(&state)?);
    Ok(0)
}

/// Puts a file's state in the place of the saved one; the serial goes on.
pub async fn push(global: &Global, file: &Path, printer: &Printer) -> Result<u8, Failure> {
    let store = saved::store(global).await?;
    let pushed = store.read(file).await?;
    is_of(global, &pushed, file)?;
    let session = lock(&*store, "state push", &global.events).await?;
    let next = released(
        &*session,
        replaced(&*store, &*session, pushed, true).await,
        &global.events,
    )
    .await?;
    printer.out(&format!(
        "{} is at serial {} now; `slp plan` compares it with {}",
        store.describe(),
        next.serial,
        cloud::name()
    ));
    Ok(0)
}

/// Refuses the state of another project or environment, also where there is none yet.
fn is_of(global: &Global, pushed: &State, file: &Path) -> Result<(), Failure> {
    let scope = open::draft(global, &aws::kinds())?.scope("", None, None);
    if (&pushed.project, &pushed.env) == (&scope.project, &scope.env) {
        return Ok(());
    }
    let named = |project: &str, env: &Option<String>| match env {
        Some(env) => format!("{project}, environment {env}"),
        None => project.to_owned(),
    };
    let (theirs, ours) = (
        named(&pushed.project, &pushed.env),
        named(&scope.project, &scope.env),
    );
    let text = format!(
        "{} is the state of {theirs}, this is {ours}",
        file.display()
    );
    Err(Failure::new(4, text).hint("nothing was done; give the folder or the --env that it is of"))
}

/// The serials that can be put back.
pub async fn history(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let store = saved::store(global).await?;
    let current = saved::state(global).await?.serial;
    for serial in store.history().await? {
        if serial != current {
            printer.out(&serial.to_string());
        }
    }
    printer.out(&format!("{current} (in place)"));
    Ok(0)
}

/// Puts an earlier state back, as a new serial.
pub async fn rollback(global: &Global, serial: u64, printer: &Printer) -> Result<u8, Failure> {
    let store = saved::store(global).await?;
    let Some(earlier) = store.recall(serial).await? else {
        return Err(Failure::new(
            1,
            format!("serial {serial} of {} was not kept", store.describe()),
        )
        .hint("`slp state history` lists what was"));
    };
    let session = lock(&*store, "state rollback", &global.events).await?;
    let next = released(
        &*session,
        replaced(&*store, &*session, earlier, false).await,
        &global.events,
    )
    .await?;
    printer.out(&format!(
        "the state of serial {serial} is in place again, as serial {}; `slp plan` compares it with {}",
        next.serial,
        cloud::name()
    ));
    Ok(0)
}

/// Copies the state from another place into the one that the manifest names.
pub async fn migrate(global: &Global, from: &str, printer: &Printer) -> Result<u8, Failure> {
    let (source, target) = saved::two(global, from).await?;
    if source.describe() == target.describe() {
        return Err(Failure::usage(format!(
            "{} is where the manifest keeps the state already",
            source.describe()
        ))
        .hint("change [state] in the manifest first, then name the old place with --from"));
    }
    let before = lock(&*source, "state migrate", &global.events).await?;
    let moved = released(
        &*before,
        copied(&*source, &*before, &*target, &global.events).await,
        &global.events,
    )
    .await?;
    printer.out(&format!(
        "the state (serial {}) is in {} now; the old one stays in {}: delete it once `slp plan` is right",
        moved.serial,
        target.describe(),
        source.describe()
    ));
    Ok(0)
}

/// Writes the state once more, under the key that the manifest names now.
pub async fn rekey(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let store = saved::lenient(global).await?;
    let session = lock(&*store, "state rekey", &global.events).await?;
    let work = async {
        settled(&*store, &session.load().await?)?;
        Ok(session.reseal().await?)
    };
    released(&*session, work.await, &global.events).await?;
    printer.out(&format!(
        "{} is under the key of [state.encryption] now; what was kept before stays under its own",
        store.describe()
    ));
    Ok(0)
}

async fn copied(
    source: &dyn Store,
    before: &dyn Session,
    target: &dyn Store,
    events: &Listener,
) -> Result<State, Failure> {
    let snapshot = before.load().await?;
    settled(source, &snapshot)?;
    let Some(state) = snapshot.state else {
        let store = source.describe();
        return Err(StateError::NoState { store }.into());
    };
    let after = lock(target, "state migrate", events).await?;
    released(&*after, put(target, &*after, state).await, events).await
}

async fn put(target: &dyn Store, session: &dyn Session, state: State) -> Result<State, Failure> {
    match session.load().await?.state {
        None => {
            session.create(&state).await?;
            Ok(state)
        }
        Some(there) if there == state => Ok(state),
        Some(there) => Err(Failure::new(
            4,
            format!(
                "{} holds a state already (serial {}, lineage {})",
                target.describe(),
                there.serial,
                there.lineage
            ),
        )
        .hint("nothing was written over; choose another key, or remove that state by hand")),
    }
}

async fn lock(
    store: &dyn Store,
    word: &str,
    events: &Listener,
) -> Result<Box<dyn Session>, Failure> {
    let request = LockRequest {
        holder: Holder::this_process(word),
        timeout: Duration::ZERO,
    };
    Ok(store.lock(request, events).await?)
}

/// Puts this state in place of the saved one, which it must be of one lineage with.
async fn replaced(
    store: &dyn Store,
    session: &dyn Session,
    state: State,
    newer: bool,
) -> Result<State, Failure> {
    let snapshot = session.load().await?;
    settled(store, &snapshot)?;
    let Some(saved) = snapshot.state else {
        session.create(&state).await?;
        return Ok(state);
    };
    if saved.lineage != state.lineage {
        return Err(StateError::OtherLineage {
            what: "the state to be put in place".into(),
            found: state.lineage,
            state: saved.lineage,
        }
        .into());
    }
    if newer && state.serial < saved.serial {
        return Err(Failure::new(
            4,
            format!(
                "the file is at serial {}, {} is at serial {} already",
                state.serial,
                store.describe(),
                saved.serial
            ),
        )
        .hint("`slp state rollback SERIAL` puts an earlier state back on purpose"));
    }
    let next = State {
        serial: saved.serial,
        ..state
    };
    Ok(session.finish(next).await?)
}

pub(super) fn settled(store: &dyn Store, snapshot: &state::Snapshot) -> Result<(), StateError> {
    match &snapshot.replay {
        None => Ok(()),
        Some(replay) => Err(StateError::Unsettled {
            store: store.describe(),
            holder: Some(Box::new(replay.holder.clone())),
        }),
    }
}
