//! What IAM refuses of a policy document when it is put.
//!
//! Sources of the messages: recorded answers of AWS, and messages that its users report. Sizes:
//! docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space is not counted.

use std::collections::BTreeSet;

use super::asked::{beyond, malformed, required};
use crate::iam::evaluate::known_operator;
use crate::iam::grammar::{self, Document, Fault, Statement};
use crate::iam::principal::{Verdict, judge};
use crate::iam::resource;
use crate::local::error::AwsError;
use crate::local::wire::Input;

/// Characters of a document, white space left out.
pub fn size(document: &str) -> usize {
    document.chars().filter(|c| !c.is_whitespace()).count()
}

/// The text of a document, of characters that IAM takes.
pub fn text<'i>(input: &'i Input, member: &str) -> Result<&'i str, AwsError> {
    let text = required(input, member)?;
    let taken = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{ff}');
    match text.chars().find(|c| !taken(*c)) {
        None => Ok(text),
        Some(_) => Err(super::asked::invalid(
            "The specified value for policyDocument is invalid. It must contain only printable \
             ASCII characters and/or the Latin-1 Supplement.",
        )),
    }
}

/// Of a managed policy.
pub fn managed(document: &str) -> Result<(), AwsError> {
    identity(document)?;
    if size(document) > 6144 {
        return Err(beyond("Cannot exceed quota for PolicySize: 6144"));
    }
    Ok(())
}

/// Of a policy that says what its holder may do.
pub fn identity(document: &str) -> Result<(), AwsError> {
    let document = grammar::read(document).map_err(|_| malformed("Syntax errors in policy."))?;
    common(&document)?;
    for statement in &document.statements {
        if statement.principals.is_some() {
            return Err(malformed("Policy document should not specify a principal."));
        }
        let none = || malformed("Policy statement must contain resources.");
        let resources = &statement.resources.as_ref().ok_or_else(none)?.listed;
        if resources.is_empty() {
            return Err(none());
        }
        let each = resources.iter().map(|one| resource::check(one));
        each.collect::<Result<(), String>>().map_err(malformed)?;
    }
    Ok(())
}

/// Is it one that can stand on a thing itself, as far as it tells by itself?
pub fn stands_on_a_thing(document: &str) -> bool {
    let Ok(document) = grammar::read(document) else {
        return false;
    };
    let named = |statement: &Statement| {
        let principals = statement.principals.as_ref();
        principals.is_some_and(|principals| {
            let listed = &principals.listed;
            !listed.is_empty() && listed.iter().all(|(kind, name)| fits(kind, name))
        })
    };
    let placed = |statement: &Statement| {
        let resources = statement.resources.as_ref();
        resources.is_some_and(|resources| {
            let listed = &resources.listed;
            !listed.is_empty() && listed.iter().all(|one| is_placed(one))
        })
    };
    let all = &document.statements;
    read_alike(&document).is_ok()
        && all
            .iter()
            .all(|statement| named(statement) && placed(statement))
}

/// May it be named, as far as the name tells?
pub fn fits(kind: &str, name: &str) -> bool {
    let sorts = ["AWS", "Service", "Federated", "CanonicalUser"];
    sorts.contains(&kind) && !matches!(judge(kind, name), Verdict::Never(_))
}

/// API Gateway puts the head of the ARN in by itself.
fn is_placed(resource: &str) -> bool {
    resource.starts_with("execute-api:/") || resource::check(resource).is_ok()
}

/// Of a role's trust policy; its principals are left to `trust`.
pub fn trust(document: &str) -> Result<Document, AwsError> {
    let document = grammar::read(document).map_err(|fault| match fault {
        Fault::NotJson => malformed("This policy contains invalid Json"),
        Fault::Syntax => malformed("Syntax errors in policy."),
    })?;
    if document.statements.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    for statement in &document.statements {
        if statement.resources.is_some() {
            return Err(malformed("Has prohibited field Resource"));
        }
        if statement
            .principals
            .as_ref()
            .is_none_or(|principals| principals.listed.is_empty())
        {
            return Err(malformed("Missing required field Principal"));
        }
        only_sts(statement)?;
    }
    common(&document)?;
    Ok(document)
}

fn only_sts(statement: &Statement) -> Result<(), AwsError> {
    let Some(actions) = &statement.actions else {
        return Err(malformed("Missing required field Action"));
    };
    let sts = |action: &String| action.to_ascii_lowercase().starts_with("sts:");
    if actions.listed.iter().all(sts) {
        return Ok(());
    }
    Err(malformed(
        "AssumeRole policy may only specify STS AssumeRole actions.",
    ))
}

fn common(document: &Document) -> Result<(), AwsError> {
    read_alike(document)?;
    let sid = |statement: &&Statement| {
        let sid = statement.sid.as_deref().unwrap_or_default();
        !sid.chars().all(|c| c.is_ascii_alphanumeric())
    };
    match document.statements.iter().find(sid) {
        None => Ok(()),
        Some(_) => Err(malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the \
             regular expression [0-9A-Za-z]*",
        )),
    }
}

/// What holds of a policy wherever it stands.
fn read_alike(document: &Document) -> Result<(), AwsError> {
    let version = document.version.as_deref().unwrap_or("2008-10-17");
    if !matches!(version, "2008-10-17" | "2012-10-17") || document.statements.is_empty() {
        return Err(malformed("Syntax errors in policy."));
    }
    let mut sids = BTreeSet::new();
    for statement in &document.statements {
        one(statement)?;
        let sid = statement.sid.as_deref().unwrap_or_default();
        if !sid.is_empty() && !sids.insert(sid) {
            return Err(malformed(
                "Statement IDs (SID) in a single policy must be unique.",
            ));
        }
    }
    Ok(())
}

fn one(statement: &Statement) -> Result<(), AwsError> {
    if !matches!(statement.effect.as_str(), "Allow" | "Deny") {
        return Err(malformed("Syntax errors in policy."));
    }
    let actions = statement.actions.as_ref().map(|actions| &actions.listed);
    match actions {
        None => return Err(malformed("Policy statement must contain actions.")),
        Some(actions) if actions.is_empty() => {
            return Err(malformed("Policy statement must contain actions."));
        }
        Some(actions) => actions.iter().try_for_each(|action| vendor(action))?,
    }
    let unknown = |test: &grammar::Test| !known_operator(&test.operator);
    if statement.tests.iter().any(unknown) {
        return Err(malformed("Syntax errors in policy."));
    }
    Ok(())
}

/// `service:Name`, or `*`.
fn vendor(action: &str) -> Result<(), AwsError> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else {
        return Err(malformed(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
        ));
    };
    if name.contains(':') {
        return Err(malformed("Actions/Condition can contain only one colon."));
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if vendor.is_empty() || !vendor.chars().all(fits) {
        return Err(malformed(format!("Vendor {vendor} is not valid")));
    }
    Ok(())
}
