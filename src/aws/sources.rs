//! The values of variables that Systems Manager or Secrets Manager holds.
//!
//! Sources: the references of GetParameters (10 names a call) and BatchGetSecretValue (20 a call).

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_secretsmanager::types::{ApiErrorType, SecretValueEntry};
use aws_sdk_ssm::types::{Parameter, ParameterType};
use futures_util::future::{join, join_all};

use super::calls::{Who, found};
use super::cloud::Cloud;
use super::provider::Aws;
use super::retry::Nature;
use crate::manifest::{Answer, Origin};
use crate::provider::ProviderError;

const PARAMETERS_A_CALL: usize = 10;
const SECRETS_A_CALL: usize = 20;
const NO_SECRET: &str = "ResourceNotFoundException";

type Answers = BTreeMap<Origin, Result<Answer, String>>;

/// A secret as it is kept; absent where there is none.
type Kept = Result<Option<String>, String>;

impl Aws {
    /// Asks what AWS holds of these, a call for many; each has its own answer, or why it has none.
    /// Outputs of other projects are not AWS's and stay without one.
    pub async fn answers(&self, origins: &BTreeSet<Origin>) -> Answers {
        let (parameters, secrets) = join(
            parameters(self.cloud(), origins),
            secrets(self.cloud(), origins),
        )
        .await;
        parameters.into_iter().chain(secrets).collect()
    }
}

