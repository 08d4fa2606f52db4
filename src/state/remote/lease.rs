//! The lock of a state in a bucket: an object that its holder renews again and again.
//!
//! Whoever dies stops renewing, and the next one takes over when the lease has run out. A holder
//! that was paused or cut off finds that out before its next call: it may work only while its own
//! clock says that nobody can have taken over.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::objects::{Condition, Object, ObjectError, Objects, Put, put};
use crate::event::{Event, Listener};
use crate::state::lock::{Holder, LockRequest};

/// Renewed so many times while it lasts.
const BEATS: u32 = 10;
/// Between two tries where nobody seems to hold it and it cannot be taken.
const GLANCE: Duration = Duration::from_millis(200);
/// For so long that is not found odd.
const ODD: Duration = Duration::from_secs(10);
/// How often one looks who waits for the lock.
const LOOK: Duration = Duration::from_secs(2);

/// What the lock's object says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Lock {
    pub holder: Holder,
    /// Without a beat for so long, it has run out.
    pub lease_seconds: u64,
    /// One more at each renewal, so that the object changes.
    pub beat: u64,
}

/// A lock that is held, and renewed in the background, until it is released.
pub struct Lease {
    objects: Arc<dyn Objects>,
    key: String,
    lock: Lock,
    held: Mutex<Held>,
}

/// Until when, by clocks that go on while this process stands still.
struct Held {
    etag: String,
    beat: u64,
    renewed: (Instant, SystemTime),
    lost: bool,
}

/// Who has the lock, where it is not us.
pub(super) enum Taken {
    Ours(Arc<Lease>),
    Theirs(Option<Holder>),
}

