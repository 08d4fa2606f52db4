//! What a role may do: managed policies attached, inline policies put.

use serde_json::json;

use super::asked::{self, beyond, bounded, missing};
use super::page::page;
use super::policies::{attachable, not_found};
use super::roles::{changeable, named};
use super::{check, shape};
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// Managed policies of a role, at first.
const MOST_ATTACHED: usize = 10;
/// Characters of all inline policies of a role, white space left out.
const MOST_INLINE: usize = 10_240;

pub fn attach(turn: &mut Turn<'_>, input: &Input) -> Answer {
    asked::role_name(input)?;
    let arn = asked::policy_arn(input, "PolicyArn")?;
    let role = changeable(turn, input)?;
    let many = role.attached.len() >= MOST_ATTACHED && !role.attached.contains(arn);
    attachable(&turn.world.global.iam, arn)?;
    if arn.starts_with("arn:aws:iam::aws:policy/aws-service-role/") {
        return Err(crate::local::error::AwsError::new(
            400,
            "PolicyNotAttachable",
            "Cannot attach a Service Role Policy to a Customer Role.",
        ));
    }
    if many {
        return Err(beyond("Cannot exceed quota for PoliciesPerRole: 10"));
    }
    changeable(turn, input)?.attached.insert(arn.to_owned());
    Ok(Reply::empty())
}

pub fn detach(turn: &mut Turn<'_>, input: &Input) -> Answer {
    asked::role_name(input)?;
    let arn = asked::policy_arn(input, "PolicyArn")?;
    match changeable(turn, input)?.attached.remove(arn) {
        true => Ok(Reply::empty()),
        false => Err(not_found(arn)),
    }
}

pub fn attached(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let role = named(turn, input)?;
    let prefix = bounded(input, "PathPrefix", 1, 512)?.unwrap_or("/");
    let under = |arn: &&String| {
        let path = arn.split_once(":policy").map(|(_, path)| path);
        path.is_some_and(|path| path.starts_with(prefix))
    };
    let arns = role.attached.iter().filter(under);
    page(
        input,
        "AttachedPolicies",
        arns.map(|arn| (arn.clone(), shape::attached(arn))),
    )
}

pub fn put_inline(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = asked::name(input, "PolicyName", 128)?;
    let role = changeable(turn, input)?;
    let text = check::text(input, "PolicyDocument")?;
    check::identity(text)?;
    let others = role.inline.iter().filter(|(other, _)| *other != name);
    let size: usize = others.map(|(_, document)| check::size(document)).sum();
    if size + check::size(text) > MOST_INLINE {
        return Err(beyond(format!(
            "Maximum policy size of {MOST_INLINE} bytes exceeded for role {}",
            role.name
        )));
    }
    role.inline.insert(name.to_owned(), text.to_owned());
    Ok(Reply::empty())
}

pub fn get_inline(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = asked::name(input, "PolicyName", 128)?;
    let role = named(turn, input)?;
    match role.inline.get(name) {
        Some(document) => Ok(json!({
            "RoleName": role.name,
            "PolicyName": name,
            "PolicyDocument": shape::encoded(document),
        })
        .into()),
        None => Err(no_inline(name)),
    }
}

pub fn list_inline(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let names = named(turn, input)?.inline.keys();
    page(
        input,
        "PolicyNames",
        names.map(|name| (name.clone(), json!(name))),
    )
}

pub fn delete_inline(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = asked::name(input, "PolicyName", 128)?;
    match changeable(turn, input)?.inline.remove(name) {
        Some(_) => Ok(Reply::empty()),
        None => Err(no_inline(name)),
    }
}

fn no_inline(name: &str) -> crate::local::error::AwsError {
    missing(format!("The role policy with name {name} cannot be found."))
}