async fn parameters(cloud: &Cloud, origins: &BTreeSet<Origin>) -> Answers {
    let names: Vec<String> = origins
        .iter()
        .filter_map(|origin| match origin {
            Origin::Parameter(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let parts = names.chunks(PARAMETERS_A_CALL);
    let answers = join_all(parts.map(|names| some_parameters(cloud, names))).await;
    answers.into_iter().flatten().collect()
}

async fn some_parameters(cloud: &Cloud, names: &[String]) -> Answers {
    let get = || {
        let get = cloud.ssm().get_parameters().with_decryption(true);
        get.set_names(Some(names.to_vec())).send()
    };
    let answer = cloud
        .call("GetParameters", Nature::Read, Who::NOBODY, get)
        .await
        .map(|answer| answer.parameters.unwrap_or_default());
    let of = |name: &String| match &answer {
        Ok(found) => Ok(parameter(found.iter().find(|p| is_named(p, name)))),
        Err(error) => Err(told(error)),
    };
    names
        .iter()
        .map(|name| (Origin::Parameter(name.clone()), of(name)))
        .collect()
}

/// A version or label is asked for behind the name, and answered apart from it; emulators leave it out.
fn is_named(parameter: &Parameter, name: &str) -> bool {
    let selector = parameter.selector.as_deref().unwrap_or_default();
    let mut owns = [&parameter.name, &parameter.arn].into_iter().flatten();
    owns.any(|own| {
        format!("{own}{selector}") == name || format!("{own}:{}", parameter.version) == name
    })
}

fn parameter(found: Option<&Parameter>) -> Answer {
    Answer {
        text: found.and_then(|parameter| parameter.value.clone()),
        secret: found.is_some_and(|p| p.r#type == Some(ParameterType::SecureString)),
    }
}

async fn secrets(cloud: &Cloud, origins: &BTreeSet<Origin>) -> Answers {
    let wanted: Vec<(&Origin, &str, Option<&str>)> = origins
        .iter()
        .filter_map(|origin| match origin {
            Origin::Secret { id, key } => Some((origin, id.as_str(), key.as_deref())),
            _ => None,
        })
        .collect();
    let ids: BTreeSet<&str> = wanted.iter().map(|(_, id, _)| *id).collect();
    let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
    let kept: BTreeMap<String, Kept> = match ids.as_slice() {
        [one] => BTreeMap::from([(one.clone(), one_secret(cloud, one).await)]),
        many => {
            let parts = many
                .chunks(SECRETS_A_CALL)
                .map(|ids| some_secrets(cloud, ids));
            join_all(parts).await.into_iter().flatten().collect()
        }
    };
    let of = |id: &str, key: Option<&str>| match kept.get(id).cloned().unwrap_or(Ok(None)) {
        Ok(Some(text)) => part(text, key),
        Ok(None) => Ok(None),
        Err(why) => Err(why),
    };
    wanted
        .into_iter()
        .map(|(origin, id, key)| {
            let text = of(id, key).map_err(|why| format!("{origin}: {why}"));
            (
                origin.clone(),
                text.map(|text| Answer { text, secret: true }),
            )
        })
        .collect()
}

async fn one_secret(cloud: &Cloud, id: &str) -> Kept {
    let get = || cloud.secrets().get_secret_value().secret_id(id).send();
    let answer = cloud
        .call("GetSecretValue", Nature::Read, Who::NOBODY, get)
        .await;
    match found(answer, &[NO_SECRET]) {
        Ok(Some(answer)) => answer.secret_string.map(Some).ok_or_else(binary),
        Ok(None) => Ok(None),
        Err(error) => Err(told(&error)),
    }
}

async fn some_secrets(cloud: &Cloud, ids: &[String]) -> Vec<(String, Kept)> {
    let get = || {
        let get = cloud.secrets().batch_get_secret_value();
        get.set_secret_id_list(Some(ids.to_vec())).send()
    };
    let answer = cloud
        .call("BatchGetSecretValue", Nature::Read, Who::NOBODY, get)
        .await;
    let answer = answer.map(|answer| {
        (
            answer.secret_values.unwrap_or_default(),
            answer.errors.unwrap_or_default(),
        )
    });
    let of = |id: &String| match &answer {
        Ok((values, errors)) => one_of(id, values, errors),
        Err(error) => Err(told(error)),
    };
    ids.iter().map(|id| (id.clone(), of(id))).collect()
}

fn one_of(id: &str, values: &[SecretValueEntry], errors: &[ApiErrorType]) -> Kept {
    if let Some(value) = values.iter().find(|value| is_secret(value, id)) {
        return value.secret_string.clone().map(Some).ok_or_else(binary);
    }
    let error = errors
        .iter()
        .find(|error| error.secret_id.as_deref() == Some(id));
    match error.map(|error| error.error_code.as_deref().unwrap_or_default()) {
        None | Some(NO_SECRET) => Ok(None),
        Some(code) => Err(format!("Secrets Manager answers {code}")),
    }
}

/// By name, by ARN, or by an ARN without the six letters that AWS adds.
fn is_secret(value: &SecretValueEntry, id: &str) -> bool {
    let arn = value.arn.as_deref().unwrap_or_default();
    value.name.as_deref() == Some(id)
        || arn == id
        || arn.rsplit_once('-').is_some_and(|(short, _)| short == id)
}

/// The key's value, where the secret is a JSON object and a key is asked for. Never tells what is in it.
fn part(text: String, key: Option<&str>) -> Kept {
    let Some(key) = key else {
        return Ok(Some(text));
    };
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(&text) else {
        return Err("the secret is no JSON object, so it has no keys; leave `#…` out".into());
    };
    match object.get(key) {
        None => Ok(None),
        Some(serde_json::Value::String(text)) => Ok(Some(text.clone())),
        Some(value) => Ok(Some(value.to_string())),
    }
}

fn binary() -> String {
    "the secret is binary, and a variable is a text".into()
}

fn told(error: &ProviderError) -> String {
    match &error.hint {
        Some(hint) => format!("{error}; {hint}"),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_out_of_a_secret_and_nothing_is_told_of_it() {
        let secret = r#"{"token":"hunter2","port":5432}"#.to_owned();
        assert_eq!(
            part(secret.clone(), Some("token")),
            Ok(Some("hunter2".into()))
        );
        assert_eq!(part(secret.clone(), Some("port")), Ok(Some("5432".into())));
        assert_eq!(part(secret.clone(), Some("user")), Ok(None));
        assert_eq!(part(secret.clone(), None), Ok(Some(secret)));
        let why = part("hunter2".into(), Some("token")).expect_err("no object");
        assert!(!why.contains("hunter2"), "{why}");
    }

    #[test]
    fn a_secret_is_found_by_a_short_arn_and_a_parameter_by_its_version() {
        let arn = "arn:aws:secretsmanager:eu-central-1:604370441254:secret:shop-AbCdEf";
        let value = SecretValueEntry::builder().arn(arn).name("shop").build();
        assert!(is_secret(&value, "shop") && is_secret(&value, arn));
        assert!(is_secret(&value, &arn[..arn.len() - 7]));
        assert!(!is_secret(&value, "sho"));
        let parameter = Parameter::builder().name("/shop/a").selector(":3").build();
        assert!(is_named(&parameter, "/shop/a:3"));
        assert!(!is_named(&parameter, "/shop/a"));
    }
}
