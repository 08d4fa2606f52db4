//! What the values of a project name that is not its own: by its ARN, or by a unique id of IAM's.

use std::collections::BTreeSet;

use serde_json::Value;

/// Things outside the project, each by its ARN.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mentions {
    pub policies: BTreeSet<String>,
    /// Roles of the project's account.
    pub roles: BTreeSet<String>,
    /// Users, identity providers and unique ids: what only policies name.
    pub principals: BTreeSet<String>,
    pub layers: BTreeSet<String>,
}

impl Mentions {
    /// Takes what a value names, however deep; `own` is left out.
    pub fn add(&mut self, value: &Value, account: &str, own: &BTreeSet<String>) {
        match value {
            Value::String(text) if !own.contains(text) => self.add_text(text, account),
            Value::Array(items) => items.iter().for_each(|item| self.add(item, account, own)),
            Value::Object(map) => map.values().for_each(|item| self.add(item, account, own)),
            _ => {}
        }
    }

    fn add_text(&mut self, text: &str, account: &str) {
        if text.contains(['*', '?', '$', ' ']) {
            return;
        }
        if is_unique_id(text) {
            self.principals.insert(text.to_owned());
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", _, service, _, whose, resource] = parts[..] else {
            return;
        };
        let kind = resource.split(['/', ':']).next().unwrap_or_default();
        let here = whose == account;
        let place = match (service, kind, here) {
            ("iam", "policy", _) => &mut self.policies,
            ("iam", "role", true) => &mut self.roles,
            ("iam", "user" | "oidc-provider" | "saml-provider", true) => &mut self.principals,
            ("lambda", "layer", _) => &mut self.layers,
            _ => return,
        };
        place.insert(text.to_owned());
    }
}

/// `AROA…` of a role, `AIDA…` of a user: what AWS shows of principals that are gone.
fn is_unique_id(text: &str) -> bool {
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    ["AROA", "AIDA"].iter().any(|head| text.starts_with(head))
        && text.len() >= 16
        && text.bytes().all(upper)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_the_projects_is_found_wherever_it_stands() {
        let own = BTreeSet::from(["arn:aws:iam::111122223333:role/own".to_owned()]);
        let value = json!({
            "role": "arn:aws:iam::111122223333:role/own",
            "attach": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            "trust": {"Statement": [{"Principal": {"AWS": [
                "arn:aws:iam::111122223333:role/teams/ci",
                "arn:aws:iam::444455556666:role/theirs",
                "arn:aws:iam::111122223333:user/ann",
                "AROAEXAMPLEEXAMPLE23",
            ]}}]},
            "layers": ["arn:aws:lambda:eu-central-1:444455556666:layer:tools:3"],
            "resources": ["arn:aws:iam::111122223333:role/*", "arn:aws:s3:::bucket"],
        });
        let mut found = Mentions::default();
        found.add(&value, "111122223333", &own);
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let wanted = Mentions {
            policies: set(&["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
            roles: set(&["arn:aws:iam::111122223333:role/teams/ci"]),
            principals: set(&["AROAEXAMPLEEXAMPLE23", "arn:aws:iam::111122223333:user/ann"]),
            layers: set(&["arn:aws:lambda:eu-central-1:444455556666:layer:tools:3"]),
        };
        assert_eq!(found, wanted);
    }
}
