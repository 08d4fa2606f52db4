//! What the forms call a plan's parts. A drift is no list of things to come: it says what
//! differs, and what putting it back would take.

use super::events::done;
use crate::addr::Addr;
use crate::cloud;
use crate::plan::{Action, Plan};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    Plan,
    Drift,
}

impl Words {
    pub fn of(plan: &Plan) -> Words {
        match plan.drift {
            true => Words::Drift,
            false => Words::Plan,
        }
    }

    /// `slp plan of shop`.
    pub fn what(self) -> &'static str {
        match self {
            Words::Plan => "plan",
            Words::Drift => "drift",
        }
    }

    /// Above what has this action.
    pub fn heading(self, action: Action) -> String {
        match (self, action) {
            (Words::Drift, Action::Create) => format!("Gone from {}", cloud::name()),
            (Words::Drift, Action::Update) => "Differs from the last apply".to_owned(),
            _ => format!("To {}", action.verb()),
        }
    }

    /// The same where it is only counted: `… and 3 more to update`.
    pub fn counted(self, action: Action) -> String {
        match (self, action) {
            (Words::Drift, Action::Create) => format!("gone from {}", cloud::name()),
            (Words::Drift, Action::Update) => "that differ".to_owned(),
            _ => format!("to {}", action.verb()),
        }
    }

    /// Over its number.
    pub fn column(self, action: Action) -> &'static str {
        match (self, action) {
            (Words::Drift, Action::Create) => "gone",
            (Words::Drift, Action::Update) => "differ",
            _ => action.verb(),
        }
    }

    /// Behind an address, where that says more than the symbol; `None`: the action's verb does.
    pub fn state(self, action: Action) -> Option<&'static str> {
        match (self, action) {
            (Words::Drift, Action::Create) => Some("is gone"),
            (Words::Drift, Action::Update) => Some("differs"),
            (Words::Drift, Action::Replace) => Some("differs, and would be replaced"),
            _ => None,
        }
    }

    /// `function.X will be updated`.
    pub fn sentence(self, action: Action, addr: &Addr) -> String {
        match (self, self.state(action)) {
            (_, Some("is gone")) => format!("{addr} is gone since the last apply"),
            (_, Some("differs")) => format!("{addr} differs from the last apply"),
            (_, Some(state)) => format!("{addr} {state}"),
            (Words::Drift, None) => format!("{addr} would be {}", done(action)),
            (Words::Plan, None) => format!("{addr} will be {}", done(action)),
        }
    }

    /// What happens to entries, such as routes, that go.
    pub fn loses(self, entries: &str) -> String {
        match self {
            Words::Plan => format!("loses {entries}"),
            Words::Drift => format!("has {entries} added"),
        }
    }

    pub fn losses(self) -> &'static str {
        match self {
            Words::Plan => "Destructive",
            Words::Drift => "Putting it back would remove",
        }
    }

    pub fn notices(self) -> &'static str {
        match self {
            Words::Plan => "Found, and left alone",
            // Some of it is not left alone, but part of what would be put back.
            Words::Drift => "Worth knowing",
        }
    }

    /// What is found of it.
    pub fn noticed(self, addr: &Addr) -> String {
        match self {
            Words::Plan => format!("{addr} was found, and is left alone"),
            Words::Drift => format!("{addr}: worth knowing"),
        }
    }

    pub fn permissions(self) -> &'static str {
        match self {
            Words::Plan => "Permissions",
            Words::Drift => "Permissions, once put back",
        }
    }

    pub fn widening(self) -> &'static str {
        match self {
            Words::Plan => "Somebody may do more than before",
            Words::Drift => "Once put back, somebody may do more than now",
        }
    }

    /// The same of one that may do less.
    pub fn narrowing(self) -> &'static str {
        match self {
            Words::Plan => "may do less than before",
            Words::Drift => "once put back, may do less than now",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::plan::{Action, Plan};
    use crate::render::plan::tests::example;
    use crate::render::{Beside, Form, Style, formed};

    /// A function that differs, one that is gone, and an API with a route more.
    fn drifted() -> Plan {
        let mut plan = Plan {
            drift: true,
            ..example()
        };
        let stay = |action| matches!(action, Action::Update | Action::Create);
        plan.changes.retain(|change| stay(change.action));
        let route = &mut plan.changes[0].fields[0];
        route.before = route.after.take();
        plan
    }

    fn told(form: Form, expected: &[&str]) {
        let text = formed(&drifted(), form, &Beside::default(), &Style::default());
        for part in expected {
            assert!(text.contains(part), "no {part} in {text}");
        }
        for word in [
            "left alone",
            "To update",
            "will be",
            "slp plan",
            "Destructive",
        ] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }

    #[test]
    fn a_drift_says_what_differs_and_nothing_of_what_will_be() {
        told(Form::Human, &["\nWorth knowing:\n  ! function.HelloWorld"]);
        let comment = [
            "| gone | differ | AWS calls |",
            "### Putting it back would remove: 1\n",
            "<summary>Differs from the last apply: 2</summary>",
            "- `~` `function.HelloWorld` differs\n",
            "<summary>Gone from AWS: 1</summary>",
            "<summary>Worth knowing: 1</summary>",
        ];
        told(Form::Markdown { max_bytes: 60_000 }, &comment);
        let page = [
            "<title>slp drift of hello-world</title>",
            "<code>api.hello-world</code> differs <span class=\"gone\">has 1 entry added",
            "<h2>Worth knowing <small",
        ];
        told(Form::Html, &page);
        let annotations = [
            "::warning file=slp.toml,line=1,title=api.hello-world differs from the last apply%2C \
             and has GET /status added::",
            "title=function.Status is gone since the last apply::",
            "title=function.HelloWorld%3A worth knowing::",
            "::notice title=slp drift of hello-world%2C env prod::To put it back: ",
        ];
        told(Form::Github, &annotations);
    }
}
