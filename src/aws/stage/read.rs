//! Reads stages: one GetStages an API, and a deployment only where it is not known yet.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_sdk_apigateway::operation::get_stage::GetStageOutput;
use aws_sdk_apigateway::types::{MethodSetting, Stage as Live};
use jiff::Timestamp;

use super::{Facts, Spec, Stage, Throttle, found as as_found, left, serves};
use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::resource::{Answer, Asked, Found};
use crate::aws::retry::Nature;
use crate::aws::tags;
use crate::provider::ProviderError;
use futures_util::future::join_all;

pub const NOT_FOUND: &[&str] = &["NotFoundException"];
/// Where the settings for every method stand.
const EVERY: &str = "*/*";

pub async fn read(cloud: &Cloud, asked: Vec<Asked<Stage>>) -> Vec<Answer<Stage>> {
    let one = |asked: Asked<Stage>| async move { read_one(cloud, &asked).await };
    join_all(asked.into_iter().map(one)).await
}

async fn read_one(cloud: &Cloud, asked: &Asked<Stage>) -> Answer<Stage> {
    // Without the API's id there is no API, and so no stage.
    let Some(id) = id_of(asked) else {
        return Ok(None);
    };
    let (api, name) = id.split_once('/').unwrap_or((&id, ""));
    let stages = listed(cloud, api).await?;
    let listed = stages.get(name).cloned();
    let stage = match listed {
        // A list proves presence, never absence.
        None if asked.spec.is_some() => one_stage(cloud, api, name).await?,
        listed => listed.map(|stage| (*stage).clone()),
    };
    let Some(stage) = stage else {
        return Ok(None);
    };
    let created = stage.created_date.as_ref().map(|at| at.secs());
    let mut facts = Facts {
        created: created.filter(|_| !cloud.scope().tagged),
        ..facts(&stage, asked)
    };
    if facts.serves.is_empty() {
        facts.serves = what_it_serves(cloud, api, &facts.deployment_id).await?;
        if asked.adopts
            && facts.serves == serves::FOREIGN
            && as_found::holds_the_api(cloud, api, &facts.deployment_id).await?
        {
            facts.serves = serves::AS_FOUND.to_owned();
        }
    }
    // State does not know the stage: what changed it last may have died on the way.
    if asked.spec.is_none() {
        let left = left::behind(cloud, api).await?.into_iter();
        facts.stale.extend(left);
        facts.stale.sort();
        facts.stale.dedup();
    }
    let served: BTreeSet<String> = stages
        .values()
        .flat_map(|stage| left::served_by(stage))
        .collect();
    facts.stale.retain(|id| !served.contains(id));
    let all_tags: BTreeMap<String, String> =
        stage.tags.clone().unwrap_or_default().into_iter().collect();
    let owner = cloud.scope().owner(&all_tags);
    let spec = Spec {
        tags: tags::seen(&all_tags, cloud.scope()),
        ..spec(api, name, facts.serves.clone(), stage)
    };
    Ok(Some(Found {
        id,
        spec,
        facts,
        owner,
    }))
}

/// From state, or from the wanted spec once the API's id has been filled in.
fn id_of(asked: &Asked<Stage>) -> Option<String> {
    let from = |spec: &Spec| Some(format!("{}/{}", spec.api.known()?, spec.name));
    let wanted = || asked.wanted.as_ref().and_then(from);
    asked
        .id
        .clone()
        .or_else(wanted)
        .or_else(|| asked.spec.as_ref().and_then(from))
}

/// The names of all stages of an API, whoever made them; asked once a refresh.
pub async fn names(cloud: &Cloud, api: &str) -> Result<Vec<String>, ProviderError> {
    let mut names: Vec<String> = listed(cloud, api).await?.keys().cloned().collect();
    names.sort();
    Ok(names)
}

async fn listed(
    cloud: &Cloud,
    api: &str,
) -> Result<Arc<HashMap<String, Arc<Live>>>, ProviderError> {
    cloud.once("GetStages", api, || stages(cloud, api)).await
}

/// The stages of an API, by name; of an API that is gone, none.
async fn stages(cloud: &Cloud, api: &str) -> Result<HashMap<String, Arc<Live>>, ProviderError> {
    let client = cloud.apigateway();
    let send = || client.get_stages().rest_api_id(api).send();
    let answer = cloud
        .call("GetStages", Nature::Read, Who::NOBODY, send)
        .await;
    let stages = found(answer, NOT_FOUND)?
        .and_then(|answer| answer.item)
        .unwrap_or_default();
    let named = |stage: Live| Some((stage.stage_name.clone()?, Arc::new(stage)));
    Ok(stages.into_iter().filter_map(named).collect())
}

async fn one_stage(cloud: &Cloud, api: &str, name: &str) -> Result<Option<Live>, ProviderError> {
    let client = cloud.apigateway();
    let send = || client.get_stage().rest_api_id(api).stage_name(name).send();
    let answer = cloud
        .call("GetStage", Nature::Read, Who::NOBODY, send)
        .await;
    Ok(found(answer, NOT_FOUND)?.map(as_listed))
}

fn as_listed(stage: GetStageOutput) -> Live {
    Live::builder()
        .set_stage_name(stage.stage_name)
        .set_deployment_id(stage.deployment_id)
        .set_client_certificate_id(stage.client_certificate_id)
        .set_description(stage.description)
        .cache_cluster_enabled(stage.cache_cluster_enabled)
        .set_method_settings(stage.method_settings)
        .set_variables(stage.variables)
        .set_access_log_settings(stage.access_log_settings)
        .set_canary_settings(stage.canary_settings)
        .tracing_enabled(stage.tracing_enabled)
        .set_tags(stage.tags)
        .set_last_updated_date(stage.last_updated_date)
        .set_created_date(stage.created_date)
        .build()
}

