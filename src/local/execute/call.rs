//! A request to an API, as its method, its integration and its logs see it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::http::{HeaderMap, Request};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::local::Cloud;
use crate::local::apigateway::{Served, Snapshot, Stage};
use crate::local::turn::random;

const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Of the connection between two machines, so not passed on.
const HOP_BY_HOP: [&str; 8] = [
    "connection",
    "content-length",
    "expect",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// HTTP/1.1 clients write these large, and functions look for them so.
const LARGE: [&str; 13] = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "Cookie",
    "Host",
    "Origin",
    "Referer",
    "User-Agent",
    "X-Amzn-Trace-Id",
    "X-Forwarded-For",
];

pub struct Call {
    pub id: String,
    pub extended_id: String,
    /// `Root=1-…`, the caller's or a new one.
    pub trace: String,
    pub time: Timestamp,
    pub region: String,
    pub account: String,
    pub api: String,
    pub stage: Stage,
    pub snapshot: Arc<Snapshot>,
    pub verb: String,
    /// What follows the stage, as it was sent.
    pub raw_path: String,
    /// The same, decoded.
    pub path: String,
    /// The values of the resource's variables, decoded.
    pub parameters: BTreeMap<String, String>,
    /// The resource's path and id, once it is found.
    pub resource: String,
    pub resource_id: String,
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Bytes,
    /// The host that was asked.
    pub domain: String,
    /// Does it carry a signature in AWS's form?
    pub signed: bool,
    /// What answers it.
    pub integration: Option<String>,
    pub backend: Backed,
    pub overrides: Overrides,
}

/// What is known of the backend's answer, for the access log.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backed {
    pub latency: Option<Duration>,
    /// The integration's own, before it was mapped.
    pub status: Option<u16>,
}

/// What templates set in `$context.requestOverride` and `$context.responseOverride`.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    pub headers: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub path: Vec<(String, String)>,
    pub response_headers: Vec<(String, String)>,
    pub status: Option<u16>,
}

impl Call {
    pub fn new(cloud: &Cloud, request: Request<Bytes>, api: &str, stage: &str, path: &str) -> Call {
        let (parts, body) = request.into_parts();
        let time = cloud.clock.now();
        let (trace, headers) = headers(&parts.headers, time);
        let path = if path.is_empty() { "/" } else { path };
        let query = parts.uri.query().unwrap_or_default();
        let host = parts.headers.get(::http::header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        Call {
            id: uuid::Uuid::new_v4().to_string(),
            extended_id: format!("{}=", random(MIXED, 15)),
            trace,
            time,
            region: String::new(),
            account: cloud.account.clone(),
            api: api.to_owned(),
            stage: Stage::named(stage, "", time),
            snapshot: Arc::default(),
            verb: parts.method.as_str().to_owned(),
            raw_path: path.to_owned(),
            path: decoded(path),
            parameters: BTreeMap::new(),
            resource: String::new(),
            resource_id: String::new(),
            headers,
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            body,
            domain: host.split(':').next().unwrap_or_default().to_owned(),
            signed: parts
                .headers
                .get(::http::header::AUTHORIZATION)
                .is_some_and(|value| {
                    value
                        .as_bytes()
                        .starts_with(b"AWS4-HMAC-SHA256 Credential=")
                }),
            integration: None,
            backend: Backed::default(),
            overrides: Overrides::default(),
        }
    }

    /// What was found to serve it.
    pub fn serve(&mut self, served: Served) {
        self.region = served.region;
        self.stage = served.stage;
        self.snapshot = served.snapshot;
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter().rev();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Of several values the last.
    pub fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The content type without its parameters; what says nothing is JSON.
    pub fn content_type(&self) -> &str {
        let given = self.header("content-type").unwrap_or("application/json");
        given.split(';').next().unwrap_or_default().trim()
    }

    /// `arn:aws:execute-api:…:API/STAGE/VERB/path`, where the path's variables are stars.
    pub fn arn(&self) -> String {
        let parts = self
            .resource
            .split('/')
            .map(|part| match part.starts_with('{') {
                true => "*",
                false => part,
            });
        let path = parts.collect::<Vec<_>>().join("/");
        format!(
            "arn:aws:execute-api:{}:{}:{}/{}/{}{path}",
            self.region, self.account, self.api, self.stage.name, self.verb
        )
    }

    /// Text with each `${stageVariables.x}` filled in; one that is not set is empty.
    pub fn filled(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${stageVariables.") {
            out.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                out.push_str("${stageVariables.");
                rest = after;
                continue;
            };
            if let Some(value) = self.stage.variables.get(name) {
                out.push_str(value);
            }
            rest = after;
        }
        out + rest
    }
}

pub fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// The trace id and what is passed on, with what AWS adds.
fn headers(given: &HeaderMap, time: Timestamp) -> (String, Vec<(String, String)>) {
    let text = |name: &str| {
        given
            .get(name)
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
    };
    let trace = match text("x-amzn-trace-id") {
        Some(trace) if trace.contains("Root=") => trace.into_owned(),
        _ => {
            let unique = uuid::Uuid::new_v4().simple().to_string();
            format!("Root=1-{:08x}-{}", time.as_second(), &unique[..24])
        }
    };
    let hops: String = match text("x-forwarded-for") {
        Some(hops) => format!("{hops}, 127.0.0.1"),
        None => "127.0.0.1".into(),
    };
    let port = text("host").and_then(|host| host.split_once(':').map(|(_, port)| port.to_owned()));
    let added = [
        ("X-Amzn-Trace-Id", trace.clone()),
        ("X-Forwarded-For", hops),
        ("X-Forwarded-Port", port.unwrap_or_else(|| "80".into())),
        ("X-Forwarded-Proto", "http".into()),
    ];
    let replaced = |name: &str| {
        added
            .iter()
            .any(|(other, _)| other.eq_ignore_ascii_case(name))
    };
    let kept = given
        .iter()
        .filter(|(name, _)| !HOP_BY_HOP.contains(&name.as_str()) && !replaced(name.as_str()));
    let kept = kept.map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (written(name.as_str()), value)
    });
    let added_too = added
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()));
    let all = kept.chain(added_too).collect();
    (trace, all)
}

fn written(name: &str) -> String {
    let large = LARGE.iter().find(|large| large.eq_ignore_ascii_case(name));
    large.map_or(name, |large| large).to_owned()
}
