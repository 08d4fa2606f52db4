//! `[api.X]`: a REST API with its routes, managed whole: a route that was added by hand
//! shows as something to remove.
//!
//! A route is a resource, a method, an integration and their responses in AWS; here it is
//! one entry of a map, compared route by route. What callers see is a stage's snapshot:
//! making one belongs to `stage`. Left out on purpose: authorizers, models, validators and
//! OpenAPI documents (later kinds and fields, refused by name).

mod cors;
mod decl;
mod live;
mod lower;
mod methods;
mod paths;
mod raise;
mod read;
mod route;
mod spec;
mod steps;
#[cfg(test)]
mod tests;
mod words;
mod write;

use std::collections::BTreeMap;

use super::cloud::Cloud;
use super::resource::{Answer, Asked, Child, Resource, Transition, Work};
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::Scope;

pub use read::{LIST, Listed, listed, routes, tags_of};
pub use route::permission_name;
pub use spec::{Facts, Spec};
pub use steps::Step;

/// The kind.
pub struct Api;

impl Resource for Api {
    const KIND: &'static str = "api";
    const ABOUT: &'static str = "A REST API of API Gateway with its routes";
    const OUTPUTS: &'static [&'static str] = &["id", "arn", "execution_arn", "root_resource_id"];
    const WORDS: crate::elsewhere::Words = words::WORDS;

    type Decl = decl::Decl;
    type Spec = Spec;
    type Facts = Facts;
    type Step = Step;

    /// AWS invents an API's id, and everything else has it inside.
    fn identity(_: &Self::Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        lower::lower(decl, ctx)
    }

    fn outputs(id: &str, _: &Spec, facts: &Facts, scope: &Scope) -> Outputs {
        BTreeMap::from([
            ("id".into(), id.to_owned()),
            ("arn".into(), arn(id, scope)),
            ("execution_arn".into(), scope.arn("execute-api", id)),
            ("root_resource_id".into(), facts.root_resource_id.clone()),
        ])
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        steps::steps(delta)
    }

    fn notice(facts: &Facts) -> Option<String> {
        let list = facts.foreign_stages.join(", ");
        (!list.is_empty()).then(|| {
            format!("stages that slp did not make: {list} (they serve what somebody deployed, and go with the API)")
        })
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(steps::call(step))
    }

    /// AWS invents the id.
    fn fits(_: &str, _: &Spec) -> bool {
        true
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
    }

    fn uses(spec: &Spec) -> Vec<String> {
        raise::uses(spec)
    }

    fn id_of(arn: &str, scope: &Scope) -> Option<String> {
        raise::id_of(arn, scope)
    }

    async fn children(cloud: &Cloud, id: &str) -> Result<Vec<Child>, ProviderError> {
        read::children(cloud, id).await
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        read::read(cloud, asked).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        write::run(cloud, step, work).await
    }
}

/// The ARN under which an API is tagged.
fn arn(id: &str, scope: &Scope) -> String {
    scope.arn("apigateway", &format!("/restapis/{id}"))
}
