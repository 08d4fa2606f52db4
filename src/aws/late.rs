//! What a call whose answer was lost may have made: it can appear after the connection is gone.

use std::time::Duration;

use tokio::time::Instant;

use super::calls::Who;
use crate::provider::ProviderError;

/// Between two looks; as long together as a call may still be carried out (`provider::LATEST`).
const PAUSES: [u64; 6] = [0, 1, 3, 6, 10, 10];

/// Does an error leave open whether the call was carried out?
pub fn is_open(error: &ProviderError) -> bool {
    error.status.is_none_or(|status| status >= 500)
}

/// Looks until it is found, or so much time has passed that it was not made.
///
/// # Errors
/// A look failed, or nobody wants to wait any more: whether it was made is still open.
pub async fn look<T, F>(
    who: Who<'_>,
    what: &str,
    look: impl Fn() -> F,
) -> Result<Option<T>, ProviderError>
where
    F: Future<Output = Result<Option<T>, ProviderError>>,
{
    let since = Instant::now();
    for pause in PAUSES.map(Duration::from_secs) {
        if who.pause(what, since, pause).await.is_err() {
            let why = format!("stopped while looking for {what}");
            return Err(ProviderError::new("wait", why));
        }
        let found = look().await?;
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
