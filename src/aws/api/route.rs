//! From one declared route to a method and its integration, with the permission that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::decl::{ContentHandling, Mock, Route as Declared};
use super::paths;
use super::spec::{Answer, Response, Route, TIMEOUT, method_and_path};
use crate::addr::Addr;
use crate::aws::{limits, permission};
use crate::problem::{Problem, slip_of};
use crate::resolve::{Ctx, FunctionRef, Strength};
use crate::text::{Piece, Text};

/// The longest that AWS grants, in ms, and only where it has raised the quota.
const LONGEST: i64 = 300_000;

/// API Gateway calls the target with the rights of who calls it.
const CALLERS: &str = "arn:aws:iam::*:user/*";

pub fn lower(key: &str, declared: &Declared, ctx: &Ctx) -> Option<Route> {
    let at = ["routes", key];
    refuse_later(key, declared, ctx);
    let route = match (&declared.function, &declared.http, &declared.mock) {
        (Some(function), None, None) => to_function(key, function, declared, ctx),
        (None, Some(url), None) => to_http(key, url, ctx),
        (None, None, Some(mock)) => to_mock(key, mock, ctx),
        (None, None, None) => {
            ctx.problem(
                Problem::of_key(&at, format!("the route `{key}` leads nowhere"))
                    .help("write one of `function`, `http` and `mock`"),
            );
            return None;
        }
        _ => {
            ctx.problem(
                Problem::of_key(
                    &at,
                    format!("the route `{key}` leads to two things at once"),
                )
                .help("write one of `function`, `http` and `mock`"),
            );
            return None;
        }
    };
    let mut route = common(key, declared, route, ctx);
    if let Some(role) = &declared.credentials {
        let at = ["routes", key, "credentials"];
        route.credentials = Some(match role.as_str() {
            // The caller's own.
            CALLERS => CALLERS.into(),
            _ => limits::role(&at, role, ctx),
        });
    }
    Some(route)
}

fn refuse_later(key: &str, declared: &Declared, ctx: &Ctx) {
    let fields = [
        ("aws", &declared.aws),
        ("scopes", &declared.scopes),
        ("validate", &declared.validate),
        ("models", &declared.models),
        ("cache", &declared.cache),
        ("request", &declared.request),
        ("response", &declared.response),
        ("response_streaming", &declared.response_streaming),
    ];
    for (name, field) in fields {
        limits::later(&["routes", key, name], field, ctx);
    }
}

/// What every route has, whatever it leads to.
fn common(key: &str, declared: &Declared, mut route: Route, ctx: &Ctx) -> Route {
    route.auth = auth(key, declared.auth.as_deref(), ctx);
    route.api_key = declared.api_key;
    if let Some(timeout) = declared.timeout_ms {
        let at = ["routes", key, "timeout_ms"];
        limits::range(&at, timeout, 50..=LONGEST, "ms", ctx);
        if (i64::from(TIMEOUT) + 1..=LONGEST).contains(&timeout) {
            let message = format!("{timeout} ms; AWS takes {TIMEOUT} ms, and more on request");
            let help =
                "of regional and private APIs alone, for an account whose quota it has raised";
            ctx.problem(Problem::at(&at, message).help(help).warning());
        }
        route.timeout_ms = timeout as i32;
    }
    for (name, required) in &declared.parameters {
        if !is_request_parameter(name) {
            ctx.problem(
                Problem::of_key(
                    &["routes", key, "parameters", name],
                    format!("`{name}` is not a request parameter"),
                )
                .help("such as `method.request.querystring.page`, `method.request.header.X-Id` or `method.request.path.id`"),
            );
        }
        route.parameters.insert(name.clone(), *required);
    }
    unique(key, declared, ctx);
    route.content_handling = match declared.content_handling {
        Some(ContentHandling::ConvertToText) => Some("CONVERT_TO_TEXT".into()),
        Some(ContentHandling::ConvertToBinary) => Some("CONVERT_TO_BINARY".into()),
        None => route.content_handling,
    };
    route
}

