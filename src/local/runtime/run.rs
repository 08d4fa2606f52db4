//! One invocation from its event to its REPORT.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;

use super::api::{Answer, Job, Said};
use super::failure::Failure;
use super::journal::{Journal, Report};
use super::pool::{Running, STUCK, Start, Unstarted};
use super::process::{Event, Process, Trouble};
use super::sandbox::Key;
use super::start::starter;
use super::{FunctionEvent, Image, Invocation, Invoked, LogLine};
use crate::local::Cloud;
use crate::local::error::AwsError;

/// What an invocation came to.
struct Ended {
    outcome: Outcome,
    duration: Duration,
    memory_mb: Option<u64>,
}

enum Outcome {
    Result(Bytes),
    /// The function's own error.
    Error(Bytes),
    Failure(Failure),
}

/// Runs `image` once.
pub async fn run(
    cloud: &Arc<Cloud>,
    image: &Arc<Image>,
    invocation: Invocation,
) -> Result<Invoked, AwsError> {
    let request_id = invocation.request_id.clone();
    let request_id = request_id.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    let job = job(cloud, image, invocation, &request_id);
    loop {
        let given = cloud.runtime.pool.ask(image, starter(cloud));
        let given = given.map_err(|_| super::too_many("ConcurrentInvocationLimitExceeded"))?;
        match patient(cloud, given).await {
            Ok(Ok(running)) => {
                if let Some(invoked) = handle(cloud, image, &job, running).await {
                    return Ok(invoked);
                }
            }
            Ok(Err(unstarted)) => return failed_start(cloud, image, &job, unstarted),
            Err(_) => {
                let message = "no process was started";
                return Err(AwsError::new(500, "ServiceException", message));
            }
        }
    }
}

const SHORT: &str = "functions wait for a free process, and memory is too short for more of them";

/// Waits for a process, and says so where none comes free.
async fn patient(
    cloud: &Arc<Cloud>,
    mut given: oneshot::Receiver<Start>,
) -> Result<Start, oneshot::error::RecvError> {
    let pool = &cloud.runtime.pool;
    loop {
        let freed = pool.freed();
        match tokio::time::timeout(STUCK, &mut given).await {
            Ok(given) => return given,
            Err(_) if pool.press(freed, starter(cloud)) => {}
            Err(_) => cloud.runtime.warn(SHORT.to_owned(), str::to_owned),
        }
    }
}

/// Feeds a process one event and sees it through. `None`: the process was about to end after an
/// earlier event, and never saw this one.
async fn handle(
    cloud: &Arc<Cloud>,
    image: &Arc<Image>,
    job: &Job,
    mut running: Running,
) -> Option<Invoked> {
    let (init, lines) = match running.fresh.take() {
        Some(fresh) => (Some(fresh.init), fresh.lines),
        None => (None, Vec::new()),
    };
    let listeners = &cloud.runtime.listeners;
    let mut journal = Journal::new(image, &job.request_id, listeners, lines);
    journal.start(cloud.clock.now());
    let (ended, taken) = await_answer(cloud, image, &mut running.process, job, &mut journal).await;
    let pool = &cloud.runtime.pool;
    let stream = running.sandbox.log_stream.clone();
    if ended.process_lives() {
        pool.give_back(running, starter(cloud));
    } else {
        let Running {
            process, sandbox, ..
        } = running;
        drop(process);
        pool.ended(Key::of(image), Some(sandbox), starter(cloud));
    }
    if !taken && init.is_none() && matches!(ended.outcome, Outcome::Failure(Failure::Exited(_))) {
        return None;
    }
    if let Outcome::Failure(failure) = &ended.outcome {
        journal.fail(cloud.clock.now(), failure);
    }
    let log = journal.end(cloud.clock.now(), &ended.report(init));
    Some(invoked(cloud, image, job, &stream, ended, init, log))
}

fn job(cloud: &Cloud, image: &Image, invocation: Invocation, request_id: &str) -> Job {
    let now = cloud.clock.now().as_millisecond();
    Job {
        by: invocation.by,
        request_id: request_id.to_owned(),
        arn: image.arn.clone(),
        // Known when a process takes it.
        deadline: now,
        trace_id: invocation.trace_id.unwrap_or_else(|| trace_id(now)),
        client_context: invocation.client_context.map(one_line),
        payload: match invocation.payload.is_empty() {
            true => Bytes::from_static(b"{}"),
            false => invocation.payload,
        },
    }
}

/// JSON without line feeds, which a header cannot hold.
fn one_line(json: String) -> String {
    match serde_json::from_str::<serde_json::Value>(&json) {
        Ok(value) => value.to_string(),
        Err(_) => json,
    }
}

/// X-Ray's form: version, seconds in hex, 96 random bits; nothing is sampled here.
fn trace_id(now_ms: i64) -> String {
    let random = uuid::Uuid::new_v4().simple().to_string();
    let parent = &uuid::Uuid::new_v4().simple().to_string()[..16];
    let seconds = now_ms / 1000;
    format!(
        "Root=1-{seconds:08x}-{};Parent={parent};Sampled=0",
        &random[..24]
    )
}

