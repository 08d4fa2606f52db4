//! A plan as one page that needs nothing else: no network, no file beside it.
//!
//! Everything is in the text, so the page can be read without its script too; the script
//! searches and folds. What comes from outside is escaped, and besides, the page's policy lets
//! only its own style and script work, by their digests. `page.*` hold what does not change.

mod changes;
mod graph;
mod layout;
mod net;
mod policies;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::markup::escaped;
use super::plan::{aim, along, idle, is_shown, totals};
use super::rehearsal::verdict;
use super::review::{Beside, one_line};
use super::style::Style;
use super::words::Words;
use crate::plan::Plan;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub fn html(plan: &Plan, beside: &Beside, style: &Style) -> String {
    let drawing = graph::section(plan, beside);
    let sections = format!("{}{drawing}", changes::sections(plan, beside, style));
    filled(PAGE, &|name| match name {
        "POLICY" => policy(),
        "TITLE" => escaped(&format!(
            "slp {} of {}",
            Words::of(plan).what(),
            plan.project
        )),
        "STYLE" => STYLE.to_owned(),
        "HEADING" => heading(plan),
        "TOTALS" => closing(plan, style),
        "SECTIONS" => sections.clone(),
        "SCRIPT" => SCRIPT.to_owned(),
        _ => String::new(),
    })
}

/// The template with each `{{NAME}}` filled in; what was filled in is not looked at again.
fn filled(template: &str, value: &dyn Fn(&str) -> String) -> String {
    let mut parts = template.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once("}}") {
            Some((name, rest)) => out.push_str(&format!("{}{rest}", value(name))),
            None => out.push_str(part),
        }
    }
    out
}

/// Nothing is loaded, nothing sent, and no other style or script runs.
fn policy() -> String {
    let digest = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        digest(STYLE),
        digest(SCRIPT)
    )
}

fn heading(plan: &Plan) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(plan.env.as_ref().map(|env| format!("env {env}")));
    parts.push(format!("account {}", plan.account));
    parts.push(plan.region.clone());
    parts.extend(plan.endpoint.clone());
    parts.extend(aim(plan));
    let aside = escaped(&parts.join(" · "));
    format!("{} <small>{aside}</small>", escaped(&plan.project))
}

/// The sentences that a terminal shows last.
fn closing(plan: &Plan, style: &Style) -> String {
    let style = one_line(style);
    let mut lines = vec![match plan.changes.iter().any(is_shown) {
        true => totals(plan, &style),
        false => idle(plan, &style),
    }];
    lines.extend(plan.rehearsal.as_ref().map(|r| verdict(plan, r, &style)));
    lines.extend(along(plan));
    if !plan.not_looked_at.is_empty() {
        lines.push(format!("Not looked at: {}", plan.not_looked_at.join(", ")));
    }
    let lines: Vec<String> = lines.iter().map(|line| escaped(line.trim())).collect();
    lines.join("<br>")
}

#[cfg(test)]
mod tests;
