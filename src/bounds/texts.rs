//! Characters of descriptions, tags, paths, names of routes.

/// A role's description: tab, line feed, carriage return, U+0020–007E and U+00A1–00FF (the API
/// reference of CreateRole). The first that IAM refuses, and how many stand before it.
pub fn stranger_in_description(text: &str) -> Option<(usize, char)> {
    let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{A1}'..='\u{FF}');
    text.chars().enumerate().find(|(_, c)| !taken(*c))
}

/// The pattern of a role's description, as AWS quotes it.
pub const DESCRIPTION: &str = "[\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*";

/// Tags' keys and values: `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, of every service that slp tags.
pub fn stranger_in_tag(text: &str) -> Option<char> {
    let separates = |c: char| c.is_whitespace() && !c.is_control();
    let taken = |c: char| c.is_alphanumeric() || separates(c) || "_.:/=+-@".contains(c);
    text.chars().find(|c| !taken(*c))
}

/// IAM compares the keys of tags without case.
pub fn same_in_iam<'a>(keys: impl Iterator<Item = &'a str>) -> Option<(&'a str, &'a str)> {
    let mut seen = std::collections::BTreeMap::new();
    for key in keys {
        if let Some(other) = seen.insert(key.to_lowercase(), key) {
            return Some((other, key));
        }
    }
    None
}

/// A role's path: `(\u002F)|(\u002F[\u0021-\u007E]+\u002F)`, up to 512 (API reference of CreateRole).
pub fn is_role_path(path: &str) -> bool {
    path == "/" || is_between_slashes(path) && path.bytes().all(|b| (0x21..=0x7e).contains(&b))
}

/// A managed policy's path: `((/[A-Za-z0-9\.,\+@=_-]+)*)/`, up to 512 (API reference of CreatePolicy).
pub fn is_policy_path(path: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b".,+@=_-/".contains(&b);
    path == "/" || is_between_slashes(path) && !path.contains("//") && path.bytes().all(sound)
}

fn is_between_slashes(path: &str) -> bool {
    (3..=512).contains(&path.len()) && path.starts_with('/') && path.ends_with('/')
}

/// The value of a stage variable: `[A-Za-z0-9-._~:/?#&=,]+`, up to 512.
pub fn stranger_in_stage_variable(value: &str) -> Option<char> {
    let taken = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#&=,".contains(c);
    value.chars().find(|c| !taken(*c))
}

pub const LONGEST_STAGE_VARIABLE: usize = 512;

/// A part of a path: plain, `{name}` or `{rest+}`. Source: API Gateway's important notes
/// (api-gateway-known-issues.html), and `$` from AWS's own aws-cdk#27619.
pub fn is_path_part(part: &str) -> bool {
    let name = part
        .strip_prefix('{')
        .and_then(|part| part.strip_suffix('}'));
    let plain = match name {
        Some(name) => name.strip_suffix('+').unwrap_or(name),
        None => part,
    };
    let taken = |c: char| c.is_ascii_alphanumeric() || "._-:,$".contains(c);
    !plain.is_empty() && plain.chars().all(taken)
}

/// A function's handler: no white space, up to 128 characters.
pub fn is_handler(handler: &str) -> bool {
    !handler.is_empty() && !handler.contains(char::is_whitespace) && handler.chars().count() <= 128
}

/// A log group's name: `[\.\-_/#A-Za-z0-9]+`, up to 512.
pub fn is_log_group(name: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b".-_/#".contains(&b);
    (1..=512).contains(&name.len()) && name.bytes().all(sound)
}

/// The ARN of a version of a layer, `arn:aws:lambda:REGION:ACCOUNT:layer:NAME:VERSION`, or of one
/// of AWS's own, `arn:aws:lambda:::awslayer:NAME` (API reference of CreateFunction).
pub fn is_layer_version(arn: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    let name = |text: &str| !text.is_empty() && text.bytes().all(word);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = arn.split(':').collect();
    match parts[..] {
        [
            "arn",
            part,
            "lambda",
            region,
            account,
            "layer",
            layer,
            version,
        ] => {
            part.starts_with("aws")
                && is_region(region)
                && digits(account)
                && account.len() == 12
                && name(layer)
                && digits(version)
        }
        ["arn", _, "lambda", "", "", "awslayer", layer] => name(layer),
        _ => false,
    }
}

