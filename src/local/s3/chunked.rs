//! Bodies in the coding `aws-chunked`, with checksums behind them.
//!
//! Source: docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html. The signatures
//! of chunks are not checked, as no signature is.

use bytes::Bytes;
use http::HeaderMap;

use crate::local::error::AwsError;

/// A body without its coding, and the headers that came behind it.
pub struct Decoded {
    pub bytes: Bytes,
    pub trailers: Vec<(String, String)>,
}

/// Takes the coding away, if there is one.
pub fn decoded(headers: &HeaderMap, raw: &Bytes) -> Result<Decoded, AwsError> {
    let sha = headers.get("x-amz-content-sha256");
    let streaming = sha.is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    if !streaming {
        let (bytes, trailers) = (raw.clone(), Vec::new());
        return Ok(Decoded { bytes, trailers });
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw.as_ref();
    loop {
        let (line, after) = split_line(rest).ok_or_else(incomplete)?;
        let size = line.split(';').next().unwrap_or_default();
        let size = usize::from_str_radix(size.trim(), 16).map_err(|_| incomplete())?;
        if size == 0 {
            let trailers = trailers(after);
            let bytes = out.into();
            return Ok(Decoded { bytes, trailers });
        }
        let chunk = after.get(..size).ok_or_else(incomplete)?;
        out.extend_from_slice(chunk);
        let end = after.get(size..).and_then(|end| end.strip_prefix(b"\r\n"));
        rest = end.ok_or_else(incomplete)?;
    }
}

fn split_line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.windows(2).position(|pair| pair == b"\r\n")?;
    let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
    Some((line, bytes.get(end + 2..)?))
}

fn trailers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8_lossy(bytes);
    let pairs = text.lines().filter_map(|line| line.split_once(':'));
    pairs
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().to_owned()))
        .collect()
}

fn incomplete() -> AwsError {
    AwsError::new(
        400,
        "IncompleteBody",
        "The request body terminated unexpectedly",
    )
}
