//! The page at `/`: functions, routes, recent calls, the plan of the last change.
//!
//! One file without anything from elsewhere. It reads `/_slp/…` with a token that only it is
//! given; a page of another origin can read neither. Left out on purpose: changing anything.

mod events;
mod overview;
mod recent;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use http_body_util::Either;
use serde_json::json;

use super::serve::{Body, Front, refused, whole};

pub use events::Events;
pub use recent::{Manifested, follow};

use events::Listeners;
use recent::Recent;

const HTML: &str = include_str!("index.html");

/// What one server's page knows.
pub struct Page {
    /// Shown by whoever asks `/_slp/…`.
    token: String,
    recent: Recent,
    listeners: Listeners,
    manifested: Mutex<Option<Arc<dyn Manifested>>>,
}

impl Default for Page {
    fn default() -> Page {
        Page {
            token: uuid::Uuid::new_v4().simple().to_string(),
            recent: Recent::default(),
            listeners: Listeners::default(),
            manifested: Mutex::default(),
        }
    }
}

impl Page {
    pub fn token(&self) -> &str {
        &self.token
    }

    /// From now on errors of code are told in the manifest's words.
    pub fn know(&self, manifested: Arc<dyn Manifested>) {
        let mut known = self
            .manifested
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *known = Some(manifested);
    }

    fn manifested(&self) -> Option<Arc<dyn Manifested>> {
        let known = self
            .manifested
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// Shows the plan of a change that was made just now, as the terminal has it.
    pub fn planned(&self, text: &str) {
        self.recent.plan(text);
        self.tell("plan", &json!({ "text": text }));
        self.changed();
    }

    /// Says that functions or routes may be others now.
    pub fn changed(&self) {
        self.tell("changed", &json!({}));
    }

    fn tell(&self, name: &str, data: &serde_json::Value) {
        self.listeners.tell(name, data);
    }
}

/// Answers the page itself and what it asks.
pub async fn answer(front: &Front, parts: &Parts, path: &str) -> Response<Body> {
    if path == "/" {
        return html(&front.page.token);
    }
    let shown = parts
        .headers
        .get("x-slp-token")
        .map(|token| token.as_bytes());
    if shown != Some(front.page.token.as_bytes()) {
        return refused(StatusCode::FORBIDDEN, "only the page at / may ask this");
    }
    if parts.method != Method::GET {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "this can only be read");
    }
    match path {
        "/_slp/alive" => json_answer(&json!({ "pid": std::process::id() })),
        "/_slp/overview" => json_answer(&overview::of(front).await),
        "/_slp/recent" => json_answer(&front.page.recent.all()),
        "/_slp/events" => stream(front.page.listeners.join()),
        _ => refused(StatusCode::NOT_FOUND, "there is nothing here"),
    }
}

/// Nothing from elsewhere runs or loads, and nobody frames it: the form could be clickjacked.
fn html(token: &str) -> Response<Body> {
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    let text = HTML.replace("NONCE", &nonce).replace("TOKEN", token);
    let builder = Response::builder()
        .header(CONTENT_TYPE, "text/html; charset=utf-8")
        .header(CONTENT_SECURITY_POLICY, policy)
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer")
        .header("cross-origin-resource-policy", "same-origin");
    finished(builder, whole(Bytes::from(text)))
}

fn json_answer(value: &serde_json::Value) -> Response<Body> {
    let builder = Response::builder()
        .header(CONTENT_TYPE, "application/json")
        .header("x-content-type-options", "nosniff");
    finished(builder, whole(Bytes::from(value.to_string())))
}

fn stream(events: Events) -> Response<Body> {
    let builder = Response::builder().header(CONTENT_TYPE, "text/event-stream");
    finished(builder, Either::Right(events))
}

fn finished(builder: http::response::Builder, body: Body) -> Response<Body> {
    let built = builder.header(CACHE_CONTROL, "no-store").body(body);
    built.unwrap_or_else(|_| {
        refused(
            StatusCode::INTERNAL_SERVER_ERROR,
            "the answer cannot be written",
        )
    })
}
