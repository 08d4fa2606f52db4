//! A state that is kept nowhere.

use crate::plan::Plan;
use crate::provider::Boxed;
use crate::state::{Record, Session, Snapshot, State, StateError};

/// Takes every note and forgets it.
pub struct Nowhere;

impl Session for Nowhere {
    fn load(&self) -> Boxed<'_, Result<Snapshot, StateError>> {
        Box::pin(async { Ok(Snapshot::default()) })
    }

    fn create<'a>(&'a self, _: &'a State) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }

    fn begin<'a>(&'a self, _: &'a State, _: &'a Plan) -> Boxed<'a, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }

    fn record(&self, _: &Record, _: bool) -> Boxed<'static, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }

    fn suspend(&self) -> Boxed<'_, Result<(), StateError>> {
        Box::pin(async { Ok(()) })
    }

    fn finish(&self, state: State) -> Boxed<'_, Result<State, StateError>> {
        Box::pin(async { Ok(state) })
    }
}
