//! What a plan for a terminal tells in one line: what slp adds by itself, and tags that everything
//! new has.

use std::borrow::Cow;

use super::plan::notes;
use super::style::{Paint, Style, columns, wrapped};
use super::value::{is_secret, quoted};
use crate::diff::{FieldChange, Shape};
use crate::plan::{Action, Change, Plan};

/// The key under which a kind has its tags.
const TAGS: &str = "tags";

pub struct Short {
    /// Tags that everything new has that can have any.
    tags: Vec<FieldChange>,
    whole: bool,
}

impl Short {
    pub fn of(plan: &Plan, style: &Style) -> Short {
        let made = plan.changes.iter().filter(|c| c.action == Action::Create);
        let tagged: Vec<Vec<&FieldChange>> = made
            .map(|change| change.fields.iter().filter(|field| is_tag(field)).collect())
            .filter(|tags: &Vec<&FieldChange>| !tags.is_empty())
            .collect();
        let tags = match tagged.as_slice() {
            [first, others @ ..] if !others.is_empty() && !style.whole => {
                let all = |tag: &&&FieldChange| others.iter().all(|tags| tags.contains(tag));
                first.iter().filter(all).map(|tag| (*tag).clone()).collect()
            }
            _ => Vec::new(),
        };
        Short {
            tags,
            whole: style.whole,
        }
    }

    /// The one line of what slp adds by itself, unless there is something to tell of it.
    pub fn line(&self, change: &Change, style: &Style) -> Option<String> {
        let is_plain = change.action == Action::Create && notes(change).is_empty();
        let by = change
            .added_for
            .as_ref()
            .filter(|_| is_plain && !self.whole)?;
        let (symbol, address) = (change.action.symbol(), change.addr.as_str());
        let head = format!(
            "  {} {}",
            style.symbol(symbol),
            style.paint(Paint::Address, address)
        );
        let room = style
            .width
            .saturating_sub(5 + columns(symbol) + columns(address));
        let value = value(&self.without_tags(change).fields).filter(|text| columns(text) <= room);
        let told = value.unwrap_or_else(|| format!("(added for {by})"));
        Some(format!("{head}  {told}\n"))
    }

    /// The change without the tags that are told of all.
    pub fn without_tags<'c>(&self, change: &'c Change) -> Cow<'c, Change> {
        if change.action != Action::Create || self.tags.is_empty() {
            return Cow::Borrowed(change);
        }
        let mut change = change.clone();
        change.fields.retain(|field| !self.tags.contains(field));
        Cow::Owned(change)
    }

    /// The tags of all.
    pub fn tags(&self, style: &Style) -> Option<String> {
        let tags = self.tags.iter().filter_map(|tag| {
            let value = tag.after.as_ref().map(quoted)?;
            Some(format!("{} {value}", tag.path.last()?))
        });
        let tags: Vec<String> = tags.collect();
        let text = format!("Tags of everything new: {}", tags.join(", "));
        (!tags.is_empty()).then(|| format!("{}\n", wrapped(&text, 0, 2, style.width)))
    }
}

fn is_tag(field: &FieldChange) -> bool {
    let [key, _] = field.path.as_slice() else {
        return false;
    };
    let is_secret = field.after.as_ref().is_none_or(is_secret);
    key == TAGS && field.shape == Shape::Entry && field.before.is_none() && !is_secret
}

/// The value, where there is only one and it can be shown so: several need their names.
fn value(fields: &[FieldChange]) -> Option<String> {
    let [field] = fields else {
        return None;
    };
    let is_plain = field.shape == Shape::Value && field.says.is_none();
    let value = field
        .after
        .as_ref()
        .filter(|value| is_plain && !is_secret(value))?;
    Some(match &field.unit {
        Some(unit) => format!("{} {unit}", quoted(value)),
        None => quoted(value),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::addr::Addr;
    use crate::render::NoPackages;
    use crate::render::plan::plan;
    use crate::render::plan::tests::example;

    fn field(path: &[&str], value: &str, shape: Shape) -> FieldChange {
        FieldChange {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            after: Some(json!(value)),
            shape,
            ..FieldChange::default()
        }
    }

    /// A new thing with the tags of the project.
    fn made(addr: &str, fields: &[FieldChange]) -> Change {
        let mut change = example().changes[0].clone();
        change.addr = Addr::parse(addr).unwrap();
        change.action = Action::Create;
        change.fields = fields.to_vec();
        let tags = [("owner", "anna"), ("team", "web")];
        let tags = tags.map(|(key, value)| field(&["tags", key], value, Shape::Entry));
        change.fields.extend(tags);
        change
    }

    fn first_plan() -> Plan {
        let parent = || Addr::parse("function.F").ok();
        let name = field(&["name"], "/aws/lambda/F", Shape::Value);
        let own = field(&["tags", "pii"], "yes", Shape::Entry);
        let action = |text: &str| field(&["action"], text, Shape::Value);
        let several = [action("a"), action(&"x".repeat(80))];
        let mut group = made("function.F.log_group", &[name]);
        let mut permission = made("function.F.permission.api-x", &several);
        (group.added_for, permission.added_for) = (parent(), Addr::parse("api.x").ok());
        Plan {
            changes: vec![
                made("function.F", &[own]),
                group,
                permission,
                made("role.r", &[]),
            ],
            ..example()
        }
    }

    fn shown(style: &Style) -> String {
        let text = plan(&first_plan(), &NoPackages, style);
        let from = text.find("  + function.F").unwrap();
        text[from..].to_owned()
    }

    #[test]
    fn what_slp_adds_and_tags_of_all_take_a_line_each() {
        let expected = "  + function.F
      tags
        + pii  \"yes\"
  + function.F.log_group  \"/aws/lambda/F\"
  + function.F.permission.api-x  (added for api.x)
  + role.r

Tags of everything new: owner \"anna\", team \"web\"
";
        for width in [80, 200] {
            let style = Style {
                width,
                ..Style::default()
            };
            let text = shown(&style);
            assert!(text.starts_with(expected), "{text}");
        }
    }

    #[test]
    fn a_whole_plan_tells_all_of_each() {
        let whole = Style {
            whole: true,
            ..Style::default()
        };
        let text = shown(&whole);
        assert_eq!(text.matches("+ team").count(), 4, "{text}");
        assert!(text.contains(&"x".repeat(80)), "{text}");
        assert!(!text.contains("everything new"), "{text}");
    }

    #[test]
    fn a_tag_that_one_of_them_lacks_is_told_of_each() {
        let mut plan = first_plan();
        plan.changes[3]
            .fields
            .retain(|field| field.path[1] != "team");
        let tags = Short::of(&plan, &Style::default()).tags(&Style::default());
        assert_eq!(
            tags.as_deref(),
            Some("Tags of everything new: owner \"anna\"\n")
        );
    }
}
