//! What the project refers to and does not own, as far as AWS tells of it.
//!
//! Roles and policies are read; what is not there is not in the copy either, and its use fails
//! there as it would in AWS. What may not be read, and what slp never reads, is taken on trust,
//! and the report says so.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::super::open::Project;
use super::super::plan::MadePlan;
use super::mentions::Mentions;
use crate::addr::Addr;
use crate::aws::Aws;
use crate::event::Listener;
use crate::local::is_aws_policy;
use crate::provider::{Ask, Depth, Live, Provider};

/// A policy that allows everything: of one that may not be read.
pub const ALLOWS_ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

/// What the copy takes over from outside the project.
#[derive(Default)]
pub struct Outside {
    /// Documents by ARN.
    pub policies: BTreeMap<String, String>,
    /// Under addresses that no manifest can have.
    pub roles: BTreeMap<Addr, Live>,
    /// ARNs of roles that may not be read.
    pub unread_roles: BTreeSet<String>,
    pub principals: BTreeSet<String>,
    pub layers: BTreeSet<String>,
    /// Code in S3, by bucket and key.
    pub objects: BTreeSet<(String, String)>,
    /// Where packages are put that are too large to be sent.
    pub artifacts: Option<String>,
    unread_policies: BTreeSet<String>,
}

impl Outside {
    /// Looks for what the plan and the live things name, and asks AWS about it.
    pub async fn ask(aws: &Aws, project: &Project, made: &MadePlan) -> Outside {
        let account = &project.scope.account;
        let own = own(made);
        let mut named = Mentions::default();
        let mut outside = Outside::default();
        let wanted = made.plan.changes.iter().filter_map(|c| c.after.as_ref());
        let live = made.live.values().map(|live| &live.spec);
        for spec in wanted.chain(live) {
            named.add(spec, account, &own);
            outside.add_code(spec, project);
        }
        // What was attached to a role by hand is noted there.
        for attached in made
            .live
            .values()
            .filter_map(|l| l.facts.get("other_attached"))
        {
            named.add(attached, account, &own);
        }
        let roles = named.roles.clone();
        outside.ask_roles(aws, &roles).await;
        for role in outside.roles.values() {
            named.add(&role.spec, account, &own);
        }
        outside.ask_policies(aws, &named.policies).await;
        outside.principals = named.principals;
        // A role that only such a role trusts is not looked at.
        let further = named.roles.difference(&roles).cloned();
        outside.principals.extend(further);
        outside.layers = named.layers;
        outside
    }

    fn add_code(&mut self, spec: &serde_json::Value, project: &Project) {
        let text = |path: &str| spec.pointer(path)?.as_str().map(str::to_owned);
        self.objects
            .extend(text("/code/s3/bucket").zip(text("/code/s3/key")));
        if spec.pointer("/code/through_s3").is_some() {
            let place = project.scope.artifacts.as_deref();
            let place = place.and_then(|place| place.strip_prefix("s3://"));
            let bucket = place.and_then(|place| place.split('/').next());
            self.artifacts = bucket.map(str::to_owned);
        }
    }

    async fn ask_roles(&mut self, aws: &Aws, arns: &BTreeSet<String>) {
        let asks: Vec<Ask> = arns.iter().enumerate().map(ask).collect();
        let answers = match asks.is_empty() {
            true => Vec::new(),
            false => aws.read(&asks, &Listener::deaf()).await,
        };
        for ((arn, ask), answer) in arns.iter().zip(asks).zip(answers) {
            match answer {
                Ok(Some(live)) => {
                    self.roles.insert(ask.addr, live);
                }
                Ok(None) => {}
                Err(_) => {
                    self.unread_roles.insert(arn.clone());
                }
            }
        }
    }

    async fn ask_policies(&mut self, aws: &Aws, arns: &BTreeSet<String>) {
        let unknown: Vec<&String> = arns.iter().filter(|arn| !is_aws_policy(arn)).collect();
        let ask = unknown.iter().map(|arn| aws.policy_document(arn));
        let answers = join_all(ask).await;
        for (arn, answer) in unknown.into_iter().zip(answers) {
            let document = match answer {
                Ok(document) => document,
                Err(_) => {
                    self.unread_policies.insert(arn.clone());
                    Some(ALLOWS_ALL.to_owned())
                }
            };
            self.policies
                .extend(document.map(|document| (arn.clone(), document)));
        }
    }

    /// What was taken on trust, for people.
    pub fn assumed(&self) -> Vec<String> {
        let objects = self.objects.iter();
        let objects = objects.map(|(bucket, key)| format!("s3://{bucket}/{key}"));
        let bucket = self.artifacts.iter();
        let bucket = bucket.map(|bucket| format!("s3://{bucket}"));
        let iam = self.unread_roles.iter().chain(&self.unread_policies);
        let named = iam.chain(&self.principals).chain(&self.layers);
        let all: BTreeSet<String> = named.cloned().chain(objects).chain(bucket).collect();
        all.into_iter().collect()
    }
}

fn ask((at, arn): (usize, &String)) -> Ask {
    Ask {
        addr: Addr::root_of("role", &format!("<outside {at}>")),
        id: arn.rsplit('/').next().map(str::to_owned),
        prior: None,
        wanted: None,
        depth: Depth::Full,
        replaced: false,
        adopts: false,
        children: Vec::new(),
    }
}

/// The ARNs of what the manifest or the state has.
fn own(made: &MadePlan) -> BTreeSet<String> {
    let stored = made.state.resources.values().map(|stored| &stored.outputs);
    let live = made.live.values().map(|live| &live.outputs);
    let arns = stored.chain(live).filter_map(|outputs| outputs.get("arn"));
    arns.chain(made.plan.names.keys()).cloned().collect()
}
