//! Functions called by hand, and what they wrote: for people, beside the engine.

use std::time::Duration;

use aws_sdk_lambda::config::timeout::TimeoutConfig;
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::LogType;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::calls::Who;
use super::provider::Aws;
use super::retry::Nature;
use crate::provider::ProviderError;

/// AWS's longest run of a function is 15 minutes.
const LONGEST_RUN: Duration = Duration::from_secs(905);

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    pub payload: Vec<u8>,
    /// `Unhandled`, where the function failed; the payload is then the error.
    pub error: Option<String>,
    /// The end of its log, where it was asked for.
    pub log: Option<String>,
}

/// A line of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogEvent {
    /// AWS's, unique within its group.
    pub id: String,
    /// Milliseconds since 1970.
    pub time: i64,
    pub text: String,
}

impl Aws {
    /// Calls a function once: what fails may have run, so nothing is repeated but what was
    /// refused before it ran.
    pub async fn invoke(
        &self,
        function: &str,
        qualifier: Option<&str>,
        payload: Vec<u8>,
        tail: bool,
    ) -> Result<Ran, ProviderError> {
        let patient = TimeoutConfig::builder()
            .operation_attempt_timeout(LONGEST_RUN)
            .build();
        let ask = || {
            let call = self.cloud().lambda().invoke();
            call.function_name(function)
                .set_qualifier(qualifier.map(str::to_owned))
                .set_log_type(tail.then_some(LogType::Tail))
                .payload(Blob::new(payload.clone()))
                .customize()
                .config_override(
                    aws_sdk_lambda::config::Config::builder().timeout_config(patient.clone()),
                )
                .send()
        };
        let answer = self
            .cloud()
            .call("Invoke", Nature::CreateOnce, Who::NOBODY, ask)
            .await?;
        let log = answer
            .log_result
            .and_then(|text| STANDARD.decode(text).ok());
        Ok(Ran {
            payload: answer.payload.map(Blob::into_inner).unwrap_or_default(),
            error: answer.function_error,
            log: log.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        })
    }

    /// The lines of a log group since a time in milliseconds, oldest first. A group that is not
    /// there yet has none: Lambda makes it at the first run.
    pub async fn log_events(
        &self,
        group: &str,
        since: i64,
        filter: Option<&str>,
    ) -> Result<Vec<LogEvent>, ProviderError> {
        let mut events = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let ask = || {
                let call = self.cloud().logs().filter_log_events();
                call.log_group_name(group)
                    .start_time(since)
                    .set_filter_pattern(filter.map(str::to_owned))
                    .set_next_token(token.clone())
                    .send()
            };
            let page = self
                .cloud()
                .call("FilterLogEvents", Nature::Read, Who::NOBODY, ask)
                .await;
            let page = match super::calls::found(page, &["ResourceNotFoundException"])? {
                Some(page) => page,
                None => return Ok(events),
            };
            events.extend(
                page.events
                    .unwrap_or_default()
                    .into_iter()
                    .map(|event| LogEvent {
                        id: event.event_id.unwrap_or_default(),
                        time: event.timestamp.unwrap_or_default(),
                        text: event.message.unwrap_or_default(),
                    }),
            );
            token = page.next_token;
            if token.is_none() {
                events.sort_by_key(|event| event.time);
                return Ok(events);
            }
        }
    }
}
