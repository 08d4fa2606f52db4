//! The manifest's names of functions, for those that AWS knows.

use std::collections::BTreeMap;

use crate::state::State;

/// By AWS's name.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    pub fn of(state: &State) -> Names {
        let functions = state
            .resources
            .iter()
            .filter(|(_, stored)| stored.kind == "function");
        let name = |(addr, stored): (&crate::addr::Addr, &crate::state::Stored)| {
            (stored.id.clone(), addr.name().to_owned())
        };
        Names(functions.map(name).collect())
    }

    /// A function that somebody else made goes by AWS's name.
    pub fn shown<'a>(&'a self, function: &'a str) -> &'a str {
        self.0.get(function).map_or(function, String::as_str)
    }
}
