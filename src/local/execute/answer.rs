//! What goes back to the caller, from an integration or from API Gateway itself.

use std::time::Duration;

use ::http::{HeaderName, HeaderValue, Response, StatusCode};
use bytes::Bytes;
use serde_json::json;

use super::call::Call;
use super::names;
use super::why::Why;

/// An answer before its common headers.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// In order; a name may come more than once.
    pub headers: Vec<(String, String)>,
    pub body: Bytes,
    /// Does it carry the trace id, as answers of functions do?
    pub traced: bool,
}

/// Headers of a backend that AWS passes on only under another name.
/// docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
const REMAPPED: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "host",
    "max-forwards",
    "server",
    "upgrade",
    "user-agent",
    "www-authenticate",
    "x-amzn-requestid",
];
/// Of an answer that is mapped, these as well. As recorded from AWS.
const ALSO_MAPPED: [&str; 3] = ["expect", "proxy-authenticate", "trailer"];

impl Answer {
    pub fn new(status: u16, headers: Vec<(String, String)>, body: impl Into<Bytes>) -> Answer {
        Answer {
            status,
            headers,
            body: body.into(),
            traced: false,
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// With the trace id.
    pub fn traced(self) -> Answer {
        Answer {
            traced: true,
            ..self
        }
    }

    /// JSON, unless it says otherwise.
    pub fn typed(mut self) -> Answer {
        if self.header("content-type").is_none() {
            self.headers
                .push(("Content-Type".into(), "application/json".into()));
        }
        self
    }

    /// Of a proxy's answer only what a backend may set.
    pub fn passed_on(self) -> Answer {
        self.remapped(&[])
    }

    /// The same for an answer that mappings made.
    pub fn mapped(self) -> Answer {
        self.remapped(&ALSO_MAPPED)
    }

    /// `Transfer-Encoding` is ours alone.
    fn remapped(mut self, also: &[&str]) -> Answer {
        self.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("transfer-encoding"));
        for (name, _) in &mut self.headers {
            let small = name.to_ascii_lowercase();
            if REMAPPED.contains(&small.as_str()) || also.contains(&small.as_str()) {
                *name = format!("x-amzn-Remapped-{name}");
            }
        }
        self
    }

    pub fn into_http(self, call: &Call) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        // A status that HTTP cannot carry was refused before it came here.
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let connection = if call.stays { "keep-alive" } else { "close" };
        let own = [
            ("Connection".to_owned(), connection.to_owned()),
            ("x-amzn-RequestId".to_owned(), call.id.clone()),
            ("x-amz-apigw-id".to_owned(), call.extended_id.clone()),
        ];
        let trace = self
            .traced
            .then(|| ("X-Amzn-Trace-Id".to_owned(), call.traced()));
        let all: Vec<_> = own.into_iter().chain(trace).chain(self.headers).collect();
        let mut sent = Vec::new();
        for (name, value) in &all {
            let written = HeaderName::try_from(name.as_str());
            let value = HeaderValue::from_bytes(value.as_bytes());
            if let (Ok(written), Ok(value)) = (written, value) {
                response.headers_mut().append(written, value);
                sent.push(name.as_str());
            }
        }
        *response.extensions_mut() = names::cased(sent.into_iter());
        response
    }
}

/// API Gateway's own refusals and failures.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    status: u16,
    /// The header `x-amzn-ErrorType`.
    kind: &'static str,
    message: String,
    /// For the developer.
    pub why: Why,
}

impl Failure {
    fn new(status: u16, kind: &'static str, message: &str, why: impl Into<Why>) -> Failure {
        Failure {
            status,
            kind,
            message: message.to_owned(),
            why: why.into(),
        }
    }

    pub fn no_stage(api: &str, stage: &str) -> Failure {
        Failure::forbidden(format!("there is no stage `{stage}` of an API `{api}`"))
    }

    pub fn forbidden(why: impl Into<Why>) -> Failure {
        Failure::new(403, "ForbiddenException", "Forbidden", why)
    }

    /// What AWS says where no method fits as well.
    pub fn missing_token(why: impl Into<Why>) -> Failure {
        Failure::new(
            403,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
            why,
        )
    }

    pub fn denied(arn: &str) -> Failure {
        let message = format!(
            "User: anonymous is not authorized to perform: execute-api:Invoke on resource: {arn}"
        );
        let why = "the API's resource policy does not allow it";
        Failure::new(403, "AccessDeniedException", &message, why)
    }

    pub fn too_large(why: impl Into<Why>) -> Failure {
        Failure::new(413, "RequestTooLargeException", "Request Too Long", why)
    }

    pub fn unsupported_media() -> Failure {
        let why = "no request template for this content type, and passthroughBehavior forbids it";
        Failure::new(
            415,
            "UnsupportedMediaTypeException",
            "Unsupported Media Type",
            why,
        )
    }

    pub fn too_many() -> Failure {
        let why = "more requests than the stage's throttling lets through";
        Failure::new(429, "TooManyRequestsException", "Too Many Requests", why)
    }

    pub fn internal(why: impl Into<Why>) -> Failure {
        Failure::new(
            500,
            "InternalServerErrorException",
            "Internal server error",
            why,
        )
    }

    /// A mapping reads the request's body as JSON, and it is none.
    pub fn bad_request(message: &str) -> Failure {
        let why = "a request parameter is mapped out of the body";
        Failure::new(400, "BadRequestException", message, why)
    }

    /// The integration answered what API Gateway cannot pass on.
    pub fn bad_gateway(why: impl Into<Why>) -> Failure {
        Failure {
            status: 502,
            ..Failure::internal(why)
        }
    }

    pub fn timeout(limit: Duration) -> Failure {
        Failure::new(
            504,
            "InternalServerErrorException",
            "Endpoint request timed out",
            Why::Late(limit),
        )
    }

    /// The backend was not reached, or did not speak HTTP.
    pub fn network(why: impl Into<Why>) -> Failure {
        Failure::new(
            504,
            "InternalServerErrorException",
            "Network error communicating with endpoint",
            why,
        )
    }

    /// For `$context.error.message`.
    pub fn message(&self) -> &str {
        &self.message
    }

    pub fn answer(&self) -> Answer {
        let body = json!({ "message": self.message }).to_string();
        // The message of a denial is written large, as IAM does.
        let body = match self.kind {
            "AccessDeniedException" => json!({ "Message": self.message }).to_string(),
            _ => body,
        };
        let headers = vec![("x-amzn-ErrorType".to_owned(), self.kind.to_owned())];
        Answer::new(self.status, headers, body).typed()
    }
}