/// AWS tells the parameters of a method apart by their names alone.
fn unique(key: &str, declared: &Declared, ctx: &Ctx) {
    let bare = |name: &str| name.splitn(4, '.').nth(3).map(str::to_owned);
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for name in declared.parameters.keys() {
        let Some(first) = bare(name).and_then(|bare| seen.insert(bare, name)) else {
            continue;
        };
        let at = ["routes", key, "parameters", name];
        let message = format!("`{first}` and `{name}` have the same name");
        ctx.problem(
            Problem::of_key(&at, message)
                .help("AWS takes a name once among path, query string and headers"),
        );
    }
}

/// Who may call a route.
const AUTHS: [&str; 2] = ["none", "iam"];

fn auth(key: &str, written: Option<&str>, ctx: &Ctx) -> String {
    match written {
        None | Some("none") => "NONE".into(),
        Some("iam") => "AWS_IAM".into(),
        Some(other) => {
            let at = ["routes", key, "auth"];
            let meant = match crate::elsewhere::value(other, &AUTHS) {
                Some(meant) => Some(meant),
                None => slip_of(other, AUTHS),
            };
            ctx.problem(match meant {
                Some(meant) => Problem::at(&at, format!("`{other}` is no way to authorize"))
                    .help(format!("did you mean `{meant}`?")),
                None => Problem::at(
                    &at,
                    format!(
                        "`auth = \"{other}\"`: authorizers are not supported by this version of slp"
                    ),
                )
                .help("it is `none` or `iam`"),
            });
            "NONE".into()
        }
    }
}

fn is_request_parameter(name: &str) -> bool {
    let places = [
        "path",
        "querystring",
        "header",
        "multivaluequerystring",
        "multivalueheader",
    ];
    name.strip_prefix("method.request.")
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(place, name)| places.contains(&place) && !name.is_empty())
}

fn to_function(key: &str, raw: &str, declared: &Declared, ctx: &Ctx) -> Route {
    let function = ctx.function(&["routes", key, "function"], raw, Strength::Soft);
    let managed = function.addr.is_some();
    let formed = |arn: &str| arn.starts_with("arn:") && arn.contains(":function:");
    if function
        .arn
        .known()
        .is_some_and(|arn| raw.starts_with("arn:") && !formed(arn))
    {
        let at = ["routes", key, "function"];
        ctx.problem(
            Problem::at(&at, format!("`{raw}` is not the ARN of a function"))
                .help("such as arn:aws:lambda:REGION:ACCOUNT:function:NAME"),
        );
    }
    let adds = declared
        .permission
        .unwrap_or(managed && declared.credentials.is_none());
    if adds {
        permit(&function, ctx);
    }
    Route {
        target: Some(function.arn),
        // Lambda is called by POST, whatever the method of the route.
        integration_method: Some("POST".into()),
        ..Route::of_type("AWS_PROXY")
    }
}

/// Lets this API, and no other, invoke the function: one statement a function (or alias) and API.
fn permit(function: &FunctionRef, ctx: &Ctx) {
    let scope = ctx.scope;
    let id = Piece::Ref {
        addr: ctx.addr.clone(),
        output: "id".into(),
    };
    let head = format!(
        "arn:{}:execute-api:{}:{}:",
        scope.partition, scope.region, scope.account
    );
    let source = Text::from_pieces([Piece::Lit(head), id, Piece::Lit("/*/*".into())]);
    // AWS keeps one policy a qualifier, emulators one a function: a Sid of its own fits both.
    let alias = function.alias.as_ref();
    let sid = format!(
        "slp-{}-{}-{}{}",
        scope.project,
        scope.env_or_dash(),
        ctx.addr.name(),
        alias.map_or_else(String::new, |alias| format!("-{alias}"))
    );
    ctx.add(permission::for_api(function, ctx.addr, &sid, source));
}

