//! What the comment lists, group by group, before anything is cut.

use super::cut::{Cut, Depth};
use crate::plan::{Action, Change, Notice, Output, Permissions, Plan};
use crate::render::markup::{code, escaped, fenced, head};
use crate::render::outputs::shown;
use crate::render::packages::differences;
use crate::render::permissions::{marked, numbers};
use crate::render::plan::{WARNINGS, is_shown, notes, rows, tells_outputs};
use crate::render::review::{self, Beside, Section, inside, is_drift, lost_entries, touched};
use crate::render::rows::Rows;
use crate::render::style::Style;
use crate::render::value::elided;
use crate::render::words::Words;

/// What stands together under one heading.
pub struct Group {
    title: String,
    pub items: Vec<Item>,
    /// Its lines are never left out.
    pub kept: bool,
    /// What its lines are, where they are only counted: `to create`.
    what: String,
}

/// A line, and what can be unfolded below it.
pub struct Item {
    line: String,
    /// A block of code without its fence; empty where there is nothing to tell.
    pub details: String,
    /// What the fold is called.
    summary: String,
}

/// What is kept of details that are cut.
pub const SHORT: usize = 3000;
/// What is kept of a reason, or of a point of a section.
const LONGEST: usize = 400;

/// All groups, in the order in which they are read.
pub fn groups(plan: &Plan, beside: &Beside, style: &Style) -> Vec<Group> {
    let changes = || plan.changes.iter().filter(|change| is_shown(change));
    let words = Words::of(plan);
    let look = Look {
        plan,
        beside,
        words,
        style: inside(style),
    };
    let mut groups = vec![look.losses()];
    groups.extend(review::first(plan, beside).iter().map(section));
    groups.extend(review::usual(plan).iter().map(section));
    groups.push(look.notices(WARNINGS, &plan.warnings));
    groups.push(look.notices(words.notices(), &plan.notices));
    groups.push(look.permissions());
    let rest = [
        Action::Update,
        Action::Create,
        Action::Import,
        Action::Move,
        Action::Forget,
    ];
    groups.extend(rest.map(|action| {
        let items = changes().filter(|change| change.action == action);
        Group {
            title: words.heading(action),
            items: items.map(|change| look.change(change)).collect(),
            kept: false,
            what: words.counted(action),
        }
    }));
    groups.push(outputs(plan));
    groups.retain(|group| !group.items.is_empty());
    groups
}

/// What the manifest's outputs will be, where that is worth telling.
fn outputs(plan: &Plan) -> Group {
    let told = plan.outputs.iter().filter(|_| tells_outputs(plan));
    let item = |(name, output): (&String, &Output)| {
        let value = elided(&shown(output), LONGEST, 0);
        Item::plain(format!("{} = {}", code(name), code(&value)))
    };
    Group {
        title: "Outputs".to_owned(),
        items: told.map(item).collect(),
        kept: false,
        what: "outputs".to_owned(),
    }
}

fn section(section: &Section) -> Group {
    let point = |point: &review::Point| {
        let text = code(&elided(&point.text, LONGEST, 0));
        Item::plain(format!("{} {text}", code(point.addr.as_str())))
    };
    Group {
        title: escaped(&elided(&section.title, LONGEST, 0)),
        items: section.points.iter().map(point).collect(),
        kept: true,
        what: String::new(),
    }
}

impl Item {
    fn plain(line: String) -> Item {
        Item {
            line,
            details: String::new(),
            summary: String::new(),
        }
    }
}

/// What lines and details are made from.
struct Look<'a> {
    plan: &'a Plan,
    beside: &'a Beside<'a>,
    words: Words,
    style: Style,
}

