//! What carries this project's tags or marks and stands in no state: a create that was carried out
//! twice, or though it was refused. Only what AWS gives ids can be there twice.

use std::collections::BTreeSet;

use serde_json::Value;

use super::account;
use super::api::{self, Api};
use super::provider::Aws;
use super::resource::Resource;
use super::stage::{self, Stage};
use crate::addr::Addr;
use crate::provider::ProviderError;
use crate::scope::Owner;
use crate::state::State;

/// How closely to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// At what the last refresh has read anyway.
    AsRead,
    /// At every API.
    Apis,
    /// At every API, and at the deployments of those that the state knows.
    Everything,
}

/// What was found.
#[derive(Default)]
pub struct Strays {
    /// Under the address that its tags name; what it is, for people.
    pub found: Vec<(Addr, String)>,
    /// What could not be looked at, for people.
    pub unseen: Option<String>,
}

impl Aws {
    /// Looks for what is ours and in no state.
    pub async fn strays(&self, state: &State, look: Look) -> Result<Strays, ProviderError> {
        let mut strays = Strays::default();
        let listed = match look {
            Look::AsRead => self.cloud().read_already(api::LIST, ""),
            Look::Apis | Look::Everything => Some(api::listed(self.cloud()).await),
        };
        match listed {
            Some(answer) if account::forbidden(&answer) => {
                strays.unseen = Some(format!(
                    "APIs of ours that are in no state: {} is forbidden",
                    api::LIST
                ));
            }
            Some(answer) => strays.found.extend(self.apis(state, &*answer?)),
            None => {}
        }
        if look == Look::Everything {
            strays.found.extend(self.deployments(state).await?);
        }
        Ok(strays)
    }

    fn apis(&self, state: &State, listed: &api::Listed) -> Vec<(Addr, String)> {
        let known: BTreeSet<&str> = ids(state, Api::KIND).map(|(_, id)| id).collect();
        let others = listed.iter().filter(|(id, _)| !known.contains(id.as_str()));
        let ours = others.filter_map(|(id, api)| {
            let Owner::Ours { addr, .. } = self.cloud().scope().owner(&api::tags_of(api)) else {
                return None;
            };
            let addr = Addr::parse(&addr).ok()?;
            let lost = match state.resources.contains_key(&addr) {
                true => "it was made twice, or an older state knew it",
                false => {
                    "a state was lost (`slp state rebuild` takes it back), or it was made twice"
                }
            };
            let text = format!(
                "an API that is in no state, {id}, carries the tags of this one: {lost}. Unless it \
                 is in use, delete it: `aws apigateway delete-rest-api --rest-api-id {id}`"
            );
            Some((addr, text))
        });
        ours.collect()
    }

    async fn deployments(&self, state: &State) -> Result<Vec<(Addr, String)>, ProviderError> {
        let facts = state
            .resources
            .values()
            .filter(|one| one.kind == Stage::KIND);
        let known: BTreeSet<&str> = facts.flat_map(|stage| noted(&stage.facts)).collect();
        let mut found = Vec::new();
        for (addr, id) in ids(state, Api::KIND) {
            let behind = stage::behind(self.cloud(), id).await?.into_iter();
            let behind: Vec<String> = behind.filter(|one| !known.contains(one.as_str())).collect();
            if !behind.is_empty() {
                let text = format!(
                    "slp made deployments that no stage serves and no state knows: {}. Delete each: \
                     `aws apigateway delete-deployment --rest-api-id {id} --deployment-id ID`",
                    behind.join(", ")
                );
                found.push((addr.clone(), text));
            }
        }
        Ok(found)
    }
}

fn ids<'a>(state: &'a State, kind: &'a str) -> impl Iterator<Item = (&'a Addr, &'a str)> {
    let of_kind = state
        .resources
        .iter()
        .filter(move |(_, stored)| stored.kind == kind);
    of_kind.map(|(addr, stored)| (addr, stored.id.as_str()))
}

/// The deployments that a stage's notes name.
fn noted(facts: &Value) -> impl Iterator<Item = &str> {
    let stale = facts["stale"].as_array().into_iter().flatten();
    stale
        .chain([&facts["deployment_id"]])
        .filter_map(Value::as_str)
}
