//! Work under the lock of a state.

use super::failure::Failure;
use super::open::Project;
use super::printer::Printer;
use super::signals::Signals;
use crate::aws::Aws;
use crate::event::{Event, Listener};
use crate::state::{Holder, LockRequest, Session};

/// Takes the lock; AWS is changed only while it holds.
pub async fn lock(
    project: &Project,
    aws: &Aws,
    timeout: std::time::Duration,
    word: &str,
    events: &Listener,
) -> Result<Box<dyn Session>, Failure> {
    let store = &project.store;
    if std::env::var_os("CI").is_some_and(|value| !value.is_empty())
        && !project.embedded
        && !store.is_remote()
    {
        let place = store.describe();
        events.tell(Event::Note(format!(
            "the state is a local file ({place}): a CI job must keep it for the next one"
        )));
    }
    let request = LockRequest {
        holder: Holder::this_process(word),
        timeout,
    };
    let locking = format!("taking the lock on {}", store.describe());
    let session = events.during(locking, store.lock(request, events)).await?;
    if let Some(held) = session.held() {
        aws.while_held(held);
    }
    Ok(session)
}

/// Does this under the lock, until it is done or a signal comes; lets go of the lock.
pub async fn under<T>(
    session: &dyn Session,
    printer: &Printer,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let ended = Signals::listen(printer).or_stop(work).await;
    released(session, ended, &printer.listener()).await
}

/// Lets go of the lock, however the work under it ended; its own failure counts first.
pub async fn released<T>(
    session: &dyn Session,
    ended: Result<T, Failure>,
    events: &Listener,
) -> Result<T, Failure> {
    let release = events.during("letting go of the lock", session.release());
    match (ended, release.await) {
        (Ok(_), Err(error)) => Err(error.into()),
        (ended, _) => ended,
    }
}
