//! The one place through which every AWS call goes: its name, its nature, its retries.

use std::future::Future;
use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::time::Instant;

use super::cloud::Cloud;
use super::error::{Failure, failure};
use super::pace::service;
use super::passing::Need;
use super::retry::{Again, Nature, Within, again, delay, is_throttle};
use crate::addr::Addr;
use crate::cancel::{Cancel, Cancelled};
use crate::event::{Event, Listener};
use crate::provider::ProviderError;

/// A wait that ends before this is nobody's business.
const WORTH_TELLING: Duration = Duration::from_secs(1);

/// For whom a call is made: who hears of it when it is held up.
#[derive(Clone, Copy)]
pub struct Who<'a> {
    pub addr: Option<&'a Addr>,
    pub events: Option<&'a Listener>,
    /// Who may end the wait.
    pub cancel: Option<&'a Cancel>,
    /// What AWS must have heard of for the call to succeed.
    pub needs: &'a [Need<'a>],
}

impl<'a> Who<'a> {
    /// Nobody in particular, such as a refresh.
    pub const NOBODY: Who<'static> = Who {
        addr: None,
        events: None,
        cancel: None,
        needs: &[],
    };

    pub fn of(addr: &'a Addr, events: &'a Listener) -> Who<'a> {
        Who {
            addr: Some(addr),
            events: Some(events),
            cancel: None,
            needs: &[],
        }
    }

    /// The same, of a call that AWS refuses until it has heard of something.
    pub fn needing(self, needs: &'a [Need<'a>]) -> Who<'a> {
        Who { needs, ..self }
    }

    /// Waits before the next call, and says so where it takes long.
    ///
    /// # Errors
    /// Nobody wants to wait any more.
    pub async fn pause(&self, why: &str, since: Instant, pause: Duration) -> Result<(), Cancelled> {
        self.waits(why, since, pause);
        match self.cancel {
            Some(cancel) => cancel.sleep(pause).await,
            None => {
                tokio::time::sleep(pause).await;
                Ok(())
            }
        }
    }

    /// Says that something is waited for, and will be for another `pause` at least.
    fn waits(&self, why: &str, since: Instant, pause: Duration) {
        if since.elapsed() + pause < WORTH_TELLING {
            return;
        }
        if let (Some(addr), Some(events)) = (self.addr, self.events) {
            events.tell(Event::Waiting {
                addr: addr.clone(),
                why: why.to_owned(),
                waited: since.elapsed(),
                pause,
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
        let mut tries = Tries::new(self, operation, service::<E>(), nature, who);
        let answer = self.attempts(&mut tries, send).await;
        // One lost answer leaves it open, whatever the attempts after it were answered.
        answer.map_err(|error| ProviderError {
            unsure: tries.unsure,
            ..error
        })
    }

    async fn attempts<T, E, F>(
        &self,
        tries: &mut Tries<'_>,
        send: impl Fn() -> F + Send + Sync,
    ) -> Result<T, ProviderError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: std::error::Error + Send + Sync + ProvideErrorMetadata + 'static,
    {
        loop {
            tries.begin().await?;
            let answer = {
                let _permit = self.permit().await;
                // Last of all before it goes out: what was waited for took its time.
                self.holds_lock(tries.operation, tries.nature)?;
                send().await
            };
            match answer {
                Ok(output) => return Ok(output),
                Err(error) => tries.failed(failure(tries.operation, error)).await?,
            }
        }
    }
}

/// The attempts of one call.
struct Tries<'a> {
    cloud: &'a Cloud,
    operation: &'static str,
    service: &'a str,
    nature: Nature,
    who: Who<'a>,
    since: Instant,
    attempt: u32,
    /// How long AWS may take to pass on what the call needs; found out at the first refusal.
    patience: Option<Duration>,
    /// Whether an attempt may have been carried out.
    unsure: bool,
}

impl<'a> Tries<'a> {
    fn new(
        cloud: &'a Cloud,
        operation: &'static str,
        service: &'a str,
        nature: Nature,
        who: Who<'a>,
    ) -> Tries<'a> {
        Tries {
            cloud,
            operation,
            service,
            nature,
            who,
            since: Instant::now(),
            attempt: 0,
            patience: None,
            unsure: false,
        }
    }

    /// Waits for the call's turn.
    ///
    /// # Errors
    /// The wait was cancelled; nothing was sent.
    async fn begin(&mut self) -> Result<(), ProviderError> {
        self.attempt += 1;
        let Some(pace) = self.cloud.pace() else {
            return Ok(());
        };
        let turn = pace.turn(self.service, self.operation, self.nature, self.who);
        if turn.await.is_err() {
            let error = ProviderError::new(self.operation, "not sent");
            return Err(error.stopped("AWS's rate limit"));
        }
        if self.attempt == 1 {
            // A turn that had to be waited for is no failure of AWS's.
            self.since = Instant::now();
        }
        Ok(())
    }

    /// Waits until it makes sense to try again.
    ///
    /// # Errors
    /// It never will, it has been tried for too long, or the wait was cancelled.
    async fn failed(&mut self, failed: Failure) -> Result<(), ProviderError> {
        self.unsure |= failed.may_have_happened && self.nature != Nature::Read;
        let Some(again) = again(self.operation, self.nature, &failed) else {
            return Err(failed.error);
        };
        if is_throttle(&failed)
            && let Some(pace) = self.cloud.pace()
        {
            pace.refused(self.service, self.operation, self.nature);
        }
        let within = self.within(&again, &failed.error).await;
        let pause = delay(self.attempt, &failed);
        if within.is_zero() {
            return Err(failed.error);
        }
        if self.since.elapsed() + pause > within {
            return Err(self.gave_up(failed.error, again.why));
        }
        let paused = self.who.pause(again.why, self.since, pause).await;
        paused.map_err(|Cancelled| failed.error.stopped(again.why))
    }

    async fn within(&mut self, again: &Again, refusal: &ProviderError) -> Duration {
        let about = match again.within {
            Within::Time(time) => return time,
            Within::PassingOn(about) => about,
        };
        if let Some(patience) = self.patience {
            return patience;
        }
        let patience = self.cloud.patience(about, self.who, refusal).await;
        self.patience = Some(patience);
        patience
    }

    fn gave_up(&self, error: ProviderError, why: &str) -> ProviderError {
        let waited = self.since.elapsed().as_secs();
        let message = format!("{} (waited {waited} s for {why})", error.message);
        ProviderError { message, ..error }
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
