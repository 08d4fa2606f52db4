//! Paths: what AWS takes, their parents, and how a set of them changes.
//!
//! Source: the API Gateway developer guide, and the messages of CreateResource.

use std::collections::{BTreeMap, BTreeSet};

use crate::bounds::texts;
use crate::problem::Problem;
use crate::resolve::Ctx;

pub const METHODS: &[&str] = &[
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY",
];

/// AWS's quota of resources an API.
const MOST: usize = 300;

/// The path that a path stands under; `None` for the root.
pub fn parent(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((_, "")) | None => None,
        Some(("", _)) => Some("/"),
        Some((parent, _)) => Some(parent),
    }
}

/// The last part of a path.
pub fn part(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, part)| part)
}

/// The paths with all their parents, without the root; parents come before their children.
pub fn with_parents<'a>(paths: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let mut all = BTreeSet::new();
    for path in paths {
        let mut at = Some(path);
        while let Some(path) = at.filter(|path| *path != "/") {
            all.insert(path);
            at = parent(path);
        }
    }
    all
}

/// The paths to delete, children before parents. AWS would take a whole subtree by its
/// top, but the emulators leave its children behind, and moto then reads the API no more.
pub fn deepest_first<'a>(doomed: &BTreeSet<&'a str>) -> impl Iterator<Item = &'a str> {
    doomed.iter().rev().copied()
}

/// The variables of a path: `x` of `{x}`, `rest` of `{rest+}`.
pub fn variables(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        Some(name.strip_suffix('+').unwrap_or(name))
    })
}

/// Checks the key of a route by itself; `None` if it is no `METHOD /path`.
pub fn check<'a>(route: &'a str, ctx: &Ctx) -> Option<(&'a str, &'a str)> {
    let at = ["routes", route];
    let written = route
        .split_once(' ')
        .map(|(method, path)| (method, path.trim_start()));
    let Some((method, path)) = written.filter(|(_, path)| path.starts_with('/')) else {
        ctx.problem(
            Problem::of_key(&at, format!("`{route}` is not a route")).help(instead_of(route)),
        );
        return None;
    };
    if !METHODS.contains(&method) {
        let help = match meant_method(method) {
            Some(meant) => format!("did you mean \"{meant} {path}\"?"),
            None => format!("it is one of {}", METHODS.join(", ")),
        };
        ctx.problem(Problem::of_key(&at, format!("`{method}` is not a method")).help(help));
        return None;
    }
    if format!("{method} {path}") != route {
        let problem = Problem::of_key(&at, format!("`{route}` is not a route"));
        ctx.problem(problem.help(format!("did you mean \"{method} {path}\"?")));
        return None;
    }
    if let Some(message) = bad_path(path) {
        ctx.problem(Problem::of_key(&at, message).help(
            "a part is letters, digits and `. _ - : , $`, or a variable `{name}`; `{rest+}` takes all that is left of the path",
        ));
        return None;
    }
    doubtful(route, path, ctx);
    Some((method, path))
}

/// The method that is meant.
pub fn meant_method(word: &str) -> Option<&'static str> {
    match word {
        "*" | "ALL" | "all" => Some("ANY"),
        _ => {
            let word = word.to_ascii_uppercase();
            let near = |method: &&&str| strsim::damerau_levenshtein(&word, method) <= 1;
            METHODS.iter().find(near).copied()
        }
    }
}

/// The route that is meant by a key which is none.
fn instead_of(route: &str) -> String {
    let bare = |path: &str| format!("/{}", path.trim_start_matches('/'));
    let of_method = |method: &str| METHODS.contains(&method.to_ascii_uppercase().as_str());
    match route.split_once([' ', ':']) {
        Some((method, path)) if of_method(method) => {
            let path = bare(path.trim_start());
            format!("did you mean \"{} {path}\"?", method.to_ascii_uppercase())
        }
        None if route == "$default" => {
            "what no other route takes is \"ANY /{rest+}\", and \"ANY /\" for the root".to_owned()
        }
        None if route.starts_with('/') => {
            format!("a method stands before the path: \"GET {route}\", or \"ANY {route}\"")
        }
        _ => "a route is a method and a path: \"GET /users/{id}\"".to_owned(),
    }
}

