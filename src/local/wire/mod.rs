//! From an HTTP request to an operation of a service, and from its answer to HTTP.
//!
//! Each service speaks one of AWS's protocols (`query`, `rest`, `json`); `services` lists them.
//! Left out on purpose: checking signatures. Whoever reaches loopback may call; `guard` keeps
//! web pages out.

pub(super) mod guard;
mod input;
mod operation;
mod protocol;
mod query;
mod reply;
mod route;
mod services;
mod xml;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};

pub use input::Input;
pub use operation::{Answer, Lasting, Operation, Run};
pub use reply::{Body, Reply};
pub use xml::escaped;

use super::error::AwsError;
use super::fault::{Moment, What};
use super::{Cloud, Place, enforce};
use operation::Step;
use protocol::Wanted;
use services::Service;

/// In the extensions of a request whose body was larger than anything that AWS takes: it is not
/// there.
#[derive(Clone, Copy)]
pub struct TooLarge;

/// How a call ended for its caller.
pub enum Answered {
    Response(Response<Bytes>),
    /// The connection ends without an answer.
    Reset,
}

impl Cloud {
    /// Answers one request. `url` is where this cloud is reached, for URLs in answers.
    pub async fn answer(self: &Arc<Self>, request: Request<Bytes>, url: &str) -> Answered {
        let id = uuid::Uuid::new_v4().to_string();
        let signed = match guard::signed(request.headers()) {
            Ok(signed) => signed,
            Err(error) => return Answered::Response(protocol::plain(&error, &id)),
        };
        let Some(service) = services::find(&signed.service) else {
            let error = AwsError::not_emulated(&format!("the service `{}`", signed.service));
            return Answered::Response(protocol::plain(&error, &id));
        };
        let place = Place {
            region: signed.region,
            url: url.to_owned(),
        };
        let too_large = request.extensions().get::<TooLarge>().is_some();
        match protocol::wanted(service, request) {
            Ok(wanted) if too_large => {
                let error = protocol::too_large(service, wanted.operation);
                Answered::Response(protocol::failed(
                    service,
                    Some(wanted.operation),
                    &error,
                    &id,
                ))
            }
            Ok(mut wanted) => {
                wanted.input.request_id.clone_from(&id);
                self.serve(service, wanted, place, &id).await
            }
            Err(error) => Answered::Response(protocol::failed(service, None, &error, &id)),
        }
    }

    /// Carries out an operation, with what was planned to go wrong with it.
    async fn serve(
        self: &Arc<Self>,
        service: &Service,
        wanted: Wanted,
        place: Place,
        id: &str,
    ) -> Answered {
        let operation = wanted.operation;
        if let Err(error) = enforce::check(self, service.name, operation, &wanted.input, &place) {
            return Answered::Response(protocol::failed(service, Some(operation), &error, id));
        }
        let strike = self
            .faults()
            .strikes(service.name, operation.name, operation.changes());
        if let (Some((_, What::Later { takes, kills })), Run::Step(step)) = (&strike, operation.run)
        {
            self.later(*takes, step, wanted.input.clone(), place.clone());
            if !kills {
                return Answered::Reset;
            }
            self.faults().kill();
            std::future::pending::<()>().await;
        }
        if let Some((Moment::Before, what)) = &strike
            && let Some(end) = self.struck(service, operation, what, id).await
        {
            return end;
        }
        let answer = match operation.run {
            Run::Step(step) => {
                let answer = self.turn(place.clone(), |turn| step(turn, &wanted.input));
                enforce::seen(self, service.name, operation, &wanted.input, &place, answer)
            }
            Run::Task(task) => task(self.clone(), wanted.input, place).await,
            Run::Refused => {
                let name = format!("{}:{}", service.name, operation.name);
                Err(AwsError::not_emulated(&name))
            }
        };
        if let Some((Moment::After, what)) = &strike
            && let Some(end) = self.struck(service, operation, what, id).await
        {
            return end;
        }
        Answered::Response(match answer {
            Ok(reply) => {
                self.tally().add(service.name, operation.name);
                protocol::done(service, operation, reply, id)
            }
            Err(error) => protocol::failed(service, Some(operation), &error, id),
        })
    }

    /// Takes a step when nobody waits for it any more.
    fn later(self: &Arc<Self>, takes: Duration, step: Step, input: Input, place: Place) {
        let cloud = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(takes).await;
            // Whether it succeeds is nobody's to hear.
            let _ = cloud.turn(place, |turn| step(turn, &input));
        });
    }

    /// `None` where the call goes on.
    async fn struck(
        &self,
        service: &Service,
        operation: &Operation,
        what: &What,
        id: &str,
    ) -> Option<Answered> {
        let failed = |error: &AwsError| {
            Answered::Response(protocol::failed(service, Some(operation), error, id))
        };
        match what {
            What::Error(error) => Some(failed(error)),
            What::Expired => Some(failed(&protocol::expired(service))),
            What::Page(status) => {
                let page = Bytes::from_static(b"<html><body>Bad gateway</body></html>");
                let mut response = Response::new(page);
                *response.status_mut() = *status;
                Some(Answered::Response(response))
            }
            What::Reset => Some(Answered::Reset),
            What::Later { .. } => None,
            What::Delay(time) => {
                tokio::time::sleep(*time).await;
                None
            }
            What::Kill => {
                self.faults().kill();
                std::future::pending().await
            }
        }
    }
}
