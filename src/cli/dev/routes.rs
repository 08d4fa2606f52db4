//! The routes that are served, each with the URL at which it is called.

use serde_json::Value;

use super::super::places::Places;
use crate::addr::Addr;
use crate::render::Route;
use crate::state::{State, Stored};

/// Of every stage of every API, in the order of the APIs' names and of the paths.
pub fn routes(state: &State, places: &Places) -> Vec<Route> {
    let stages = state.resources.iter();
    let stages = stages.filter(|(_, stored)| stored.kind == "api.stage");
    let routes = stages.flat_map(|(addr, stage)| of_stage(state, addr, stage, places));
    routes.collect()
}

fn of_stage(state: &State, addr: &Addr, stage: &Stored, places: &Places) -> Vec<Route> {
    let api = addr.parent().and_then(|api| state.resources.get(&api));
    let routes = api.and_then(|api| api.spec.as_ref()?.get("routes")?.as_object());
    let url = stage.outputs.get("url").map_or("", String::as_str);
    let mut all: Vec<Route> = routes
        .into_iter()
        .flatten()
        .map(|(key, route)| {
            let (method, path) = key.split_once(' ').unwrap_or((key, ""));
            Route {
                method: method.to_owned(),
                url: format!("{url}{path}"),
                function: function(route).map(|name| places.shown(name).to_owned()),
            }
        })
        .collect();
    all.sort_by(|a, b| (&a.url, &a.method).cmp(&(&b.url, &b.method)));
    all
}

/// AWS's name of the function that a route's target names.
fn function(route: &Value) -> Option<&str> {
    let target = route.get("target")?.as_str()?;
    let (_, rest) = target.split_once(":function:")?;
    rest.split([':', '/']).next()
}
