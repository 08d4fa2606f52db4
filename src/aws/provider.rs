//! The AWS side as the engine sees it: reads grouped by kind, one call at a time run.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::join_all;

use super::bucket::Bucket;
use super::calls::Who;
use super::cloud::{Cloud, Connection};
use super::kms::KmsKey;
use super::resource::{Of, Reach, Whole};
use super::retry::Nature;
use crate::addr::Addr;
use crate::event::Listener;
use crate::kind::{Kind, Kinds};
use crate::manifest::StatePlace;
use crate::package::Shelf;
use crate::provider::{Ask, Boxed, Caller, Job, Live, Made, Provider, ProviderError};
use crate::scope::Scope;
use crate::state::Held;

/// The list of kinds: a line each.
fn every() -> Vec<Box<dyn Whole>> {
    vec![
        Box::new(Of::<super::role::Role>::default()),
        Box::new(Of::<super::policy::Policy>::default()),
        Box::new(Of::<super::function::Function>::default()),
        Box::new(Of::<super::alias::Alias>::default()),
        Box::new(Of::<super::log_group::LogGroup>::default()),
        Box::new(Of::<super::permission::Permission>::default()),
        Box::new(Of::<super::api::Api>::default()),
        Box::new(Of::<super::stage::Stage>::default()),
    ]
}

/// The kinds, for whatever works without AWS.
pub fn kinds() -> Kinds {
    Kinds::new(
        every()
            .into_iter()
            .map(|kind| kind as Box<dyn Kind>)
            .collect(),
    )
}

/// AWS.
pub struct Aws {
    cloud: Cloud,
    reaches: Vec<Box<dyn Reach>>,
}

impl Aws {
    /// Finds region and credentials; makes no call yet.
    pub async fn connect(connection: &Connection) -> Result<Aws, ProviderError> {
        let reaches = every()
            .into_iter()
            .map(|kind| kind as Box<dyn Reach>)
            .collect();
        Ok(Aws {
            cloud: Cloud::connect(connection).await?,
            reaches,
        })
    }

    pub(super) fn cloud(&self) -> &Cloud {
        &self.cloud
    }

    pub fn region(&self) -> String {
        self.cloud.region()
    }

    /// Says for which project this works; once, before anything is read.
    pub fn settle(&self, scope: Scope, shelf: Arc<Shelf>) {
        self.cloud.settle(scope, shelf);
    }

    /// A bucket that holds a state.
    pub fn bucket(&self, place: &StatePlace) -> Bucket {
        let name = place.bucket.clone().unwrap_or_default();
        let cloud = self.cloud.aside(place.region.clone());
        Bucket::new(
            cloud,
            name,
            place.kms_key.clone(),
            place.bucket_owner.clone(),
        )
    }

    /// A key of KMS's.
    pub fn key(&self, id: String) -> KmsKey {
        KmsKey::new(self.cloud.aside(None), id)
    }

    /// Changes nothing any more once this says that the lock does not hold.
    pub fn while_held(&self, held: Held) {
        self.cloud.while_held(held);
    }

    /// What stands under a resource and can be written: address and id.
    pub async fn children(
        &self,
        addr: &Addr,
        id: &str,
    ) -> Result<Vec<(Addr, String)>, ProviderError> {
        let Some(reach) = self.reach(&addr.kind()) else {
            return Ok(Vec::new());
        };
        let children = reach.children(&self.cloud, id).await?.into_iter();
        let addressed = children.map(|child| (addr.child(child.word, Some(&child.name)), child.id));
        Ok(addressed.collect())
    }

    fn reach(&self, kind: &str) -> Option<&dyn Reach> {
        self.reaches
            .iter()
            .map(|reach| &**reach)
            .find(|reach| reach.name() == kind)
    }
}

impl Provider for Aws {
    fn identify(&self) -> Boxed<'_, Result<Caller, ProviderError>> {
        Box::pin(async {
            let ask = || self.cloud.sts().get_caller_identity().send();
            let answer = self
                .cloud
                .call("GetCallerIdentity", Nature::Read, Who::NOBODY, ask)
                .await?;
            let arn = answer.arn.unwrap_or_default();
            let partition = arn.split(':').nth(1).unwrap_or("aws").to_owned();
            Ok(Caller {
                account: answer.account.unwrap_or_default(),
                arn,
                partition,
            })
        })
    }

    fn read<'a>(
        &'a self,
        asks: &'a [Ask],
        _: &'a Listener,
    ) -> Boxed<'a, Vec<Result<Option<Live>, ProviderError>>> {
        Box::pin(async move {
            self.cloud.forget();
            self.cloud.know(asks);
            let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, ask) in asks.iter().enumerate() {
                groups.entry(ask.addr.kind()).or_default().push(at);
            }
            let group = async |(kind, places): (String, Vec<usize>)| {
                let group: Vec<&Ask> = places.iter().map(|at| &asks[*at]).collect();
                let answers = match self.reach(&kind) {
                    Some(reach) => reach.read(&self.cloud, group).await,
                    None => group.iter().map(|_| Err(unknown(&kind))).collect(),
                };
                places.into_iter().zip(answers).collect::<Vec<_>>()
            };
            let mut answers: Vec<_> = join_all(groups.into_iter().map(group))
                .await
                .into_iter()
                .flatten()
                .collect();
            answers.sort_by_key(|(at, _)| *at);
            answers.into_iter().map(|(_, answer)| answer).collect()
        })
    }

    fn run<'a>(&'a self, job: Job<'a>, made: &'a mut Made) -> Boxed<'a, Result<(), ProviderError>> {
        let kind = job.addr.kind();
        match self.reach(&kind) {
            Some(reach) => reach.run(&self.cloud, job, made),
            None => Box::pin(async move { Err(unknown(&kind)) }),
        }
    }
}

fn unknown(kind: &str) -> ProviderError {
    ProviderError::new(kind, format!("this slp does not know the kind `{kind}`"))
        .hint("use the slp that wrote the state, or a newer one")
}
