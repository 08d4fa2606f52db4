//! One plan in any of its forms.

use super::json::plan_json;
use super::packages::differences;
use super::permissions::permissions;
use super::plan::plan as human;
use super::review::Beside;
use super::style::Style;
use super::{github, html, markdown};
use crate::plan::Plan;

/// The forms that a plan can be printed in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// For a terminal.
    #[default]
    Human,
    Json,
    /// For a comment, in no more bytes than this.
    Markdown {
        max_bytes: usize,
    },
    /// One page that needs nothing else.
    Html,
    /// Annotations of GitHub's on the manifest's lines.
    Github,
}

/// The plan in this form, ending in a line break.
pub fn formed(plan: &Plan, form: Form, beside: &Beside, style: &Style) -> String {
    match form {
        Form::Human => {
            let style = &Style {
                whole: beside.code,
                ..style.clone()
            };
            let page = human(plan, beside.packages, style);
            let changes = plan.changes.iter().filter(|_| beside.code);
            let code = changes.map(|change| match differences(change, beside.packages, style) {
                lines if lines.is_empty() => lines,
                lines => format!("{}\n{lines}", change.addr),
            });
            let rights = match beside.code {
                true => permissions(&plan.rights, style),
                false => String::new(),
            };
            format!("{page}{rights}{}", code.collect::<String>())
        }
        Form::Json => plan_json(plan),
        Form::Markdown { max_bytes } => markdown::markdown(plan, max_bytes, beside, style),
        Form::Html => html::html(plan, beside, style),
        Form::Github => github::github(plan, beside, style),
    }
}
