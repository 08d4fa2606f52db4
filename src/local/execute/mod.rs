//! The deployed APIs answer: a request to a stage, from what was deployed to it.
//!
//! `call` is the request, `route` finds its method, then an integration answers: `lambda`,
//! `http` or `mock`. Where it is no proxy, `payload` and `parameters` make what the backend
//! gets, `responses` what the caller gets, both by way of `template`. What goes wrong is a
//! `Failure`: to the caller AWS's few words, to a developer why (`Executed`). `access_log`
//! notes each request.
//!
//! Left out, and a failure that says so: AWS's services other than Lambda as backends, VPC
//! links, API keys. Signatures are asked for, not verified.

mod access_log;
mod answer;
mod call;
mod context;
mod event;
mod http;
mod lambda;
mod media;
mod mock;
mod names;
mod overrides;
mod parameters;
mod payload;
mod policy;
mod proxy;
mod responses;
mod route;
mod template;
#[cfg(test)]
mod tests;
mod throttle;
mod why;

use std::sync::Arc;
use std::time::Duration;

use ::http::{Request, Response};
use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::broadcast;

use super::apigateway::{self, Integration, Method, Served};
use super::{Cloud, Place, runtime};
use access_log::Ended;
use answer::{Answer, Failure};
use call::Call;
use parameters::Outgoing;
use throttle::Throttle;

pub use http::Client;
pub use why::Why;

/// AWS's: 10 MB.
const LARGEST_BODY: usize = 10 << 20;
const LONG: &str = "a request's body has at most 10 MB";
/// What listeners may be behind; who is slower misses requests.
const BACKLOG: usize = 1024;

/// What the requests to all APIs share.
pub struct Execute {
    throttle: Throttle,
    client: http::Client,
    listeners: broadcast::Sender<Executed>,
}

impl Default for Execute {
    fn default() -> Self {
        Execute {
            throttle: Throttle::default(),
            client: http::Client::default(),
            listeners: broadcast::Sender::new(BACKLOG),
        }
    }
}

/// A request that was answered, for whoever watches.
#[derive(Clone, Debug)]
pub struct Executed {
    pub time: Timestamp,
    pub request_id: String,
    pub api: String,
    pub stage: String,
    pub method: String,
    /// As it was asked, after the stage.
    pub path: String,
    /// The resource that answered, `/pets/{id}`; none where nothing fits.
    pub resource: Option<String>,
    pub status: u16,
    pub duration: Duration,
    /// The function's ARN, the backend's URL, `mock`.
    pub integration: Option<String>,
    /// The name of the function that was to answer.
    pub function: Option<String>,
    /// Of `duration`, what the start of the function took, where a process was started.
    pub init: Option<Duration>,
    /// Why API Gateway refused or failed, or what the function's error is, in more words than the
    /// caller gets.
    pub why: Option<Why>,
}

impl Cloud {
    /// Answers a request to a stage. `path` is what follows the stage, as it was sent, and `url`
    /// is where this cloud is reached.
    pub async fn execute(
        self: &Arc<Self>,
        request: Request<Bytes>,
        api: &str,
        stage: &str,
        path: &str,
        url: &str,
    ) -> Response<Bytes> {
        let started = tokio::time::Instant::now();
        let place = self.place("", url);
        let served = self.turn(place, |turn| Ok(apigateway::served(turn, api, stage)));
        let mut call = Call::new(self, request, api, stage, path);
        let answer = match served {
            // At AWS's front door, before anything is looked for.
            _ if call.too_large => Err(Failure::too_large(LONG)),
            Ok(Some(served)) => self.answer_call(&mut call, served, url).await,
            Ok(None) => Err(Failure::no_stage(api, stage)),
            Err(error) => Err(Failure::internal(error.message)),
        };
        self.finish(&call, answer, started.elapsed())
    }

    /// The requests that are answered from now on.
    pub fn requests(&self) -> broadcast::Receiver<Executed> {
        self.execute.listeners.subscribe()
    }

    async fn answer_call(
        self: &Arc<Self>,
        call: &mut Call,
        served: Served,
        url: &str,
    ) -> Result<Answer, Failure> {
        call.serve(served);
        let snapshot = call.snapshot.clone();
        if snapshot.disable_execute_api_endpoint {
            return Err(Failure::forbidden(
                "the API's execute-api endpoint is disabled",
            ));
        }
        let (resource, method) = route::find(&snapshot, call)?;
        call.resource = resource.path.clone();
        call.resource_id = resource.id.clone();
        self.admit(call, method, url)?;
        let integration = method.method_integration.as_ref();
        let integration = integration.ok_or_else(|| Failure::internal("no integration"))?;
        self.integrate(call, method, integration, url).await
    }

