//! The profiles of this machine, as far as a message needs them: the SDK takes one that is not
//! there for one that says nothing.
//!
//! Source: the AWS SDKs and Tools Reference Guide, "Shared config and credentials files":
//! `[profile NAME]` in the one, `[NAME]` in the other, `[default]` in both.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::problem::nearest;
use crate::provider::ProviderError;

/// Where a variable is set, and not empty.
fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The profile that was chosen, and by what.
fn chosen(project: Option<&str>) -> Option<(String, &'static str)> {
    let own = project.map(|name| (name.to_owned(), "`profile` in [project]"));
    own.or_else(|| set("AWS_PROFILE").map(|name| (name, "AWS_PROFILE")))
}

/// Says that the profile that was chosen is not there. Keys and a region in the environment do
/// without one.
pub fn missing(project: Option<&str>, has_region: bool) -> Option<ProviderError> {
    let (name, by) = chosen(project)?;
    if has_region && set("AWS_ACCESS_KEY_ID").is_some() {
        return None;
    }
    let known = known()?;
    if known.contains(&name) {
        return None;
    }
    let error = ProviderError::new("configuration", format!("there is no AWS profile `{name}`"));
    let near = nearest(&name, known.iter().map(String::as_str));
    let meant = match near {
        Some(near) => format!("; did you mean `{near}`?"),
        None if known.is_empty() => "; there is none at all: `aws configure sso` makes one".into(),
        None => format!("; there are: {}", Vec::from_iter(known).join(", ")),
    };
    Some(error.hint(format!("{by} names it{meant}")))
}

/// What to do where no region is set.
pub fn no_region(project: Option<&str>) -> String {
    match chosen(project) {
        Some((name, _)) => format!(
            "write `region` in [project], set AWS_REGION, or give the profile `{name}` a region"
        ),
        None => "write `region` in [project], or set AWS_REGION".to_owned(),
    }
}

/// `None` where nobody can tell.
fn known() -> Option<BTreeSet<String>> {
    let home = set("HOME").map(PathBuf::from);
    let file = |variable: &str, name: &str| match set(variable) {
        Some(path) => Some(PathBuf::from(path)),
        None => home.as_ref().map(|home| home.join(".aws").join(name)),
    };
    let config = text(&file("AWS_CONFIG_FILE", "config")?)?;
    let credentials = text(&file("AWS_SHARED_CREDENTIALS_FILE", "credentials")?)?;
    let mut known = names(&config, true);
    known.extend(names(&credentials, false));
    Some(known)
}

fn text(path: &Path) -> Option<String> {
    match std::fs::read_to_string(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(String::new()),
        Err(_) => None,
    }
}

/// The profiles that a file heads.
fn names(text: &str, prefixed: bool) -> BTreeSet<String> {
    let head = |line: &str| {
        let (head, _) = line.trim_end().strip_prefix('[')?.split_once(']')?;
        let head = head.trim();
        let name = match head.strip_prefix("profile") {
            Some(rest) if prefixed && rest.starts_with([' ', '\t']) => rest.trim(),
            _ if prefixed && head != "default" => return None,
            _ => head,
        };
        Some(name.trim_matches('"').to_owned())
    };
    text.lines().filter_map(head).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_heads_profiles_in_its_own_way() {
        let config = "[default]\nregion = x\n[profile a b] # x\n[profile \"c\"]\n[sso-session s]\n";
        assert_eq!(Vec::from_iter(names(config, true)), ["a b", "c", "default"]);
        let credentials = "[default]\n[other]\n[profile x]\n";
        let found = names(credentials, false);
        assert_eq!(Vec::from_iter(found), ["default", "other", "profile x"]);
    }
}
