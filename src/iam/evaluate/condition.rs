//! The tests of a condition.
//!
//! Operators and their logic with several values:
//! docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.

use std::net::IpAddr;

use jiff::Timestamp;

use super::{Context, glob};
use crate::iam::grammar::Test;

/// How one value of the request is compared with one of the policy.
type Compare = fn(&str, &str) -> bool;

/// What an operator does, and whether it holds where the comparison fails.
fn operator(name: &str) -> Option<(Compare, bool)> {
    let (compare, negated): (Compare, bool) = match name.to_ascii_lowercase().as_str() {
        "stringequals" | "binaryequals" => (|want, is| want == is, false),
        "stringnotequals" => (|want, is| want == is, true),
        "stringequalsignorecase" => (|want, is| want.eq_ignore_ascii_case(is), false),
        "stringnotequalsignorecase" => (|want, is| want.eq_ignore_ascii_case(is), true),
        "stringlike" => (glob::matches, false),
        "stringnotlike" => (glob::matches, true),
        "arnequals" | "arnlike" => (glob::arn, false),
        "arnnotequals" | "arnnotlike" => (glob::arn, true),
        "bool" => (|want, is| want.eq_ignore_ascii_case(is), false),
        "numericequals" => (|want, is| number(want, is, |w, i| i == w), false),
        "numericnotequals" => (|want, is| number(want, is, |w, i| i == w), true),
        "numericlessthan" => (|want, is| number(want, is, |w, i| i < w), false),
        "numericlessthanequals" => (|want, is| number(want, is, |w, i| i <= w), false),
        "numericgreaterthan" => (|want, is| number(want, is, |w, i| i > w), false),
        "numericgreaterthanequals" => (|want, is| number(want, is, |w, i| i >= w), false),
        "dateequals" => (|want, is| date(want, is, |w, i| i == w), false),
        "datenotequals" => (|want, is| date(want, is, |w, i| i == w), true),
        "datelessthan" => (|want, is| date(want, is, |w, i| i < w), false),
        "datelessthanequals" => (|want, is| date(want, is, |w, i| i <= w), false),
        "dategreaterthan" => (|want, is| date(want, is, |w, i| i > w), false),
        "dategreaterthanequals" => (|want, is| date(want, is, |w, i| i >= w), false),
        "ipaddress" => (network, false),
        "notipaddress" => (network, true),
        _ => return None,
    };
    Some((compare, negated))
}

/// How the values of a request with several are taken together.
#[derive(Clone, Copy, PartialEq)]
enum Quantity {
    One,
    All,
    Any,
}

fn split(name: &str) -> (Quantity, &str, bool) {
    let (quantity, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Quantity::All, rest),
        Some(("ForAnyValue", rest)) => (Quantity::Any, rest),
        _ => (Quantity::One, name),
    };
    match rest.strip_suffix("IfExists") {
        Some(rest) => (quantity, rest, true),
        None => (quantity, rest, false),
    }
}

/// Is it an operator of AWS?
pub fn known(name: &str) -> bool {
    let (_, bare, _) = split(name);
    bare.eq_ignore_ascii_case("null") || operator(bare).is_some()
}

/// What a value has to be for this operator to compare it, where it is something else.
pub fn misfit(name: &str, value: &str) -> Option<&'static str> {
    let (_, bare, _) = split(name);
    let bare = bare.to_ascii_lowercase();
    let (fits, wanted): (fn(&str) -> bool, _) = match bare.as_str() {
        "bool" | "null" => (is_truth, "true or false"),
        text if text.starts_with("numeric") => (|v| v.parse::<f64>().is_ok(), "a number"),
        text if text.starts_with("date") => (|v| instant(v).is_some(), "a time"),
        text if text.ends_with("ipaddress") => (is_network, "an address or a range of addresses"),
        _ => return None,
    };
    (!fits(value)).then_some(wanted)
}

fn is_truth(text: &str) -> bool {
    ["true", "false"]
        .iter()
        .any(|truth| text.eq_ignore_ascii_case(truth))
}

fn is_network(text: &str) -> bool {
    let (net, length) = text
        .split_once('/')
        .map_or((text, None), |(n, l)| (n, Some(l)));
    let Ok(net) = net.parse::<IpAddr>() else {
        return false;
    };
    let longest = if net.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u32>().is_ok_and(|length| length <= longest))
}

/// Does the test hold? The operator's name where it is not known.
pub fn holds(test: &Test, context: &Context) -> Result<bool, String> {
    let (quantity, bare, if_exists) = split(&test.operator);
    let values = context.get(&test.key);
    if bare.eq_ignore_ascii_case("null") {
        let missing = if values.is_none() { "true" } else { "false" };
        return Ok(test.values.iter().any(|value| value == missing));
    }
    let (compare, negated) = operator(bare).ok_or_else(|| test.operator.clone())?;
    let Some(values) = values else {
        return Ok(if_exists || negated || quantity == Quantity::All);
    };
    let wanted: Vec<String> = test
        .values
        .iter()
        .filter_map(|value| filled(value, context))
        .collect();
    let fits = |is: &String| wanted.iter().any(|want| compare(want, is)) != negated;
    Ok(match quantity {
        Quantity::Any => values.iter().any(fits),
        Quantity::One | Quantity::All => values.iter().all(fits),
    })
}

/// Puts the request's values in the place of `${aws:SourceArn}`; `None` where it has none, for
/// then nothing can be equal.
pub fn filled(pattern: &str, context: &Context) -> Option<String> {
    let mut out = String::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}')?;
        out.push_str(before);
        match name {
            // So a policy writes the characters themselves.
            "*" | "?" | "$" => out.push_str(name),
            _ => out.push_str(context.get(name)?.first()?),
        }
        rest = behind;
    }
    out.push_str(rest);
    Some(out)
}

fn number(want: &str, is: &str, compare: fn(f64, f64) -> bool) -> bool {
    match (want.parse(), is.parse()) {
        (Ok(want), Ok(is)) => compare(want, is),
        _ => false,
    }
}

fn date(want: &str, is: &str, compare: fn(Timestamp, Timestamp) -> bool) -> bool {
    match (instant(want), instant(is)) {
        (Some(want), Some(is)) => compare(want, is),
        _ => false,
    }
}

/// ISO 8601, a day alone, or seconds since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let whole = format!("{text}T00:00:00Z");
    text.parse().or_else(|_| whole.parse()).ok()
}

/// `203.0.113.0/24`, or one address.
fn network(want: &str, is: &str) -> bool {
    let (net, length) = match want.split_once('/') {
        Some((net, length)) => (net, length.parse().ok()),
        None => (want, None),
    };
    match (net.parse(), is.parse()) {
        (Ok(IpAddr::V4(net)), Ok(IpAddr::V4(is))) => {
            let length = length.unwrap_or(32).min(32);
            prefix(net.to_bits().into(), is.to_bits().into(), 32 - length)
        }
        (Ok(IpAddr::V6(net)), Ok(IpAddr::V6(is))) => {
            let length = length.unwrap_or(128).min(128);
            prefix(net.to_bits(), is.to_bits(), 128 - length)
        }
        _ => false,
    }
}

fn prefix(net: u128, is: u128, free: u32) -> bool {
    let cut = |bits: u128| bits.checked_shr(free).unwrap_or(0);
    cut(net) == cut(is)
}
