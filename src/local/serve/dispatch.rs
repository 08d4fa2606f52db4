//! Where a request goes, and whether it may.
//!
//! Checked before a body is read: the `Host` of every request; for all but deployed APIs also
//! that no page of another origin asks; for AWS's own APIs that the request is signed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Either, Full};
use hyper::body::{Body as _, Incoming};

use super::Front;
use super::seats::Taken;
use crate::local::page::{self, Events};
use crate::local::wire::{Answered, TooLarge, guard};
use crate::local::{Place, lambda};

/// AWS takes at most 70,167,211 bytes for a function; nothing here is larger.
const LARGEST_CONTROL: usize = 72 << 20;
/// API Gateway takes 10 MB.
const LARGEST_CALL: usize = 10 << 20;
/// The page's questions have no bodies.
const LARGEST_PAGE: usize = 1 << 10;
/// Of a body that is too large, at most so much is read, for so long.
const LARGEST_LOST: usize = 128 << 20;
const LOST: Duration = Duration::from_secs(2);
/// Loopback is fast: a body that takes longer does not mean to end.
const BODY: Duration = Duration::from_secs(20);

pub type Body = Either<Full<Bytes>, Events>;

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was reset on purpose")]
pub struct Reset;

/// Who answers.
#[derive(Debug, PartialEq, Eq)]
enum Way<'a> {
    /// A deployed API: its id, the stage, and the path below, with its slash.
    Api {
        api: &'a str,
        stage: &'a str,
        path: &'a str,
    },
    /// The zip of a function or a layer, by its digest.
    Code(&'a str),
    /// The page, and what it asks; the path.
    Page(&'a str),
    /// AWS's own APIs.
    Control,
}

/// Answers one request.
pub async fn answer(
    front: Arc<Front>,
    seat: &Taken,
    request: Request<Incoming>,
) -> Result<Response<Body>, Reset> {
    let (mut parts, body) = request.into_parts();
    let Some(host) = guard::host(&parts.headers) else {
        return Ok(refused(
            StatusCode::FORBIDDEN,
            "this is not a name of this machine",
        ));
    };
    let way = way(&parts, host);
    let is_api = matches!(way, Way::Api { .. });
    if !is_api && guard::foreign(&parts.headers) {
        return Ok(refused(
            StatusCode::FORBIDDEN,
            "a page of another origin may not call",
        ));
    }
    match way {
        Way::Api { api, stage, path } => {
            let (api, stage, path) = (api.to_owned(), stage.to_owned(), path.to_owned());
            let body = match read(body, LARGEST_CALL).await {
                Ok(body) => body,
                Err(unread) => match unread.told_by_aws(&mut parts) {
                    Some(body) => body,
                    None => return Ok(unread.refusal()),
                },
            };
            let _answering = seat.answering();
            front.gate.pass().await;
            let request = Request::from_parts(parts, body);
            let (cloud, url) = (&front.cloud, &front.url);
            let answer = cloud.execute(request, &api, &stage, &path, url).await;
            Ok(answer.map(whole))
        }
        Way::Code(digest) => Ok(code(&front, &parts, digest)),
        Way::Page(path) => {
            let path = path.to_owned();
            Ok(match read(body, LARGEST_PAGE).await {
                Ok(_) => page::answer(&front, &parts, &path).await,
                Err(unread) => unread.refusal(),
            })
        }
        Way::Control => control(&front, seat, parts, body).await,
    }
}

/// What AWS would give out under a signed URL: who knows the digest has seen the function.
fn code(front: &Front, parts: &Parts, digest: &str) -> Response<Body> {
    if parts.method != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "code can only be fetched");
    }
    let anywhere = Place {
        region: String::new(),
        url: front.url.clone(),
    };
    let found = front.cloud.turn(anywhere, |turn| lambda::zip(turn, digest));
    match found {
        Ok(Some(zip)) => Response::new(whole(zip)),
        Ok(None) => refused(StatusCode::NOT_FOUND, "no function has this code"),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "the code cannot be read"),
    }
}

async fn control(
    front: &Front,
    seat: &Taken,
    mut parts: Parts,
    body: Incoming,
) -> Result<Response<Body>, Reset> {
    // An unsigned request is refused by the cloud itself, in AWS's form; its body is not read.
    let body = match parts.headers.contains_key(AUTHORIZATION) {
        true => read(body, LARGEST_CONTROL).await,
        false => Ok(Bytes::new()),
    };
    let body = match body {
        Ok(body) => body,
        Err(unread) => match unread.told_by_aws(&mut parts) {
            Some(body) => body,
            None => return Ok(unread.refusal()),
        },
    };
    let _answering = seat.answering();
    let request = Request::from_parts(parts, body);
    match front.cloud.answer(request, &front.url).await {
        Answered::Response(response) => Ok(response.map(whole)),
        Answered::Reset => Err(Reset),
    }
}