    /// All that may keep a request from its integration.
    fn admit(&self, call: &Call, method: &Method, url: &str) -> Result<(), Failure> {
        if call.body.len() > LARGEST_BODY {
            return Err(Failure::too_large(LONG));
        }
        if let Some(policy) = &call.snapshot.policy {
            let place = self.place(&call.region, url);
            self.turn(place, |turn| Ok(policy::check(turn, call, policy)))
                .map_err(|error| Failure::internal(error.message))??;
        }
        if method.authorization_type == "AWS_IAM" && !call.signed {
            return Err(Failure::missing_token(
                "the method asks for AWS_IAM, and the request has no signature",
            ));
        }
        if method.api_key_required {
            return Err(Failure::forbidden(
                "the method asks for an API key, which the embedded cloud has none of",
            ));
        }
        match self.execute.throttle.admits(call, &method.http_method) {
            true => Ok(()),
            false => Err(Failure::too_many()),
        }
    }

    async fn integrate(
        self: &Arc<Self>,
        call: &mut Call,
        method: &Method,
        integration: &Integration,
        url: &str,
    ) -> Result<Answer, Failure> {
        let limit = self.limit(integration);
        if integration.connection_type.as_deref() == Some("VPC_LINK") {
            return Err(Failure::internal("the embedded cloud has no VPC links"));
        }
        Outgoing::check(integration)?;
        let started = tokio::time::Instant::now();
        let client = &self.execute.client;
        let answer = async {
            match integration.kind.as_str() {
                "MOCK" => mock::answer(call, method, integration),
                "AWS_PROXY" => lambda::proxied(self, call, integration, url).await,
                "AWS" => lambda::mapped(self, call, method, integration, url).await,
                "HTTP_PROXY" => http::proxied(client, call, integration).await,
                "HTTP" => http::mapped(client, call, method, integration).await,
                other => Err(Failure::internal(format!("no integration is a {other}"))),
            }
        };
        let answer = tokio::time::timeout(limit, answer).await;
        call.backend.latency = Some(started.elapsed());
        answer.unwrap_or_else(|_| Err(Failure::timeout(limit)))
    }

    /// How long an integration may take; while a debugger may hold a function, as long as it does.
    fn limit(&self, integration: &Integration) -> Duration {
        let calls = ["AWS", "AWS_PROXY"].contains(&integration.kind.as_str());
        match calls && self.inspects() {
            true => runtime::PATIENCE,
            false => Duration::from_millis(integration.timeout_in_millis.into()),
        }
    }

    /// The answer in HTTP; the access log and whoever watches are told.
    fn finish(
        self: &Arc<Self>,
        call: &Call,
        answer: Result<Answer, Failure>,
        duration: Duration,
    ) -> Response<Bytes> {
        let (answer, failure) = match answer {
            Ok(answer) => (answer, None),
            Err(failure) => (failure.answer(), Some(failure)),
        };
        let ended = Ended {
            answer: &answer,
            failure: failure.as_ref(),
            latency: duration,
        };
        access_log::write(self, call, &ended);
        if self.execute.listeners.receiver_count() > 0 {
            self.tell(call, &ended);
        }
        answer.into_http(call)
    }

    fn tell(&self, call: &Call, ended: &Ended<'_>) {
        // Whoever listened may have left just now.
        let _ = self.execute.listeners.send(Executed {
            time: call.time,
            request_id: call.id.clone(),
            api: call.api.clone(),
            stage: call.stage.name.clone(),
            method: call.verb.clone(),
            path: call.raw_path.clone(),
            resource: Some(call.resource.clone()).filter(|path| !path.is_empty()),
            status: ended.answer.status,
            duration: ended.latency,
            integration: call.integration.clone(),
            function: call.function.clone(),
            init: call.backend.init,
            why: match ended.failure {
                Some(failure) => Some(failure.why.clone()),
                None => call.failed.clone().map(Why::Failed),
            },
        });
    }

    fn place(&self, region: &str, url: &str) -> Place {
        Place {
            region: region.to_owned(),
            url: url.to_owned(),
        }
    }
}
