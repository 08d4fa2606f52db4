//! Ends waits early: somebody pressed Ctrl-C, or saved a newer manifest.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;

/// Whether waiting still makes sense. A call that was sent is never cancelled, only the pause
/// before the next one.
#[derive(Clone, Debug, Default)]
pub struct Cancel(Option<watch::Receiver<bool>>);

/// The wait was ended before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Cancel {
    /// Nothing ends these waits.
    pub const fn never() -> Cancel {
        Cancel(None)
    }

    /// Waits end when the value turns true.
    pub fn when(receiver: watch::Receiver<bool>) -> Cancel {
        Cancel(Some(receiver))
    }

    /// Returns when waits are to end; never where nothing ends them.
    pub async fn cancelled(&self) {
        if let Some(receiver) = &self.0
            && receiver
                .clone()
                .wait_for(|cancelled| *cancelled)
                .await
                .is_ok()
        {
            return;
        }
        std::future::pending().await
    }

    /// Waits so long, unless the wait is cancelled first.
    pub async fn sleep(&self, pause: Duration) -> Result<(), Cancelled> {
        self.within(tokio::time::sleep(pause)).await
    }

    /// Does something that can be left at any time, unless it is cancelled first.
    pub async fn within<T>(&self, work: impl Future<Output = T>) -> Result<T, Cancelled> {
        tokio::select! {
            biased;
            () = self.cancelled() => Err(Cancelled),
            ended = work => Ok(ended),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::Instant;

    #[tokio::test(start_paused = true)]
    async fn a_cancelled_wait_ends_at_once() {
        let since = Instant::now();
        let (tell, stop) = watch::channel(false);
        let cancel = Cancel::when(stop);
        let (ended, ()) = tokio::join!(cancel.sleep(Duration::from_secs(100)), async {
            tokio::time::sleep(Duration::from_secs(1)).await;
            tell.send_replace(true);
        });
        assert_eq!((ended, since.elapsed().as_secs()), (Err(Cancelled), 1));
        assert_eq!(cancel.sleep(Duration::from_secs(100)).await, Err(Cancelled));
        assert_eq!(since.elapsed().as_secs(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_nobody_can_cancel_lasts() {
        let pause = Duration::from_secs(100);
        let (tell, stop) = watch::channel(false);
        drop(tell);
        assert_eq!(Cancel::when(stop).sleep(pause).await, Ok(()));
        assert_eq!(Cancel::never().sleep(pause).await, Ok(()));
    }
}
