//! `cors`: answers to browsers' preflight requests, one OPTIONS method on every path.
//!
//! A preflight is answered by API Gateway itself (a mock integration), without a call of
//! the function. Out of reach from here: the *real* answer of a proxy route, whose
//! `Access-Control-Allow-Origin` must come from the function or the HTTP backend, since
//! API Gateway passes a proxy's answer on untouched.

use std::collections::{BTreeMap, BTreeSet};

use super::decl::{Cors, CorsTable};
use super::paths::{METHODS, meant_method};
use super::route::fixed;
use super::spec::{Answer, Route, method_and_path};
use crate::problem::Problem;
use crate::resolve::Ctx;
use crate::text::Text;

/// What the AWS console allows.
const HEADERS: &str = "Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token";

/// What was declared, checked.
pub struct Rules {
    origins: Vec<String>,
    methods: Vec<String>,
    headers: String,
    credentials: bool,
    max_age: Option<u32>,
}

/// Reads `cors`; `None` where it is off.
pub fn rules(declared: Option<&Cors>, ctx: &Ctx) -> Option<Rules> {
    let simple = CorsTable::default();
    let table = match declared? {
        Cors::Simple(false) => return None,
        Cors::Simple(true) => &simple,
        Cors::Table(table) => table,
    };
    let origin = |(at, raw): (usize, &String)| {
        let origin = ctx.plain(&["cors", "origins", &at.to_string()], raw);
        check_origin(at, &origin, ctx);
        origin
    };
    let mut origins: Vec<String> = table.origins.iter().enumerate().map(origin).collect();
    if origins.iter().any(|origin| origin == "*") || origins.is_empty() {
        origins = vec!["*".into()];
    }
    if table.credentials && origins == ["*"] {
        ctx.problem(
            Problem::at(
                &["cors", "credentials"],
                "browsers refuse credentials where every origin is allowed",
            )
            .help("list the `origins` that may send them"),
        );
    }
    for (at, method) in table.methods.iter().enumerate() {
        if !METHODS.contains(&method.as_str()) {
            let path = ["cors", "methods", &at.to_string()];
            ctx.problem(
                Problem::at(&path, format!("`{method}` is not a method")).help(match meant_method(
                    method,
                ) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("it is one of {}", METHODS.join(", ")),
                }),
            );
        }
    }
    Some(Rules {
        origins,
        methods: table.methods.clone(),
        headers: match table.headers.is_empty() {
            true => HEADERS.into(),
            false => table.headers.join(","),
        },
        credentials: table.credentials,
        max_age: table.max_age,
    })
}

fn check_origin(at: usize, origin: &str, ctx: &Ctx) {
    let is_origin = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"))
        .is_some_and(|host| !host.is_empty() && !host.contains(['/', '"', '\'', ' ']));
    if origin != "*" && !is_origin {
        ctx.problem(
            Problem::at(
                &["cors", "origins", &at.to_string()],
                format!("`{origin}` is not an origin"),
            )
            .help("an origin is a scheme and a host, without a path: `https://shop.example`"),
        );
    }
}

/// Adds an OPTIONS method to every path that has a route.
pub fn add(
    rules: &Rules,
    routes: &BTreeMap<&str, &str>,
    binary: &[String],
    into: &mut BTreeMap<String, Route>,
    ctx: &Ctx,
) {
    let paths: BTreeSet<&str> = routes.values().copied().collect();
    for path in paths {
        let key = format!("OPTIONS {path}");
        if routes.contains_key(&*key) {
            ctx.problem(
                Problem::of_key(
                    &["routes", &key],
                    format!("`{key}` stands beside `cors`, which makes one on every path"),
                )
                .help("leave out this route, or `cors`"),
            );
            continue;
        }
        let methods = routes.keys().map(|route| method_and_path(route));
        let methods = methods
            .filter(|(_, other)| *other == path)
            .map(|(method, _)| method);
        let route = preflight(rules, methods.collect(), !binary.is_empty());
        into.insert(key, route);
    }
}

