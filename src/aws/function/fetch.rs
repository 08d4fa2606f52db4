//! The code that a function has in AWS, fetched: from the place that `GetFunction` names, for
//! ten minutes and for whoever has the URL.

use std::path::Path;

use aws_sdk_lambda::operation::get_function::GetFunctionOutput;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;

use crate::aws::calls::{Who, found};
use crate::aws::cloud::Cloud;
use crate::aws::provider::Aws;
use crate::aws::retry::Nature::Read;
use crate::package::MAX_UNPACKED;
use crate::provider::ProviderError;

/// How long a zip may take to come.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

/// What a function's code is in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// AWS's `CodeSha256`.
    pub sha256: String,
    /// The zip, or why it did not come.
    pub zip: Result<Vec<u8>, String>,
}

impl Aws {
    /// The zip of a function; `None` where there is no such function, or its code is an image.
    pub async fn code(&self, function: &str) -> Result<Option<Deployed>, ProviderError> {
        let cloud = self.cloud();
        let get = || cloud.lambda().get_function().function_name(function).send();
        let answer = cloud.call("GetFunction", Read, Who::NOBODY, get).await;
        let answer = found(answer, &["ResourceNotFoundException"])?;
        Ok(match answer.as_ref().and_then(place) {
            Some((sha256, url)) => Some(Deployed {
                sha256: sha256.to_owned(),
                zip: get_whole(url).await,
            }),
            None => None,
        })
    }
}

/// Takes note on the shelf of what the code holds; one that cannot be fetched stays unknown,
/// and shows as other code.
pub async fn look(cloud: &Cloud, output: &GetFunctionOutput) {
    let Some((sha256, url)) = place(output) else {
        return;
    };
    if cloud.shelf().held(sha256).is_none()
        && let Ok(zip) = get_whole(url).await
    {
        let _ = cloud
            .shelf()
            .fetched(Path::new("the code that is deployed"), zip);
    }
}

fn place(output: &GetFunctionOutput) -> Option<(&str, &str)> {
    let sha256 = output.configuration.as_ref()?.code_sha256.as_deref()?;
    let url = output.code.as_ref()?.location.as_deref()?;
    Some((sha256, url))
}

async fn get_whole(url: &str) -> Result<Vec<u8>, String> {
    match tokio::time::timeout(PATIENCE, get(url)).await {
        Ok(answer) => answer,
        Err(_) => Err("it did not come in time".into()),
    }
}

async fn get(url: &str) -> Result<Vec<u8>, String> {
    let url: http::Uri = url.parse().map_err(|_| "its place is no URL".to_owned())?;
    let provider = rustls::crypto::ring::default_provider();
    let connector = HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(provider)
        .map_err(|error| error.to_string())?;
    let connector = connector.https_or_http().enable_http1().build();
    let client: legacy::Client<_, Empty<Bytes>> =
        legacy::Client::builder(TokioExecutor::new()).build(connector);
    let host = url.host().unwrap_or_default().to_owned();
    // The URL holds a signature: no message may.
    let unreached = |_| format!("{host} cannot be reached");
    let answer = client.get(url).await.map_err(unreached)?;
    if !answer.status().is_success() {
        return Err(format!("{host} answers {}", answer.status()));
    }
    let most = usize::try_from(MAX_UNPACKED).unwrap_or(usize::MAX);
    let body = Limited::new(answer.into_body(), most).collect().await;
    let body = body.map_err(|_| format!("the answer of {host} broke off"))?;
    Ok(body.to_bytes().to_vec())
}
