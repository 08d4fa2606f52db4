//! Resource policies: who may invoke a function or use a layer, and the JSON that says so.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::local::turn::Turn;

/// The statements of one qualifier.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub revision: String,
    pub statements: Vec<Statement>,
}

/// As `AddPermission` and `AddLayerVersionPermission` take it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub sid: String,
    pub principal: Principal,
    pub action: String,
    pub source_arn: Option<String>,
    pub source_account: Option<String>,
    pub organization: Option<String>,
    pub url_auth_type: Option<String>,
    pub event_source_token: Option<String>,
    pub via_url: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    Anybody,
    Service(String),
    /// An ARN of IAM.
    Aws(String),
}

impl Policy {
    /// The document that `GetPolicy` gives, for the resource that it stands on.
    pub fn document(&self, resource: &str) -> Value {
        let statements = self.statements.iter();
        json!({
            "Version": "2012-10-17",
            "Id": "default",
            "Statement": statements.map(|s| s.document(resource)).collect::<Vec<_>>(),
        })
    }
}

impl Statement {
    pub fn document(&self, resource: &str) -> Value {
        let principal = match &self.principal {
            Principal::Anybody => json!("*"),
            Principal::Service(name) => json!({ "Service": name }),
            Principal::Aws(arn) => json!({ "AWS": arn }),
        };
        let mut document = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": principal,
            "Action": self.action,
            "Resource": resource,
        });
        let condition = self.condition();
        if !condition.is_empty() {
            document["Condition"] = Value::Object(condition);
        }
        document
    }

    fn condition(&self) -> Map<String, Value> {
        let equals = [
            ("AWS:SourceAccount", &self.source_account),
            ("lambda:FunctionUrlAuthType", &self.url_auth_type),
            ("aws:PrincipalOrgID", &self.organization),
            ("lambda:EventSourceToken", &self.event_source_token),
        ];
        let equals: Map<String, Value> = equals
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), json!(value.as_ref()?))))
            .collect();
        let mut condition = Map::new();
        if !equals.is_empty() {
            condition.insert("StringEquals".into(), Value::Object(equals));
        }
        if let Some(arn) = &self.source_arn {
            condition.insert("ArnLike".into(), json!({ "AWS:SourceArn": arn }));
        }
        if let Some(via_url) = self.via_url {
            let text = via_url.to_string();
            condition.insert(
                "Bool".into(),
                json!({ "lambda:InvokedViaFunctionUrl": text }),
            );
        }
        condition
    }

    /// Does it let the service call for that source? What it asks beyond that, no service of
    /// this cloud can show.
    fn allows(&self, service: &str, source_arn: &str, source_account: &str) -> bool {
        let principal = match &self.principal {
            Principal::Anybody => true,
            Principal::Service(name) => name == service,
            Principal::Aws(_) => false,
        };
        let source = self.source_arn.as_deref();
        let account = self.source_account.as_deref();
        principal
            && matches!(
                self.action.as_str(),
                "lambda:InvokeFunction" | "lambda:*" | "*"
            )
            && source.is_none_or(|pattern| arn_like(pattern, source_arn))
            && account.is_none_or(|account| account == source_account)
            && self.organization.is_none()
            && self.url_auth_type.is_none()
            && self.event_source_token.is_none()
            && self.via_url != Some(true)
    }
}

/// May a service, such as `apigateway.amazonaws.com`, invoke the function for a source?
///
/// The policies of qualifiers are apart: what the function allows, its alias does not. Of
/// `function`, a name or an ARN without qualifier, the region is that of the turn.
pub fn may_invoke(
    turn: &Turn<'_>,
    function: &str,
    qualifier: Option<&str>,
    service: &str,
    source_arn: &str,
    source_account: &str,
) -> bool {
    let name = function.rsplit(':').next().unwrap_or_default();
    let qualifier = qualifier.filter(|qualifier| *qualifier != super::LATEST);
    super::of(turn)
        .and_then(|lambda| lambda.functions.get(name))
        .and_then(|function| function.policies.get(qualifier.unwrap_or_default()))
        .is_some_and(|policy| {
            let mut statements = policy.statements.iter();
            statements.any(|statement| statement.allows(service, source_arn, source_account))
        })
}

/// IAM's `ArnLike`: the six parts of an ARN match each for itself, with `*` and `?`.
fn arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    patterns.clone().count() == parts.clone().count()
        && patterns
            .zip(parts)
            .all(|(pattern, part)| like(pattern.as_bytes(), part.as_bytes()))
}

fn like(pattern: &[u8], text: &[u8]) -> bool {
    // Where the last star stands, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    while t < text.len() {
        match (pattern.get(p), star) {
            (Some(b'*'), _) => {
                star = Some((p, t));
                p += 1;
            }
            (Some(wanted), _) if *wanted == b'?' || *wanted == text[t] => {
                p += 1;
                t += 1;
            }
            (_, Some((at, taken))) => {
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
            (_, None) => return false,
        }
    }
    pattern[p..].iter().all(|wanted| *wanted == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statement(source_arn: Option<&str>) -> Statement {
        Statement {
            sid: "s".into(),
            principal: Principal::Service("apigateway.amazonaws.com".into()),
            action: "lambda:InvokeFunction".into(),
            source_arn: source_arn.map(str::to_owned),
            source_account: None,
            organization: None,
            url_auth_type: None,
            event_source_token: None,
            via_url: None,
        }
    }

    #[test]
    fn arns_match_part_by_part() {
        let arn = "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/hello";
        for pattern in [
            arn,
            "arn:aws:execute-api:us-east-1:000000000000:abc123/*/*",
            "arn:aws:execute-api:us-east-1:000000000000:abc123/*/GET/hell?",
            "arn:*:execute-api:*:*:*",
        ] {
            assert!(arn_like(pattern, arn), "{pattern}");
        }
        for pattern in [
            "arn:aws:execute-api:us-east-1:000000000000:abc/*",
            "arn:aws:execute-api:*",
            "*",
            "arn:aws:execute-api:us-east-1:000000000000:abc123/*/POST/*",
        ] {
            assert!(!arn_like(pattern, arn), "{pattern}");
        }
    }

    #[test]
    fn a_statement_asks_for_principal_source_and_account() {
        let arn = "arn:aws:execute-api:us-east-1:000000000000:abc123/prod/GET/";
        let mut statement = statement(Some("arn:aws:execute-api:us-east-1:000000000000:abc123/*"));
        let allows = |s: &Statement, service: &str| s.allows(service, arn, "000000000000");
        assert!(allows(&statement, "apigateway.amazonaws.com"));
        assert!(!allows(&statement, "s3.amazonaws.com"));
        statement.source_account = Some("111111111111".into());
        assert!(!allows(&statement, "apigateway.amazonaws.com"));
        statement.source_account = Some("000000000000".into());
        assert!(allows(&statement, "apigateway.amazonaws.com"));
        statement.action = "lambda:GetFunction".into();
        assert!(!allows(&statement, "apigateway.amazonaws.com"));
    }

    #[test]
    fn the_document_has_the_conditions_that_were_asked() {
        let mut statement = statement(Some("arn:aws:s3:::b"));
        statement.source_account = Some("000000000000".into());
        assert_eq!(
            statement.document("arn:f"),
            json!({
                "Sid": "s",
                "Effect": "Allow",
                "Principal": {"Service": "apigateway.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Resource": "arn:f",
                "Condition": {
                    "StringEquals": {"AWS:SourceAccount": "000000000000"},
                    "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"},
                },
            })
        );
    }
}