impl Lease {
    /// Takes the lock, waiting as long as the request says. `true` beside it: taken over from
    /// somebody whose lease had run out.
    pub(super) async fn take(
        objects: &Arc<dyn Objects>,
        key: &str,
        request: &LockRequest,
        lasts: Duration,
        events: &Listener,
    ) -> Result<(Taken, bool), ObjectError> {
        let lock = Lock {
            holder: request.holder.clone(),
            lease_seconds: lasts.as_secs(),
            beat: 0,
        };
        let begun = Instant::now();
        let mut told = false;
        loop {
            let sent = now();
            let bytes = encoded(&lock);
            if let Put::Done(etag) = put(&**objects, key, &bytes, Condition::Absent).await? {
                return Ok((Lease::held(objects, key, lock, etag, sent), false));
            }
            let Some(theirs) = objects.get(key).await? else {
                // Released in this moment, or the store says what is not so.
                if begun.elapsed() > request.timeout + ODD {
                    return Ok((Taken::Theirs(None), false));
                }
                tokio::time::sleep(GLANCE).await;
                continue;
            };
            let holder = decoded(&theirs).map(|lock| lock.holder);
            if ran_out(&theirs) {
                tell(
                    events,
                    &holder,
                    "its lease has run out; watching that nobody renews it",
                );
                let sent = now();
                if let Some(etag) = take_over(&**objects, key, &theirs, &lock).await? {
                    tell(events, &holder, "it was taken over");
                    return Ok((Lease::held(objects, key, lock, etag, sent), true));
                }
                continue;
            }
            if begun.elapsed() + LOOK > request.timeout {
                return Ok((Taken::Theirs(holder), false));
            }
            if !std::mem::replace(&mut told, true) {
                tell(events, &holder, "waiting for it to be released");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    fn held(
        objects: &Arc<dyn Objects>,
        key: &str,
        lock: Lock,
        etag: String,
        sent: (Instant, SystemTime),
    ) -> Taken {
        let lease = Arc::new(Lease {
            objects: objects.clone(),
            key: key.to_owned(),
            lock,
            held: Mutex::new(Held {
                etag,
                beat: 0,
                renewed: sent,
                lost: false,
            }),
        });
        tokio::spawn(beat(Arc::downgrade(&lease), lease.lasts() / BEATS));
        Taken::Ours(lease)
    }

    /// The lock's object as it was taken.
    pub(super) fn bytes(&self) -> Vec<u8> {
        encoded(&self.lock)
    }

    fn lasts(&self) -> Duration {
        Duration::from_secs(self.lock.lease_seconds)
    }

    /// Is it certain that nobody can take over for so long?
    pub fn holds_for(&self, time: Duration) -> bool {
        let held = self.state();
        let passed = held.renewed.0.elapsed();
        // The one clock stands still while the machine sleeps, the other may be set.
        let passed = passed.max(held.renewed.1.elapsed().unwrap_or_default());
        !held.lost && passed + time < self.lasts()
    }

    /// Lets go of it. One that was lost is somebody else's already.
    pub async fn release(&self) -> Result<(), ObjectError> {
        let etag = {
            let mut held = self.state();
            if std::mem::replace(&mut held.lost, true) {
                return Ok(());
            }
            held.etag.clone()
        };
        match self.objects.delete(&self.key, &etag).await? {
            Put::Done(_) => Ok(()),
            // A renewal was under way; what it wrote is ours as well.
            Put::Refused => match self.objects.get(&self.key).await? {
                Some(object) if self.is_ours(&object) => {
                    let deleted = self.objects.delete(&self.key, &object.etag).await;
                    deleted.map(drop)
                }
                _ => Ok(()),
            },
        }
    }

    fn is_ours(&self, object: &Object) -> bool {
        decoded(object).is_some_and(|lock| lock.holder.id == self.lock.holder.id)
    }

    /// One renewal; `false` once there is nothing to renew any more.
    async fn renew(&self) -> bool {
        let (etag, beat) = {
            let held = self.state();
            if held.lost {
                return false;
            }
            (held.etag.clone(), held.beat + 1)
        };
        let lock = Lock {
            beat,
            ..self.lock.clone()
        };
        let sent = now();
        let answer = put(
            &*self.objects,
            &self.key,
            &encoded(&lock),
            Condition::Is(etag),
        )
        .await;
        let mut held = self.state();
        match answer {
            Ok(Put::Done(etag)) => {
                held.etag = etag;
                held.beat = beat;
                held.renewed = sent;
            }
            Ok(Put::Refused) => held.lost = true,
            // Nobody can say; the next beat may get through, and until then the clock decides.
            Err(_) => {}
        }
        !held.lost
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Renews until the lease is gone.
async fn beat(lease: std::sync::Weak<Lease>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(lease) = lease.upgrade() else {
            return;
        };
        if !lease.renew().await {
            return;
        }
    }
}

/// Takes a lease that has run out, unless its holder shows a sign of life meanwhile: clocks of
/// two machines may differ by more than a lease.
async fn take_over(
    objects: &dyn Objects,
    key: &str,
    theirs: &Object,
    ours: &Lock,
) -> Result<Option<String>, ObjectError> {
    let lasts = decoded(theirs).map_or(ours.lease_seconds, |lock| lock.lease_seconds);
    tokio::time::sleep(Duration::from_secs(lasts) / BEATS * 3 / 2).await;
    let condition = Condition::Is(theirs.etag.clone());
    Ok(match put(objects, key, &encoded(ours), condition).await? {
        Put::Done(etag) => Some(etag),
        Put::Refused => None,
    })
}

/// By the store's clock and ours. What cannot be read was written by no slp that still runs.
fn ran_out(object: &Object) -> bool {
    let lasts = decoded(object).map_or(0, |lock| lock.lease_seconds);
    let now = jiff::Timestamp::now().as_second();
    now.saturating_sub(object.modified) > i64::try_from(lasts).unwrap_or(i64::MAX)
}

fn now() -> (Instant, SystemTime) {
    (Instant::now(), SystemTime::now())
}

fn tell(events: &Listener, holder: &Option<Holder>, what: &str) {
    let holder = match holder {
        Some(holder) => holder.to_string(),
        None => "by nobody that can be read".to_owned(),
    };
    events.tell(Event::Note(format!("the state is locked {holder}: {what}")));
}

/// A lock is plain data, which always has a JSON form.
fn encoded(lock: &Lock) -> Vec<u8> {
    serde_json::to_vec_pretty(lock).unwrap_or_default()
}

pub(super) fn decoded(object: &Object) -> Option<Lock> {
    serde_json::from_slice(&object.bytes).ok()
}
