//! A plan as a page.

use serde_json::Value;

use std::collections::BTreeMap;
use std::time::Duration;

use super::events::whole_seconds;
use super::gates;
use super::outputs::outputs;
use super::packages::{NoPackages, Packages};
use super::permissions::section;
use super::rehearsal::{findings, verdict};
use super::rows::Rows;
use super::short::Short;
use super::style::{Paint, Style, columns, wrapped};
use super::value::{counted, printable};
use super::words::Words;
use crate::addr::Addr;
use crate::cloud;
use crate::diff::{FieldChange, Shape};
use crate::plan::{Action, Change, Notice, Plan};
use crate::text;

/// The whole page, each line ending in a line break. A plan of nothing is one line.
pub fn plan(plan: &Plan, packages: &dyn Packages, style: &Style) -> String {
    let short = Short::of(plan, style);
    let shown = plan.changes.iter().filter(|change| is_shown(change));
    let parts: Vec<String> = shown
        .map(|change| match short.line(change, style) {
            Some(line) => line,
            None => block(&short.without_tags(change), &plan.names, packages, style),
        })
        .collect();
    let busy = !parts.is_empty();
    let mut sections: Vec<String> = Vec::new();
    if busy {
        sections.push(parts.concat());
    }
    sections.extend(short.tags(style));
    let words = Words::of(plan);
    sections.extend(section(&plan.rights, words.permissions(), style));
    sections.extend(gates::section(&plan.gates, style));
    sections.extend(notices(&plan.warnings, WARNINGS, packages, style));
    sections.extend(notices(&plan.notices, words.notices(), packages, style));
    sections.extend(coming_outputs(plan, style));
    sections.extend(along(plan).map(|text| {
        let text = wrapped(&text, 0, 2, style.width);
        format!("{text}\n")
    }));
    sections.extend(not_looked_at(plan, style));
    let rehearsal = plan.rehearsal.as_ref();
    sections.extend(rehearsal.and_then(|rehearsal| findings(rehearsal, style)));
    let mut closing = match busy {
        true => totals(plan, style),
        false => idle(plan, style),
    };
    if let Some(rehearsal) = rehearsal {
        closing.push_str(&verdict(plan, rehearsal, style));
    }
    if sections.is_empty() {
        return closing;
    }
    sections.insert(0, title(plan, style));
    sections.push(closing);
    sections.join("\n")
}

/// The title of what the manifest leaves in doubt.
pub(super) const WARNINGS: &str = "Warnings";

/// A line for each change, with the names of its fields, and what is in doubt.
pub fn brief(plan: &Plan, style: &Style) -> String {
    let line = |change: &Change| {
        let symbol = style.symbol(change.action.symbol());
        let mut fields: Vec<&str> = Vec::new();
        if change.action == Action::Update {
            let firsts = change.fields.iter().filter_map(|field| field.path.first());
            fields.extend(firsts.map(String::as_str));
            fields.dedup();
        }
        let line = format!("  {symbol} {}  {}", change.addr, fields.join(", "));
        format!("{}\n", line.trim_end())
    };
    let shown = plan.changes.iter().filter(|change| is_shown(change));
    let warnings = notices(&plan.warnings, WARNINGS, &NoPackages, style);
    shown.map(line).chain(warnings).collect()
}

/// What state merely learns is nobody's business.
pub(super) fn is_shown(change: &Change) -> bool {
    change.action != Action::Learn
}

/// What it is for, where it is not to have AWS as the manifest says.
pub(super) fn aim(plan: &Plan) -> Option<String> {
    let words = [(plan.destroy, "destroy"), (plan.drift, "drift")];
    let word = words.into_iter().find(|(is, _)| *is);
    word.map(|(_, word)| word.to_owned())
}

fn title(plan: &Plan, style: &Style) -> String {
    let mut parts = vec![style.paint(Paint::Address, &printable(&plan.project))];
    parts.extend(plan.env.as_ref().map(|env| format!("env {env}")));
    parts.push(format!("account {}", plan.account));
    parts.push(plan.region.clone());
    parts.extend(plan.endpoint.as_deref().map(printable));
    parts.extend(aim(plan));
    format!("{}\n", parts.join(" · "))
}

