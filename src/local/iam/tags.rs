//! The tags of roles and policies.

use serde_json::json;

use super::asked::{self, laid_over, texts};
use super::model::Tags;
use super::page::page;
use super::{policies, roles};
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

pub fn tag_role(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let new = asked::tags(input)?;
    laid_over(&mut roles::changeable(turn, input)?.tags, new)?;
    Ok(Reply::empty())
}

pub fn untag_role(turn: &mut Turn<'_>, input: &Input) -> Answer {
    take_away(&mut roles::changeable(turn, input)?.tags, input);
    Ok(Reply::empty())
}

pub fn list_of_role(turn: &mut Turn<'_>, input: &Input) -> Answer {
    list(input, &roles::named(turn, input)?.tags)
}

pub fn tag_policy(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let new = asked::tags(input)?;
    laid_over(&mut policies::named_mut(turn, input)?.tags, new)?;
    Ok(Reply::empty())
}

pub fn untag_policy(turn: &mut Turn<'_>, input: &Input) -> Answer {
    take_away(&mut policies::named_mut(turn, input)?.tags, input);
    Ok(Reply::empty())
}

pub fn list_of_policy(turn: &mut Turn<'_>, input: &Input) -> Answer {
    list(input, &policies::named(turn, input)?.tags)
}

fn take_away(tags: &mut Tags, input: &Input) {
    let keys = texts(input, "TagKeys");
    tags.retain(|(key, _)| !keys.contains(&key.as_str()));
}

fn list(input: &Input, tags: &Tags) -> Answer {
    let mut tags = tags.clone();
    tags.sort();
    page(
        input,
        "Tags",
        tags.into_iter().map(|(key, value)| {
            let tag = json!({"Key": key, "Value": value});
            (key, tag)
        }),
    )
}
