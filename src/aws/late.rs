//! What a call whose answer was lost may have made: it can appear after the connection is gone.

use std::time::Duration;

use tokio::time::Instant;

use super::calls::Who;
use crate::provider::ProviderError;

/// Between two looks; as long together as a call may still be carried out (`provider::LATEST`).
const PAUSES: [u64; 6] = [0, 1, 3, 6, 10, 10];

/// Looks until it is found, or so much time has passed that it was not made.
///
/// # Errors
/// `unanswered`, the one that left it open, where it cannot be looked for, or nobody wants to wait
/// any more: it stays open.
pub async fn look<T, F>(
    who: Who<'_>,
    what: &str,
    unanswered: ProviderError,
    look: impl Fn() -> F,
) -> Result<Option<T>, ProviderError>
where
    F: Future<Output = Result<Option<T>, ProviderError>>,
{
    let since = Instant::now();
    for pause in PAUSES.map(Duration::from_secs) {
        if who.pause(what, since, pause).await.is_err() {
            return Err(unanswered.stopped(what));
        }
        let Ok(found) = look().await else {
            return Err(unanswered);
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::LATEST;

    #[test]
    fn it_is_looked_for_as_long_as_it_may_come() {
        assert_eq!(PAUSES.iter().sum::<u64>(), LATEST.as_secs());
    }
}
