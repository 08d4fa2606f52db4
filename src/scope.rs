//! Where a run works: project, environment, account, region. Known before anything is compared.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// The facts that names, ARNs, tags and the state's guards are made from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    pub project: String,
    pub env: Option<String>,
    /// Twelve digits; in `validate`, which asks nobody, the named hole `<project.account>`.
    pub account: String,
    pub region: String,
    /// `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
    /// Set where AWS is not the real one; a stage's URL is then under it.
    pub endpoint: Option<String>,
    pub name_prefix: String,
    /// The manifest's folder: every path in a manifest starts here.
    pub root: PathBuf,
    /// `s3://bucket/prefix` for packages over 50 MB.
    pub artifacts: Option<String>,
    /// Whether ownership stands in tags (else in state alone).
    pub tagged: bool,
    /// Tag keys, or prefixes ending in `*`, that are never compared.
    pub ignore_tags: Vec<String>,
    /// What the project made without an environment is given to this one: it counts as ours, and
    /// all that is ours is to be tagged anew.
    pub adopts: bool,
}

/// The tags that say whose a thing is; never part of a comparison.
pub const OWNER_PREFIX: &str = "slp:";

impl Scope {
    /// `-`, for tags and Sids where there is no environment.
    pub fn env_or_dash(&self) -> &str {
        self.env.as_deref().unwrap_or("-")
    }

    /// `arn:aws:lambda:eu-central-1:604370441254:function:X`, given service and resource.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        let Scope {
            partition,
            region,
            account,
            ..
        } = self;
        let (region, account) = match service {
            "iam" => ("", account.as_str()),
            "apigateway" => (region.as_str(), ""),
            _ => (region.as_str(), account.as_str()),
        };
        format!("arn:{partition}:{service}:{region}:{account}:{resource}")
    }

    /// The ownership tags of a resource made by operation `op`.
    pub fn owner_tags(&self, addr: &str, op: &str) -> BTreeMap<String, String> {
        if !self.tagged {
            return BTreeMap::new();
        }
        [
            ("slp:project", self.project.as_str()),
            ("slp:env", self.env_or_dash()),
            ("slp:address", addr),
            ("slp:region", self.region.as_str()),
            ("slp:op", op),
        ]
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
    }

    /// Is this tag the user's business? Ownership tags, `aws:*` and `ignore_tags` are not.
    pub fn compares_tag(&self, key: &str) -> bool {
        let ignored = |pattern: &String| match pattern.strip_suffix('*') {
            Some(prefix) => key.starts_with(prefix),
            None => key == pattern,
        };
        !key.starts_with(OWNER_PREFIX)
            && !key.starts_with("aws:")
            && !self.ignore_tags.iter().any(ignored)
    }

    /// Reads whose a thing is from all its tags.
    pub fn owner(&self, tags: &BTreeMap<String, String>) -> Owner {
        let tag = |key: &str| tags.get(key).map(String::as_str);
        let Some(project) = tag("slp:project") else {
            return Owner::Nobody;
        };
        let env = tag("slp:env").unwrap_or("-");
        let region = tag("slp:region").unwrap_or(&self.region);
        let given = self.adopts && env == "-";
        let env_is_ours = given || env == self.env_or_dash();
        if (project, region) != (&self.project, &self.region) || !env_is_ours {
            return Owner::Other(format!(
                "slp project {project}, environment {env}, {region}"
            ));
        }
        Owner::Ours {
            addr: tag("slp:address").unwrap_or_default().to_owned(),
            op: tag("slp:op").unwrap_or_default().to_owned(),
        }
    }
}

/// Whose a live thing is, by its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// This project, environment and region made it; `op` is the operation that did.
    Ours { addr: String, op: String },
    /// Another slp project, named.
    Other(String),
    /// It carries no ownership tags.
    Nobody,
    /// It cannot carry tags: it belongs to whoever owns its parent.
    Parents,
    /// Somebody else made it, and slp looks after it without owning it: it is shown, changed, and
    /// never taken away.
    Borrowed,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope {
            project: "shop".into(),
            region: "eu-central-1".into(),
            account: "604370441254".into(),
            partition: "aws".into(),
            tagged: true,
            ..Scope::default()
        }
    }

    #[test]
    fn arns_leave_out_what_the_service_leaves_out() {
        assert_eq!(
            scope().arn("iam", "role/x"),
            "arn:aws:iam::604370441254:role/x"
        );
        assert_eq!(
            scope().arn("apigateway", "/restapis/a"),
            "arn:aws:apigateway:eu-central-1::/restapis/a"
        );
    }

    #[test]
    fn ownership_is_read_back_from_its_own_tags() {
        let tags = scope().owner_tags("role.a", "op1");
        assert_eq!(
            scope().owner(&tags),
            Owner::Ours {
                addr: "role.a".into(),
                op: "op1".into()
            }
        );
        let elsewhere = Scope {
            region: "us-east-1".into(),
            ..scope()
        };
        assert!(matches!(elsewhere.owner(&tags), Owner::Other(_)));
        assert_eq!(scope().owner(&BTreeMap::new()), Owner::Nobody);
    }
}
