//! AWS's limits on names, numbers and sizes, checked when the manifest is read.
//!
//! Source: the quota pages of IAM, Lambda and API Gateway.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::IgnoredAny;

use crate::problem::Problem;
use crate::resolve::Ctx;

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

/// An IAM path: starts and ends with `/`, up to 512 characters.
pub fn iam_path(path: &[&str], value: &str, ctx: &Ctx) {
    let fits = value.starts_with('/') && value.ends_with('/') && value.len() <= 512;
    if !fits {
        let help = "such as \"/\" or \"/teams/shop/\", up to 512 characters";
        ctx.problem(
            Problem::at(
                path,
                format!("the path `{value}` must start and end with `/`"),
            )
            .help(help),
        );
    }
}

/// An ARN that is written out; one that holds a reference is judged by what it refers to.
pub fn arn(path: &[&str], value: &str, example: &str, ctx: &Ctx) {
    if !value.starts_with("arn:") && !value.contains("${") {
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

/// Characters as IAM counts them: white space is left out.
pub fn characters(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
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
