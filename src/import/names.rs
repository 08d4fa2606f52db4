//! What the manifest calls the things that AWS knows by ARN.

use std::collections::BTreeSet;

use crate::addr::Addr;
use crate::kind::Outputs;

/// ARNs and the references that stand for them.
#[derive(Clone, Debug, Default)]
pub struct Names(Vec<(String, Addr, String)>);

/// Outputs that other things hold in their texts. Longer values come first.
const TOLD: [&str; 2] = ["arn", "execution_arn"];

impl Names {
    /// Takes note of what a resource is called in AWS.
    pub fn learn(&mut self, addr: &Addr, outputs: &Outputs) {
        for output in TOLD {
            // What stands under another thing is named by that.
            let value = outputs.get(output).filter(|_| addr.parent().is_none());
            if let Some(value) = value.filter(|value| value.starts_with("arn:"))
                && !self.0.iter().any(|(known, ..)| known == value)
            {
                let entry = (value.clone(), addr.clone(), output.to_owned());
                self.0.push(entry);
            }
        }
        self.0
            .sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
    }

    /// The resource with this ARN.
    pub fn by_arn(&self, arn: &str) -> Option<&Addr> {
        let mut entries = self.0.iter();
        let (_, addr, _) = entries.find(|(value, _, output)| output == "arn" && value == arn)?;
        Some(addr)
    }

    /// The text with a reference wherever it holds an ARN of a thing other than `own`. What else
    /// stands in it must be escaped already.
    pub fn referring(&self, text: &str, own: &Addr) -> String {
        let mut text = text.to_owned();
        for (value, addr, output) in self.0.iter().filter(|(_, addr, _)| addr != own) {
            let reference = format!("${{{addr}.{output}}}");
            text = replaced(&text, value, &reference);
        }
        text
    }
}

/// Replaces where the name ends there.
fn replaced(text: &str, value: &str, by: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(value) {
        let (before, after) = (&rest[..at], &rest[at + value.len()..]);
        let goes_on = |c: char| c.is_ascii_alphanumeric() || "-_+=,.@".contains(c);
        out.push_str(before);
        out.push_str(match after.starts_with(goes_on) {
            true => value,
            false => by,
        });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// A header for a thing of this name in AWS, apart from those that are taken.
pub fn header(kind: &str, name: &str, prefix: &str, taken: impl Fn(&Addr) -> bool) -> Addr {
    let own = name.strip_prefix(prefix).filter(|own| !own.is_empty());
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let word = own.unwrap_or(name).chars();
    let word: String = word.map(|c| if fits(c) { c } else { '-' }).collect();
    let word = match word.is_empty() {
        true => kind.to_owned(),
        false => word,
    };
    let mut addr = Addr::root_of(kind, &word);
    let mut number = 2;
    while taken(&addr) {
        addr = Addr::root_of(kind, &format!("{word}-{number}"));
        number += 1;
    }
    addr
}

/// A variable for this field of a thing, apart from those that are taken; it is taken then. Shells
/// export only names of letters, digits and `_`, and `SLP_VAR_NAME` must be one.
pub fn variable(owner: &str, key: &str, taken: &mut BTreeSet<String>) -> String {
    let name = format!("{owner}_{key}").to_ascii_lowercase();
    let fits = |c: char| c.is_ascii_alphanumeric();
    let name: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '_' })
        .collect();
    let mut free = name.clone();
    let mut number = 2;
    while !taken.insert(free.clone()) {
        free = format!("{name}_{number}");
        number += 1;
    }
    free
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(key: &str, value: &str) -> Outputs {
        Outputs::from([(key.to_owned(), value.to_owned())])
    }

    #[test]
    fn an_arn_becomes_a_reference_where_it_ends_there() {
        let mut names = Names::default();
        let function = Addr::root_of("function", "A");
        names.learn(&function, &outputs("arn", "arn:aws:lambda:r:1:function:a"));
        let api = Addr::root_of("api", "B");
        names.learn(&api, &outputs("execution_arn", "arn:aws:execute-api:r:1:b"));
        let other = Addr::root_of("role", "C");
        let told = |text: &str| names.referring(text, &other);
        assert_eq!(told("arn:aws:lambda:r:1:function:a"), "${function.A.arn}");
        assert_eq!(
            told("arn:aws:lambda:r:1:function:a:*"),
            "${function.A.arn}:*"
        );
        let longer = "arn:aws:lambda:r:1:function:ab";
        assert_eq!(told(longer), longer);
        let path = "arn:aws:execute-api:r:1:b/*/GET/x";
        assert_eq!(told(path), "${api.B.execution_arn}/*/GET/x");
        let own = "arn:aws:lambda:r:1:function:a";
        assert_eq!(names.referring(own, &function), own);
        assert_eq!(names.by_arn(own), Some(&function));
    }

    #[test]
    fn variables_can_be_exported_and_are_apart() {
        let mut taken = BTreeSet::from(["other_token".to_owned()]);
        let mut named = |owner, key| variable(owner, key, &mut taken);
        assert_eq!(named("imp-fn", "DB_PASSWORD"), "imp_fn_db_password");
        assert_eq!(named("imp_fn", "DB_PASSWORD"), "imp_fn_db_password_2");
        assert_eq!(named("imp.fn", "db_password"), "imp_fn_db_password_3");
        assert_eq!(named("Other", "TOKEN"), "other_token_2");
    }

    #[test]
    fn headers_are_plain_and_apart() {
        let none = |_: &Addr| false;
        let named = |name, prefix| header("api", name, prefix, none).to_string();
        assert_eq!(named("Hello World Api", ""), "api.Hello-World-Api");
        assert_eq!(named("dev-x", "dev-"), "api.x");
        assert_eq!(named("dev-", "dev-"), "api.dev-");
        let first = header("api", "x", "", none);
        let next = header("api", "x", "", |addr| *addr == first);
        assert_eq!(next.to_string(), "api.x-2");
    }
}
