//! AWS's limits on names, numbers and sizes, checked when the manifest is read.
//!
//! Source: the quota pages of IAM, Lambda and API Gateway.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use crate::addr::Addr;
use crate::bounds::texts;
use crate::iam::managed::{self, There};
use crate::iam::principal;
use crate::problem::{Problem, slip_of};
use crate::resolve::Ctx;
use crate::text::Text;

/// An IAM name: `[A-Za-z0-9_+=,.@-]`, up to `most` characters.
pub fn iam_name(path: &[&str], name: &str, most: usize, ctx: &Ctx) {
    named(path, name, most, "+=,.@_-", ctx);
}

/// A Lambda function or alias name: `[A-Za-z0-9_-]`.
pub fn lambda_name(path: &[&str], name: &str, most: usize, ctx: &Ctx) {
    named(path, name, most, "_-", ctx);
}

fn named(path: &[&str], name: &str, most: usize, also: &str, ctx: &Ctx) {
    if name.is_empty() {
        return ctx.problem(Problem::at(path, "a name cannot be empty"));
    }
    let stranger = |c: &char| !c.is_ascii_alphanumeric() && !also.contains(*c);
    if let Some(c) = name.chars().find(stranger) {
        let help = format!("letters, digits and {also} may stand in it");
        return ctx.problem(
            Problem::at(path, format!("`{c}` cannot stand in the name `{name}`")).help(help),
        );
    }
    let long = name.chars().count();
    if long > most {
        let message = format!("the name `{name}` has {long} characters; AWS takes {most}");
        ctx.problem(
            Problem::at(path, message).help("shorten `name`, or `name_prefix` in [project]"),
        );
    }
}

/// A path of IAM, of what `is_one` knows; one with a reference has been refused.
pub fn iam_path(path: &[&str], value: &str, is_one: fn(&str) -> bool, ctx: &Ctx) {
    if value.contains("${") {
        return;
    }
    let message = if value.starts_with("/aws-service-role/") {
        "the path `/aws-service-role/` is for roles that AWS makes".to_owned()
    } else if !value.starts_with('/') || !value.ends_with('/') {
        format!("the path `{value}` must start and end with `/`")
    } else if !is_one(value) {
        format!("IAM does not take the path `{value}`")
    } else {
        return;
    };
    ctx.problem(
        Problem::at(path, message).help(
            "such as \"/\" or \"/teams/shop/\", up to 512 letters, digits and signs of ASCII",
        ),
    );
}

/// A managed policy that a field names: of the manifest, or by ARN.
pub fn policy(path: &[&str], raw: &str, ctx: &Ctx) -> Text {
    if let Some(help) = by_name(raw, ctx) {
        let message = format!("there is no [policy.{raw}]");
        ctx.problem(Problem::at(path, message).help(help));
        return raw.into();
    }
    let arn = ctx.arn_of(path, "policy", raw);
    // What the manifest does not have has been told.
    if let Some(known) = arn.known().filter(|known| known.starts_with("arn:")) {
        policy_arn(path, known, ctx);
    }
    arn
}

/// What is said of a name that the manifest has no policy of, and AWS or SAM has.
fn by_name(raw: &str, ctx: &Ctx) -> Option<String> {
    let is_named = |name: &str| ctx.names.get(&Addr::root_of("policy", name)).is_some();
    if raw.starts_with("arn:") || raw.contains("${") || is_named(raw) {
        return None;
    }
    let name = raw.rsplit('/').next().unwrap_or(raw);
    let near_own = || {
        let own = ctx.names.of_kind("policy").map(Addr::name);
        slip_of(raw, own).is_some()
    };
    if let Some(arn) = managed::arn_of(name).filter(|_| !near_own()) {
        return Some(format!(
            "AWS's own policies are named by their ARN: \"{arn}\""
        ));
    }
    let of_sam = name.ends_with("CrudPolicy")
        || name.ends_with("ReadPolicy")
        || name.ends_with("PollerPolicy");
    of_sam.then(|| {
        "SAM's policy templates are not known here: write [[role.NAME.allow]] with `actions` and `resources`"
            .to_owned()
    })
}

fn policy_arn(path: &[&str], arn: &str, ctx: &Ctx) {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let fits = match parts[..] {
        ["arn", _, "iam", "", account, resource] => {
            let hole = account.starts_with("<project.");
            (account == "aws" || hole || principal::is_account(account))
                && resource
                    .strip_prefix("policy/")
                    .is_some_and(|rest| !rest.is_empty())
        }
        _ => false,
    };
    if !fits {
        let message = format!("`{arn}` is not the ARN of a managed policy");
        let name = arn.rsplit(['/', ':']).next().and_then(managed::arn_of);
        return ctx.problem(Problem::at(path, message).help(match name {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "such as `arn:aws:iam::123456789012:policy/NAME`".to_owned(),
        }));
    }
    match managed::there(arn) {
        Some(There::No(meant)) => ctx.problem(
            Problem::at(path, format!("AWS has no managed policy `{arn}`"))
                .help(format!("did you mean `{meant}`?")),
        ),
        Some(There::Perhaps) => ctx.problem(
            Problem::at(
                path,
                format!("slp knows no managed policy `{arn}` of AWS's"),
            )
            .help("if AWS does not have it either, the role cannot be made")
            .warning(),
        ),
        Some(There::Yes) | None => {}
    }
}

/// A role that a field names: of the manifest, or by ARN.
pub fn role(path: &[&str], raw: &str, ctx: &Ctx) -> Text {
    let arn = ctx.arn_of(path, "role", raw);
    // What the manifest does not have has been told; without a network the account is a hole.
    let known = arn.known().filter(|known| known.starts_with("arn:"));
    let known = known.map(|known| known.replace("<project.account>", "000000000000"));
    if known.is_some_and(|known| !texts::is_role_arn(&known)) {
        ctx.problem(
            Problem::at(path, format!("`{arn}` is not the ARN of a role"))
                .help("such as arn:aws:iam::123456789012:role/NAME"),
        );
    }
    arn
}

/// An ARN that is written out, of what `is_one` knows; one that holds a reference is judged by
/// what it refers to.
pub fn arn(path: &[&str], value: &str, is_one: fn(&str) -> bool, example: &str, ctx: &Ctx) {
    if !is_one(value) && !value.contains("${") {
        ctx.problem(
            Problem::at(path, format!("`{value}` is not an ARN"))
                .help(format!("such as {example}")),
        );
    }
}

/// A number within AWS's limits.
pub fn range<T: PartialOrd + Display>(
    path: &[&str],
    value: T,
    range: RangeInclusive<T>,
    unit: &str,
    ctx: &Ctx,
) {
    if !range.contains(&value) {
        let message = format!("{value} {unit} is outside what AWS takes");
        let help = format!("{} to {} {unit}", range.start(), range.end());
        ctx.problem(Problem::at(path, message.replace("  ", " ")).help(help));
    }
}

/// A text of up to `most` characters.
pub fn length(path: &[&str], text: &str, most: usize, ctx: &Ctx) {
    let long = text.chars().count();
    if long > most {
        ctx.problem(Problem::at(
            path,
            format!("{long} characters; AWS takes {most}"),
        ));
    }
}

/// Refuses a field that a later version will know.
pub fn later(path: &[&str], field: &Option<IgnoredAny>, ctx: &Ctx) {
    if field.is_some() {
        let name = path.last().copied().unwrap_or_default();
        let message = format!("`{name}` is not supported by this version of slp");
        ctx.problem(
            Problem::at(path, message).help("leave it out, or look whether a newer slp knows it"),
        );
    }
}
