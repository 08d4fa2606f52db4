//! The page's sections: what changes, what was found, each item folded with its rows, the
//! differences of its code and of its policies.

use super::policies;
use crate::plan::{Action, Change, Notice, Permissions, Plan};
use crate::render::markup::escaped;
use crate::render::outputs::shown as value;
use crate::render::packages::differences;
use crate::render::permissions::{marked, numbers};
use crate::render::plan::{WARNINGS, is_shown, notes, rows, tells_outputs};
use crate::render::review::{
    self, Beside, Section, inside, is_destructive, is_drift, lost_entries,
};
use crate::render::rows::Rows;
use crate::render::style::Style;
use crate::render::value::printable;
use crate::render::words::Words;

/// With more changes than this only what is destructive is unfolded.
const FEW: usize = 24;
/// Lines of code that are shown of one change.
const MOST_CODE: usize = 5000;

/// All of them, in the order in which they are read.
pub fn sections(plan: &Plan, beside: &Beside, style: &Style) -> String {
    let words = Words::of(plan);
    let look = Look {
        plan,
        beside,
        words,
        style: inside(style),
        few: plan.changes.len() <= FEW,
        first: plan.serial == 0,
    };
    let shown = || plan.changes.iter().filter(|change| is_shown(change));
    let lost = shown().filter(|change| is_destructive(change));
    let mut out = list(
        words.losses(),
        "first",
        lost.map(|c| look.change(c)).collect(),
    );
    for section in review::first(plan, beside) {
        let items = points(&section);
        out.push_str(&list(&escaped(&section.title), "first", items));
    }
    if let Some(section) = review::usual(plan) {
        out.push_str(&list(&section.title, "", points(&section)));
    }
    let rest = shown().filter(|change| !is_destructive(change));
    for action in [
        Action::Update,
        Action::Create,
        Action::Import,
        Action::Move,
        Action::Forget,
    ] {
        let some = rest.clone().filter(|change| change.action == action);
        let items = some.map(|change| look.change(change)).collect();
        out.push_str(&list(&words.heading(action), "", items));
    }
    out.push_str(&look.unchanged());
    out
}

/// Items under their heading; nothing where there are none.
fn list(title: &str, class: &str, items: Vec<String>) -> String {
    match items.len() {
        0 => String::new(),
        count => format!(
            "<section class=\"list {class}\"><h2>{title} <small class=\"soft\">{count}</small></h2>\n{}</section>\n",
            items.concat()
        ),
    }
}

fn points(section: &Section) -> Vec<String> {
    let point = |point: &review::Point| line("!", point.addr.as_str(), &printable(&point.text));
    section.points.iter().map(point).collect()
}

/// An item of one line, with nothing below it.
fn line(symbol: &str, name: &str, text: &str) -> String {
    format!(
        "<div class=\"item notice\" data-addr=\"{0}\"><p><span class=\"symbol\">{symbol}</span><code>{0}</code> {1}</p></div>\n",
        escaped(name),
        escaped(text)
    )
}

/// What items are made from.
struct Look<'a> {
    plan: &'a Plan,
    beside: &'a Beside<'a>,
    words: Words,
    style: Style,
    few: bool,
    /// Nothing was applied yet, so that all is new.
    first: bool,
}

