//! Names of headers as they are written. HTTP does not mind their case; functions and callers do.
//!
//! hyper keeps the case of what it parsed in an extension that it alone can read and write. So
//! what came is written out once more by hyper, into memory, and read there; and what is to go
//! out is parsed by hyper before, out of memory.

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use ::http::{Extensions, HeaderMap, Request};
use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Empty;
use hyper::client::conn::http1::Builder;
use hyper::rt::{Read, ReadBufCursor, Write};

/// Headers of one message.
const MOST: usize = 1024;
/// What hyper itself writes.
const OWN: [&str; 4] = ["Content-Length", "Connection", "Date", "Host"];

/// Names and values in the case in which they came; small letters where nobody kept it.
pub fn written(headers: &HeaderMap, extensions: &Extensions) -> Vec<(String, String)> {
    spelled(headers, extensions).unwrap_or_else(|| {
        let small = headers.iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        });
        small.collect()
    })
}

fn spelled(headers: &HeaderMap, extensions: &Extensions) -> Option<Vec<(String, String)>> {
    let mut request = Request::new(Empty::new());
    *request.headers_mut() = headers.clone();
    *request.extensions_mut() = extensions.clone();
    let memory = Memory::default();
    let out = memory.out.clone();
    exchanged(memory, request);
    let out = out.lock().unwrap_or_else(PoisonError::into_inner);
    let text = String::from_utf8_lossy(&out);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let lines = head.split("\r\n").skip(1).map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_owned(), value.to_owned()))
    });
    lines.collect()
}

/// With these extensions hyper writes names as they stand here.
pub fn cased<'n>(names: impl Iterator<Item = &'n str>) -> Extensions {
    let mut head = String::from("HTTP/1.1 200 OK\r\n");
    for name in names.filter(|name| !OWN.iter().any(|own| own.eq_ignore_ascii_case(name))) {
        head.push_str(&format!("{name}: x\r\n"));
    }
    head.push_str("Content-Length: 0\r\nConnection: close\r\nDate: x\r\nHost: x\r\n\r\n");
    let memory = Memory {
        unread: head.into(),
        ..Memory::default()
    };
    exchanged(memory, Request::new(Empty::new())).unwrap_or_default()
}

/// Writes a request to memory, and reads its answer from there: the answer's extensions.
fn exchanged(memory: Memory, request: Request<Empty<Bytes>>) -> Option<Extensions> {
    let mut builder = Builder::new();
    builder.preserve_header_case(true).max_headers(MOST);
    let (mut sender, connection) = builder.handshake(memory).now_or_never()?.ok()?;
    let mut connection = pin!(connection);
    let answer = sender.send_request(request);
    // Memory is never waited for: one turn writes, the next reads.
    for _ in 0..2 {
        if connection.as_mut().now_or_never().is_some() {
            break;
        }
    }
    let answer = answer.now_or_never()?.ok()?;
    Some(answer.into_parts().0.extensions)
}

/// A connection with nobody: it takes all that is written, and gives what was put in before.
#[derive(Default)]
struct Memory {
    unread: Bytes,
    out: Arc<Mutex<Vec<u8>>>,
}

impl Read for Memory {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.unread.len().min(buffer.remaining());
        let out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        // No answer comes before its request.
        let early = out.is_empty();
        drop(out);
        if early || count == 0 {
            return Poll::Pending;
        }
        buffer.put_slice(&self.unread.split_to(count));
        Poll::Ready(Ok(()))
    }
}

impl Write for Memory {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.extend_from_slice(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            let name = ::http::HeaderName::try_from(*name).unwrap();
            headers.append(name, value.parse().unwrap());
        }
        headers
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = pairs
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()));
        owned.collect()
    }

    #[test]
    fn names_keep_the_case_that_they_were_given() {
        let pairs = [
            ("X-GitHub-Event", "push"),
            ("tEsT-HEADeR", "v: w"),
            ("teST-header", "second"),
            ("TE", "deflate"),
            ("Expect", "100-continue"),
            ("Connection", "close"),
        ];
        let extensions = cased(pairs.iter().map(|(name, _)| *name));
        assert_eq!(written(&headers(&pairs), &extensions), owned(&pairs));
    }

    #[test]
    fn a_hundred_and_more_have_their_case_too() {
        let names: Vec<String> = (0..400)
            .map(|number| format!("X-Number-{number}"))
            .collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "1")).collect();
        let extensions = cased(names.iter().map(String::as_str));
        assert_eq!(written(&headers(&pairs), &extensions), owned(&pairs));
    }

    #[test]
    fn where_no_case_was_kept_letters_are_small() {
        let given = headers(&[("X-A", "1")]);
        assert_eq!(written(&given, &Extensions::new()), owned(&[("x-a", "1")]));
    }
}
