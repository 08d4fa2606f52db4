//! Holds calls back while what they call is changed, so that none meets a half-made API.

use std::time::Duration;

use tokio::sync::watch;

/// AWS lets a call wait no longer.
const LONGEST: Duration = Duration::from_secs(29);

/// Open, or held by somebody.
pub struct Gate(watch::Sender<usize>);

impl Default for Gate {
    fn default() -> Gate {
        Gate(watch::Sender::new(0))
    }
}

/// The gate is held until this is dropped.
pub struct Held<'a>(&'a Gate);

impl Gate {
    pub fn hold(&self) -> Held<'_> {
        self.0.send_modify(|holders| *holders += 1);
        Held(self)
    }

    /// Returns once nobody holds the gate, or when the wait has been too long.
    pub async fn pass(&self) {
        let mut holders = self.0.subscribe();
        let open = holders.wait_for(|holders| *holders == 0);
        // Too late, the call goes through to whatever is there.
        let _ = tokio::time::timeout(LONGEST, open).await;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.0.send_modify(|holders| *holders -= 1);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_call_waits_for_the_change() {
        let gate = Gate::default();
        assert!(gate.pass().now_or_never().is_some());
        let held = gate.hold();
        let also = gate.hold();
        assert!(gate.pass().now_or_never().is_none());
        drop(held);
        assert!(gate.pass().now_or_never().is_none());
        drop(also);
        assert!(gate.pass().now_or_never().is_some());
    }
}
