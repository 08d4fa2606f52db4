//! What UpdateStage can change, and how.

use super::account;
use super::error::bad_request;
use super::patch::{Op, Patch};
use super::snapshot::{AccessLog, MethodSetting, Stage};
use super::stages;
use crate::local::error::AwsError;
use crate::local::turn::Turn;

/// What AWS says that there is to change, to the letter.
const PATHS: &str = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, \
    /clientCertificateId, /accessLogSettings, /accessLogSettings/destinationArn, \
    /accessLogSettings/format, /{resourcePath}/{httpMethod}/metrics/enabled, \
    /{resourcePath}/{httpMethod}/logging/dataTrace, \
    /{resourcePath}/{httpMethod}/logging/loglevel, \
    /{resourcePath}/{httpMethod}/throttling/burstLimit\
    /{resourcePath}/{httpMethod}/throttling/rateLimit\
    /{resourcePath}/{httpMethod}/caching/ttlInSeconds, \
    /{resourcePath}/{httpMethod}/caching/enabled, \
    /{resourcePath}/{httpMethod}/caching/dataEncrypted, \
    /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, \
    /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, \
    /*/*/metrics/enabled, /*/*/logging/dataTrace, /*/*/logging/loglevel, \
    /*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, \
    /*/*/caching/enabled, /*/*/caching/dataEncrypted, \
    /*/*/caching/requireAuthorizationForCacheControl, \
    /*/*/caching/unauthorizedCacheControlHeaderStrategy, /variables/{variable_name}, \
    /tracingEnabled]";
const LOG_ROLE: &str = "CloudWatch Logs role ARN must be set in account settings to enable logging";
const CACHE_HEADER: [&str; 3] = [
    "FAIL_WITH_403",
    "SUCCEED_WITH_RESPONSE_HEADER",
    "SUCCEED_WITHOUT_RESPONSE_HEADER",
];

/// Applies one operation.
pub fn apply(
    turn: &mut Turn<'_>,
    api: &str,
    stage: &mut Stage,
    patch: &Patch,
) -> Result<(), AwsError> {
    match (patch.op, &patch.parts()[..]) {
        (_, ["canarySettings", ..]) => {
            return Err(AwsError::not_emulated(
                "apigateway:UpdateStage of canarySettings",
            ));
        }
        (_, ["accessLogSettings", ..]) => return access_log(stage, patch),
        (Op::Remove, ["variables", name]) => {
            stage.variables.remove(*name);
        }
        (_, ["variables", name]) => {
            patch.only_replace()?;
            stage
                .variables
                .insert((*name).to_owned(), patch.text().to_owned());
        }
        (Op::Remove, _) => return remove_setting(stage, patch),
        (_, ["deploymentId"]) => {
            patch.only_replace()?;
            stages::known(turn, api, patch.text())?;
            stage.deployment = patch.text().to_owned();
        }
        (_, ["description"]) => {
            patch.only_replace()?;
            stage.description = patch.filled();
        }
        (_, ["tracingEnabled"]) => {
            patch.only_replace()?;
            stage.tracing = patch.flag();
        }
        (_, ["documentationVersion"]) => {
            patch.only_replace()?;
            stage.documentation_version = patch.filled();
        }
        (_, ["cacheClusterEnabled"]) if !patch.flag() => patch.only_replace()?,
        (_, ["cacheClusterEnabled" | "cacheClusterSize" | "clientCertificateId"]) => {
            let what = format!("apigateway:UpdateStage of {}", patch.path);
            return Err(AwsError::not_emulated(&what));
        }
        (_, [.., group, name]) => return setting(turn, stage, patch, group, name),
        _ => return Err(unknown(patch)),
    }
    Ok(())
}

fn unknown(patch: &Patch) -> AwsError {
    bad_request(format!(
        "Invalid method setting path: {}. Must be one of: {PATHS}",
        patch.path
    ))
}

