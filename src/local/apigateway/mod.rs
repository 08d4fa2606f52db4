//! API Gateway, REST APIs: the control plane. `execute` answers the requests to the APIs.
//!
//! An API's present state is in the tables; a deployment copies it (`snapshot`), and stages serve
//! the copies. Words and codes of refusals are those recorded from AWS where there are any.
//!
//! Left out on purpose, and refused by name (`operations`): authorizers, API keys, usage plans,
//! validators, gateway responses, domain names, VPC links, canaries, caches and OpenAPI.

mod account;
mod api_patch;
mod apis;
mod deployments;
mod error;
mod find;
mod integration_responses;
mod integrations;
mod mapping;
mod members;
mod method_responses;
mod methods;
mod model;
mod models;
mod operations;
mod page;
mod patch;
mod resources;
mod snapshot;
mod stage_patch;
mod stages;
mod tags;
#[cfg(test)]
mod tests;
mod uri;

pub use mapping::{header as response_header, literal};
pub use model::{Integration, IntegrationResponse, Method, Resource};
pub use operations::OPERATIONS;
pub use snapshot::{MethodSetting, Served, Snapshot, Stage, served};
pub use uri::lambda as lambda_of;

use account::Account;
use model::Api;
use models::Model;
use snapshot::Deployment;

use super::store::{Part, Rows, Table};

/// The APIs of a region.
#[derive(Default)]
pub struct ApiGateway {
    apis: Table<Api>,
    /// Row: `API/RESOURCE`; so the next three.
    resources: Table<Resource>,
    deployments: Table<Deployment>,
    stages: Table<Stage>,
    models: Table<Model>,
    account: Table<Account>,
    /// The id of the API that is made next, where a copy decides it.
    pub next: Option<String>,
}

impl Part for ApiGateway {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![
            ("apigateway.apis", &mut self.apis),
            ("apigateway.resources", &mut self.resources),
            ("apigateway.deployments", &mut self.deployments),
            ("apigateway.stages", &mut self.stages),
            ("apigateway.models", &mut self.models),
            ("apigateway.account", &mut self.account),
        ]
    }
}
