//! Emergency files: what a run could not save in its own place. Whoever works next on this
//! machine begins with it, as far as it goes on from what is saved.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::open::Project;
use crate::cloud;
use crate::event::{Event, Listener};
use crate::state::{Replay, Snapshot, State, StateError, emergency_prefix};

/// What an emergency file holds.
pub enum Rescued {
    State(Box<State>),
    Journal(Box<Replay>),
}

/// The saved state with what an emergency file knows more, and that file, if one goes on from it.
pub async fn rescued(
    project: &Project,
    snapshot: Snapshot,
    events: &Listener,
) -> Result<(Snapshot, Option<PathBuf>), Failure> {
    if snapshot.state.is_none() {
        return Ok((snapshot, None));
    }
    for file in files(project) {
        let found = read(project, &file).await?;
        let (name, own) = (file.display(), found.lineage() == lineage(&snapshot));
        match onto(&file, &snapshot, found) {
            Ok(better) => {
                let text =
                    format!("{name} holds what an earlier run could not save: it is taken over");
                events.tell(Event::Note(text));
                return Ok((better, Some(file)));
            }
            // Another run has worked since; of another state it is somebody else's business.
            Err(_) if own => events.tell(Event::Note(format!(
                "{name} is older than the state: delete it once `slp plan` shows what you expect"
            ))),
            Err(_) => {}
        }
    }
    Ok((snapshot, None))
}

/// The emergency files of this project and environment beside the manifest, the newest first.
pub fn files(project: &Project) -> Vec<PathBuf> {
    let begin = emergency_prefix(&project.scope.project, project.scope.env.as_deref());
    let serial = |path: &PathBuf| -> Option<u64> {
        let rest = path.file_name()?.to_str()?.strip_prefix(&begin)?;
        let rest = rest.strip_suffix(".json").or(rest.strip_suffix(".journal"));
        rest?.parse().ok()
    };
    let entries = std::fs::read_dir(project.store.folder());
    let paths = entries
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path());
    let mut files: Vec<PathBuf> = paths.filter(|path| serial(path).is_some()).collect();
    files.sort_by_key(|path| std::cmp::Reverse(serial(path)));
    files
}

pub async fn read(project: &Project, file: &Path) -> Result<Rescued, Failure> {
    Ok(match file.extension().is_some_and(|end| end == "journal") {
        true => Rescued::Journal(Box::new(project.store.read_journal(file).await?)),
        false => Rescued::State(Box::new(project.store.read(file).await?)),
    })
}

impl Rescued {
    fn lineage(&self) -> Option<&str> {
        Some(match self {
            Rescued::State(state) => &state.lineage,
            Rescued::Journal(replay) => &replay.lineage,
        })
    }
}

fn lineage(snapshot: &Snapshot) -> Option<&str> {
    snapshot.state.as_ref().map(|state| state.lineage.as_str())
}

/// What was rescued, in the place of what is saved; refused where it does not go on from that.
pub fn onto(file: &Path, saved: &Snapshot, rescued: Rescued) -> Result<Snapshot, Failure> {
    let serial = saved.state.as_ref().map(|state| state.serial);
    if let Some(lineage) = lineage(saved).filter(|lineage| rescued.lineage() != Some(lineage)) {
        return Err(StateError::OtherLineage {
            what: file.display().to_string(),
            found: rescued.lineage().unwrap_or_default().to_owned(),
            state: lineage.to_owned(),
        }
        .into());
    }
    match rescued {
        // It was saved after all, and only the answer was lost.
        Rescued::State(state) if saved.state.as_ref() == Some(&*state) => Ok(saved.clone()),
        Rescued::State(state) => {
            let before = state.serial.saturating_sub(1);
            goes_on(file, before, serial.unwrap_or(before))?;
            // It holds all that the journal of its run could say.
            Ok(Snapshot {
                state: Some(State {
                    serial: before,
                    ..*state
                }),
                replay: None,
            })
        }
        Rescued::Journal(replay) => {
            goes_on(file, replay.serial, serial.unwrap_or_default())?;
            let other = saved.replay.as_ref().map(|there| &there.holder);
            match other.filter(|other| other.id != replay.holder.id) {
                None => Ok(Snapshot {
                    state: saved.state.clone(),
                    replay: Some(*replay),
                }),
                Some(other) => Err(superseded(file, &format!("{other} has worked since"))),
            }
        }
    }
}

fn goes_on(file: &Path, from: u64, serial: u64) -> Result<(), Failure> {
    if from == serial {
        return Ok(());
    }
    let why =
        format!("it goes on from serial {from} of the state, which is at serial {serial} by now");
    Err(superseded(file, &why))
}

fn superseded(file: &Path, why: &str) -> Failure {
    Failure::new(1, format!("{}: {why}", file.display())).hint(format!(
        "another run has worked since: compare the two, then delete the file; `slp plan` looks at {}",
        cloud::name()
    ))
}

/// One that stays would be taken for a newer one; says so where it cannot be deleted.
pub fn merged(file: &Path, serial: u64) -> String {
    let name = file.display();
    match std::fs::remove_file(file) {
        Ok(()) => format!("{name} was merged: the state is at serial {serial}."),
        Err(error) => format!(
            "{name} was merged: the state is at serial {serial}. Delete the file ({error})."
        ),
    }
}
