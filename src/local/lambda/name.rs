//! The ways to name a function: `f`, `f:live`, `ACCOUNT:function:f`, a whole ARN.

use super::errors;
use crate::local::check::Check;
use crate::local::error::AwsError;
use crate::local::turn::Turn;
use crate::local::wire::Input;

/// A function's name and what stands behind it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    pub region: Option<String>,
    pub account: Option<String>,
    pub name: String,
    /// A version or an alias.
    pub qualifier: Option<String>,
}

/// AWS allows dots where a function is looked up, and none where it is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Made,
    Found,
}

impl Form {
    /// AWS's pattern, as its validation errors quote it.
    pub fn pattern(self) -> &'static str {
        match self {
            Form::Made => {
                "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?"
            }
            Form::Found => {
                "(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?([a-zA-Z0-9-_\\.]+)(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_]+))?"
            }
        }
    }
}

/// Takes a name apart; `None` where it does not fit AWS's pattern.
pub fn parse(text: &str, form: Form) -> Option<Named> {
    let parts: Vec<&str> = text.split(':').collect();
    let mut rest = match parts.as_slice() {
        ["arn", partition, "lambda", rest @ ..] if is_partition(partition) => rest,
        all => all,
    };
    let mut named = Named::default();
    // Each part before the name may be missing, and counts only with something behind it.
    if let [region, more @ ..] = rest
        && !more.is_empty()
        && is_region(region)
    {
        named.region = Some((*region).to_owned());
        rest = more;
    }
    if let [account, more @ ..] = rest
        && !more.is_empty()
        && is_account(account)
    {
        named.account = Some((*account).to_owned());
        rest = more;
    }
    if let ["function", more @ ..] = rest
        && !more.is_empty()
    {
        rest = more;
    }
    let (name, qualifier) = match rest {
        [name] => (name, None),
        [name, qualifier] => (name, Some(*qualifier)),
        _ => return None,
    };
    let dots = form == Form::Found;
    let sound = !name.is_empty() && name.bytes().all(|b| is_word(b) || (dots && b == b'.'));
    named.name = (*name).to_owned();
    named.qualifier = qualifier.map(str::to_owned);
    (sound && qualifier.is_none_or(|q| is_version(q, form))).then_some(named)
}

fn is_partition(text: &str) -> bool {
    let word = |rest: &str| rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    text.is_empty() || text.strip_prefix("aws").is_some_and(word)
}

pub use crate::bounds::texts::is_region;

pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_version(text: &str, form: Form) -> bool {
    let latest = text == "$LATEST" || (form == Form::Found && text == "$LATEST.PUBLISHED");
    latest || (!text.is_empty() && text.bytes().all(is_word))
}

/// The function that a request names in its path, with the qualifier of its query string.
pub fn asked(turn: &Turn<'_>, input: &Input) -> Result<Named, AwsError> {
    named(
        turn,
        input.path("FunctionName"),
        input.query("Qualifier"),
        Form::Found,
    )
}

/// A function by name or ARN, with a qualifier that stands apart, checked as AWS does.
pub fn named(
    turn: &Turn<'_>,
    text: &str,
    qualifier: Option<&str>,
    form: Form,
) -> Result<Named, AwsError> {
    let mut check = Check::default();
    if let Some(qualifier) = qualifier {
        check_qualifier(&mut check, qualifier);
    }
    if form == Form::Made {
        check.longest("functionName", text, 140);
    }
    let found = parse(text, form);
    if found.is_none() {
        check.pattern("functionName", text, form.pattern());
    }
    check.done()?;
    let mut found = found.unwrap_or_default();
    reachable(turn, &found)?;
    if let Some(qualifier) = qualifier {
        if found
            .qualifier
            .as_deref()
            .is_some_and(|own| own != qualifier)
        {
            return Err(errors::invalid(
                "The derived qualifier from the function name does not match the specified \
                 qualifier.",
            ));
        }
        found.qualifier = Some(qualifier.to_owned());
    }
    Ok(found)
}

fn check_qualifier(check: &mut Check, qualifier: &str) {
    check.longest("qualifier", qualifier, 128);
    let word = |byte| is_word(byte) || byte == b'$';
    let sound = !qualifier.is_empty() && qualifier.bytes().all(word);
    if !sound && qualifier != "$LATEST.PUBLISHED" {
        let pattern = "\\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
        check.pattern("qualifier", qualifier, pattern);
    }
}

fn reachable(turn: &Turn<'_>, named: &Named) -> Result<(), AwsError> {
    let here = &turn.place.region;
    match (&named.region, &named.account) {
        (Some(region), _) if region != here => Err(errors::not_found(format!(
            "Functions from '{region}' are not reachable in this region ('{here}')"
        ))),
        (_, Some(account)) if account != turn.account() => {
            Err(AwsError::new(403, "AccessDeniedException", ""))
        }
        _ => Ok(()),
    }
}

impl Named {
    /// The qualifier where it says something: `$LATEST` is what one gets without.
    pub fn version(&self) -> Option<&str> {
        let qualifier = self.qualifier.as_deref();
        qualifier.filter(|qualifier| *qualifier != super::model::LATEST)
    }

    /// The ARN as it was asked for, with the qualifier.
    pub fn arn(&self, turn: &Turn<'_>) -> String {
        arn(turn, &self.name, self.qualifier.as_deref())
    }
}

pub fn arn(turn: &Turn<'_>, name: &str, qualifier: Option<&str>) -> String {
    let arn = turn.arn("lambda", &format!("function:{name}"));
    match qualifier {
        Some(qualifier) => format!("{arn}:{qualifier}"),
        None => arn,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<(String, Option<String>)> {
        parse(text, Form::Found).map(|named| (named.name, named.qualifier))
    }

    #[test]
    fn names_stand_alone_or_in_arns() {
        for text in [
            "f",
            "function:f",
            "000000000000:function:f",
            "arn:aws:lambda:us-east-1:000000000000:function:f",
            "arn:aws-us-gov:lambda:us-gov-west-1:000000000000:function:f",
        ] {
            assert_eq!(found(text), Some(("f".into(), None)), "{text}");
            let qualified = format!("{text}:live");
            let expected = Some(("f".to_owned(), Some("live".to_owned())));
            assert_eq!(found(&qualified), expected, "{qualified}");
        }
        // As recorded from AWS: an ARN that ends too early names a function `function`.
        let short = "arn:aws:lambda:us-east-1:000000000000:function";
        assert_eq!(found(short), Some(("function".into(), None)));
    }

    #[test]
    fn what_fits_no_pattern_is_no_name() {
        for text in [
            "",
            "*",
            "my-function!",
            "invalid-account:function:f",
            "arn:aws:lambda:invalid-region:000000000000:function:f",
            "arn:aws:lambda::000000000000:function:f",
            "arn:aws:lambda:us-east-1::function:f",
            "arn:aws:ec2:us-east-1:000000000000:instance:i-1",
            "arn:aws:lambda:us-east-1:000000000000:function:f:1:2",
            "arn:aws:lambda:us-east-1:000000000000:function:f:$LATES",
            "function:f:$LATEST:extra",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
        assert_eq!(parse("a.b", Form::Made), None);
    }
}
