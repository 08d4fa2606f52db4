//! Whether a journal and a state belong together.

use std::cmp::Ordering;
use std::path::Path;

use super::record::Replay;
use super::{State, StateError};

/// A journal goes on from the state, or the state already holds it (killed before it was
/// removed): then `true` and no replay. `remedy` is for a state that is older than its journal.
pub(super) fn fits(
    journal: &Path,
    remedy: String,
    state: &State,
    replay: Replay,
) -> Result<(Option<Replay>, bool), StateError> {
    if replay.lineage != state.lineage {
        return Err(StateError::OtherLineage {
            what: journal.display().to_string(),
            found: replay.lineage,
            state: state.lineage.clone(),
        });
    }
    match replay.serial.cmp(&state.serial) {
        Ordering::Less => Ok((None, true)),
        Ordering::Equal => Ok((Some(replay), false)),
        Ordering::Greater => Err(StateError::JournalAhead {
            path: journal.to_owned(),
            journal: replay.serial,
            state: state.serial,
            remedy,
        }),
    }
}