fn preflight(rules: &Rules, methods: BTreeSet<&str>, binary: bool) -> Route {
    let mut answer = Answer::default();
    let mut header = |name: &str, value: &str| {
        answer
            .headers
            .insert(name.into(), Text::Known(format!("'{value}'")));
    };
    let first = rules.origins.first().map_or("*", String::as_str);
    header("Access-Control-Allow-Origin", first);
    header("Access-Control-Allow-Methods", &allowed(rules, methods));
    header("Access-Control-Allow-Headers", &rules.headers);
    if rules.credentials {
        header("Access-Control-Allow-Credentials", "true");
    }
    if let Some(seconds) = rules.max_age {
        header("Access-Control-Max-Age", &seconds.to_string());
    }
    if rules.origins != ["*"] {
        header("Vary", "Origin");
    }
    if let [_, others @ ..] = &rules.origins[..]
        && !others.is_empty()
    {
        answer
            .templates
            .insert("application/json".into(), choose(others).into());
    }
    let mut route = fixed(204, answer);
    // Otherwise a preflight fails wherever `*/*` passes as bytes.
    route.content_handling = binary.then(|| "CONVERT_TO_TEXT".into());
    route
}

fn allowed(rules: &Rules, methods: BTreeSet<&str>) -> String {
    let mut allowed: BTreeSet<&str> = match rules.methods.is_empty() {
        true => methods,
        false => rules.methods.iter().map(String::as_str).collect(),
    };
    if allowed.contains("ANY") {
        allowed = METHODS
            .iter()
            .copied()
            .filter(|method| *method != "ANY")
            .collect();
    }
    allowed.insert("OPTIONS");
    allowed.into_iter().collect::<Vec<_>>().join(",")
}

/// One answer can name one origin only, so the asking one is put in if it is listed.
fn choose(others: &[String]) -> String {
    let is = |origin: &String| format!("$origin == \"{origin}\"");
    let any: Vec<String> = others.iter().map(is).collect();
    [
        "#set($origin = $input.params().header.get(\"Origin\"))",
        "#if(!$origin || $origin == \"\")#set($origin = $input.params().header.get(\"origin\"))#end",
        &format!("#if({})", any.join(" || ")),
        "#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)",
        "#end",
    ]
    .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(origins: &[&str]) -> Rules {
        Rules {
            origins: origins.iter().map(|o| (*o).to_owned()).collect(),
            methods: vec![],
            headers: "X-A".into(),
            credentials: false,
            max_age: Some(60),
        }
    }

    fn answer(route: &Route) -> &Answer {
        route.responses["204"].answer.as_ref().unwrap()
    }

    #[test]
    fn a_preflight_allows_what_the_path_has() {
        let route = preflight(&rules(&["*"]), BTreeSet::from(["GET", "POST"]), false);
        let headers = &answer(&route).headers;
        assert_eq!(
            headers["Access-Control-Allow-Methods"],
            "'GET,OPTIONS,POST'".into()
        );
        assert_eq!(headers["Access-Control-Allow-Origin"], "'*'".into());
        assert_eq!(headers["Access-Control-Max-Age"], "'60'".into());
        assert!(!headers.contains_key("Vary"));
        assert_eq!(
            route.responses["204"].headers,
            headers.keys().cloned().collect::<BTreeSet<_>>()
        );
    }

    #[test]
    fn any_is_spelled_out_for_browsers() {
        let all = allowed(&rules(&["*"]), BTreeSet::from(["ANY"]));
        assert_eq!(all, "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT");
    }

    #[test]
    fn of_several_origins_the_asking_one_is_answered() {
        let route = preflight(&rules(&["https://a", "https://b"]), BTreeSet::new(), true);
        let template = answer(&route).templates["application/json"].to_string();
        assert!(template.contains("$origin == \"https://b\""), "{template}");
        assert_eq!(answer(&route).headers["Vary"], "'Origin'".into());
        assert_eq!(route.content_handling.as_deref(), Some("CONVERT_TO_TEXT"));
    }
}