fn access_log(stage: &mut Stage, patch: &Patch) -> Result<(), AwsError> {
    let field = match (patch.op, &patch.parts()[1..]) {
        (Op::Remove, []) => {
            stage.access_log = AccessLog::default();
            return Ok(());
        }
        (Op::Remove, _) => return Err(no_setting(patch)),
        (_, ["destinationArn"]) => &mut stage.access_log.destination_arn,
        (_, ["format"]) => &mut stage.access_log.format,
        _ => {
            return Err(bad_request(
                "Invalid accessLogSettings path. Must be one of : \
                 [/accessLogSettings/destinationArn, /accessLogSettings/format]",
            ));
        }
    };
    let Some(value) = patch.filled() else {
        return Err(bad_request("Access Log value must not be empty"));
    };
    if value.starts_with("arn:aws:firehose:") {
        let what = "apigateway:UpdateStage of an access log in Firehose";
        return Err(AwsError::not_emulated(what));
    }
    *field = Some(value);
    Ok(())
}

fn no_setting(patch: &Patch) -> AwsError {
    let path = patch.path.strip_prefix('/').unwrap_or(&patch.path);
    bad_request(format!(
        "Cannot remove method setting {path} because there is no method setting for this method "
    ))
}

/// All settings of a method go at once: `/*/*`, `/~1pets/GET`.
fn remove_setting(stage: &mut Stage, patch: &Patch) -> Result<(), AwsError> {
    let key = patch.path.strip_prefix('/').unwrap_or(&patch.path);
    let removed = stage.method_settings.remove(key);
    removed.map(|_| ()).ok_or_else(|| no_setting(patch))
}

fn setting(
    turn: &mut Turn<'_>,
    stage: &mut Stage,
    patch: &Patch,
    group: &str,
    name: &str,
) -> Result<(), AwsError> {
    let whole = patch.path.strip_prefix('/').unwrap_or(&patch.path);
    let method = whole.strip_suffix(&format!("/{group}/{name}"));
    let method = method.filter(|method| method.contains('/'));
    let method = method.ok_or_else(|| unknown(patch))?;
    let mut setting = stage
        .method_settings
        .get(method)
        .cloned()
        .unwrap_or_default();
    set(&mut setting, patch, group, name)?;
    let logs = setting
        .logging_level
        .as_deref()
        .is_some_and(|level| level != "OFF");
    if group == "logging" && logs && account::log_role(turn).is_none() {
        return Err(bad_request(LOG_ROLE));
    }
    stage.method_settings.insert(method.to_owned(), setting);
    Ok(())
}

fn set(
    setting: &mut MethodSetting,
    patch: &Patch,
    group: &str,
    name: &str,
) -> Result<(), AwsError> {
    let wrong = || {
        bad_request(format!(
            "Invalid value for {}: {}",
            patch.path,
            patch.text()
        ))
    };
    let text = patch.text();
    match (group, name) {
        ("metrics", "enabled") => setting.metrics_enabled = patch.flag(),
        ("logging", "dataTrace") => setting.data_trace_enabled = patch.flag(),
        ("logging", "loglevel") => {
            let level = ["OFF", "ERROR", "INFO"]
                .into_iter()
                .find(|level| *level == text);
            setting.logging_level = Some(level.ok_or_else(wrong)?.to_owned());
        }
        ("throttling", "burstLimit") => {
            setting.throttling_burst_limit = text.parse().map_err(|_| wrong())?;
        }
        ("throttling", "rateLimit") => {
            let rate = text.parse().ok().filter(|rate: &f64| rate.is_finite());
            setting.throttling_rate_limit = rate.ok_or_else(wrong)?;
        }
        ("caching", "enabled") => setting.caching_enabled = patch.flag(),
        ("caching", "ttlInSeconds") => {
            let seconds = text.parse().ok().filter(|seconds| *seconds <= 3600);
            setting.cache_ttl_in_seconds = seconds.ok_or_else(wrong)?;
        }
        ("caching", "dataEncrypted") => setting.cache_data_encrypted = patch.flag(),
        ("caching", "requireAuthorizationForCacheControl") => {
            setting.require_authorization_for_cache_control = patch.flag();
        }
        ("caching", "unauthorizedCacheControlHeaderStrategy") => {
            if !CACHE_HEADER.contains(&text) {
                return Err(wrong());
            }
            setting.unauthorized_cache_control_header_strategy = text.to_owned();
        }
        _ => return Err(unknown(patch)),
    }
    patch.only_replace()
}
