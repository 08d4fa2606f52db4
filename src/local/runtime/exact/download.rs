//! The body of an answer, whole: no larger than it may be, and not from somebody who never ends it.

use std::fmt::Display;
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::time::Instant;

/// Who sends nothing for so long sends nothing any more; nor who sends next to nothing.
pub const SILENCE: Duration = Duration::from_secs(30);
/// How often it is told how far it went.
const TOLD: Duration = Duration::from_secs(10);
/// What the slowest line that is worth waiting for brings in that time.
const LEAST: u64 = 10_000;

/// Reads a body; tells its length so far, again and again while it takes long.
///
/// # Errors
/// Why it did not come whole, as the end of a sentence: it is larger than `most`, it broke off, or
/// it comes too slowly.
pub async fn whole<B>(mut body: B, most: u64, so_far: impl Fn(u64)) -> Result<Bytes, String>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let mut bytes = BytesMut::new();
    let (mut before, mut slow, mut tick) = (0, 0, Instant::now() + TOLD);
    loop {
        let length = bytes.len() as u64;
        let Ok(frame) = tokio::time::timeout_at(tick, body.frame()).await else {
            slow = if length - before < LEAST { slow + 1 } else { 0 };
            if TOLD * slow >= SILENCE {
                return Err(match length - before {
                    0 => silent(),
                    _ => "it sends too slowly to wait for it".to_owned(),
                });
            }
            so_far(length);
            (before, tick) = (length, tick + TOLD);
            continue;
        };
        let Some(frame) = frame else {
            return Ok(bytes.freeze());
        };
        let frame = frame.map_err(|error| format!("the answer broke off: {error}"))?;
        let Some(data) = frame.data_ref() else {
            continue;
        };
        if length + data.remaining() as u64 > most {
            return Err(format!(
                "it is larger than {most} bytes, as no such answer is"
            ));
        }
        bytes.extend_from_slice(data);
    }
}

/// Nothing came in all the time that is waited.
pub fn silent() -> String {
    format!("it sent nothing for {} s", SILENCE.as_secs())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::StreamBody;
    use hyper::body::Frame;

    use super::*;

    /// So many chunks of this length, each after a second.
    fn dripping(count: u64, length: usize) -> impl Body<Data = Bytes, Error = Infallible> + Unpin {
        let chunks = stream::unfold(0, move |sent| async move {
            tokio::time::sleep(Duration::from_secs(1)).await;
            let chunk = Frame::data(Bytes::from(vec![b'x'; length]));
            (sent < count).then_some((Ok(chunk), sent + 1))
        });
        StreamBody::new(Box::pin(chunks))
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_slowly_is_told_and_what_drips_is_not_waited_for() {
        let told = RefCell::new(Vec::new());
        let so_far = |bytes| told.borrow_mut().push(bytes);
        let since = Instant::now();
        let ended = whole(dripping(1_000_000, 1), 1 << 20, so_far).await;
        assert_eq!(ended.unwrap_err(), "it sends too slowly to wait for it");
        assert_eq!(since.elapsed().as_secs(), SILENCE.as_secs());
        assert_eq!(told.borrow().len(), 2);
        told.borrow_mut().clear();
        let ended = whole(dripping(35, 2000), 1 << 20, so_far).await;
        assert_eq!(ended.unwrap().len(), 70_000);
        assert_eq!(told.borrow().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn silence_and_what_is_too_large_end_it() {
        let silent = StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let ended = whole(silent, 10, |_| {}).await;
        assert_eq!(ended.unwrap_err(), "it sent nothing for 30 s");
        let ended = whole(dripping(3, 5), 14, |_| {}).await;
        let why = ended.unwrap_err();
        assert!(why.contains("larger than 14 bytes"), "{why}");
        assert_eq!(whole(dripping(3, 5), 15, |_| {}).await.unwrap().len(), 15);
    }
}
