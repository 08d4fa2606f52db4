//! Who may have a deployer's role: the jobs of one repository, by the tokens that GitHub or GitLab
//! signs for them.
//!
//! Sources: docs.github.com on OpenID Connect in AWS and on its `sub` claims; docs.gitlab.com on
//! OpenID Connect in AWS.

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value, json};

use super::document::{Policy, Statement};
use crate::scope::Scope;

/// Jobs that are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    service: Service,
    /// `OWNER/REPO`, `GROUP/PROJECT`.
    repository: String,
    which: Which,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Service {
    GitHub,
    GitLab,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Which {
    Every,
    Branch(String),
    /// GitHub's: who reviews stands before it.
    Environment(String),
    /// GitHub's.
    PullRequests,
}

impl Trusted {
    /// Are these the jobs of any branch, pull requests among them?
    pub fn is_any(&self) -> bool {
        self.which == Which::Every
    }

    fn issuer(&self) -> &'static str {
        match self.service {
            Service::GitHub => "token.actions.githubusercontent.com",
            Service::GitLab => "gitlab.com",
        }
    }

    fn audience(&self) -> &'static str {
        match self.service {
            Service::GitHub => "sts.amazonaws.com",
            Service::GitLab => "https://gitlab.com",
        }
    }

    fn subject(&self) -> String {
        let repository = &self.repository;
        match (self.service, &self.which) {
            (Service::GitHub, Which::Every) => format!("repo:{repository}:*"),
            (Service::GitHub, Which::Branch(branch)) => {
                format!("repo:{repository}:ref:refs/heads/{branch}")
            }
            (_, Which::Environment(name)) => format!("repo:{repository}:environment:{name}"),
            (_, Which::PullRequests) => format!("repo:{repository}:pull_request"),
            (Service::GitLab, Which::Every) => format!("project_path:{repository}:*"),
            (Service::GitLab, Which::Branch(branch)) => {
                format!("project_path:{repository}:ref_type:branch:ref:{branch}")
            }
        }
    }
}

/// The trust policy of the role; its provider must be in the account already.
pub fn trust(who: &Trusted, scope: &Scope) -> Policy {
    let Scope {
        partition, account, ..
    } = scope;
    let issuer = who.issuer();
    let (aud, sub) = (format!("{issuer}:aud"), format!("{issuer}:sub"));
    let mut condition = Map::new();
    match who.subject() {
        any if who.is_any() => {
            condition.insert("StringEquals".into(), json!({ aud: who.audience() }));
            condition.insert("StringLike".into(), json!({ sub: any }));
        }
        one => {
            let both = json!({ aud: who.audience(), sub: one });
            condition.insert("StringEquals".into(), both);
        }
    }
    let provider = format!("arn:{partition}:iam::{account}:oidc-provider/{issuer}");
    Policy::of(vec![Statement {
        principal: Some(json!({ "Federated": provider })),
        condition: Some(Value::Object(condition)),
        ..Statement::allowing(["sts:AssumeRoleWithWebIdentity"])
    }])
}

/// `github:OWNER/REPO`, with `@BRANCH`, `:environment:NAME` or `:pull_request`;
/// `gitlab:GROUP/PROJECT`, with `@BRANCH`.
impl FromStr for Trusted {
    type Err = String;

    fn from_str(text: &str) -> Result<Trusted, String> {
        let wrong = || {
            "write github:OWNER/REPO, github:OWNER/REPO@BRANCH, github:OWNER/REPO:environment:NAME, \
             github:OWNER/REPO:pull_request, gitlab:GROUP/PROJECT or gitlab:GROUP/PROJECT@BRANCH"
                .to_owned()
        };
        let (service, rest) = text.split_once(':').ok_or_else(wrong)?;
        let service = match service {
            "github" => Service::GitHub,
            "gitlab" => Service::GitLab,
            _ => return Err(wrong()),
        };
        let (repository, which) = which(rest, service).ok_or_else(wrong)?;
        let parts: Vec<&str> = repository.split('/').collect();
        // GitLab's groups have groups in them.
        let enough = parts.len() == 2 || (service == Service::GitLab && parts.len() > 2);
        match enough && parts.iter().all(|part| is_name(part)) {
            true => Ok(Trusted {
                service,
                repository: repository.to_owned(),
                which,
            }),
            false => Err(wrong()),
        }
    }
}

fn which(rest: &str, service: Service) -> Option<(&str, Which)> {
    // A wildcard would trust more than it says.
    let sound = |name: &str| !name.is_empty() && !name.contains(['*', '?', '$']);
    if let Some((repository, branch)) = rest.split_once('@') {
        return sound(branch).then(|| (repository, Which::Branch(branch.to_owned())));
    }
    match (rest.split_once(':'), service) {
        (None, _) => Some((rest, Which::Every)),
        (Some((repository, "pull_request")), Service::GitHub) => {
            Some((repository, Which::PullRequests))
        }
        (Some((repository, rest)), Service::GitHub) => {
            let name = rest.strip_prefix("environment:")?;
            sound(name).then(|| (repository, Which::Environment(name.to_owned())))
        }
        _ => None,
    }
}

fn is_name(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    !part.is_empty() && part.chars().all(fits)
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = match self.service {
            Service::GitHub => "GitHub",
            Service::GitLab => "GitLab",
        };
        write!(f, "{service}'s {}", self.repository)
    }
}