async fn await_answer(
    cloud: &Cloud,
    image: &Image,
    process: &mut Process,
    job: &Job,
    journal: &mut Journal<'_>,
) -> (Ended, bool) {
    let begun = Instant::now();
    let mut taken = false;
    let inspected = &cloud.runtime.pool.inspected;
    let timeout = inspected.limit(&image.name, image.timeout);
    let late = tokio::time::sleep(timeout);
    tokio::pin!(late);
    let limit = i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
    let handed = Job {
        deadline: cloud.clock.now().as_millisecond().saturating_add(limit),
        ..job.clone()
    };
    // If it is gone, its end is seen below.
    let _ = process.line.jobs.send(handed).await;
    let outcome = loop {
        tokio::select! {
            biased;
            // First, or a function that never stops writing would never be late.
            () = &mut late => break Outcome::Failure(Failure::TimedOut(image.timeout)),
            event = process.event() => match event {
                Event::Wrote(texts) => {
                    texts.into_iter().for_each(|text| journal.write(cloud.clock.now(), text));
                }
                Event::Said(Said::Taken) => taken = true,
                Event::Said(said) => if let Some(outcome) = outcome(said, &job.request_id) {
                    break outcome;
                },
                Event::Ended(status) => break Outcome::Failure(Failure::Exited(status)),
            },
        }
    };
    let duration = begun.elapsed();
    let written = process.output.drain();
    written
        .into_iter()
        .for_each(|text| journal.write(cloud.clock.now(), text));
    let ended = Ended {
        outcome,
        duration,
        memory_mb: process.peak_memory_mb(),
    };
    (ended, taken)
}

/// What ends the invocation, if it does.
fn outcome(said: Said, wanted: &str) -> Option<Outcome> {
    match said {
        Said::Answer { request_id, answer } => (request_id == wanted).then_some(match answer {
            Answer::Result(body) => Outcome::Result(body),
            Answer::Error(body) => Outcome::Error(body),
            Answer::TooLarge => Outcome::Failure(Failure::TooLarge),
        }),
        Said::InitError(body) => Some(Outcome::Error(body)),
        // It asks for this very event, and gets it.
        Said::Ready { .. } | Said::Taken => None,
    }
}

impl Ended {
    fn process_lives(&self) -> bool {
        match &self.outcome {
            Outcome::Result(_) | Outcome::Error(_) | Outcome::Failure(Failure::TooLarge) => true,
            Outcome::Failure(_) => false,
        }
    }

    fn report(&self, init: Option<Duration>) -> Report<'_> {
        Report {
            duration: self.duration,
            memory_mb: self.memory_mb,
            init,
            failure: match &self.outcome {
                Outcome::Failure(failure) if !self.process_lives() => Some(failure),
                _ => None,
            },
        }
    }
}

/// An invocation whose process did not come up.
fn failed_start(
    cloud: &Arc<Cloud>,
    image: &Arc<Image>,
    job: &Job,
    unstarted: Unstarted,
) -> Result<Invoked, AwsError> {
    let Unstarted {
        trouble,
        fresh,
        sandbox,
    } = unstarted;
    let stream = sandbox.as_ref().map(|sandbox| sandbox.log_stream.clone());
    let key = Key::of(image);
    cloud.runtime.pool.ended(key, sandbox, starter(cloud));
    let outcome = match trouble {
        Trouble::Refused(error) => return Err(error),
        Trouble::Failed(failure) => Outcome::Failure(failure),
        Trouble::Told(body) => Outcome::Error(body),
    };
    let listeners = &cloud.runtime.listeners;
    let mut journal = Journal::new(image, &job.request_id, listeners, fresh.lines);
    journal.start(cloud.clock.now());
    if let Outcome::Failure(failure) = &outcome {
        journal.fail(cloud.clock.now(), failure);
    }
    let ended = Ended {
        outcome,
        duration: fresh.init,
        memory_mb: None,
    };
    let log = journal.end(cloud.clock.now(), &ended.report(None));
    let stream = stream.unwrap_or_default();
    Ok(invoked(
        cloud,
        image,
        job,
        &stream,
        ended,
        Some(fresh.init),
        log,
    ))
}

fn invoked(
    cloud: &Arc<Cloud>,
    image: &Image,
    job: &Job,
    log_stream: &str,
    ended: Ended,
    init: Option<Duration>,
    log: Vec<LogLine>,
) -> Invoked {
    let request_id = &job.request_id;
    let (payload, function_error) = match ended.outcome {
        Outcome::Result(body) => (body, None),
        Outcome::Error(body) => {
            cloud.runtime.explain(image, &body);
            (body, Some("Unhandled"))
        }
        Outcome::Failure(failure) => (failure.payload(request_id), Some("Unhandled")),
    };
    let invoked = Invoked {
        request_id: request_id.clone(),
        version: image.version.clone(),
        payload,
        function_error,
        log: log.into(),
        duration: ended.duration,
        init,
    };
    cloud.keep_log(image, log_stream, &invoked.log);
    cloud.runtime.tell(|| FunctionEvent::Ended {
        function: image.name.clone(),
        by: job.by,
        invoked: invoked.clone(),
    });
    invoked
}
