//! What belongs to a live thing and no spec holds: versions, and permissions of others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::outside::ALLOWS_ALL;
use super::stand_in;
use crate::addr::Addr;
use crate::local::Cloud;
use crate::provider::Live;

/// Makes it in the copy. What is missed there shows when the copy is compared.
pub async fn make(
    cloud: &Arc<Cloud>,
    region: &str,
    kind: &str,
    live: &Live,
    all: &BTreeMap<Addr, Live>,
) {
    match kind {
        "function" => {
            for number in versions(live, all) {
                let _ = cloud.publish_as(region, &live.id, number);
            }
            let listed = [&live.spec, &live.facts].map(|from| from.get("foreign_permissions"));
            let sids = listed.into_iter().flatten().filter_map(Value::as_array);
            for sid in sids.flatten().filter_map(Value::as_str) {
                stand_in::permission(cloud, region, &live.id, sid).await;
            }
        }
        "policy" => {
            // Their numbers matter to nobody.
            let others = live.facts.get("others").and_then(Value::as_array);
            for _ in others.into_iter().flatten() {
                let version = [
                    ("Action", "CreatePolicyVersion"),
                    ("PolicyArn", &live.id),
                    ("PolicyDocument", ALLOWS_ALL),
                ];
                stand_in::iam(cloud, &version).await;
            }
        }
        _ => {}
    }
}

/// The published versions that something names, in order.
fn versions(live: &Live, all: &BTreeMap<Addr, Live>) -> BTreeSet<u64> {
    let aliases = all.iter().filter(|(addr, alias)| {
        addr.kind() == "function.alias"
            && alias.spec.get("function").and_then(Value::as_str) == Some(&live.id)
    });
    let of_alias = aliases.flat_map(|(_, alias)| {
        let weights = alias.spec.get("weights").and_then(Value::as_object);
        let more = weights.into_iter().flat_map(|weights| weights.keys());
        let version = alias.spec.get("version").and_then(Value::as_str);
        more.map(String::as_str).chain(version)
    });
    let newest = live.facts.get("version").and_then(Value::as_str);
    let all = of_alias.chain(newest);
    all.filter_map(|version| version.parse().ok()).collect()
}
