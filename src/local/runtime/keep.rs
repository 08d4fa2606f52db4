//! Keeps what functions wrote in their log groups, without making a call wait for the disk.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{FunctionEvent, Image, LogLine};
use crate::local::store::Lasting;
use crate::local::{Cloud, Place, logs};

/// What a killed cloud may lose of its logs.
const SETTLED_EVERY: Duration = Duration::from_secs(1);

impl Cloud {
    /// Keeps an invocation's lines; they are to be found from now on.
    pub(super) fn keep_log(self: &Arc<Self>, image: &Image, log_stream: &str, log: &[LogLine]) {
        let events = log.iter().map(|line| logs::Event {
            timestamp: line.time,
            message: line.text.clone(),
        });
        self.keep_events(
            &image.region,
            &image.log_group,
            log_stream,
            events.collect(),
        );
    }

    /// Keeps what anything else wrote in a log group, in the same way.
    pub fn keep_events(
        self: &Arc<Self>,
        region: &str,
        group: &str,
        stream: &str,
        events: Vec<logs::Event>,
    ) {
        let place = Place {
            region: region.to_owned(),
            url: String::new(),
        };
        let kept = self.lasting_turn(place, Lasting::Soon, |turn| {
            logs::append(turn, group, stream, events);
            Ok(())
        });
        match kept {
            Ok(()) => self.settle_soon(),
            Err(error) => self.runtime.tell(|| {
                let why = &error.message;
                FunctionEvent::Warning(format!("what `{group}` gets was not kept: {why}"))
            }),
        }
    }

    /// Writes what is kept to disk in a while, once for all that is kept until then.
    fn settle_soon(self: &Arc<Self>) {
        if self.runtime.unsettled.swap(true, Ordering::AcqRel) {
            return;
        }
        // A cloud that nobody uses any more settles when it is dropped.
        let cloud = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(SETTLED_EVERY).await;
            let Some(cloud) = cloud.upgrade() else {
                return;
            };
            cloud.runtime.unsettled.store(false, Ordering::Release);
            let settling = tokio::task::spawn_blocking(move || cloud.store.settle());
            // The next step that lasts fails as well, and tells whoever made it.
            let _ = settling.await;
        });
    }
}
