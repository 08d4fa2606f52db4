//! Who gains or loses what by a plan: reads what is not known of the policies in question.

use std::collections::BTreeMap;

use futures_util::future::join_all;

use crate::addr::Addr;
use crate::aws::Aws;
use crate::manifest::Secret;
use crate::plan::{Permissions, Plan};
use crate::provider::Live;
use crate::rights::{self, Read, Seen};
use crate::state::State;

/// Asks AWS once for each policy that comes or goes and is neither the project's nor known
/// here. What cannot be read is told in the answer; no plan fails for it.
pub async fn of(
    aws: &Aws,
    plan: &Plan,
    state: &State,
    live: &BTreeMap<Addr, Live>,
    secrets: &BTreeMap<String, Secret>,
) -> Vec<Permissions> {
    let sides = rights::sides(Seen {
        plan,
        state,
        live,
        secrets,
    });
    let ask = |arn: String| async move {
        let text = aws.policy_document(&arn).await.ok().flatten();
        let document = text.and_then(|text| serde_json::from_str(&text).ok());
        (arn, document)
    };
    let answers = join_all(rights::unknown(&sides).into_iter().map(ask)).await;
    let read: Read = answers.into_iter().collect();
    rights::changed(&sides, &read)
}
