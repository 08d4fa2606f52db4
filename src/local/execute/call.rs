//! A request to an API, as its method, its integration and its logs see it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ::http::request::Parts;
use ::http::{Request, Version};
use bytes::Bytes;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::names;
use super::overrides::Overrides;
use crate::local::Cloud;
use crate::local::apigateway::{Served, Snapshot, Stage};
use crate::local::turn::random;
use crate::local::wire::TooLarge;

const MIXED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &[u8] = b"0123456789abcdef";
/// What neither functions nor templates see: what is between two machines, and what API Gateway
/// keeps for itself. As recorded from AWS.
const DROPPED: [&str; 13] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "keep-alive",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "www-authenticate",
];
/// All other names come as they were sent. As recorded from AWS.
const LARGE: [&str; 3] = ["Authorization", "Host", "User-Agent"];

pub struct Call {
    pub id: String,
    pub extended_id: String,
    /// `Root=1-…`, the caller's or a new one.
    pub trace: String,
    /// Does the caller's connection stay, for another request?
    pub stays: bool,
    /// Was its body larger than anything that may be asked? It is not there then.
    pub too_large: bool,
    pub time: Timestamp,
    pub region: String,
    pub account: String,
    pub api: String,
    pub stage: Stage,
    pub snapshot: Arc<Snapshot>,
    pub verb: String,
    /// What follows the stage, as it was sent.
    pub raw_path: String,
    /// The same, where several slashes at the beginning are one.
    pub path: String,
    /// The values of the resource's variables, as they were sent: AWS decodes no path.
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
    /// The name of the function that answers it.
    pub function: Option<String>,
    /// The error of the function that was to answer it.
    pub failed: Option<Bytes>,
    pub backend: Backed,
    pub overrides: Overrides,
}

/// What is known of the backend's answer, for the access log and for whoever watches.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backed {
    pub latency: Option<Duration>,
    /// The integration's own, before it was mapped.
    pub status: Option<u16>,
    /// What the start of a function's process took, where one was started.
    pub init: Option<Duration>,
}

impl Call {
    pub fn new(cloud: &Cloud, request: Request<Bytes>, api: &str, stage: &str, path: &str) -> Call {
        let (parts, body) = request.into_parts();
        let time = cloud.clock.now();
        let (trace, headers) = headers(&parts, time);
        let path = if path.is_empty() { "/" } else { path };
        let query = parts.uri.query().unwrap_or_default();
        let host = text(&parts, "host").unwrap_or_default();
        let signature = text(&parts, "authorization").unwrap_or_default();
        Call {
            id: uuid::Uuid::new_v4().to_string(),
            extended_id: format!("{}=", random(MIXED, 15)),
            trace,
            stays: stays(&parts),
            too_large: parts.extensions.get::<TooLarge>().is_some(),
            time,
            region: String::new(),
            account: cloud.account.clone(),
            api: api.to_owned(),
            stage: Stage::named(stage, "", time),
            snapshot: Arc::default(),
            verb: parts.method.as_str().to_owned(),
            raw_path: path.to_owned(),
            path: format!("/{}", path.trim_start_matches('/')),
            parameters: BTreeMap::new(),
            resource: String::new(),
            resource_id: String::new(),
            headers,
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            body,
            domain: host.split(':').next().unwrap_or_default().to_owned(),
            signed: signature.starts_with("AWS4-HMAC-SHA256 Credential="),
            integration: None,
            function: None,
            failed: None,
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

    /// The trace id of an answer and of a function's environment: with the segment that calls.
    pub fn traced(&self) -> String {
        let given = |key: &str| {
            let mut parts = self.trace.split(';').map(str::trim);
            parts.find(|part| part.starts_with(key)).map(str::to_owned)
        };
        let root = given("Root=").unwrap_or_default();
        let parent = given("Parent=").unwrap_or_else(|| format!("Parent={}", random(HEX, 16)));
        let sampled = given("Sampled=").unwrap_or_else(|| "Sampled=0".into());
        format!("{root};{parent};{sampled}")
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

fn text(parts: &Parts, name: &str) -> Option<String> {
    let value = parts.headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn stays(parts: &Parts) -> bool {
    let said = text(parts, "connection").unwrap_or_default();
    let mut words = said.split(',').map(str::trim);
    parts.version == Version::HTTP_11 && !words.any(|word| word.eq_ignore_ascii_case("close"))
}

/// The trace id and what is passed on, with what AWS adds.
fn headers(parts: &Parts, time: Timestamp) -> (String, Vec<(String, String)>) {
    let trace = match text(parts, "x-amzn-trace-id") {
        Some(trace) if trace.contains("Root=") => trace,
        _ => {
            let unique = uuid::Uuid::new_v4().simple().to_string();
            format!("Root=1-{:08x}-{}", time.as_second(), &unique[..24])
        }
    };
    let hops = match text(parts, "x-forwarded-for") {
        Some(hops) => format!("{hops}, 127.0.0.1"),
        None => "127.0.0.1".into(),
    };
    let host = text(parts, "host").unwrap_or_default();
    let port = host.split_once(':').map_or("80", |(_, port)| port);
    let added = [
        ("X-Amzn-Trace-Id", trace.clone()),
        ("X-Forwarded-For", hops),
        ("X-Forwarded-Port", port.to_owned()),
        ("X-Forwarded-Proto", "http".into()),
    ];
    let added = added.map(|(name, value)| (name.to_owned(), value));
    let mut all = names::written(&parts.headers, &parts.extensions);
    all.retain(|(name, _)| {
        let is = |other: &str| other.eq_ignore_ascii_case(name);
        !DROPPED.iter().any(|dropped| is(dropped)) && !added.iter().any(|(added, _)| is(added))
    });
    for (name, _) in &mut all {
        if let Some(large) = LARGE.iter().find(|large| large.eq_ignore_ascii_case(name)) {
            *name = (*large).to_owned();
        }
    }
    all.extend(added);
    (trace, all)
}
