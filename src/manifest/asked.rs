//! Variables whose sources are asked once account and region are known.

use std::ops::Range;

use toml::de::DeValue;

use super::origin::{Answer, Origin};
use super::typed::{Raw, Type, article, parsed};
use super::variables::{Decl, Secrecy, Value, by_default};
use crate::kind::Block;
use crate::problem::Problem;

/// What is needed to value a variable once its source has answered.
#[derive(Debug)]
pub struct Asked {
    pub origin: Origin,
    kind: Type,
    secrecy: Secrecy,
    default: Option<DeValue<'static>>,
    span: Range<usize>,
}

/// A variable whose source is asked later; what is certain about it is judged now.
pub fn asked(
    name: &str,
    decl: &Decl,
    origin: &Origin,
    default: Option<Block>,
    kind: Type,
    span: &Range<usize>,
) -> Result<Asked, Vec<Problem>> {
    if origin.is_secret() && !decl.secret {
        let message = format!("`{name}` comes from Secrets Manager, so it is a secret");
        let problem = Problem::spanned(span.clone(), message);
        return Err(vec![problem.help("write `secret = true` beside it")]);
    }
    let default = match default {
        Some(default) => Some(by_default(name, decl, Some(default), kind, span)?),
        None => None,
    };
    Ok(Asked {
        origin: origin.clone(),
        kind,
        secrecy: decl.secrecy(),
        default,
        span: span.clone(),
    })
}

impl Asked {
    /// The value, now that the source has answered, or why it could not.
    pub fn value(self, name: &str, answer: Result<Answer, String>) -> Result<Value, Problem> {
        let (origin, span) = (self.origin, self.span);
        let problem = |message: String| Problem::spanned(span.clone(), message);
        let answer = answer.map_err(|why| problem(why).help(by_hand(name)))?;
        if answer.secret && self.secrecy == Secrecy::Open {
            let message = format!("`{name}`: {origin} is kept as a secret there");
            return Err(problem(message).help("write `secret = true` beside it"));
        }
        let typed = match (answer.text, self.default) {
            (Some(text), _) => parsed(Raw::Text(text), self.kind),
            (None, Some(default)) => Some(default),
            (None, None) => {
                return Err(problem(format!("`{name}`: there is no {origin}")).help(by_hand(name)));
            }
        };
        let Some(typed) = typed else {
            let kind = article(self.kind);
            return Err(problem(format!(
                "`{name}`: what {origin} holds is not {kind}"
            )));
        };
        Value::of(name, typed, self.secrecy).map_err(|(message, help)| {
            let problem = problem(format!("{message}: {origin}"));
            match help {
                Some(help) => problem.help(help),
                None => problem,
            }
        })
    }
}

fn by_hand(name: &str) -> String {
    format!("set it with --var {name}=…, with SLP_VAR_{name}, or write a default")
}