fn way<'a>(parts: &'a Parts, host: &'a str) -> Way<'a> {
    let path = parts.uri.path();
    if let Some((api, _)) = host.split_once(".execute-api.localhost") {
        return called(api, path);
    }
    if let Some(rest) = path.strip_prefix("/_aws/execute-api/") {
        let (api, _) = rest.split_once('/').unwrap_or((rest, ""));
        return called(api, &rest[api.len()..]);
    }
    if let Some(digest) = path.strip_prefix(lambda::CODE_PATH) {
        return Way::Code(digest);
    }
    let unsigned = !parts.headers.contains_key(AUTHORIZATION);
    let is_page = path == "/" && matches!(parts.method, Method::GET | Method::HEAD);
    if path.starts_with("/_slp/") || (is_page && unsigned) {
        return Way::Page(path);
    }
    Way::Control
}

/// `/stage/rest` of an API; several slashes before the stage are one.
fn called<'a>(api: &'a str, below: &'a str) -> Way<'a> {
    let below = below.trim_start_matches('/');
    let stage = below.split('/').next().unwrap_or_default();
    let path = &below[stage.len()..];
    let path = if path.is_empty() { "/" } else { path };
    Way::Api { api, stage, path }
}

/// Why there is no body.
enum Unread {
    TooLarge,
    Broken,
    Late,
}

impl Unread {
    /// What is too large the cloud refuses, in AWS's form: it gets the request without its body.
    fn told_by_aws(&self, parts: &mut Parts) -> Option<Bytes> {
        matches!(self, Unread::TooLarge).then(|| {
            parts.extensions.insert(TooLarge);
            Bytes::new()
        })
    }

    fn refusal(&self) -> Response<Body> {
        let (status, why) = match self {
            Unread::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the request is too large"),
            Unread::Broken => (StatusCode::BAD_REQUEST, "the request's body did not arrive"),
            Unread::Late => (
                StatusCode::REQUEST_TIMEOUT,
                "the request's body took too long",
            ),
        };
        refused(status, why)
    }
}

async fn read(body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    let gathered = tokio::time::timeout(BODY, gathered(body, limit)).await;
    gathered.unwrap_or(Err(Unread::Late))
}

async fn gathered(mut body: Incoming, limit: usize) -> Result<Bytes, Unread> {
    let mut kept = Vec::new();
    let mut too_large = body.size_hint().lower() > limit as u64;
    while !too_large && let Some(frame) = body.frame().await {
        let data = frame.map_err(|_| Unread::Broken)?.into_data();
        let data = data.unwrap_or_default();
        too_large = kept.len() + data.len() > limit;
        kept.extend_from_slice(&data);
    }
    match too_large {
        true => {
            tokio::spawn(tokio::time::timeout(LOST, lost(body)));
            Err(Unread::TooLarge)
        }
        false => Ok(kept.into()),
    }
}

/// Reads what nobody wants, while the answer goes out: many clients look for none before they
/// have sent all.
async fn lost(mut body: Incoming) {
    let mut size = 0;
    while let Some(Ok(frame)) = body.frame().await {
        size += frame.into_data().unwrap_or_default().len();
        if size > LARGEST_LOST {
            return;
        }
    }
}

/// A body that is there at once.
pub fn whole(bytes: Bytes) -> Body {
    Either::Left(Full::new(bytes))
}

pub fn refused(status: StatusCode, why: &'static str) -> Response<Body> {
    let mut response = Response::new(whole(Bytes::from(format!("{why}\n"))));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: &str, path: &str, signed: bool) -> Parts {
        let request = Request::builder().method(method).uri(path);
        let request = match signed {
            true => request.header(AUTHORIZATION, "x"),
            false => request,
        };
        request.body(()).unwrap().into_parts().0
    }

    fn api<'a>(api: &'a str, stage: &'a str, path: &'a str) -> Way<'a> {
        Way::Api { api, stage, path }
    }

    #[test]
    fn deployed_apis_are_found_by_path_and_by_host() {
        let plain = "127.0.0.1:4566";
        let named = "a1.execute-api.localhost:4566";
        for (host, path, way_to) in [
            (
                plain,
                "/_aws/execute-api/a1/test/x/y",
                api("a1", "test", "/x/y"),
            ),
            (plain, "/_aws/execute-api/a1/test", api("a1", "test", "/")),
            (plain, "/_aws/execute-api/a1", api("a1", "", "/")),
            (named, "/test/x%2Fy/", api("a1", "test", "/x%2Fy/")),
            (named, "/", api("a1", "", "/")),
            (named, "//test//x", api("a1", "test", "//x")),
            (
                plain,
                "/_aws/execute-api/a1//test/x//",
                api("a1", "test", "/x//"),
            ),
        ] {
            assert_eq!(way(&asked("GET", path, false), host), way_to, "{path}");
        }
    }

    #[test]
    fn the_page_is_for_who_has_not_signed() {
        let host = "127.0.0.1:4566";
        assert_eq!(way(&asked("GET", "/", false), host), Way::Page("/"));
        // A list of S3's buckets.
        assert_eq!(way(&asked("GET", "/", true), host), Way::Control);
        assert_eq!(way(&asked("POST", "/", false), host), Way::Control);
        let code = format!("{}abc", lambda::CODE_PATH);
        assert_eq!(way(&asked("GET", &code, false), host), Way::Code("abc"));
        let console = asked("GET", "/_slp/events", false);
        assert_eq!(way(&console, host), Way::Page("/_slp/events"));
    }
}
