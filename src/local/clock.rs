//! The cloud's clock. It follows tokio's, so that a rehearsal that pauses tokio's time has a
//! simulated clock, and a test need not wait.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Wall time at the start, and tokio's time since then.
pub struct Clock {
    origin: Timestamp,
    start: Instant,
}

impl Clock {
    pub fn start() -> Clock {
        Clock {
            origin: Timestamp::now(),
            start: Instant::now(),
        }
    }

    pub fn now(&self) -> Timestamp {
        let passed: Duration = self.start.elapsed();
        // Past the year 9999 the clock stands still.
        self.origin.saturating_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// A time as AWS's APIs have it: milliseconds since 1970.
pub type Millis = i64;
