//! Why API Gateway refused a request or could not answer it, in more words than its caller gets.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use super::call::Call;
use crate::local::apigateway::Snapshot;
use crate::trace::Trace;

/// Routes that are told, and characters of what a function returned.
const ROUTES: usize = 12;
const RETURNED: usize = 200;

/// For the developer of the API and its functions.
#[derive(Clone, Debug, PartialEq)]
pub enum Why {
    Words(String),
    /// Nothing deployed fits. Of the same path, if that is there, else of the whole API: the
    /// methods and paths that are.
    NoRoute {
        asked: String,
        there: Vec<String>,
    },
    /// What a proxy function returned is not what API Gateway passes on.
    Malformed {
        what: String,
        returned: Bytes,
    },
    /// The function's error, as its caller gets it.
    Failed(Bytes),
    /// API Gateway waits for the integration no longer than this.
    Late(Duration),
}

impl Why {
    pub fn no_route(snapshot: &Snapshot, call: &Call) -> Why {
        let methods = |resource: &crate::local::apigateway::Resource| {
            let path = resource.path.clone();
            let names: Vec<String> = resource.methods.keys().cloned().collect();
            names.into_iter().map(move |name| format!("{name} {path}"))
        };
        let all = || snapshot.resources.values();
        let asked = call.path.trim_end_matches('/');
        let same = all().filter(|resource| resource.path == asked);
        let mut there: Vec<String> = same.flat_map(methods).collect();
        if there.is_empty() {
            there = all().flat_map(methods).collect();
        }
        // By path, as a person looks for them.
        there.sort_by(|a, b| path(a).cmp(path(b)).then(a.cmp(b)));
        Why::NoRoute {
            asked: format!("{} {}", call.verb, call.raw_path),
            there,
        }
    }

    /// In a word, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Why::Words(_) => "refused",
            Why::NoRoute { .. } => "no_route",
            Why::Malformed { .. } => "malformed_answer",
            Why::Failed(_) => "function_failed",
            Why::Late(_) => "integration_timeout",
        }
    }

    /// The function's error, if that is what it was.
    pub fn trace(&self) -> Option<Trace> {
        match self {
            Why::Failed(error) => Trace::of_answer(error),
            _ => None,
        }
    }

    /// What to tell: the first line says it, the others help.
    pub fn lines(&self) -> Vec<String> {
        match self {
            Why::Words(words) => vec![words.clone()],
            Why::NoRoute { asked, there } => no_route(asked, there),
            Why::Malformed { what, returned } => vec![
                format!("malformed Lambda proxy response: {what}"),
                format!("it returned {}", shortened(returned)),
                "API Gateway needs { statusCode, body }, with the body as a text".to_owned(),
            ],
            Why::Failed(error) => vec![match Trace::of_answer(error) {
                Some(trace) => trace.head(),
                None => format!("the function failed: {}", shortened(error)),
            }],
            Why::Late(limit) => vec![format!(
                "API Gateway waited {} s for the answer, and waits no longer",
                limit.as_secs_f64()
            )],
        }
    }
}

fn path(route: &str) -> &str {
    route.split_once(' ').map_or(route, |(_, path)| path)
}

fn no_route(asked: &str, there: &[String]) -> Vec<String> {
    if there.is_empty() {
        return vec!["no such route: nothing of this API is deployed".to_owned()];
    }
    let mut lines = vec![format!("no such route: {asked}; there is")];
    let shown = there.iter().take(ROUTES).map(|route| format!("  {route}"));
    lines.extend(shown);
    let more = there.len().saturating_sub(ROUTES);
    lines.extend((more > 0).then(|| format!("  and {more} more")));
    lines
}

fn shortened(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    match text.char_indices().nth(RETURNED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.into_owned(),
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lines().join("\n"))
    }
}

impl From<String> for Why {
    fn from(words: String) -> Why {
        Why::Words(words)
    }
}

impl From<&str> for Why {
    fn from(words: &str) -> Why {
        Why::Words(words.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_routes_are_not_all_told() {
        let there = (0..20).map(|n| format!("GET /{n:02}")).collect();
        let asked = "GET /x".to_owned();
        let lines = Why::NoRoute { asked, there }.lines();
        assert_eq!(lines.len(), ROUTES + 2);
        assert_eq!(lines[0], "no such route: GET /x; there is");
        assert_eq!(lines[ROUTES + 1], "  and 8 more");
    }

    #[test]
    fn what_a_function_returned_is_shortened() {
        let returned = Bytes::from(format!("\"{}\"", "é".repeat(300)));
        let what = "it is not an object".to_owned();
        let lines = Why::Malformed { what, returned }.lines();
        assert_eq!(
            lines[1].chars().count(),
            "it returned ".len() + RETURNED + 1
        );
    }
}
