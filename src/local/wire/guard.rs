//! Who may call: nobody but programs on this machine that mean to.
//!
//! The cloud runs code, so no web page may reach it. A page can send requests to loopback, but
//! not with another `Host`, not without its `Origin`, and no `Authorization` without being asked
//! first, which the control plane never answers.

use http::HeaderMap;
use http::header::{AUTHORIZATION, HOST, ORIGIN};

use crate::local::error::AwsError;

/// What the signature names; the signature itself is not checked.
#[derive(Debug, PartialEq, Eq)]
pub struct Signed {
    /// `iam`, `lambda`.
    pub service: String,
    pub region: String,
}

/// Reads `AWS4-HMAC-SHA256 Credential=KEY/20261124/us-east-1/iam/aws4_request, …`.
pub fn signed(headers: &HeaderMap) -> Result<Signed, AwsError> {
    let missing = || {
        AwsError::new(
            403,
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
        )
    };
    let value = headers.get(AUTHORIZATION).ok_or_else(missing)?;
    let incomplete = || {
        AwsError::new(
            403,
            "IncompleteSignature",
            "the Authorization header is not in the form of AWS Signature Version 4",
        )
    };
    let text = value.to_str().map_err(|_| incomplete())?;
    let scope = text
        .strip_prefix("AWS4-HMAC-SHA256")
        .and_then(|rest| rest.split_once("Credential="))
        .and_then(|(_, rest)| rest.split([',', ' ']).next())
        .ok_or_else(incomplete)?;
    match scope.split('/').collect::<Vec<_>>()[..] {
        [_, _, region, service, "aws4_request"] => Ok(Signed {
            service: service.to_owned(),
            region: region.to_owned(),
        }),
        _ => Err(incomplete()),
    }
}

/// Is the request for this machine by name? Else a page's own host was rebound to loopback.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    let host = headers.get(HOST)?.to_str().ok()?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let ours = matches!(name, "127.0.0.1" | "localhost" | "[::1]") || name.ends_with(".localhost");
    ours.then_some(host)
}

/// Does a web page of another origin ask? Programs send no `Origin`.
pub fn foreign(headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(ORIGIN) else {
        return false;
    };
    let own = host(headers).map(|host| format!("http://{host}"));
    own.is_none_or(|own| origin.as_bytes() != own.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(http::HeaderName, &str)]) -> HeaderMap {
        let pairs = pairs
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()));
        pairs.collect()
    }

    #[test]
    fn the_signature_names_service_and_region() {
        let value = "AWS4-HMAC-SHA256 Credential=test/20261124/eu-west-1/iam/aws4_request, \
                     SignedHeaders=host, Signature=abc";
        let read = signed(&headers(&[(AUTHORIZATION, value)])).unwrap();
        assert_eq!(
            (read.service.as_str(), read.region.as_str()),
            ("iam", "eu-west-1")
        );
    }

    #[test]
    fn without_a_signature_nothing_is_done() {
        let none = signed(&HeaderMap::new()).unwrap_err();
        assert_eq!(none.code, "MissingAuthenticationToken");
        for wrong in [
            "Basic abc",
            "AWS4-HMAC-SHA256 x",
            "AWS4-HMAC-SHA256 Credential=a/b",
        ] {
            let error = signed(&headers(&[(AUTHORIZATION, wrong)])).unwrap_err();
            assert_eq!(error.code, "IncompleteSignature", "{wrong}");
        }
    }

    #[test]
    fn only_names_of_this_machine_are_hosts() {
        for ours in [
            "127.0.0.1:4566",
            "localhost",
            "[::1]:80",
            "a1.execute-api.localhost:4566",
        ] {
            assert!(host(&headers(&[(HOST, ours)])).is_some(), "{ours}");
        }
        for other in [
            "evil.example:4566",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
        ] {
            assert!(host(&headers(&[(HOST, other)])).is_none(), "{other}");
        }
    }

    #[test]
    fn a_page_of_another_origin_is_foreign() {
        let host = (HOST, "127.0.0.1:4566");
        assert!(!foreign(&headers(std::slice::from_ref(&host))));
        assert!(!foreign(&headers(&[
            host.clone(),
            (ORIGIN, "http://127.0.0.1:4566")
        ])));
        for origin in ["https://evil.example", "null", "http://127.0.0.1:9"] {
            assert!(
                foreign(&headers(&[host.clone(), (ORIGIN, origin)])),
                "{origin}"
            );
        }
    }
}
