//! The journal in a bucket: the same text as on a disk, written anew as a whole. Many outcomes
//! share one write; who needs theirs durable waits for the next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::objects::{Condition, ObjectError, Objects, Put, put};
use crate::provider::Boxed;
use crate::state::StateError;
use crate::state::journal::{Text, Unwritten};
use crate::state::record::Record;

/// What nobody waits for is written within this time. What is lost by then with the whole machine
/// is found out by looking at AWS.
const LATE: Duration = Duration::from_secs(2);

type Answer = oneshot::Sender<Result<(), ObjectError>>;

/// A journal being written.
pub(super) struct Journal {
    name: String,
    lines: mpsc::UnboundedSender<(Record, Option<Answer>)>,
    writer: tokio::task::JoinHandle<Result<String, Box<Unwritten<ObjectError>>>>,
}

impl Journal {
    /// Makes the text, which begins with the plan, durable.
    pub async fn begin(
        objects: Arc<dyn Objects>,
        key: String,
        text: Text,
        condition: Condition,
    ) -> Result<Option<Journal>, ObjectError> {
        let Put::Done(etag) = put(&*objects, &key, text.bytes(), condition).await? else {
            return Ok(None);
        };
        let name = format!("{}/{key}", objects.place());
        let (lines, queue) = mpsc::unbounded_channel();
        let writer = Writer {
            objects,
            key,
            text,
            etag,
            broken: None,
        };
        Ok(Some(Journal {
            name,
            lines,
            writer: tokio::spawn(writer.run(queue)),
        }))
    }

    /// Queues a record at once. One that is not durable is answered at once as well.
    pub fn append(&self, record: &Record, durable: bool) -> Boxed<'static, Result<(), StateError>> {
        let place = self.name.clone();
        let failed = move |error: ObjectError| StateError::Remote {
            place,
            doing: "take an outcome into its journal",
            why: error.what,
            help: format!(
                "No further call is made. {}, then run `slp apply` again: it looks at AWS and settles what is open.",
                error.help
            ),
        };
        let (answer, told) = oneshot::channel();
        let sent = self
            .lines
            .send((record.clone(), durable.then_some(answer)))
            .map_err(|_| failed.clone()(ended()));
        Box::pin(async move {
            sent?;
            match durable {
                true => told.await.unwrap_or_else(|_| Err(ended())).map_err(failed),
                false => Ok(()),
            }
        })
    }

    /// Writes what is queued, and ends; the etag of the whole. `None`: its writer panicked, and
    /// has said so.
    pub async fn end(self) -> Option<Result<String, Box<Unwritten<ObjectError>>>> {
        drop(self.lines);
        self.writer.await.ok()
    }
}

/// Writes a journal once more that the bucket did not take before: it may do so by now. Only over
/// what this run has written there itself.
pub(super) async fn again(
    objects: &dyn Objects,
    key: &str,
    text: &Text,
) -> Result<Put, ObjectError> {
    match objects.get(key).await? {
        Some(there) if text.bytes().starts_with(&there.bytes) => {
            put(objects, key, text.bytes(), Condition::Is(there.etag)).await
        }
        _ => Ok(Put::Refused),
    }
}

fn ended() -> ObjectError {
    ObjectError {
        what: "its writer has ended".into(),
        help: "This is a bug in slp".into(),
    }
}

struct Writer {
    objects: Arc<dyn Objects>,
    key: String,
    text: Text,
    etag: String,
    /// After one failure nothing is written any more.
    broken: Option<ObjectError>,
}

impl Writer {
    async fn run(
        mut self,
        mut queue: mpsc::UnboundedReceiver<(Record, Option<Answer>)>,
    ) -> Result<String, Box<Unwritten<ObjectError>>> {
        let mut waiting = Vec::new();
        while let Some(first) = queue.recv().await {
            self.take(first, &mut waiting);
            let late = tokio::time::sleep(LATE);
            tokio::pin!(late);
            while waiting.is_empty() {
                tokio::select! {
                    next = queue.recv() => match next {
                        Some(next) => self.take(next, &mut waiting),
                        None => break,
                    },
                    () = &mut late => break,
                }
            }
            while let Ok(next) = queue.try_recv() {
                self.take(next, &mut waiting);
            }
            self.write().await;
            for answer in waiting.drain(..) {
                // Whoever no longer waits need not know.
                let _ = answer.send(self.broken.clone().map_or(Ok(()), Err));
            }
        }
        match self.broken {
            Some(why) => Err(Box::new(Unwritten {
                text: self.text,
                why,
            })),
            None => Ok(self.etag),
        }
    }

    fn take(&mut self, (record, answer): (Record, Option<Answer>), waiting: &mut Vec<Answer>) {
        if let Err(error) = self.text.push(&record) {
            self.broken.get_or_insert(ObjectError {
                what: format!("an outcome has no JSON form ({error})"),
                help: "This is a bug in slp".into(),
            });
        }
        waiting.extend(answer);
    }

    async fn write(&mut self) {
        if self.broken.is_some() {
            return;
        }
        let condition = Condition::Is(self.etag.clone());
        match put(&*self.objects, &self.key, self.text.bytes(), condition).await {
            Ok(Put::Done(etag)) => self.etag = etag,
            Ok(Put::Refused) => {
                self.broken = Some(ObjectError {
                    what: "somebody else has written it meanwhile".into(),
                    help: "Find out who works on this project as well".into(),
                });
            }
            Err(error) => self.broken = Some(error),
        }
    }
}