impl Look<'_> {
    /// What goes away: whole resources, and entries of those that stay.
    fn losses(&self) -> Group {
        let mut items = Vec::new();
        for change in &self.plan.changes {
            if change.removes() {
                items.push(self.change(change));
            }
            let addr = code(change.addr.as_str());
            let lost = lost_entries(change).into_iter();
            items.extend(lost.map(|key| {
                let key = code(key);
                Item::plain(format!("`-` remove {key} from {addr}"))
            }));
        }
        Group {
            title: self.words.losses().to_owned(),
            items,
            kept: true,
            what: String::new(),
        }
    }

    fn change(&self, change: &Change) -> Item {
        let (action, addr) = (change.action, code(change.addr.as_str()));
        let mut line = match self.words.state(action) {
            Some(state) => format!("`{}` {addr} {state}", action.symbol()),
            None => format!("`{}` {} {addr}", action.symbol(), action.verb()),
        };
        let notes = notes(change);
        if !notes.is_empty() {
            line.push_str(&format!(" · {}", code(&elided(&notes, LONGEST, 0))));
        }
        if is_drift(change) && self.words == Words::Plan {
            line.push_str(" · **changed outside slp**");
        }
        let beside = self.beside;
        let names = &self.plan.names;
        let mut details = rows(change, names, beside.packages, &self.style, 0);
        if beside.code {
            details.push_str(&differences(change, beside.packages, &self.style));
        }
        Item {
            line,
            details,
            summary: touched(&change.fields),
        }
    }

    fn notices(&self, title: &str, notices: &[Notice]) -> Group {
        Group {
            title: title.to_owned(),
            items: notices.iter().map(|notice| self.notice(notice)).collect(),
            kept: false,
            what: title.to_lowercase(),
        }
    }

    /// Losses as well, which no other group tells. They stand before the changes, so that
    /// their lines give way after those.
    fn permissions(&self) -> Group {
        let item = |one: &Permissions| Item {
            line: format!("{} · {}", code(one.addr.as_str()), numbers(one)),
            details: marked(one, &self.style),
            summary: String::new(),
        };
        Group {
            title: self.words.permissions().to_owned(),
            items: self.plan.rights.iter().map(item).collect(),
            kept: false,
            what: "with other permissions".to_owned(),
        }
    }

    fn notice(&self, notice: &Notice) -> Item {
        let mut line = format!("`!` {}", code(notice.addr.as_str()));
        if let Some(text) = &notice.text {
            line.push_str(&format!(" · {}", code(&elided(text, LONGEST, 0))));
        }
        let rows = Rows {
            style: &self.style,
            packages: self.beside.packages,
            new: false,
        };
        Item {
            line,
            details: rows.text(&notice.fields, 0),
            summary: touched(&notice.fields),
        }
    }
}

impl Group {
    /// The group as it stands in the comment; those whose lines may go are folded.
    pub fn text(&self, number: usize, cut: &Cut) -> String {
        let total = self.items.len();
        let shown = cut.lines(number).min(total);
        if shown == 0 {
            return format!("{}: {total}, only counted\n", self.title);
        }
        let mut items: String = self
            .items
            .iter()
            .take(shown)
            .enumerate()
            .map(|(item, it)| it.text(cut.depth(number, item)))
            .collect();
        if shown < total {
            items.push_str(&format!("- … and {} more {}\n", total - shown, self.what));
        }
        let (title, items) = (&self.title, items.trim_end());
        match self.kept {
            true => format!("### {title}: {total}\n\n{items}\n"),
            false => {
                format!("<details><summary>{title}: {total}</summary>\n\n{items}\n\n</details>\n")
            }
        }
    }
}

impl Item {
    fn text(&self, depth: Depth) -> String {
        let line = &self.line;
        let details = match depth {
            Depth::Full => self.details.clone(),
            Depth::Short => shortened(&self.details),
            Depth::Line => String::new(),
        };
        if details.is_empty() {
            return format!("- {line}\n");
        }
        let summary = match self.summary.is_empty() {
            true => "details".to_owned(),
            false => escaped(&elided(&self.summary, LONGEST, 0)),
        };
        let fold = format!(
            "<details><summary><code>{summary}</code></summary>\n\n{}\n</details>",
            fenced(&details)
        );
        format!("- {line}\n\n{}\n", indented(&fold))
    }
}

/// The first lines of details, and how many more there are.
fn shortened(details: &str) -> String {
    let kept = head(details, SHORT);
    let kept = kept.rfind('\n').map_or("", |end| &kept[..=end]);
    let left = details.lines().count() - kept.lines().count();
    format!("{kept}… and {left} more lines\n")
}

/// Below a line of a list.
fn indented(text: &str) -> String {
    let line = |line: &str| match line.is_empty() {
        true => "\n".to_owned(),
        false => format!("  {line}\n"),
    };
    text.lines().map(line).collect()
}
