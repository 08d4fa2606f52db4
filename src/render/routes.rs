//! The routes that are served.

use schemars::JsonSchema;
use serde::Serialize;

use super::style::{Paint, Style, padded};
use super::value::printable;

/// A route, where it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Route {
    pub method: String,
    /// With its variables as they are written: `http://…/pets/{id}`.
    pub url: String,
    /// The manifest's name of the function that answers; absent: something else does.
    pub function: Option<String>,
}

/// A line for each: the method, the URL, the function.
pub fn routes(routes: &[Route], style: &Style) -> String {
    let width = routes.iter().map(|route| route.method.len()).max();
    let width = width.unwrap_or_default();
    let line = |route: &Route| {
        let method = padded(&route.method, width);
        let function = route.function.as_deref().map(printable);
        let function = function.map(|name| format!("  {}", style.paint(Paint::Address, &name)));
        let url = printable(&route.url);
        format!("{method}  {url}{}\n", function.unwrap_or_default())
    };
    routes.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_route_has_its_url_and_who_answers() {
        let route = |method: &str, path: &str, function: Option<&str>| Route {
            method: method.into(),
            url: format!("http://x{path}"),
            function: function.map(str::to_owned),
        };
        let all = [
            route("GET", "/a", Some("A")),
            route("DELETE", "/b/{id}", None),
        ];
        assert_eq!(
            routes(&all, &Style::default()),
            "GET     http://x/a  A\nDELETE  http://x/b/{id}\n"
        );
    }
}
