//! Tags: what users may see of them, and what a change of them takes.

use std::collections::BTreeMap;

use crate::resolve::Ctx;
use crate::scope::Scope;
use crate::text::Text;

/// User tags as a spec holds them.
pub type Tags = BTreeMap<String, Text>;

/// The wanted tags of a block.
pub fn wanted(ctx: &Ctx) -> Tags {
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

/// What to set: the changed user tags, and after a move the ownership tags.
pub fn to_set(
    before: Option<&Tags>,
    after: &Tags,
    owner: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut set = owner;
    let differs = |(key, value): &(&String, &Text)| before.and_then(|b| b.get(*key)) != Some(value);
    set.extend(
        after
            .iter()
            .filter(differs)
            .map(|(key, value)| (key.clone(), value.to_string())),
    );
    set
}