impl Look<'_> {
    /// Who gains and loses what, what was found, and what the outputs will be.
    fn unchanged(&self) -> String {
        let (plan, words) = (self.plan, self.words);
        let rights = plan.rights.iter().map(|one| self.permissions(one));
        let notices = plan.notices.iter().map(|notice| self.notice(notice));
        let warnings = plan.warnings.iter().map(|warning| self.notice(warning));
        let told = plan.outputs.iter().filter(|_| tells_outputs(plan));
        let told = told.map(|(name, output)| line("=", name, &value(output)));
        [
            list(words.permissions(), "", rights.collect()),
            list(WARNINGS, "", warnings.collect()),
            list(words.notices(), "", notices.collect()),
            list("Outputs", "", told.collect()),
        ]
        .concat()
    }

    fn change(&self, change: &Change) -> String {
        let (verb, symbol) = (change.action.verb(), change.action.symbol());
        let packages = self.beside.packages;
        let rows = rows(change, &self.plan.names, packages, &self.style, 0);
        let code = shortened(&differences(change, packages, &self.style));
        let parts = [
            block(&rows),
            folded("Code, line by line", &code),
            folded("Policy statements as JSON", &policies::statements(change)),
        ];
        let drift = match is_drift(change) && self.words == Words::Plan {
            true => " <span class=\"drift\">! changed outside slp</span>",
            false => "",
        };
        let head = format!(
            "<span class=\"symbol\">{}</span><code>{}</code> {}{}{}{drift}",
            escaped(symbol),
            change.addr,
            self.words.state(change.action).unwrap_or(verb),
            lost(change, self.words),
            aside(&notes(change))
        );
        let is_usual = self.first && change.action == Action::Create;
        let open = self.few && !is_usual || is_destructive(change);
        item(
            &format!("item {verb}"),
            change.addr.as_str(),
            &head,
            &parts.concat(),
            open,
        )
    }

    fn permissions(&self, one: &Permissions) -> String {
        let addr = one.addr.as_str();
        let head = format!(
            "<span class=\"symbol\"></span><code>{addr}</code>{}",
            aside(&numbers(one))
        );
        let body = block(&marked(one, &self.style));
        item("item notice", addr, &head, &body, self.few)
    }

    fn notice(&self, notice: &Notice) -> String {
        let rows = Rows {
            style: &self.style,
            packages: self.beside.packages,
            new: false,
        };
        let body = block(&rows.text(&notice.fields, 0));
        let text = notice.text.as_deref().map(printable).unwrap_or_default();
        let head = format!(
            "<span class=\"symbol\">!</span><code>{}</code>{}",
            notice.addr,
            aside(&text)
        );
        item("item notice", notice.addr.as_str(), &head, &body, self.few)
    }
}

/// One that can be unfolded where it has a body. Changes can be linked to.
fn item(class: &str, addr: &str, head: &str, body: &str, open: bool) -> String {
    // A notice may stand beside a change of the same address.
    let id = match class.ends_with(" notice") {
        true => String::new(),
        false => format!(" id=\"{addr}\""),
    };
    let marks = format!("class=\"{class}\"{id} data-addr=\"{addr}\"");
    let open = if open { " open" } else { "" };
    match body.is_empty() {
        true => format!("<div {marks}><p>{head}</p></div>\n"),
        false => {
            format!("<details {marks}{open}><summary>{head}</summary>\n{body}</details>\n")
        }
    }
}

fn aside(text: &str) -> String {
    match text.is_empty() {
        true => String::new(),
        false => format!(" <span class=\"soft\">{}</span>", escaped(text)),
    }
}

fn lost(change: &Change, words: Words) -> String {
    let entries = match lost_entries(change).len() {
        0 => return String::new(),
        1 => "1 entry".to_owned(),
        more => format!("{more} entries"),
    };
    format!(" <span class=\"gone\">{}</span>", words.loses(&entries))
}

fn folded(title: &str, lines: &str) -> String {
    match lines.is_empty() {
        true => String::new(),
        false => format!(
            "<details class=\"sub\"><summary>{title}</summary>{}</details>\n",
            block(lines)
        ),
    }
}

/// Lines, coloured by the symbols that they begin with; empty where there are none.
fn block(lines: &str) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let line = |line: &str| {
        let text = escaped(line);
        match class(line) {
            Some(class) => format!("<span class=\"{class}\">{text}</span>\n"),
            None => format!("{text}\n"),
        }
    };
    let lines: String = lines.lines().map(line).collect();
    format!("<pre>{lines}</pre>\n")
}

fn class(line: &str) -> Option<&'static str> {
    let text = line.trim_start();
    let drift = text.contains("! ") && text.contains(" outside slp");
    match text.chars().next()? {
        _ if drift => Some("drift"),
        '+' => Some("made"),
        '-' => Some("gone"),
        '~' => Some("changed"),
        _ => None,
    }
}

fn shortened(code: &str) -> String {
    let left = code.lines().count().saturating_sub(MOST_CODE);
    if left == 0 {
        return code.to_owned();
    }
    let kept: String = code
        .lines()
        .take(MOST_CODE)
        .map(|l| format!("{l}\n"))
        .collect();
    format!("{kept}… and {left} more lines\n")
}