fn block(
    change: &Change,
    names: &BTreeMap<String, Addr>,
    packages: &dyn Packages,
    style: &Style,
) -> String {
    let symbol = change.action.symbol();
    let address = change.addr.as_str();
    let head = format!(
        "  {} {}",
        style.symbol(symbol),
        style.paint(Paint::Address, address)
    );
    let used = 3 + columns(symbol) + columns(address);
    let fields = rows(change, names, packages, style, 6);
    format!("{head}{}\n{fields}", aside(change, used, style))
}

/// What differs, field by field.
pub(super) fn rows(
    change: &Change,
    names: &BTreeMap<String, Addr>,
    packages: &dyn Packages,
    style: &Style,
    indent: usize,
) -> String {
    let rows = Rows {
        style,
        packages,
        new: change.action == Action::Create,
    };
    let fields: Vec<FieldChange> = change
        .fields
        .iter()
        .filter(|field| !is_own_name(change, field))
        .map(|field| by_address(field, names))
        .collect();
    rows.text(&fields, indent)
}

/// Members, and what an entry leads to, name by its address what the manifest names by it.
/// An entry that is a text, as in an environment, is shown as AWS gets it.
fn by_address(field: &FieldChange, names: &BTreeMap<String, Addr>) -> FieldChange {
    if !matches!(field.shape, Shape::Member | Shape::Entry) {
        return field.clone();
    }
    let named = |value: &Value| match value.as_str().and_then(|arn| address(arn, names)) {
        Some(address) => Value::String(address),
        None => value.clone(),
    };
    let side = |value: &Option<Value>| match value {
        Some(Value::Object(map)) => {
            let map = map.iter().map(|(key, value)| (key.clone(), named(value)));
            Some(Value::Object(map.collect()))
        }
        Some(value) if field.shape == Shape::Member => Some(named(value)),
        other => other.clone(),
    };
    FieldChange {
        before: side(&field.before),
        after: side(&field.after),
        ..field.clone()
    }
}

/// `function.X`, or `function.X:live` for the ARN of its alias.
fn address(arn: &str, names: &BTreeMap<String, Addr>) -> Option<String> {
    if let Some(addr) = names.get(arn) {
        return Some(addr.to_string());
    }
    let (function, alias) = arn.rsplit_once(':')?;
    let addr = names
        .get(function)
        .filter(|addr| addr.kind() == "function")?;
    Some(format!("{addr}:{alias}"))
}

/// A new resource's name is the header's own unless said; the address tells it already.
fn is_own_name(change: &Change, field: &FieldChange) -> bool {
    let name = field.after.as_ref().and_then(Value::as_str);
    change.action == Action::Create && field.path == ["name"] && name == Some(change.addr.name())
}

/// What is told of a change beside its fields: where it moved from, and why it changes.
pub(super) fn notes(change: &Change) -> String {
    let mut notes = Vec::new();
    if let Some(from) = change.moved_from.as_ref().filter(|_| change.makes()) {
        notes.push(format!("moved from {from}"));
    }
    if change.action == Action::Import {
        let note = match change.fields.is_empty() {
            true => format!("taken over as it is in {}", cloud::name()),
            false => "taken over".to_owned(),
        };
        notes.push(note);
    }
    if change.action == Action::Forget {
        notes.push(format!("left in {}, dropped from state", cloud::name()));
    }
    notes.extend(change.reason.as_deref().map(printable));
    notes.join("; ")
}

/// The notes, behind the address.
fn aside(change: &Change, used: usize, style: &Style) -> String {
    let notes = notes(change);
    if notes.is_empty() {
        return String::new();
    }
    let text = format!("({notes})");
    let fits = used + 2 + columns(&text) <= style.width;
    let (gap, used) = match fits {
        true => ("  ", used + 2),
        false => ("\n      ", 6),
    };
    format!("{gap}{}", wrapped(&text, used, 7, style.width))
}

