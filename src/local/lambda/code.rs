//! Code on its way in: from the request or from S3, measured and found sound.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::errors;
use super::model::{Code, Zip};
use super::request::Source;
use crate::local::error::AwsError;
use crate::local::s3;
use crate::local::turn::Turn;
use crate::local::wire::Input;

/// Bytes of a request, of a zip in a request, and of what is in a zip (facts of AWS's quotas).
const LARGEST_REQUEST: usize = 70_167_211;
const LARGEST_ZIP: usize = 52_428_800;
pub const LARGEST_UNPACKED: u64 = 262_144_000;

/// Refuses a request that AWS would not read to its end.
pub fn fits(input: &Input, operation: &str) -> Result<(), AwsError> {
    if input.raw.len() < LARGEST_REQUEST {
        return Ok(());
    }
    Err(too_large(format!(
        "Request must be smaller than {LARGEST_REQUEST} bytes for the {operation} operation"
    )))
}

fn too_large(message: String) -> AwsError {
    AwsError::new(413, "RequestEntityTooLargeException", message)
}

/// The code of a function of the package type `Zip` or `Image`.
pub fn of_function(turn: &mut Turn<'_>, source: &Source, image: bool) -> Result<Code, AwsError> {
    match (&source.image_uri, image) {
        (Some(uri), true) => Ok(Code::Image { uri: uri.clone() }),
        _ => zip(turn, source).map(Code::Zip),
    }
}

/// Takes a zip and keeps it with this step.
pub fn zip(turn: &mut Turn<'_>, source: &Source) -> Result<Zip, AwsError> {
    let bytes = match source {
        Source {
            zip_file: Some(text),
            ..
        } => sent(text)?,
        Source {
            s3_bucket: Some(bucket),
            s3_key: Some(key),
            ..
        } => fetched(turn, bucket, key, source.s3_object_version.as_deref())?,
        _ => {
            return Err(errors::invalid(
                "Please provide a source for function code.",
            ));
        }
    };
    let unpacked = unpacked(&bytes)?;
    let size = bytes.len() as u64;
    Ok(Zip {
        digest: turn.keep(bytes),
        size,
        unpacked,
    })
}

fn sent(text: &str) -> Result<Bytes, AwsError> {
    let padding = text.bytes().rev().take_while(|byte| *byte == b'=').count();
    if (text.len() / 4 * 3).saturating_sub(padding) >= LARGEST_ZIP {
        return Err(too_large(format!(
            "Zipped size must be smaller than {LARGEST_ZIP} bytes"
        )));
    }
    let bytes = STANDARD.decode(text).map_err(|error| {
        let message = format!("ZipFile is not base64: {error}");
        AwsError::new(400, "SerializationException", message)
    })?;
    Ok(bytes.into())
}

fn fetched(
    turn: &mut Turn<'_>,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<Bytes, AwsError> {
    s3::object(turn, bucket, key, version).map_err(|error| {
        errors::invalid(format!(
            "Error occurred while GetObject. S3 Error Code: {}. S3 Error Message: {}",
            error.code, error.message
        ))
    })
}

/// The bytes of what is in a zip, by its directory.
fn unpacked(bytes: &Bytes) -> Result<u64, AwsError> {
    if bytes.is_empty() {
        return Err(errors::invalid("Uploaded file must be a non-empty zip"));
    }
    let unsound = |_| {
        errors::invalid(
            "Could not unzip uploaded file. Please check your file, then try to upload again.",
        )
    };
    let archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(unsound)?;
    if archive.is_empty() {
        return Err(errors::invalid("Uploaded file must be a non-empty zip"));
    }
    let size = archive.decompressed_size().unwrap_or(u128::MAX);
    match u64::try_from(size) {
        Ok(size) if size < LARGEST_UNPACKED => Ok(size),
        _ => Err(errors::invalid(format!(
            "Unzipped size must be smaller than {LARGEST_UNPACKED} bytes"
        ))),
    }
}

impl Code {
    /// As `CodeSha256` shows it: of a zip its digest in base64, of an image that of its manifest
    /// in hex. What an image's tag means no registry is asked: such a digest is made of its name.
    pub fn sha256(&self) -> String {
        match self {
            Code::Zip(zip) => zip.sha256(),
            Code::Image { uri } => match uri.split_once("@sha256:") {
                Some((_, digest)) => digest.to_owned(),
                None => hex(&Sha256::digest(uri)),
            },
        }
    }

    pub fn size(&self) -> u64 {
        match self {
            Code::Zip(zip) => zip.size,
            Code::Image { .. } => 0,
        }
    }
}

impl Zip {
    /// The digest in base64.
    pub fn sha256(&self) -> String {
        let pairs = self.digest.as_bytes().chunks(2);
        let bytes = pairs.map(|pair| {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            u8::from_str_radix(pair, 16).unwrap_or_default()
        });
        STANDARD.encode(bytes.collect::<Vec<u8>>())
    }
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_bounded_before_anything_is_read() {
        let error = sent(&"A".repeat(LARGEST_ZIP / 3 * 4 + 8)).unwrap_err();
        assert_eq!(
            (error.status, error.message.as_str()),
            (413, "Zipped size must be smaller than 52428800 bytes")
        );
        assert_eq!(sent("AAA=").unwrap().len(), 2);
        let input = Input {
            raw: vec![0; LARGEST_REQUEST].into(),
            ..Input::default()
        };
        let error = fits(&input, "CreateFunction").unwrap_err();
        assert_eq!(error.code, "RequestEntityTooLargeException");
        assert_eq!(
            error.message,
            "Request must be smaller than 70167211 bytes for the CreateFunction operation"
        );
    }
}
