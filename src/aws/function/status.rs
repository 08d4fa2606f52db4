//! How far Lambda is with what it accepted: pending, in progress, carried out, failed.

use std::time::Duration;

use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State};
use tokio::time::Instant;

use super::Function;
use crate::aws::calls::Who;
use crate::aws::cloud::Cloud;
use crate::aws::resource::Work;
use crate::aws::retry::Nature::Read;
use crate::cancel::Cancelled;
use crate::provider::ProviderError;

/// AWS's own waiters give up after five minutes; functions in a VPC take longest.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long a new function may not be found.
const UNSEEN: Duration = Duration::from_secs(60);

/// Waits where the answer says that the update is under way.
pub async fn settled(
    cloud: &Cloud,
    work: &mut Work<'_, Function>,
    status: Option<LastUpdateStatus>,
    why: &str,
) -> Result<(), ProviderError> {
    match status {
        None | Some(LastUpdateStatus::Successful) => Ok(()),
        Some(_) => wait(cloud, work, why).await,
    }
}

/// Waits until a function is neither pending nor being updated.
///
/// # Errors
/// What Lambda says of a change that it accepted and could not carry out.
pub async fn wait(
    cloud: &Cloud,
    work: &mut Work<'_, Function>,
    why: &str,
) -> Result<(), ProviderError> {
    let since = Instant::now();
    let mut pause = Duration::from_millis(50);
    loop {
        let configuration = match get(cloud, &work.id, work.who()).await {
            // A function just made may not be seen everywhere yet.
            Err(error) if error.is("ResourceNotFoundException") && since.elapsed() < UNSEEN => {
                let why = "Lambda to see the new function";
                pause_for(work, why, since, pause).await?;
                continue;
            }
            answer => answer?,
        };
        if let Some(failed) = failed(&configuration) {
            return Err(failed);
        }
        let pending = configuration.state == Some(State::Pending)
            || configuration.last_update_status == Some(LastUpdateStatus::InProgress);
        if !pending {
            note(work, configuration.code_sha256, configuration.revision_id);
            return Ok(());
        }
        if since.elapsed() > PATIENCE {
            return Err(ProviderError::new(
                "GetFunction",
                format!("waited {} s for {why}", since.elapsed().as_secs()),
            ));
        }
        pause_for(work, why, since, pause).await?;
        pause = (pause * 3).min(Duration::from_secs(2));
    }
}

async fn pause_for(
    work: &Work<'_, Function>,
    why: &str,
    since: Instant,
    pause: Duration,
) -> Result<(), ProviderError> {
    let paused = work.who().pause(why, since, pause).await;
    paused.map_err(|Cancelled| ProviderError::new("GetFunction", "not finished").stopped(why))
}

/// Why Lambda did not carry out what it accepted last.
pub fn failed(configuration: &FunctionConfiguration) -> Option<ProviderError> {
    let (what, code, reason) = if configuration.state == Some(State::Failed) {
        (
            "the function cannot run",
            configuration.state_reason_code.as_ref().map(|c| c.as_str()),
            &configuration.state_reason,
        )
    } else if configuration.last_update_status == Some(LastUpdateStatus::Failed) {
        let code = configuration
            .last_update_status_reason_code
            .as_ref()
            .map(|c| c.as_str());
        (
            "the update failed",
            code,
            &configuration.last_update_status_reason,
        )
    } else {
        return None;
    };
    let reason = reason.as_deref().unwrap_or("no reason is given");
    let mut error = ProviderError::new("GetFunction", format!("{what}: {reason}"));
    error.code = code.map(str::to_owned);
    Some(error)
}

/// `GetFunction` has a rate of its own, five times that of `GetFunctionConfiguration`.
pub async fn get(
    cloud: &Cloud,
    name: &str,
    who: Who<'_>,
) -> Result<FunctionConfiguration, ProviderError> {
    let send = || cloud.lambda().get_function().function_name(name).send();
    let output = cloud.call("GetFunction", Read, who, send).await?;
    output
        .configuration
        .ok_or_else(|| ProviderError::new("GetFunction", "AWS answered without a configuration"))
}

/// Takes over what an accepted change left.
pub fn note(work: &mut Work<'_, Function>, sha256: Option<String>, revision: Option<String>) {
    work.facts.sha256 = sha256.unwrap_or_default();
    work.facts.revision = revision.unwrap_or_default();
    work.facts.failed = false;
}
