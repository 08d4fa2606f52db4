//! What IAM holds: roles, and policies with their versions.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::local::turn::{UPPER, random};

/// Keys and values in the order in which they were set.
pub type Tags = Vec<(String, String)>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub name: String,
    pub account: String,
    /// Begins and ends with `/`.
    pub path: String,
    /// `AROA…`; a role made anew under the same name has another.
    pub id: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub max_session_seconds: u32,
    /// The trust policy, as it was written.
    pub trust: String,
    /// The unique ids of the roles that the trust policy names, by ARN: AWS remembers the id.
    pub trusted: BTreeMap<String, String>,
    pub boundary: Option<String>,
    /// Inline policies, by name.
    pub inline: BTreeMap<String, String>,
    /// ARNs of managed policies.
    pub attached: BTreeSet<String>,
    pub tags: Tags,
}

impl Role {
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:iam::{}:role{}{}",
            self.account, self.path, self.name
        )
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub name: String,
    /// `aws` where it is AWS's own.
    pub account: String,
    pub path: String,
    /// `ANPA…`
    pub id: String,
    pub description: Option<String>,
    pub created: Timestamp,
    pub updated: Timestamp,
    /// Numbered from 1; a number is never used again.
    pub versions: BTreeMap<u32, Version>,
    pub default: u32,
    /// The number of the next version.
    pub next: u32,
    pub tags: Tags,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// As it was written.
    pub document: String,
    pub created: Timestamp,
}

impl Policy {
    pub fn arn(&self) -> String {
        format!(
            "arn:aws:iam::{}:policy{}{}",
            self.account, self.path, self.name
        )
    }

    /// One of AWS's or of another account's, with its ARN and the document that counts.
    pub fn outside(arn: &str, document: &str, now: Timestamp) -> Policy {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let rest = arn.split_once(":policy").map_or("", |(_, rest)| rest);
        let (path, name) = rest.rsplit_once('/').unwrap_or_default();
        let version = Version {
            document: document.to_owned(),
            created: now,
        };
        Policy {
            name: name.to_owned(),
            account: account.to_owned(),
            path: format!("{path}/"),
            id: format!("ANPA{}", random(UPPER, 17)),
            description: None,
            created: now,
            updated: now,
            versions: [(1, version)].into(),
            default: 1,
            next: 2,
            tags: Tags::new(),
        }
    }

    /// The document that counts.
    pub fn document(&self) -> &str {
        let version = self.versions.get(&self.default);
        version.map_or("", |version| version.document.as_str())
    }
}
