//! Tags: what users may see of them, and what a change of them takes.

use std::collections::{BTreeMap, HashMap};

use super::calls::Who;
use super::cloud::Cloud;
use super::resource::{Resource, Work};
use super::retry::Nature;
use crate::provider::ProviderError;

use crate::bounds::texts;
use crate::problem::Problem;
use crate::resolve::Ctx;
use crate::scope::Scope;
use crate::text::Text;

/// User tags as a spec holds them.
pub type Tags = BTreeMap<String, Text>;

/// The wanted tags of a block. Of API Gateway and Lambda it is not certain which characters they
/// refuse; all of AWS's services take these.
pub fn wanted(ctx: &Ctx) -> Tags {
    checked(ctx, false)
}

/// The same of a log group as well, which is certain to refuse others.
pub fn certain(ctx: &Ctx) -> Tags {
    checked(ctx, true)
}

/// The same of what IAM has, which compares keys without case.
pub fn in_iam(ctx: &Ctx) -> Tags {
    if let Some((one, other)) = texts::same_in_iam(ctx.tags.keys().map(String::as_str)) {
        let message = format!("the tags `{one}` and `{other}` differ only in case");
        ctx.problem(Problem::at(&["tags", other], message).help(
            "IAM does not tell their keys apart: take one out, also if it stands in [project]",
        ));
    }
    checked(ctx, true)
}

fn checked(ctx: &Ctx, certain: bool) -> Tags {
    for (key, value) in ctx.tags {
        // A reference has been refused.
        let written = |text: &&str| !text.contains("${");
        let mut both = [key.as_str(), value].into_iter().filter(written);
        if let Some(c) = both.find_map(texts::stranger_in_tag) {
            let message = format!("{c:?} cannot stand in the tag `{key}`");
            let problem = Problem::at(&["tags", key], message)
                .help("letters, digits, spaces and `_ . : / = + - @` can");
            ctx.problem(if certain { problem } else { problem.warning() });
        }
    }
    plain(ctx)
}

/// The wanted tags, which have been checked.
pub fn plain(ctx: &Ctx) -> Tags {
    let text = |(key, raw): (&String, &String)| (key.clone(), ctx.text(&["tags", key], raw));
    ctx.tags.iter().map(text).collect()
}

/// The tags that are the user's business, out of all.
pub fn seen(all: &BTreeMap<String, String>, scope: &Scope) -> Tags {
    let mine = all.iter().filter(|(key, _)| scope.compares_tag(key));
    mine.map(|(key, value)| (key.clone(), Text::Known(value.clone())))
        .collect()
}

/// Everything to write at create: the user's tags and the ownership tags.
pub fn at_create(tags: &Tags, scope: &Scope, addr: &str, op: &str) -> BTreeMap<String, String> {
    let mut all = scope.owner_tags(addr, op);
    all.extend(
        tags.iter()
            .map(|(key, value)| (key.clone(), value.to_string())),
    );
    all
}

/// Keys to remove, and whether there is anything to set.
pub fn change(before: &Tags, after: &Tags) -> (Vec<String>, bool) {
    let gone = before
        .keys()
        .filter(|key| !after.contains_key(*key))
        .cloned()
        .collect();
    let set = after
        .iter()
        .any(|(key, value)| before.get(key) != Some(value));
    (gone, set)
}

/// What a tag step writes: the changed user tags, and with `own` the ownership tags, since
/// the address changed.
pub fn to_write<R: Resource>(
    own: bool,
    work: &Work<'_, R>,
    tags: fn(&R::Spec) -> &Tags,
    scope: &Scope,
) -> Result<BTreeMap<String, String>, ProviderError> {
    let before = work.before.as_ref().map(tags);
    let after = tags(work.wanted()?);
    let mut set = match own {
        true => scope.owner_tags(work.addr.as_str(), work.op),
        false => BTreeMap::new(),
    };
    let differs = |(key, value): &(&String, &Text)| before.and_then(|b| b.get(*key)) != Some(value);
    let changed = after.iter().filter(differs);
    set.extend(changed.map(|(key, value)| (key.clone(), value.to_string())));
    Ok(set)
}

/// Tags what API Gateway has; nothing where there is nothing to set.
pub async fn tag_in_gateway(
    cloud: &Cloud,
    arn: &str,
    set: BTreeMap<String, String>,
    who: Who<'_>,
) -> Result<(), ProviderError> {
    if set.is_empty() {
        return Ok(());
    }
    let set: HashMap<String, String> = set.into_iter().collect();
    let client = cloud.apigateway();
    let send = || {
        client
            .tag_resource()
            .resource_arn(arn)
            .set_tags(Some(set.clone()))
            .send()
    };
    cloud
        .call("TagResource", Nature::Put, who, send)
        .await
        .map(drop)
}

/// Takes tags off what API Gateway has.
pub async fn untag_in_gateway(
    cloud: &Cloud,
    arn: &str,
    keys: Vec<String>,
    who: Who<'_>,
) -> Result<(), ProviderError> {
    let client = cloud.apigateway();
    let send = || {
        client
            .untag_resource()
            .resource_arn(arn)
            .set_tag_keys(Some(keys.clone()))
            .send()
    };
    cloud
        .call("UntagResource", Nature::Put, who, send)
        .await
        .map(drop)
}
