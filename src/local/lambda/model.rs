//! What Lambda holds: functions with their versions, aliases and policies, and layers.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::local::clock::Millis;
use crate::local::fault::Undone;
use crate::local::turn::Turn;

/// How `$LATEST` is called.
pub const LATEST: &str = "$LATEST";

/// A function and all that goes away with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub name: String,
    pub latest: Version,
    /// What was published, by number.
    pub published: BTreeMap<u64, Version>,
    pub aliases: BTreeMap<String, Alias>,
    /// Resource policies by qualifier; that of the function itself is at "".
    pub policies: BTreeMap<String, Policy>,
    /// Reserved concurrency.
    pub reserved: Option<u32>,
    /// `Terminate` or `Allow`.
    pub recursion: String,
    pub tags: BTreeMap<String, String>,
}

/// `$LATEST` or a published version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// `$LATEST` or a number.
    pub version: String,
    pub config: Config,
    pub code: Code,
    pub modified: Millis,
    /// Once it has settled.
    pub revision: String,
    /// What Lambda is or was doing with it.
    pub change: Option<Change>,
    /// Of a published version, how `$LATEST` was described then: its own description may be
    /// another, which is no reason to publish anew.
    pub described: String,
}

/// A change that takes its time. It ends by itself (`Turn::settling`), without a write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub what: Changing,
    pub begun: Timestamp,
    /// The revision id in the meantime.
    pub revision: String,
    /// Why it comes to nothing.
    #[serde(default)]
    pub undone: Option<Undone>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Changing {
    /// `State` is `Pending`.
    Created,
    /// `LastUpdateStatus` is `InProgress`.
    Updated,
}

impl Version {
    /// The change that is under way.
    pub fn changing(&self, turn: &Turn<'_>) -> Option<&Change> {
        let change = self.change.as_ref();
        change.filter(|change| turn.settling(change.begun))
    }

    /// The last change, if it is over and came to nothing.
    pub fn undone(&self, turn: &Turn<'_>) -> Option<(Changing, &Undone)> {
        let change = self.change.as_ref()?;
        let over = !turn.settling(change.begun);
        change
            .undone
            .as_ref()
            .filter(|_| over)
            .map(|why| (change.what, why))
    }

    pub fn revision(&self, turn: &Turn<'_>) -> &str {
        match self.changing(turn) {
            Some(change) => &change.revision,
            None => &self.revision,
        }
    }
}

/// Where the code is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Code {
    Zip(Zip),
    Image { uri: String },
}

/// A zip that the store keeps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zip {
    /// SHA-256 in hex.
    pub digest: String,
    /// Bytes of the zip.
    pub size: u64,
    /// Bytes of what is in it.
    pub unpacked: u64,
}

/// What `CreateFunction` and `UpdateFunctionConfiguration` set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
    pub description: String,
    /// As an ARN.
    pub role: String,
    /// Not for images, as is `handler`.
    pub runtime: Option<String>,
    pub handler: Option<String>,
    /// Seconds.
    pub timeout: u32,
    /// MB, as is `storage`.
    pub memory: u32,
    pub storage: u32,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// `None` was never given, which AWS shows otherwise than empty.
    pub environment: Option<BTreeMap<String, String>>,
    pub layers: Vec<Used>,
    /// `PassThrough` or `Active`.
    pub tracing: String,
    pub logging: Logging,
    /// `None` or `PublishedVersions`.
    pub snap_start: String,
    pub vpc: Option<Vpc>,
    /// ARN of a queue or topic.
    pub dead_letter: Option<String>,
    pub kms_key: Option<String>,
    pub image: Option<ImageConfig>,
}

/// A layer version that a function uses. It stays usable when the layer version is deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used {
    pub arn: String,
    pub zip: Zip,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logging {
    /// `Text` or `JSON`.
    pub format: String,
    pub group: String,
    /// For JSON only, as is `system_level`.
    pub application_level: Option<String>,
    pub system_level: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
    pub ipv6: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageConfig {
    pub entry_point: Option<Vec<String>>,
    pub command: Option<Vec<String>>,
    pub working_directory: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    pub name: String,
    /// `$LATEST` or a number.
    pub version: String,
    pub description: String,
    /// At most one other version, and its part of the calls, 0 to 1.
    pub routing: BTreeMap<String, f64>,
    pub revision: String,
}

/// A layer: its versions by number.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Layer {
    pub versions: BTreeMap<u64, LayerVersion>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerVersion {
    pub description: String,
    pub license: Option<String>,
    /// `None` was never given, which AWS shows otherwise than empty.
    pub runtimes: Option<Vec<String>>,
    pub architectures: Option<Vec<String>>,
    pub zip: Zip,
    pub created: Millis,
    pub policy: Option<Policy>,
}

impl Function {
    /// All digests of blobs that it needs.
    pub fn blobs(&self) -> impl Iterator<Item = &str> {
        let versions = std::iter::once(&self.latest).chain(self.published.values());
        versions.flat_map(|version| {
            let code = match &version.code {
                Code::Zip(zip) => Some(zip.digest.as_str()),
                Code::Image { .. } => None,
            };
            let layers = version.config.layers.iter();
            code.into_iter()
                .chain(layers.map(|used| used.zip.digest.as_str()))
        })
    }
}
