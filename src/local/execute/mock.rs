//! Answers that API Gateway makes by itself.

use regex::Regex;

use super::answer::{Answer, Failure};
use super::call::Call;
use super::payload::payload;
use super::responses::{self, Backend};
use crate::local::apigateway::{Integration, Method};

/// The request template says the status, and that chooses the answer.
pub fn answer(
    call: &mut Call,
    method: &Method,
    integration: &Integration,
) -> Result<Answer, Failure> {
    call.integration = Some("mock".into());
    let said = payload(call, integration)?;
    let status = status(&String::from_utf8_lossy(&said))?;
    // The answer's own template sees nothing of the request's body.
    let backend = Backend {
        status: status.parse().unwrap_or_default(),
        ..Backend::default()
    };
    call.backend.status = Some(backend.status);
    responses::answer(call, method, integration, &backend, &status)
}

/// `{"statusCode": 200}` → `200`; AWS takes names without quotes as well.
fn status(said: &str) -> Result<String, Failure> {
    let member = Regex::new(r#"["']?\bstatusCode["']?\s*:\s*["']?(\d{3})\b"#);
    let found = member.ok().and_then(|member| member.captures(said));
    let status = found.and_then(|found| Some(found.get(1)?.as_str().to_owned()));
    status.ok_or_else(|| Failure::internal("a mock's request template must say a statusCode"))
}
