//! Whom a policy may name, as far as the name alone tells.
//!
//! Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html.

use super::services;

/// What a name is worth as a principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// AWS takes it, if what it names is there.
    Fits,
    /// It has the form of a service that is not known here.
    Unknown,
    /// AWS takes it in no account; the second is what is meant.
    Never(Option<String>),
}

/// Judges a name of a kind: `AWS`, `Service`, `Federated`, `CanonicalUser`.
pub fn judge(kind: &str, name: &str) -> Verdict {
    let fits = match kind {
        "Service" => return service(name),
        "AWS" if is_aws(name) => true,
        "AWS" => return Verdict::Never(services::guess(name)),
        "Federated" => is_federated(name),
        "CanonicalUser" => name.len() == 64 && name.bytes().all(|b| b.is_ascii_hexdigit()),
        // What sort of principal that is, is judged elsewhere.
        _ => true,
    };
    if fits {
        Verdict::Fits
    } else {
        Verdict::Never(None)
    }
}

fn service(name: &str) -> Verdict {
    let form = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-.".contains(&b);
    if services::is_one(name) {
        return Verdict::Fits;
    }
    match services::guess(name) {
        None if services::is_meant(name) && name.bytes().all(form) => Verdict::Unknown,
        guess => Verdict::Never(guess),
    }
}

/// Twelve digits.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Everybody, an account, somebody of IAM by ARN, or the unique id of one.
fn is_aws(name: &str) -> bool {
    if name == "*" || is_account(name) || is_unique_id(name) {
        return true;
    }
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, resource] = parts[..] else {
        return false;
    };
    let (kind, rest) = resource.split_once('/').unwrap_or((resource, ""));
    let known = match (service, kind) {
        ("iam", "root") => rest.is_empty(),
        ("iam", "role" | "user") | ("sts", "assumed-role" | "federated-user") => !rest.is_empty(),
        _ => false,
    };
    // A wildcard cannot stand for a part of a principal.
    known && partition.starts_with("aws") && is_account(account) && !rest.contains(['*', '?'])
}

/// `AROA…`, `AIDA…`: what AWS shows in the place of a role or user that is gone.
fn is_unique_id(name: &str) -> bool {
    let sound = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    ["AROA", "AIDA", "ANPA", "AGPA", "AKIA", "ASIA"]
        .iter()
        .any(|head| name.starts_with(head))
        && name.len() >= 16
        && name.bytes().all(sound)
}

/// The web identity providers that have no ARN.
const PROVIDERS: [&str; 4] = [
    "cognito-identity.amazonaws.com",
    "www.amazon.com",
    "graph.facebook.com",
    "accounts.google.com",
];

fn is_federated(name: &str) -> bool {
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    let by_arn = match parts[..] {
        ["arn", partition, "iam", "", account, provider] => {
            partition.starts_with("aws")
                && is_account(account)
                && (provider.starts_with("saml-provider/")
                    || provider.starts_with("oidc-provider/"))
        }
        _ => false,
    };
    by_arn || PROVIDERS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_judged_by_their_form() {
        let account = "arn:aws:iam::123456789012";
        for (kind, name) in [
            ("AWS", "*".to_owned()),
            ("AWS", "123456789012".to_owned()),
            ("AWS", format!("{account}:root")),
            ("AWS", format!("{account}:role/a/b")),
            (
                "AWS",
                "arn:aws-cn:sts::123456789012:assumed-role/r/s".to_owned(),
            ),
            ("AWS", "AROAJQABLZS4A3QDU576Q".to_owned()),
            ("Service", "lambda.amazonaws.com".to_owned()),
            ("Service", "logs.eu-west-1.amazonaws.com".to_owned()),
            (
                "Federated",
                format!("{account}:oidc-provider/token.example"),
            ),
            ("Federated", "accounts.google.com".to_owned()),
            ("CanonicalUser", "a".repeat(64)),
        ] {
            assert_eq!(judge(kind, &name), Verdict::Fits, "{kind} {name}");
        }
        for (kind, name) in [
            ("AWS", "me"),
            ("AWS", "12345"),
            ("AWS", "arn:aws:iam::123456789012:role/*"),
            ("AWS", "arn:aws:iam::123456789012:group/g"),
            ("AWS", "arn:aws:iam::*:root"),
            ("Service", "ünknown.amazonaws.com"),
            ("Service", "nobody"),
            ("Federated", "example.org"),
            ("CanonicalUser", "me"),
        ] {
            assert_eq!(judge(kind, name), Verdict::Never(None), "{kind} {name}");
        }
    }

    #[test]
    fn a_slip_of_a_service_is_told_and_a_new_service_is_not_refused() {
        let lambda = || Verdict::Never(Some("lambda.amazonaws.com".into()));
        for (kind, name) in [
            ("AWS", "lambda"),
            ("AWS", "lambda.amazonaws.com"),
            ("Service", "lambda"),
            ("Service", "Lambda.amazonaws.com"),
            ("Service", "lamda.amazonaws.com"),
            ("Service", "lambda.aws.com"),
        ] {
            assert_eq!(judge(kind, name), lambda(), "{kind} {name}");
        }
        let new = "hoverboards.amazonaws.com";
        assert_eq!(judge("Service", new), Verdict::Unknown);
    }
}
