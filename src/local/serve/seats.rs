//! The connections that are open at once. Whoever is slow to ask never keeps others out: where
//! all seats are taken, the one goes whose caller has kept us waiting longest.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

/// The seats of a server.
pub struct Seats {
    most: usize,
    taken: Mutex<Vec<Arc<Seat>>>,
    /// One was given back, or may be taken from who has it.
    freed: Notify,
}

struct Seat {
    /// Since when its caller is waited for; absent while it waits for us.
    waits: Mutex<Option<Instant>>,
    gone: Notify,
}

/// A connection's seat, given back when this is dropped.
pub struct Taken {
    seats: Arc<Seats>,
    seat: Arc<Seat>,
}

/// While it is there, the connection is being answered, and its seat is its own.
pub struct Answering<'a>(&'a Taken);

impl Seats {
    pub fn new(most: usize) -> Arc<Seats> {
        Arc::new(Seats {
            most,
            taken: Mutex::default(),
            freed: Notify::new(),
        })
    }

    /// Waits only where every connection is being answered.
    pub async fn take(self: &Arc<Seats>) -> Taken {
        loop {
            let freed = self.freed.notified();
            if let Some(taken) = self.try_take() {
                return taken;
            }
            freed.await;
        }
    }

    fn try_take(self: &Arc<Seats>) -> Option<Taken> {
        let mut taken = lock(&self.taken);
        if taken.len() >= self.most {
            let waiting = taken.iter().enumerate().filter_map(|(at, seat)| {
                let since = (*lock(&seat.waits))?;
                Some((since, at))
            });
            let (_, longest) = waiting.min()?;
            taken.swap_remove(longest).gone.notify_one();
        }
        let seat = Arc::new(Seat {
            waits: Mutex::new(Some(Instant::now())),
            gone: Notify::new(),
        });
        taken.push(seat.clone());
        Some(Taken {
            seats: self.clone(),
            seat,
        })
    }
}

impl Taken {
    /// From when the whole request is there until its answer is.
    pub fn answering(&self) -> Answering<'_> {
        *lock(&self.seat.waits) = None;
        Answering(self)
    }

    /// Returns once somebody else has the seat.
    pub async fn gone(&self) {
        self.seat.gone.notified().await;
    }
}

impl Drop for Answering<'_> {
    fn drop(&mut self) {
        *lock(&self.0.seat.waits) = Some(Instant::now());
        self.0.seats.freed.notify_one();
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        lock(&self.seats.taken).retain(|seat| !Arc::ptr_eq(seat, &self.seat));
        self.seats.freed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn now(seats: &Arc<Seats>) -> Option<Taken> {
        seats.take().now_or_never()
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_longest_goes_first() {
        let seats = Seats::new(2);
        let first = now(&seats).unwrap();
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        let second = now(&seats).unwrap();
        // Answered just now, it is waited for since then.
        tokio::time::advance(std::time::Duration::from_secs(1)).await;
        drop(first.answering());
        let third = now(&seats).unwrap();
        assert!(second.gone().now_or_never().is_some());
        assert!(first.gone().now_or_never().is_none());
        assert!(third.gone().now_or_never().is_none());
        drop(second);
        assert_eq!(lock(&seats.taken).len(), 2);
    }

    #[tokio::test]
    async fn who_is_being_answered_stays_and_others_wait() {
        let seats = Seats::new(1);
        let first = now(&seats).unwrap();
        let answering = first.answering();
        let mut second = Box::pin(seats.take());
        assert!((&mut second).now_or_never().is_none());
        drop(answering);
        assert!((&mut second).now_or_never().is_some());
        assert!(first.gone().now_or_never().is_some());
    }
}
