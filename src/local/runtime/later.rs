//! Asynchronous invocations: queued, and tried again when they fail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use super::{Caller, Image, Invocation};
use crate::local::Cloud;
use crate::local::error::AwsError;

/// AWS tries a function that failed twice more, after a minute and after two.
const RETRIES: [Duration; 2] = [Duration::from_secs(60), Duration::from_secs(120)];
/// An event that was never let in, for want of concurrency, is given up after six hours.
const OLDEST: Duration = Duration::from_secs(6 * 60 * 60);
/// How long AWS lets an event rest that it could not let in, unless there is room before.
const THROTTLED: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(300)];

/// Where events wait for a function that runs as often at once as it may, by region and name.
#[derive(Default)]
pub struct Queues(Mutex<BTreeMap<(String, String), Weak<Notify>>>);

impl Queues {
    /// The first who waits at it is woken when an invocation is over.
    pub fn of(&self, region: &str, name: &str) -> Arc<Notify> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (region.to_owned(), name.to_owned());
        if let Some(queue) = all.get(&key).and_then(Weak::upgrade) {
            return queue;
        }
        all.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Notify::new());
        all.insert(key, Arc::downgrade(&queue));
        queue
    }
}

impl Cloud {
    /// Queues an invocation (`Event`); its request id, which all tries share. A function that
    /// fails is tried twice more. `find` names the version anew for each try, as AWS does.
    pub fn invoke_later(
        self: &Arc<Self>,
        find: impl Fn(&Arc<Cloud>) -> Result<Image, AwsError> + Send + Sync + 'static,
        mut invocation: Invocation,
    ) -> String {
        let request_id = invocation.request_id.take();
        let request_id = request_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        invocation.request_id = Some(request_id.clone());
        invocation.by = Caller::Queue;
        let cloud = self.clone();
        tokio::spawn(async move { tries(&cloud, &find, &invocation, RETRIES).await });
        request_id
    }
}

/// Tries until the function succeeds, after each of `waits` once more.
pub(super) async fn tries(
    cloud: &Arc<Cloud>,
    find: &(dyn Fn(&Arc<Cloud>) -> Result<Image, AwsError> + Send + Sync),
    invocation: &Invocation,
    waits: [Duration; 2],
) {
    let mut waits = waits.into_iter();
    while let Err(Failed) = try_once(cloud, find, invocation).await
        && let Some(wait) = waits.next()
    {
        tokio::time::sleep(wait).await;
    }
}

/// The function ran, and failed.
struct Failed;

/// Waits for room, and runs the function. What can never run is given up at once: nobody is
/// there to be told, and there are no dead letters.
async fn try_once(
    cloud: &Arc<Cloud>,
    find: &(dyn Fn(&Arc<Cloud>) -> Result<Image, AwsError> + Send + Sync),
    invocation: &Invocation,
) -> Result<(), Failed> {
    let since = tokio::time::Instant::now();
    let mut wait = THROTTLED[0];
    let mut queue: Option<Arc<Notify>> = None;
    loop {
        let Ok(image) = find(cloud) else {
            // Whoever comes next was woken for nothing otherwise.
            queue.inspect(|queue| queue.notify_one());
            return Ok(());
        };
        let own = cloud.runtime.queues.of(&image.region, &image.name);
        match cloud.invoke(&image, invocation.clone()).await {
            Ok(invoked) if invoked.function_error.is_some() => return Err(Failed),
            Err(error) if error.status == 429 && since.elapsed() < OLDEST => {
                // In the order of their coming; the time is for a limit that was raised.
                let _ = tokio::time::timeout(wait, own.notified()).await;
                wait = (wait * 2).min(THROTTLED[1]);
                queue = Some(own);
            }
            Ok(_) | Err(_) => return Ok(()),
        }
    }
}