/// What a function's role is named by (`arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+`).
pub fn is_role_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, role] = parts[..] else {
        return false;
    };
    let name = role.strip_prefix("role").unwrap_or_default();
    let name = name.strip_prefix('/').unwrap_or(name);
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"+=,.@-_/".contains(&b);
    is_partition(partition) && is_account(account) && !name.is_empty() && name.bytes().all(sound)
}

/// A queue, a topic, a key, or nothing (`(arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*)|()`).
pub fn is_resource_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(4, ':').collect();
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
    match parts[..] {
        [""] => true,
        ["arn", partition, service, _] => {
            is_partition(partition) && !service.is_empty() && service.bytes().all(sound)
        }
        _ => false,
    }
}

/// On whose behalf a function is invoked: an ARN of AWS's with all its parts.
pub fn is_source_arn(arn: &str) -> bool {
    arn.starts_with("arn:aws") && arn.split(':').count() >= 6
}

fn is_partition(text: &str) -> bool {
    let rest = text.strip_prefix("aws");
    text.is_empty()
        || rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-'))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// `us-east-1`, `us-gov-west-1`, `eusc-de-east-1`.
pub fn is_region(text: &str) -> bool {
    let text = text.strip_prefix("eusc-").unwrap_or(text);
    let mut parts: Vec<&str> = text.split('-').collect();
    if parts.len() == 4 && (parts[1] == "gov" || parts[1].starts_with("iso")) {
        parts.remove(1);
    }
    let lower = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase());
    match parts[..] {
        [land, side, number] => {
            let digit = number.len() == 1 && number.as_bytes()[0].is_ascii_digit();
            land.len() == 2 && lower(land) && !side.is_empty() && lower(side) && digit
        }
        _ => false,
    }
}

/// `o-` and 10 to 32 small letters and digits (API reference of AddPermission).
pub fn is_organization(id: &str) -> bool {
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    id.strip_prefix("o-")
        .is_some_and(|rest| (10..=32).contains(&rest.len()) && rest.bytes().all(sound))
}

/// `[a-zA-Z0-9._\-]+`, up to 256 (API reference of AddPermission).
pub fn is_event_source_token(token: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (1..=256).contains(&token.len()) && token.bytes().all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn descriptions_are_of_latin_letters() {
        assert_eq!(stranger_in_description("Größe\t\n¡ÿ"), None);
        assert_eq!(stranger_in_description("a – b"), Some((2, '–')));
        for bad in ["\u{1}", "\u{7f}", "\u{a0}", "日本", "“x”"] {
            assert!(stranger_in_description(bad).is_some(), "{bad:?}");
        }
    }

    #[test]
    fn tags_are_of_letters_and_few_signs() {
        assert_eq!(stranger_in_tag("Kosten stelle_1.:/=+-@ 日本"), None);
        for (bad, c) in [("a*b", '*'), ("a,b", ','), ("(x)", '('), ("a\nb", '\n')] {
            assert_eq!(stranger_in_tag(bad), Some(c));
        }
        let same = same_in_iam(["Team", "cost", "team"].into_iter());
        assert_eq!(same, Some(("Team", "team")));
    }

    #[test]
    fn parts_and_paths_end_where_aws_says() {
        assert!(
            ["$count", "1,2", "a:b", "{x}", "{rest+}"]
                .iter()
                .all(|part| is_path_part(part))
        );
        assert!(
            !["", "a b", "{}", "{+}", "a{x}", "ü", "a*"]
                .iter()
                .any(|part| is_path_part(part))
        );
        let most = format!("/{}/", "p".repeat(510));
        for good in ["/", "/a/", "/a/b-c/", &most] {
            assert!(is_role_path(good) && is_policy_path(good), "{good}");
        }
        let long = format!("/{}/", "p".repeat(511));
        for bad in ["", "a", "/a", "//", "/a b/", "/ü/", &long] {
            assert!(!is_role_path(bad) && !is_policy_path(bad), "{bad}");
        }
        assert!(is_role_path("/a*b//c/") && !is_policy_path("/a*b/"));
    }
}
