//! Log groups and how long they keep.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::model::Group;
use super::{errors, of_group, page, tags};
use crate::local::check::Check;
use crate::local::turn::Turn;
use crate::local::wire::{Answer, Input, Reply};

/// The days that AWS offers.
const DAYS: [i64; 22] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
];

pub fn create(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = errors::group_name(input)?;
    let class = input.text("logGroupClass").unwrap_or("STANDARD");
    let mut check = Check::default();
    let classes = ["STANDARD", "INFREQUENT_ACCESS", "DELIVERY"];
    check.one_of("logGroupClass", class, &classes);
    errors::done(check)?;
    let tags: BTreeMap<String, String> = tags::given(input)?;
    let now = turn.now.as_millisecond();
    let groups = &mut turn.region().logs.groups;
    if groups.contains(&name) {
        return Err(errors::exists("log group"));
    }
    let group = Group {
        kms_key: input.text("kmsKeyId").map(str::to_owned),
        class: class.to_owned(),
        tags,
        ..Group::new(&name, now)
    };
    groups.insert(name, group);
    Ok(Reply::empty())
}

pub fn delete(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = errors::group_name(input)?;
    let logs = &mut turn.region().logs;
    if logs.groups.remove(&name).is_none() {
        return Err(errors::not_found("log group"));
    }
    let prefix = of_group(&name);
    let rows =
        |rows: &mut dyn Iterator<Item = &str>| -> Vec<String> { rows.map(str::to_owned).collect() };
    let streams = rows(&mut logs.streams.under(&prefix).map(|(row, _)| row));
    let batches = rows(&mut logs.batches.under(&prefix).map(|(row, _)| row));
    streams
        .iter()
        .for_each(|row| drop(logs.streams.remove(row)));
    batches
        .iter()
        .for_each(|row| drop(logs.batches.remove(row)));
    Ok(Reply::empty())
}

pub fn describe(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let prefix = input.text("logGroupNamePrefix");
    let pattern = input.text("logGroupNamePattern");
    if prefix.is_some() && pattern.is_some() {
        return Err(errors::invalid(
            "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.",
        ));
    }
    let groups = turn.look().map(|region| &region.logs.groups);
    let groups = groups.into_iter().flat_map(|groups| groups.iter());
    let wanted = groups.filter(|(name, _)| {
        prefix.is_none_or(|prefix| name.starts_with(prefix))
            && pattern.is_none_or(|pattern| name.contains(pattern))
    });
    let items = wanted.map(|(name, group)| (name.to_owned(), shown(turn, group)));
    page::answer(input, "logGroups", items.collect())
}

fn shown(turn: &Turn<'_>, group: &Group) -> Value {
    let arn = turn.arn("logs", &format!("log-group:{}", group.name));
    let mut shown = json!({
        "logGroupName": group.name,
        "creationTime": group.created,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.bytes,
        "logGroupClass": group.class,
    });
    if let Some(days) = group.retention {
        shown["retentionInDays"] = json!(days);
    }
    if let Some(key) = &group.kms_key {
        shown["kmsKeyId"] = json!(key);
    }
    shown
}

pub fn put_retention(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = errors::group_name(input)?;
    let days = input.body["retentionInDays"].as_i64();
    let mut check = Check::default();
    match days {
        None => check.missing("retentionInDays"),
        Some(days) => {
            let words: Vec<String> = DAYS.iter().map(i64::to_string).collect();
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            check.one_of("retentionInDays", &days.to_string(), &words);
        }
    }
    errors::done(check)?;
    let days = days.and_then(|days| u32::try_from(days).ok());
    errors::group_mut(turn, &name)?.retention = days;
    Ok(Reply::empty())
}

pub fn delete_retention(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = errors::group_name(input)?;
    errors::group_mut(turn, &name)?.retention = None;
    Ok(Reply::empty())
}
