//! What a process writes: lines, and frames that keep several lines one event.
//!
//! Standard output and error are one pipe, so that their order is kept.

use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read as _};
use std::os::fd::OwnedFd;

use tokio::net::unix::pipe;

/// A frame begins with these; no text does, since they are not UTF-8. Our bootstraps write
/// frames where AWS's runtimes do: four bytes, the length in four, big-endian, the text.
const FRAME: [u8; 4] = [0xa5, 0x5a, 0x00, 0x03];
const HEAD: usize = 8;
/// What is longer is cut in pieces: CloudWatch Logs takes 256 KiB an event.
const LONGEST: usize = 256 * 1024 - 26;
const CHUNK: usize = 16 * 1024;

/// The reading end.
pub struct Output {
    ready: pipe::Receiver,
    raw: PipeReader,
    /// What was read and is no whole event yet; at most `LONGEST` and a chunk.
    kept: Vec<u8>,
    /// What is still to come of a frame whose beginning was told in pieces.
    frame: usize,
    ended: bool,
}

impl Output {
    /// A pipe: this end, and the other for the process.
    pub fn pipe() -> io::Result<(Output, PipeWriter)> {
        let (reader, writer) = io::pipe()?;
        let raw = reader.try_clone()?;
        // This also makes reads of `raw` return at once, as both are one open file.
        let ready = pipe::Receiver::from_owned_fd(OwnedFd::from(reader))?;
        let output = Output {
            ready,
            raw,
            kept: Vec::new(),
            frame: 0,
            ended: false,
        };
        Ok((output, writer))
    }

    /// Waits until something was written, and returns what is whole of it.
    pub async fn next(&mut self) -> Vec<String> {
        loop {
            if self.ended || self.ready.readable().await.is_err() {
                return std::future::pending().await;
            }
            let mut chunk = [0; CHUNK];
            match self.ready.try_read(&mut chunk) {
                Ok(0) => self.ended = true,
                Ok(read) => self.kept.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(_) => self.ended = true,
            }
            let events = self.whole();
            if !events.is_empty() {
                return events;
            }
        }
    }

    /// All that was written until now, also a line that has no end yet.
    pub fn drain(&mut self) -> Vec<String> {
        let mut chunk = [0; CHUNK];
        let (mut events, mut read) = (self.whole(), 0);
        while !self.ended {
            match self.raw.read(&mut chunk) {
                Ok(0) => self.ended = true,
                Ok(read) => self.kept.extend_from_slice(&chunk[..read]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => break,
            }
            events.append(&mut self.whole());
            read += CHUNK;
            // A process that never stops writing must not hold its own answer back.
            if read > 64 * CHUNK {
                break;
            }
        }
        if self.frame == 0
            && !self.kept.is_empty()
            && !FRAME.starts_with(&self.kept[..self.kept.len().min(4)])
        {
            events.push(text(&std::mem::take(&mut self.kept)));
        }
        events
    }

    /// Takes the whole lines and frames off the front.
    fn whole(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        let mut at = 0;
        while let Some((from, to)) = self.event(at) {
            if from < to {
                events.push(text(&self.kept[from..to]));
            }
            at = to;
        }
        self.kept.drain(..at);
        events
    }

    /// Where the first event's text is from `at` on, if it is all there. A frame says how long it
    /// is, and may lie: it is told in pieces, and never kept as a whole.
    fn event(&mut self, at: usize) -> Option<(usize, usize)> {
        let bytes = &self.kept[at..];
        if self.frame == 0 && bytes.starts_with(&FRAME) {
            let length: [u8; 4] = bytes.get(4..HEAD)?.try_into().ok()?;
            self.frame = usize::try_from(u32::from_be_bytes(length)).ok()?;
            return Some((at + HEAD, at + HEAD));
        }
        if self.frame == 0 {
            return line(bytes).map(|length| (at, at + length));
        }
        let piece = self.frame.min(LONGEST);
        (bytes.len() >= piece).then(|| {
            self.frame -= piece;
            (at, at + piece)
        })
    }
}

/// How long the first line is, if it is all there.
fn line(bytes: &[u8]) -> Option<usize> {
    let frame = bytes.windows(FRAME.len()).position(|four| four == FRAME);
    let line = bytes.iter().position(|&byte| byte == b'\n');
    match (line, frame) {
        (Some(line), Some(frame)) if frame < line => Some(frame),
        (Some(line), _) => Some(line + 1),
        (None, Some(frame)) => Some(frame),
        (None, None) => (bytes.len() >= LONGEST).then_some(LONGEST),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn framed(text: &str) -> Vec<u8> {
        let length = u32::try_from(text.len()).unwrap().to_be_bytes();
        [&FRAME[..], &length, text.as_bytes()].concat()
    }

    #[tokio::test]
    async fn lines_and_frames_keep_their_order() {
        let (mut output, mut writer) = Output::pipe().unwrap();
        writer.write_all(b"one\ntwo").unwrap();
        writer.write_all(&framed("three\nfour\n")).unwrap();
        writer.write_all(b"five").unwrap();
        assert_eq!(output.next().await, ["one\n", "two", "three\nfour\n"]);
        assert_eq!(output.drain(), ["five"]);
        assert_eq!(output.drain(), [""; 0]);
    }

    #[tokio::test]
    async fn a_frame_waits_for_its_end() {
        let (mut output, mut writer) = Output::pipe().unwrap();
        let frame = framed("a\nb");
        for half in [&frame[..6], &frame[6..9]] {
            writer.write_all(half).unwrap();
            assert_eq!(output.drain(), [""; 0]);
        }
        writer.write_all(&frame[9..]).unwrap();
        assert_eq!(output.next().await, ["a\nb"]);
    }

    #[tokio::test]
    async fn a_frame_that_promises_more_than_comes_is_not_kept() {
        let (mut output, mut writer) = Output::pipe().unwrap();
        let written = 64 * LONGEST;
        let writing = std::thread::spawn(move || {
            writer.write_all(&FRAME).unwrap();
            writer.write_all(&u32::MAX.to_be_bytes()).unwrap();
            writer.write_all(&vec![b'x'; written]).unwrap();
        });
        let mut told = 0;
        while told < written {
            told += output.next().await.concat().len();
            assert!(output.kept.capacity() < 4 * LONGEST);
        }
        writing.join().unwrap();
    }

    #[tokio::test]
    async fn a_long_frame_comes_in_pieces_and_is_over_in_time() {
        let (mut output, mut writer) = Output::pipe().unwrap();
        let long = "y".repeat(LONGEST + 5);
        let writing = std::thread::spawn(move || {
            writer.write_all(&framed(&long)).unwrap();
            writer.write_all(b"next\n").unwrap();
        });
        let mut told = Vec::new();
        while told.last().is_none_or(|last| last != "next\n") {
            told.extend(output.next().await);
        }
        writing.join().unwrap();
        let lengths: Vec<usize> = told.iter().map(String::len).collect();
        assert_eq!(lengths, [LONGEST, 5, 5]);
    }

    #[tokio::test]
    async fn a_line_without_end_is_cut() {
        let (mut output, mut writer) = Output::pipe().unwrap();
        let writing = std::thread::spawn(move || {
            writer.write_all(&vec![b'x'; LONGEST + 3]).unwrap();
        });
        assert_eq!(output.next().await[0].len(), LONGEST);
        writing.join().unwrap();
        assert_eq!(output.drain(), ["xxx"]);
    }
}
