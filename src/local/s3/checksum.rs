//! Checksums that a client sends with an object.
//!
//! Source: docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use sha2::Sha256;

use super::chunked::Decoded;
use crate::local::error::AwsError;
use crate::local::wire::Input;

const HEADER: &str = "x-amz-checksum-";

/// MD5 in hex: an object's ETag.
pub fn etag(bytes: &[u8]) -> String {
    let digest = Md5::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares what came with what was promised: the checksum's header and value, if there is one.
pub fn checked(input: &Input, body: &Decoded) -> Result<Option<(String, String)>, AwsError> {
    if let Some(wanted) = input.headers.get("content-md5") {
        whole(wanted.as_bytes(), &body.bytes)?;
    }
    let headers = input.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let promised = headers
        .chain(body.trailers.iter().cloned())
        .find(|(name, _)| {
            let name = name.strip_prefix(HEADER);
            name.is_some_and(|name| !matches!(name, "mode" | "type" | "algorithm"))
        });
    let Some((name, wanted)) = promised else {
        return Ok(None);
    };
    let algorithm = name.strip_prefix(HEADER).unwrap_or_default();
    let is = computed(algorithm, &body.bytes)
        .ok_or_else(|| AwsError::not_emulated(&format!("the checksum {algorithm} of s3")))?;
    if is != wanted {
        let algorithm = algorithm.to_ascii_uppercase();
        let message =
            format!("The {algorithm} you specified did not match the calculated checksum.");
        return Err(AwsError::new(400, "BadDigest", message));
    }
    Ok(Some((name, wanted)))
}

/// Are these the bytes whose MD5 this is, in base64?
fn whole(wanted: &[u8], bytes: &[u8]) -> Result<(), AwsError> {
    let digest = Md5::digest(bytes);
    let (code, message) = match STANDARD.decode(wanted) {
        Ok(wanted) if wanted == digest.as_slice() => return Ok(()),
        Ok(wanted) if wanted.len() == digest.len() => (
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        ),
        _ => (
            "InvalidDigest",
            "The Content-MD5 you specified was invalid.",
        ),
    };
    Err(AwsError::new(400, code, message))
}

fn computed(algorithm: &str, bytes: &[u8]) -> Option<String> {
    // The polynomials are reflected: the lowest bit comes first.
    let code = |polynomial, bits| crc(polynomial, bits, bytes);
    Some(match algorithm {
        "crc32" => STANDARD.encode((code(0xEDB8_8320, 32) as u32).to_be_bytes()),
        "crc32c" => STANDARD.encode((code(0x82F6_3B78, 32) as u32).to_be_bytes()),
        "crc64nvme" => STANDARD.encode(code(0x9A6C_9329_AC4B_C9B5, 64).to_be_bytes()),
        "sha256" => STANDARD.encode(Sha256::digest(bytes)),
        _ => return None,
    })
}

fn crc(polynomial: u64, bits: u32, bytes: &[u8]) -> u64 {
    let mut table = [0u64; 256];
    for (index, entry) in table.iter_mut().enumerate() {
        let step = |crc: u64| (crc >> 1) ^ if crc & 1 == 1 { polynomial } else { 0 };
        *entry = (0..8).fold(index as u64, |crc, _| step(crc));
    }
    let ones = u64::MAX >> (64 - bits);
    let next = |crc: u64, byte: &u8| {
        let index = (crc ^ u64::from(*byte)) & 0xff;
        (crc >> 8) ^ table[index as usize]
    };
    bytes.iter().fold(ones, next) ^ ones
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_sum_is_not_the_same_as_none() {
        let code = |wanted: &str| whole(wanted.as_bytes(), b"x").map_err(|error| error.code);
        assert_eq!(code("ndTkYSaMgDT1yFZOFVxnpg=="), Ok(()));
        assert_eq!(code("1B2M2Y8AsgTpgAmY7PhCfg=="), Err("BadDigest".into()));
        for none in ["", "none", "eA=="] {
            assert_eq!(code(none), Err("InvalidDigest".into()));
        }
    }

    #[test]
    fn the_check_values_of_the_catalogue() {
        let text = b"123456789";
        assert_eq!(crc(0xEDB8_8320, 32, text), 0xCBF4_3926);
        assert_eq!(crc(0x82F6_3B78, 32, text), 0xE306_9283);
        assert_eq!(crc(0x9A6C_9329_AC4B_C9B5, 64, text), 0xAE8B_1486_0A79_9888);
        assert_eq!(etag(b""), "d41d8cd98f00b204e9800998ecf8427e");
    }
}
