//! Where a variable's value comes from: `from = "…"`.

use std::fmt;

/// A source that only AWS, or another project's state, can answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A parameter of Systems Manager: its name, with `:version` or `:label` if there is one, or its ARN.
    Parameter(String),
    /// A secret of Secrets Manager: its name or ARN, and the key in it where it is a JSON object.
    Secret { id: String, key: Option<String> },
    /// An output of another project, of the same environment.
    Output { project: String, output: String },
}

/// Every source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum From {
    Environment(String),
    File(String),
    Far(Origin),
}

/// What a source answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Absent: the source has no such thing.
    pub text: Option<String>,
    /// Does the source hold it as a secret?
    pub secret: bool,
}

impl From {
    /// Reads `scheme:rest`; else says what is wrong and what can be done.
    pub fn parse(text: &str) -> Result<From, (String, &'static str)> {
        let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
        let missing = |what: &str, how| Err((format!("`{text}` names no {what}"), how));
        match (scheme, rest) {
            ("env", "") => missing("environment variable", "such as `env:TOKEN`"),
            ("env", name) => Ok(From::Environment(name.to_owned())),
            ("file", "") => missing("file", "such as `file:greeting.txt`"),
            ("file", path) => Ok(From::File(path.to_owned())),
            ("ssm", "") => missing("parameter", "such as `ssm:/shop/token`"),
            ("ssm", name) => Ok(From::Far(Origin::Parameter(name.to_owned()))),
            ("secretsmanager", rest) => match secret(rest) {
                Some(origin) => Ok(From::Far(origin)),
                None => missing(
                    "secret",
                    "such as `secretsmanager:shop` or `secretsmanager:shop#token`",
                ),
            },
            ("state", rest) => match rest.split_once('#') {
                Some((project, output)) if !project.is_empty() && !output.is_empty() => {
                    Ok(From::Far(Origin::Output {
                        project: project.to_owned(),
                        output: output.to_owned(),
                    }))
                }
                _ => missing("output of a project", "such as `state:network#vpc_id`"),
            },
            _ => Err((
                format!("`{text}` is not a source"),
                "sources are `env:NAME`, `file:PATH`, `ssm:NAME`, `secretsmanager:ID#KEY` and `state:PROJECT#OUTPUT`",
            )),
        }
    }
}

fn secret(rest: &str) -> Option<Origin> {
    let (id, key) = match rest.split_once('#') {
        Some((_, "")) => return None,
        Some((id, key)) => (id, Some(key.to_owned())),
        None => (rest, None),
    };
    (!id.is_empty()).then(|| Origin::Secret {
        id: id.to_owned(),
        key,
    })
}

impl Origin {
    /// Of a text that is such a source.
    pub fn parse(text: &str) -> Option<Origin> {
        match From::parse(text) {
            Ok(From::Far(origin)) => Some(origin),
            _ => None,
        }
    }

    /// Does it hold nothing but secrets?
    pub fn is_secret(&self) -> bool {
        matches!(self, Origin::Secret { .. })
    }
}

/// As it stands in the manifest.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Parameter(name) => write!(f, "ssm:{name}"),
            Origin::Secret { id, key: None } => write!(f, "secretsmanager:{id}"),
            Origin::Secret { id, key: Some(key) } => write!(f, "secretsmanager:{id}#{key}"),
            Origin::Output { project, output } => write!(f, "state:{project}#{output}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_printed_as_it_was_written() {
        for text in [
            "ssm:/shop/token",
            "ssm:/shop/token:3",
            "secretsmanager:shop",
            "secretsmanager:arn:aws:secretsmanager:eu-central-1:604370441254:secret:shop-AbCdEf#token",
            "state:network#vpc_id",
        ] {
            let Ok(From::Far(origin)) = From::parse(text) else {
                panic!("{text}");
            };
            assert_eq!(origin.to_string(), text);
        }
    }

    #[test]
    fn half_a_source_is_none() {
        for text in [
            "ssm:",
            "secretsmanager:",
            "secretsmanager:#a",
            "secretsmanager:a#",
            "state:a",
            "state:#b",
            "state:a#",
            "env:",
            "file:",
            "vault:x",
            "",
        ] {
            assert!(From::parse(text).is_err(), "{text}");
        }
    }
}