fn bad_path(path: &str) -> Option<String> {
    if path == "/" {
        return None;
    }
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    for (at, part) in parts.iter().enumerate() {
        let last = at + 1 == parts.len();
        if part.is_empty() {
            return Some(match last {
                true => format!("the path `{path}` ends with `/`"),
                false => format!("the path `{path}` has an empty part"),
            });
        }
        if !texts::is_path_part(part) {
            return Some(format!("`{part}` cannot be a part of a path"));
        }
        if part.ends_with("+}") && !last {
            return Some(format!(
                "`{part}` takes all that is left of the path, so nothing can follow it"
            ));
        }
    }
    None
}

/// `/todos/:id`, as other frameworks write a variable, is for AWS a part that starts with a colon.
fn doubtful(route: &str, path: &str, ctx: &Ctx) {
    let named = |part: &&str| part.strip_prefix(':').is_some_and(|name| !name.is_empty());
    let Some(part) = path.split('/').find(named) else {
        return;
    };
    let message = format!("`{part}` matches only `{part}` itself: it is no variable");
    ctx.problem(
        Problem::of_key(&["routes", route], message)
            .help(format!("a variable is written `{{{}}}`", &part[1..]))
            .warning(),
    );
}

/// Checks the paths of an API against each other.
pub fn check_all(routes: &BTreeMap<&str, &str>, ctx: &Ctx) {
    let paths = with_parents(routes.values().copied());
    if paths.len() + 1 > MOST {
        let message = format!(
            "the routes need {} resources (every part of every path, and the root); AWS takes {MOST} an API",
            paths.len() + 1
        );
        ctx.problem(
            Problem::at(&["routes"], message)
                .help("take several paths together with `{rest+}`, or split the API"),
        );
    }
    let mut variable: BTreeMap<&str, &str> = BTreeMap::new();
    for path in paths.iter().filter(|path| part(path).starts_with('{')) {
        let Some(first) = variable.insert(parent(path).unwrap_or("/"), path) else {
            continue;
        };
        let within = |other: &str| other == *path || other.starts_with(&format!("{path}/"));
        let route = routes.iter().find(|(_, other)| within(other));
        let at = ["routes", route.map_or("", |(route, _)| route)];
        ctx.problem(
            Problem::of_key(
                &at,
                format!("`{first}` and `{path}` are two variables at one place"),
            )
            .help("API Gateway takes one variable under a path: give both the same name"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parents_come_along_and_come_first() {
        let all: Vec<&str> = with_parents(["/a/b/{c}", "/", "/x"]).into_iter().collect();
        assert_eq!(all, ["/a", "/a/b", "/a/b/{c}", "/x"]);
        assert_eq!(parent("/a"), Some("/"));
        assert_eq!(parent("/"), None);
    }

    #[test]
    fn children_go_before_their_parents() {
        let doomed = BTreeSet::from(["/a", "/a/b", "/a/b/c", "/a-b"]);
        let order: Vec<&str> = deepest_first(&doomed).collect();
        assert_eq!(order, ["/a/b/c", "/a/b", "/a-b", "/a"]);
    }

    #[test]
    fn parts_are_checked_one_by_one() {
        for good in [
            "/",
            "/$count",
            "/1,2",
            "/a",
            "/a.b/{x}",
            "/v1:batch",
            "/{rest+}",
            "/a/{rest+}",
        ] {
            assert_eq!(bad_path(good), None, "{good}");
        }
        for bad in [
            "/a/", "//a", "/a b", "/{x+}/y", "/{x", "/{}", "/{+}", "/a{x}",
        ] {
            assert!(bad_path(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn variables_lose_their_braces() {
        assert_eq!(
            variables("/a/{x}/{rest+}").collect::<Vec<_>>(),
            ["x", "rest"]
        );
    }
}
