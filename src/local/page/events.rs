//! Server-sent events: what happens, to every page that listens.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use serde_json::Value;
use tokio::sync::mpsc;

/// Pages that listen at once; the oldest gives way.
const PAGES: usize = 16;
/// A page that is so far behind loads itself anew.
const BACKLOG: usize = 256;

/// The pages that listen.
#[derive(Default)]
pub struct Listeners(Mutex<Vec<mpsc::Sender<Bytes>>>);

/// A body that goes on as things happen.
pub struct Events(mpsc::Receiver<Bytes>);

impl Listeners {
    pub fn join(&self) -> Events {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        // So that the page knows at once that it is heard.
        let _ = sender.try_send(Bytes::from_static(b": hello\n\n"));
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if senders.len() == PAGES {
            senders.remove(0);
        }
        senders.push(sender);
        Events(receiver)
    }

    pub fn tell(&self, name: &str, data: &Value) {
        let event = Bytes::from(format!("event: {name}\ndata: {data}\n\n"));
        let mut senders = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        senders.retain(|sender| sender.try_send(event.clone()).is_ok());
    }
}

impl Body for Events {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;
    use serde_json::json;

    use super::*;

    async fn next(events: &mut Events) -> Option<String> {
        let frame = events.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_page_hears_and_the_oldest_gives_way() {
        let listeners = Listeners::default();
        let mut first = listeners.join();
        let mut second = listeners.join();
        listeners.tell("call", &json!({"n": 1}));
        for page in [&mut first, &mut second] {
            assert_eq!(next(page).await.unwrap(), ": hello\n\n");
            assert_eq!(
                next(page).await.unwrap(),
                "event: call\ndata: {\"n\":1}\n\n"
            );
        }
        let _more: Vec<Events> = (1..PAGES).map(|_| listeners.join()).collect();
        assert_eq!(next(&mut first).await, None);
    }
}
