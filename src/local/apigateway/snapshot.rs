//! What a stage serves: the API as it was when it was deployed, and the stage's own settings.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ApiGateway;
use super::model::{Api, Resource};
use crate::local::turn::Turn;

/// All of an API that answers requests, copied when a deployment is made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    pub binary_media_types: Vec<String>,
    pub minimum_compression_size: Option<u32>,
    /// The API's resource policy.
    pub policy: Option<String>,
    pub disable_execute_api_endpoint: bool,
    /// By id.
    pub resources: BTreeMap<String, Resource>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deployment {
    pub id: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub snapshot: Arc<Snapshot>,
}

/// A name under which a deployment answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub name: String,
    pub deployment: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub tracing: bool,
    pub documentation_version: Option<String>,
    pub client_certificate: Option<String>,
    pub variables: BTreeMap<String, String>,
    /// By `path/VERB` as the patch wrote it, `~1pets/GET` or `pets/GET`, or `*/*` for all.
    pub method_settings: BTreeMap<String, MethodSetting>,
    pub access_log: AccessLog,
    pub tags: BTreeMap<String, String>,
}

impl Stage {
    /// One with nothing set.
    pub fn named(name: &str, deployment: &str, now: Timestamp) -> Stage {
        Stage {
            name: name.to_owned(),
            deployment: deployment.to_owned(),
            description: None,
            created: now,
            updated: now,
            tracing: false,
            documentation_version: None,
            client_certificate: None,
            variables: BTreeMap::new(),
            method_settings: BTreeMap::new(),
            access_log: AccessLog::default(),
            tags: BTreeMap::new(),
        }
    }
}

/// As AWS answers it; the defaults are those of AWS.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodSetting {
    pub metrics_enabled: bool,
    /// `OFF`, `ERROR`, `INFO`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging_level: Option<String>,
    pub data_trace_enabled: bool,
    /// Requests at once.
    pub throttling_burst_limit: i64,
    /// Requests a second.
    pub throttling_rate_limit: f64,
    pub caching_enabled: bool,
    /// Seconds.
    pub cache_ttl_in_seconds: u32,
    pub cache_data_encrypted: bool,
    pub require_authorization_for_cache_control: bool,
    pub unauthorized_cache_control_header_strategy: String,
}

impl Default for MethodSetting {
    fn default() -> Self {
        MethodSetting {
            metrics_enabled: false,
            logging_level: None,
            data_trace_enabled: false,
            throttling_burst_limit: 5000,
            throttling_rate_limit: 10000.0,
            caching_enabled: true,
            cache_ttl_in_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_header_strategy: "SUCCEED_WITH_RESPONSE_HEADER".into(),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AccessLog {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// A stage and what it answers from.
#[derive(Clone, Debug)]
pub struct Served {
    pub region: String,
    pub stage: Stage,
    pub snapshot: Arc<Snapshot>,
}

/// What a stage of an API serves, in whichever region it is: URLs on loopback name none.
pub fn served(turn: &mut Turn<'_>, api: &str, stage: &str) -> Option<Served> {
    let regions = turn.world.regions();
    let mut found = regions.filter_map(|(name, region)| {
        let (stage, snapshot) = region.apigateway.served(api, stage)?;
        Some(Served {
            region: name.to_owned(),
            stage,
            snapshot,
        })
    });
    found.next()
}

impl ApiGateway {
    fn served(&self, api: &str, stage: &str) -> Option<(Stage, Arc<Snapshot>)> {
        let stage = self.stages.get(&key(api, stage))?;
        let deployment = self.deployments.get(&key(api, &stage.deployment))?;
        Some((stage.clone(), deployment.snapshot.clone()))
    }

    /// The API as it is now.
    pub fn snapshot(&self, api: &Api) -> Snapshot {
        let own = key(&api.id, "");
        let resources = self.resources.under(&own);
        Snapshot {
            binary_media_types: api.binary_media_types.clone(),
            minimum_compression_size: api.minimum_compression_size,
            policy: api.policy.clone(),
            disable_execute_api_endpoint: api.disable_execute_api_endpoint,
            resources: resources
                .map(|(_, resource)| (resource.id.clone(), resource.clone()))
                .collect(),
        }
    }
}

/// The row of something that belongs to an API.
pub fn key(api: &str, name: &str) -> String {
    format!("{api}/{name}")
}