fn notices(
    notices: &[Notice],
    title: &str,
    packages: &dyn Packages,
    style: &Style,
) -> Option<String> {
    let mut out = format!("{title}:\n");
    for notice in notices {
        let address = notice.addr.as_str();
        out.push_str(&format!("  {} {address}", style.symbol("!")));
        if let Some(text) = &notice.text {
            let used = 6 + columns(address);
            let text = wrapped(&printable(text), used, 6, style.width);
            out.push_str(&format!("  {text}"));
        }
        out.push('\n');
        let rows = Rows {
            style,
            packages,
            new: false,
        };
        out.push_str(&rows.text(&notice.fields, 6));
    }
    (!notices.is_empty()).then_some(out)
}

fn coming_outputs(plan: &Plan, style: &Style) -> Option<String> {
    tells_outputs(plan).then(|| {
        let rows = outputs(&plan.outputs, style);
        let rows: String = rows.lines().map(|line| format!("  {line}\n")).collect();
        format!("Outputs:\n{rows}")
    })
}

/// Outputs are told before the first apply, and where one waits for AWS.
pub(super) fn tells_outputs(plan: &Plan) -> bool {
    let busy = plan.changes.iter().any(is_shown);
    let waits = plan
        .outputs
        .values()
        .any(|output| !output.secret && !text::holes(&text::to_value(&output.value)).is_empty());
    busy && !plan.destroy && !plan.outputs.is_empty() && (waits || plan.serial == 0)
}

/// What changes though nobody asked for it by name.
pub(super) fn along(plan: &Plan) -> Option<String> {
    let along = plan.along.iter();
    let along = along.map(|(addr, why)| format!("{addr}, because {}", printable(why)));
    let along: Vec<String> = along.collect();
    (!along.is_empty()).then(|| format!("Beside --target: {}", along.join("; ")))
}

fn not_looked_at(plan: &Plan, style: &Style) -> Option<String> {
    (!plan.not_looked_at.is_empty()).then(|| {
        let list: Vec<String> = plan.not_looked_at.iter().map(|s| printable(s)).collect();
        let text = format!("Not looked at: {}", list.join(", "));
        let text = wrapped(&text, 0, 2, style.width);
        format!("{}\n", style.paint(Paint::Faint, &text))
    })
}

/// How many changes there are of each kind that is there.
pub(super) fn counts(plan: &Plan) -> Vec<(Action, usize)> {
    let order = [
        Action::Create,
        Action::Update,
        Action::Replace,
        Action::Delete,
        Action::Move,
        Action::Import,
        Action::Forget,
    ];
    let count = |action| plan.changes.iter().filter(|c| c.action == action).count();
    let counts = order.into_iter().map(|action| (action, count(action)));
    counts.filter(|(_, count)| *count > 0).collect()
}

/// `Plan: 1 to create, 4 to update, 1 to delete · 9 AWS calls`.
pub(super) fn totals(plan: &Plan, style: &Style) -> String {
    let counts: Vec<String> = counts(plan)
        .into_iter()
        .map(|(action, count)| format!("{count} to {}", action.verb()))
        .collect();
    let calls = match plan.calls() {
        0 => format!("no {}s", cloud::call()),
        calls => counted(calls, cloud::call()),
    };
    let least = plan.least.as_ref().map(|least| {
        let time = Duration::try_from_secs_f64(least.seconds).unwrap_or_default();
        format!(" · at least {} ({})", whole_seconds(time), least.limit)
    });
    let what = match plan.drift {
        true => "To put it back",
        false => "Plan",
    };
    let text = format!(
        "{what}: {} · {calls}{}",
        counts.join(", "),
        least.unwrap_or_default()
    );
    format!("{}\n", wrapped(&text, 0, 2, style.width))
}

pub(super) fn idle(plan: &Plan, style: &Style) -> String {
    let (project, manifest) = (&plan.project, &style.manifest);
    let cloud = cloud::name();
    match (plan.destroy, plan.drift) {
        (true, _) if !plan.notices.is_empty() => {
            format!("Nothing to do for {project}; what is shown above stays in {cloud}.\n")
        }
        (true, _) => format!("Nothing to do: nothing of {project} is left in {cloud}.\n"),
        (_, true) if !plan.notices.is_empty() => {
            "Nothing to put back; what is told above is to be looked at.\n".to_owned()
        }
        (_, true) => format!("No drift: {cloud} is as the last apply left it.\n"),
        _ => format!("Nothing to do: {cloud} is as {manifest} says.\n"),
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
pub(super) mod tests;
