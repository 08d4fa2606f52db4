//! A plan as a comment for a forge (GitHub-flavoured Markdown).
//!
//! What the plan takes away comes first, then what else must be seen, then the rest, folded.
//! The text never takes more bytes than asked: details fall out first, then the lines of what
//! takes nothing away, which are counted instead. The same plan gives the same bytes.

mod cut;
mod groups;
mod narrow;

use super::markup::{code, head, target};
use super::plan::{along, counts, idle, is_shown, totals};
use super::rehearsal::verdict;
use super::review::{Beside, one_line};
use super::style::Style;
use super::value::elided;
use super::words::Words;
use crate::cloud;
use crate::plan::Plan;
use cut::{Cut, Cuts};
use groups::{Group, groups};

/// No name in the title takes more than this.
const LONGEST_NAME: usize = 100;
/// Nor a sentence at the end.
const LONGEST_LINE: usize = 600;

/// The comment.
pub fn markdown(plan: &Plan, max_bytes: usize, beside: &Beside, style: &Style) -> String {
    let groups = groups(plan, beside, style);
    let cuts = Cuts::of(&groups);
    let frame = Frame::of(plan, beside, style);
    let whole = |step| frame.page(&groups, &cuts.after(step), max_bytes);
    cut::fitting(max_bytes, cuts.steps(), whole)
        .or_else(|| narrow::narrow(plan, max_bytes, beside))
        .unwrap_or_else(|| head(&narrow::nothing(plan, beside), max_bytes).to_owned())
}

/// What stands around the groups.
struct Frame {
    title: String,
    table: String,
    closing: String,
    link: Option<String>,
}

impl Frame {
    fn of(plan: &Plan, beside: &Beside, style: &Style) -> Frame {
        Frame {
            title: title(plan),
            table: table(plan),
            closing: closing(plan, style),
            link: beside.link.map(whole_plan),
        }
    }

    fn page(&self, groups: &[Group], cut: &Cut, max_bytes: usize) -> String {
        let mut parts = vec![self.title.clone(), self.table.clone()];
        let told = cut.told(max_bytes);
        if told.is_some() || self.link.is_some() {
            let parts_told: Vec<String> = told.into_iter().chain(self.link.clone()).collect();
            parts.push(format!("> {}\n", parts_told.join(" ")));
        }
        let blocks = groups.iter().enumerate();
        parts.extend(blocks.map(|(number, group)| group.text(number, cut)));
        parts.push(self.closing.clone());
        parts.retain(|part| !part.is_empty());
        parts.join("\n")
    }
}

/// `[The whole plan](<https://…>).`
fn whole_plan(link: &str) -> String {
    format!("[The whole plan](<{}>).", target(link))
}

fn title(plan: &Plan) -> String {
    let name = |text: &str| code(&elided(text, LONGEST_NAME, 0));
    let what = match plan.drift {
        true => "Drift",
        false => "Plan",
    };
    let mut parts = vec![format!("{what} of {}", name(&plan.project))];
    parts.extend(plan.env.as_ref().map(|env| format!("env {}", name(env))));
    parts.push(format!("account {}", name(&plan.account)));
    parts.push(name(&plan.region));
    parts.extend(plan.endpoint.as_deref().map(name));
    if plan.destroy {
        parts.push("destroy".to_owned());
    }
    format!("## {}\n", parts.join(" · "))
}

/// The numbers, in a table; nothing where there are none.
fn table(plan: &Plan) -> String {
    let counts = counts(plan);
    if counts.is_empty() {
        return String::new();
    }
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let words = Words::of(plan);
    let verbs = counts
        .iter()
        .map(|(action, _)| words.column(*action).to_owned());
    let numbers = counts.iter().map(|(_, count)| count.to_string());
    let head = row(verbs.chain([format!("{}s", cloud::call())]).collect());
    let line = row(vec!["---:".to_owned(); counts.len() + 1]);
    let cells = row(numbers.chain([plan.calls().to_string()]).collect());
    format!("{head}{line}{cells}")
}

/// The sentences that a terminal shows last, each a code span of its own.
fn closing(plan: &Plan, style: &Style) -> String {
    let style = one_line(style);
    let busy = plan.changes.iter().any(is_shown);
    let mut lines = vec![match busy {
        true => totals(plan, &style),
        false => idle(plan, &style),
    }];
    lines.extend(plan.rehearsal.as_ref().map(|r| verdict(plan, r, &style)));
    lines.extend(along(plan));
    if !plan.not_looked_at.is_empty() {
        lines.push(format!("Not looked at: {}", plan.not_looked_at.join(", ")));
    }
    let line = |text: &String| format!("{}\n", code(&elided(text.trim(), LONGEST_LINE, 0)));
    let lines: Vec<String> = lines.iter().map(line).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests;