/// A deployment that state knows and the stage has left is nobody's any more. What state
/// says of the one that it points to stays true.
fn facts(stage: &Live, asked: &Asked<Stage>) -> Facts {
    let now = stage.deployment_id.clone().unwrap_or_default();
    let prior = asked.facts.clone().unwrap_or_default();
    let serves = match prior.deployment_id == now {
        true => prior.serves,
        false => String::new(),
    };
    let mut stale = prior.stale;
    stale.push(prior.deployment_id);
    stale.retain(|id| !id.is_empty() && *id != now);
    stale.sort();
    stale.dedup();
    Facts {
        deployment_id: now,
        serves,
        stale,
        created: None,
        modified: stage
            .last_updated_date
            .and_then(|at| Timestamp::from_second(at.secs()).ok()),
    }
}

/// By the deployment's own description.
async fn what_it_serves(cloud: &Cloud, api: &str, id: &str) -> Result<String, ProviderError> {
    let client = cloud.apigateway();
    let send = || {
        client
            .get_deployment()
            .rest_api_id(api)
            .deployment_id(id)
            .send()
    };
    let answer = match id {
        "" => None,
        _ => found(
            cloud
                .call("GetDeployment", Nature::Read, Who::NOBODY, send)
                .await,
            NOT_FOUND,
        )?,
    };
    let description = answer
        .and_then(|deployment| deployment.description)
        .unwrap_or_default();
    Ok(serves::of_marker(&description)
        .unwrap_or(serves::FOREIGN)
        .to_owned())
}

fn spec(api: &str, name: &str, serves: String, stage: Live) -> Spec {
    let extra = extra(&stage);
    let every = stage
        .method_settings
        .as_ref()
        .and_then(|settings| settings.get(EVERY));
    let variables = stage.variables.unwrap_or_default().into_iter();
    Spec {
        api: api.into(),
        name: name.into(),
        serves,
        throttle: every.and_then(throttle),
        description: stage.description.unwrap_or_default().into(),
        variables: variables
            .map(|(name, value)| (name, value.into()))
            .collect(),
        tracing: stage.tracing_enabled,
        extra,
        tags: BTreeMap::new(),
    }
}

/// Where nothing is set AWS answers -1.
fn throttle(setting: &MethodSetting) -> Option<Throttle> {
    let (rate, burst) = (
        setting.throttling_rate_limit,
        setting.throttling_burst_limit,
    );
    (rate >= 0.0 || burst >= 0).then_some(Throttle { rate, burst })
}

/// What slp cannot write yet, by the path of the patch that takes it back. An empty table
/// is as good as none: emulators answer one.
fn extra(stage: &Live) -> BTreeMap<String, String> {
    let mut extra = BTreeMap::new();
    let mut note = |set: bool, path: String, value: String| {
        if set {
            extra.insert(path, value);
        }
    };
    note(
        stage.cache_cluster_enabled,
        "/cacheClusterEnabled".into(),
        "true".into(),
    );
    let certificate = stage.client_certificate_id.clone().unwrap_or_default();
    note(
        !certificate.is_empty(),
        "/clientCertificateId".into(),
        certificate,
    );
    let log = stage.access_log_settings.as_ref();
    let log = log.and_then(|log| log.destination_arn.clone().or(log.format.clone()));
    note(
        log.is_some(),
        "/accessLogSettings".into(),
        log.unwrap_or_default(),
    );
    if let Some(canary) = &stage.canary_settings {
        let share = format!("{} % of requests", canary.percent_traffic);
        note(
            canary.deployment_id.is_some(),
            "/canarySettings".into(),
            share,
        );
    }
    for (method, setting) in stage.method_settings.iter().flatten() {
        if method != EVERY {
            // AWS keeps the key as the patch wrote it, escaped or not: `~1users~1{id}/GET` as well
            // as `users/GET` (the AWS CLI's reference of update-stage; a recorded answer).
            note(true, format!("/{method}"), "settings of its own".into());
            continue;
        }
        let level = setting.logging_level.clone().unwrap_or_default();
        note(
            !level.is_empty() && level != "OFF",
            "/*/*/logging/loglevel".into(),
            level,
        );
        note(
            setting.metrics_enabled,
            "/*/*/metrics/enabled".into(),
            "true".into(),
        );
        note(
            setting.data_trace_enabled,
            "/*/*/logging/dataTrace".into(),
            "true".into(),
        );
        // Caching is on unless told otherwise (a recorded answer), and caches nothing without a
        // cluster, which is told above.
    }
    extra
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_sets_by_itself_beside_a_throttle_is_nobodys_change() {
        // As recorded from live AWS after a patch of /*/*/throttling/burstLimit.
        let setting = MethodSetting::builder()
            .throttling_burst_limit(123)
            .throttling_rate_limit(10_000.0)
            .caching_enabled(true)
            .cache_ttl_in_seconds(300)
            .require_authorization_for_cache_control(true)
            .build();
        let stage = Live::builder().method_settings(EVERY, setting);
        assert_eq!(extra(&stage.build()), BTreeMap::new());
    }

    #[test]
    fn settings_of_a_method_are_taken_back_under_the_key_that_aws_keeps() {
        let settings = MethodSetting::builder().build();
        let stage = ["~1users~1{id}/GET", "users/GET", "*/*"]
            .into_iter()
            .fold(Live::builder(), |stage, key| {
                stage.method_settings(key, settings.clone())
            });
        let paths: Vec<String> = extra(&stage.build()).into_keys().collect();
        assert_eq!(paths, ["/users/GET", "/~1users~1{id}/GET"]);
    }
}
