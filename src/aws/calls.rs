//! The one place through which every AWS call goes: its name, its nature, its retries.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::cloud::Cloud;
use super::error::failure;
use super::pace::service;
use super::retry::{Nature, again, delay, is_throttle};
use crate::addr::Addr;
use crate::event::{Event, Listener};
use crate::provider::ProviderError;

/// A wait that ends before this is nobody's business.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// For whom a call is made: who hears of it when it is held up.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub addr: Option<&'a Addr>,
    pub events: Option<&'a Listener>,
}

impl<'a> Who<'a> {
    /// Nobody in particular, such as a refresh.
    pub const NOBODY: Who<'static> = Who {
        addr: None,
        events: None,
    };

    pub fn of(addr: &'a Addr, events: &'a Listener) -> Who<'a> {
        Who {
            addr: Some(addr),
            events: Some(events),
        }
    }

    /// Says that something is waited for, and will be for another `pause` at least.
    pub fn waits(&self, why: &str, since: Instant, pause: Duration) {
        if since.elapsed() + pause < WORTH_TELLING {
            return;
        }
        if let (Some(addr), Some(events)) = (self.addr, self.events) {
            events.tell(Event::Waiting {
                addr: addr.clone(),
                why: why.to_owned(),
                waited: since.elapsed(),
            });
        }
    }
}

impl Cloud {
    /// Makes a call; repeats it where that is safe and worth while.
    pub async fn call<T, E, F>(
        &self,
        operation: &'static str,
        nature: Nature,
        who: Who<'_>,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + Send + Sync + ProvideErrorMetadata + 'static,
    {
        let service = service::<E>();
        let mut since = Instant::now();
        let mut attempt = 0;
        loop {
            attempt += 1;
            if let Some(pace) = self.pace() {
                pace.turn(service, operation, nature, who).await;
                if attempt == 1 {
                    // A turn that had to be waited for is no failure of AWS's.
                    since = Instant::now();
                }
            }
            let answer = {
                let _permit = self.permit().await;
                // Last of all before it goes out: what was waited for took its time.
                self.holds_lock(operation, nature)?;
                send().await
            };
            let failed = match answer {
                Ok(output) => return Ok(output),
                Err(error) => failure(operation, error),
            };
            let Some(again) = again(operation, nature, &failed) else {
                return Err(failed.error);
            };
            if is_throttle(&failed)
                && let Some(pace) = self.pace()
            {
                pace.refused(service, operation, nature);
            }
            let pause = delay(attempt, &failed);
            if since.elapsed() + pause > again.within {
                let waited = since.elapsed().as_secs();
                let message = format!(
                    "{} (waited {waited} s for {})",
                    failed.error.message, again.why
                );
                return Err(ProviderError {
                    message,
                    ..failed.error
                });
            }
            who.waits(again.why, since, pause);
            tokio::time::sleep(pause).await;
        }
    }
}

impl Cloud {
    /// Refuses a change that another run may meet, since the lock could be lost before it ends.
    fn holds_lock(&self, operation: &str, nature: Nature) -> Result<(), ProviderError> {
        match nature == Nature::Read || self.may_change() {
            true => Ok(()),
            false => {
                let why = "not sent: the lock on the state may be lost before it ends";
                Err(ProviderError::new(operation, why)
                    .hint("find out who else works on this project, then run it again"))
            }
        }
    }
}

/// An answer that says "there is none" becomes `None`.
pub fn found<T>(
    answer: Result<T, ProviderError>,
    none: &[&str],
) -> Result<Option<T>, ProviderError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(error) if none.iter().any(|code| error.is(code)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// A delete of what is gone already has succeeded.
pub fn gone<T>(answer: Result<T, ProviderError>, none: &[&str]) -> Result<(), ProviderError> {
    found(answer, none).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn only_a_wait_of_a_second_or_more_is_told() {
        let told: Arc<Mutex<Vec<Event>>> = Arc::default();
        let heard = told.clone();
        let events = Listener::new(move |event| heard.lock().unwrap().push(event));
        let addr = Addr::root_of("role", "r");
        let who = Who::of(&addr, &events);
        let count = || told.lock().unwrap().len();
        who.waits("IAM", Instant::now(), Duration::from_millis(1));
        assert_eq!(count(), 0);
        who.waits("IAM", Instant::now(), Duration::from_secs(1));
        assert_eq!(count(), 1);
    }
}