fn to_http(key: &str, url: &str, ctx: &Ctx) -> Route {
    let (method, path) = method_and_path(key);
    let target = ctx.text(&["routes", key, "http"], url);
    let shown = target.to_string();
    let starts = |head: &str| shown.starts_with(head);
    let host = shown.split_once("://").map_or(&*shown, |(_, host)| host);
    if host.is_empty() || !starts("http://") && !starts("https://") && !starts("${stageVariables.")
    {
        ctx.problem(
            Problem::at(&["routes", key, "http"], format!("`{shown}` is not a URL"))
                .help("it starts with `https://` or `http://`"),
        );
    }
    let known: Vec<&str> = paths::variables(path).collect();
    for name in placeholders(&shown).filter(|name| !known.contains(name)) {
        let problem = Problem::at(
            &["routes", key, "http"],
            format!("`{{{name}}}` is not a variable of the path `{path}`"),
        );
        ctx.problem(problem.help(match known.as_slice() {
            [] => "the path has none; write it as `/{name}` there first".to_owned(),
            known => format!("the path has `{{{}}}`", known.join("}`, `{")),
        }));
    }
    let mut route = Route {
        integration_method: Some(method.into()),
        ..Route::of_type("HTTP_PROXY")
    };
    // A variable of the path reaches the URL only by way of a request parameter.
    for name in paths::variables(path).filter(|name| shown.contains(&format!("{{{name}}}"))) {
        let from = format!("method.request.path.{name}");
        route.parameters.insert(from.clone(), true);
        route
            .request_parameters
            .insert(format!("integration.request.path.{name}"), from);
    }
    route.target = Some(target);
    route
}

/// The `{name}`s of a URL; `${stageVariables.name}` is none.
fn placeholders(url: &str) -> impl Iterator<Item = &str> {
    url.match_indices('{')
        .filter(|(at, _)| !url[..*at].ends_with('$'))
        .filter_map(|(at, _)| url[at + 1..].split_once('}'))
        .map(|(name, _)| name)
}

fn to_mock(key: &str, mock: &Mock, ctx: &Ctx) -> Route {
    let at = ["routes", key, "mock", "status"];
    if !(200..=599).contains(&mock.status) {
        let message = format!("{} is not a status that a route can answer", mock.status);
        ctx.problem(Problem::at(&at, message).help("200 to 599"));
    }
    if !mock.content_type.contains('/') {
        let message = format!("`{}` is not a media type", mock.content_type);
        let at = ["routes", key, "mock", "content_type"];
        ctx.problem(Problem::at(&at, message).help("such as `application/json` or `text/html`"));
    }
    let mut answer = Answer::default();
    for (name, raw) in &mock.headers {
        if name.is_empty() {
            let at = ["routes", key, "mock", "headers"];
            ctx.problem(Problem::at(&at, "a header has a name"));
        }
        let value = ctx.text(&["routes", key, "mock", "headers", name], raw);
        answer
            .headers
            .insert(name.clone(), around("'", &value, "'"));
    }
    let body = ctx.text(&["routes", key, "mock", "body"], &mock.body);
    if body != Text::from("") {
        answer.templates.insert(mock.content_type.clone(), body);
    }
    fixed(mock.status, answer)
}

/// A route that always answers the same.
pub fn fixed(status: u16, answer: Answer) -> Route {
    let response = Response {
        headers: answer.headers.keys().cloned().collect::<BTreeSet<_>>(),
        models: BTreeMap::new(),
        answer: Some(answer),
    };
    // What a mock integration answers is said by its own request template.
    let template = format!("{{\"statusCode\": {status}}}");
    Route {
        request_templates: BTreeMap::from([("application/json".into(), template.into())]),
        responses: BTreeMap::from([(status.to_string(), response)]),
        ..Route::of_type("MOCK")
    }
}

/// Puts known text around one that may have holes.
fn around(head: &str, text: &Text, tail: &str) -> Text {
    let inner = match text {
        Text::Template(pieces) => pieces.clone(),
        known => vec![Piece::Lit(known.to_string())],
    };
    let head = std::iter::once(Piece::Lit(head.into()));
    Text::from_pieces(head.chain(inner).chain([Piece::Lit(tail.into())]))
}

/// The header under which the function's permission for an API stands.
pub fn permission_name(api: &Addr, alias: Option<&str>) -> String {
    match alias {
        Some(alias) => format!("api-{}-{alias}", api.name()),
        None => format!("api-{}", api.name()),
    }
}
