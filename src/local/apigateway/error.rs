//! API Gateway's refusals, in its own words (recorded answers of AWS, else its documentation).

use serde_json::Value;

use crate::local::error::AwsError;

pub fn bad_request(message: impl Into<String>) -> AwsError {
    AwsError::new(400, "BadRequestException", message)
}

pub fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new(409, "ConflictException", message)
}

/// A count that AWS does not let grow further.
pub fn limit(message: impl Into<String>) -> AwsError {
    AwsError::new(429, "LimitExceededException", message).header("retry-after", 1)
}

/// `what`: `Resource`, `Method`, `stage`.
pub fn not_found(what: &str) -> AwsError {
    missing(format!("Invalid {what} identifier specified"))
}

pub fn missing(message: impl Into<String>) -> AwsError {
    AwsError::new(404, "NotFoundException", message)
}

pub fn no_api(account: &str, id: &str) -> AwsError {
    missing(format!("Invalid API identifier specified {account}:{id}"))
}

pub fn no_status() -> AwsError {
    missing("Invalid Response status code specified")
}

/// A value of another type than the model's, as AWS's Java says it.
pub fn wrong_type(value: &Value, wanted: &str) -> AwsError {
    let message = match value {
        Value::Bool(_) => format!("class java.lang.Boolean can not be converted to an {wanted}"),
        Value::Number(_) => format!(
            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted \
             to an {wanted}"
        ),
        Value::String(_) => format!("class java.lang.String can not be converted to an {wanted}"),
        _ => "Start of structure or map found where not expected.".to_owned(),
    };
    AwsError::new(400, "SerializationException", message)
}

/// What AWS's model of the input rules out; all of it is told at once.
#[derive(Default)]
pub struct Violations(Vec<String>);

impl Violations {
    pub fn add(&mut self, value: &str, at: &str, constraint: &str) {
        self.0.push(format!(
            "Value '{value}' at '{at}' failed to satisfy constraint: Member must satisfy \
             {constraint}"
        ));
    }

    /// One of a fixed set of words.
    pub fn one_of(&mut self, value: Option<&str>, at: &str, allowed: &[&str]) {
        if let Some(value) = value
            && !allowed.contains(&value)
        {
            let constraint = format!("enum value set: [{}]", allowed.join(", "));
            self.add(value, at, &constraint);
        }
    }

    pub fn status_code(&mut self, value: &str) {
        let digits = value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit());
        if !(digits && (b'1'..=b'5').contains(&value.as_bytes()[0])) {
            self.add(
                value,
                "statusCode",
                r"regular expression pattern: [1-5]\d\d",
            );
        }
    }

    pub fn finish(self) -> Result<(), AwsError> {
        let (count, errors) = match self.0.len() {
            0 => return Ok(()),
            1 => (1, "error"),
            count => (count, "errors"),
        };
        let message = format!(
            "{count} validation {errors} detected: {}",
            self.0.join("; ")
        );
        Err(AwsError::new(400, "ValidationException", message))
    }
}
