//! What callers send to make or change a function. What is absent stays as it is.

use std::collections::BTreeMap;
use std::fmt::{self, Formatter};

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::local::error::AwsError;
use crate::local::wire::Input;

/// The configuration of `CreateFunction` and `UpdateFunctionConfiguration`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Wanted {
    pub runtime: Option<String>,
    pub role: Option<String>,
    pub handler: Option<String>,
    pub description: Option<String>,
    pub timeout: Option<i64>,
    pub memory_size: Option<i64>,
    pub ephemeral_storage: Option<Storage>,
    pub environment: Option<Environment>,
    pub layers: Option<Vec<String>>,
    pub tracing_config: Option<Tracing>,
    pub logging_config: Option<Logging>,
    pub snap_start: Option<SnapStart>,
    pub vpc_config: Option<Vpc>,
    pub dead_letter_config: Option<DeadLetter>,
    #[serde(rename = "KMSKeyArn")]
    pub kms_key: Option<String>,
    pub image_config: Option<Image>,
    // What follows is refused by name where it is given.
    pub file_system_configs: Option<Vec<Value>>,
    pub capacity_provider_config: Option<Value>,
    pub durable_config: Option<Value>,
    pub tenancy_config: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Storage {
    pub size: Option<i64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Environment {
    pub variables: Option<Variables>,
}

/// In the order in which they were given: AWS repeats them so.
#[derive(Clone, Debug, Default)]
pub struct Variables(pub Vec<(String, String)>);

impl<'de> Deserialize<'de> for Variables {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Variables, D::Error> {
        struct Ordered;
        impl<'de> Visitor<'de> for Ordered {
            type Value = Variables;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut given: A) -> Result<Variables, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = given.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Variables(pairs))
            }
        }
        deserializer.deserialize_map(Ordered)
    }
}

impl Serialize for Variables {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Wanted {
    /// Out of a request's body; the environment out of its text, which alone has an order.
    pub fn of(input: &Input) -> Result<Wanted, AwsError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Ordered {
            environment: Option<Environment>,
        }
        let wanted: Wanted = input.body()?;
        let ordered: Option<Ordered> = serde_json::from_slice(&input.raw).ok();
        let environment = ordered.and_then(|ordered| ordered.environment);
        Ok(Wanted {
            environment: environment.or(wanted.environment),
            ..wanted
        })
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tracing {
    pub mode: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Logging {
    pub log_format: Option<String>,
    pub log_group: Option<String>,
    pub application_log_level: Option<String>,
    pub system_log_level: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnapStart {
    pub apply_on: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Vpc {
    pub subnet_ids: Option<Vec<String>>,
    pub security_group_ids: Option<Vec<String>>,
    pub ipv6_allowed_for_dual_stack: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DeadLetter {
    pub target_arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Image {
    pub entry_point: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub working_directory: Option<String>,
}

/// What `CreateFunction` has beside the configuration.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Create {
    pub function_name: Option<String>,
    pub code: Option<Source>,
    pub package_type: Option<String>,
    pub architectures: Option<Vec<String>>,
    pub publish: Option<bool>,
    pub tags: Option<BTreeMap<String, String>>,
    pub code_signing_config_arn: Option<String>,
}

/// Where code comes from: in `CreateFunction` a member, in `UpdateFunctionCode` the body, for a
/// layer its `Content`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Source {
    /// In base64.
    pub zip_file: Option<String>,
    pub s3_bucket: Option<String>,
    pub s3_key: Option<String>,
    pub s3_object_version: Option<String>,
    pub image_uri: Option<String>,
}

/// What `UpdateFunctionCode` has beside the source.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct UpdateCode {
    pub architectures: Option<Vec<String>>,
    pub publish: Option<bool>,
    pub dry_run: Option<bool>,
    pub revision_id: Option<String>,
}
