//! The SDK's clients, made when first used, over one shared HTTP client.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider as Tls, rustls_provider::CryptoMode};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::pace::Pace;
use super::profile;
use super::transport::{self, Transport};
use crate::package::Shelf;
use crate::provider::{Ask, ProviderError};
use crate::scope::Scope;
use crate::state::Held;

/// How AWS is reached.
#[derive(Clone, Default)]
pub struct Connection {
    pub profile: Option<String>,
    pub region: Option<String>,
    /// Another place than AWS, such as an emulator.
    pub endpoint: Option<String>,
    /// Set for the embedded cloud: this machine's profiles, credentials and variables are
    /// none of its business.
    pub embedded: Option<Embedded>,
    /// Does the embedded cloud pass on what is new only after some time, as AWS does?
    pub passes_on: bool,
    /// How many calls may be under way at once.
    pub parallelism: usize,
    /// Keep within AWS's rate limits?
    pub paced: bool,
    /// Where the lock can be lost: how long it holds without a sign of life.
    pub lease: Option<Duration>,
}

impl Connection {
    /// The longest that one attempt may take: uploads do, but less than the lock holds for.
    fn attempt(&self) -> Duration {
        let part = self.lease.map_or(ATTEMPT, |lease| lease * 6 / 10);
        part.min(ATTEMPT)
    }
}

/// The way to the embedded cloud; its URL is the connection's `endpoint`.
#[derive(Clone)]
pub enum Embedded {
    /// Another process serves it.
    Http,
    InProcess(Arc<dyn Transport>),
}

/// The longest that one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(180);

/// Calls of a bucket that are under way at once.
const ASIDE: usize = 8;

/// The region of the embedded cloud where the manifest names none.
const EMBEDDED_REGION: &str = "us-east-1";

/// AWS as slp sees it.
pub struct Cloud {
    config: SdkConfig,
    permits: Semaphore,
    pace: Option<Pace>,
    /// The longest that one attempt may take.
    attempt: Duration,
    /// Is it the embedded cloud, which knows at once what is new?
    pub(super) is_prompt: bool,
    /// What this run made or changed that AWS passes on to its other parts: `role/NAME`.
    pub(super) passing: Mutex<BTreeSet<String>>,
    held: OnceLock<Held>,
    scope: OnceLock<Scope>,
    shelf: OnceLock<Arc<Shelf>>,
    iam: OnceLock<aws_sdk_iam::Client>,
    lambda: OnceLock<aws_sdk_lambda::Client>,
    apigateway: OnceLock<aws_sdk_apigateway::Client>,
    logs: OnceLock<aws_sdk_cloudwatchlogs::Client>,
    s3: OnceLock<aws_sdk_s3::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    ssm: OnceLock<aws_sdk_ssm::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    sts: OnceLock<aws_sdk_sts::Client>,
    /// The ids of the resources that this run knows, by kind.
    pub(super) known: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// Those of them that the manifest does not want any more.
    leaving: Mutex<BTreeMap<String, BTreeSet<String>>>,
    /// What this refresh has read already and several kinds ask for.
    pub(super) memo: Mutex<super::memo::Memo>,
}

impl Cloud {
    /// Finds region and credentials as every AWS tool does; makes no call yet.
    pub async fn connect(connection: &Connection) -> Result<Cloud, ProviderError> {
        let config = match &connection.embedded {
            Some(embedded) => embedded_config(connection, embedded),
            None => config(connection).await,
        };
        let profile = connection.profile.as_deref();
        let own = connection.embedded.is_none();
        if let Some(error) = own
            .then(|| profile::missing(profile, config.region().is_some()))
            .flatten()
        {
            return Err(error);
        }
        if config.region().is_none() {
            let error = ProviderError::new("configuration", "no AWS region is set");
            return Err(error.hint(profile::no_region(profile)));
        }
        if let Some(region) = config.region().filter(|region| !is_name(region.as_ref())) {
            let message = format!("`{region}` is not a region of AWS");
            let error = ProviderError::new("configuration", message);
            return Err(error.hint(
                "a region is written as `eu-central-1`: see `region` in [project], AWS_REGION and ~/.aws/config",
            ));
        }
        let pace = connection.paced.then(Pace::new);
        Ok(Cloud {
            is_prompt: connection.embedded.is_some() && !connection.passes_on,
            ..Cloud::of(config, pace, connection.parallelism, connection.attempt())
        })
    }

    /// The same for a bucket's own calls, which take no part in what the others share.
    pub(super) fn aside(&self, region: Option<String>) -> Cloud {
        let mut config = self.config.to_builder();
        if let Some(region) = region {
            config.set_region(Region::new(region));
        }
        Cloud::of(config.build(), None, ASIDE, self.attempt)
    }

    fn of(config: SdkConfig, pace: Option<Pace>, parallelism: usize, attempt: Duration) -> Cloud {
        Cloud {
            config,
            permits: Semaphore::new(parallelism.max(1)),
            pace,
            attempt,
            is_prompt: false,
            passing: Mutex::default(),
            held: OnceLock::new(),
            scope: OnceLock::new(),
            shelf: OnceLock::new(),
            iam: OnceLock::new(),
            lambda: OnceLock::new(),
            apigateway: OnceLock::new(),
            logs: OnceLock::new(),
            s3: OnceLock::new(),
            secrets: OnceLock::new(),
            ssm: OnceLock::new(),
            kms: OnceLock::new(),
            sts: OnceLock::new(),
            known: Mutex::default(),
            leaving: Mutex::default(),
            memo: Mutex::default(),
        }
    }

    /// From now on nothing is changed unless this says that the lock outlives the attempt.
    pub fn while_held(&self, held: Held) {
        let _ = self.held.set(held);
    }

    /// May a change still be sent?
    pub(super) fn may_change(&self) -> bool {
        self.held.get().is_none_or(|held| held(self.attempt))
    }

    /// The region that was found.
    pub fn region(&self) -> String {
        self.config
            .region()
            .map(ToString::to_string)
            .unwrap_or_default()
    }

    /// Says for which project this cloud works; set once, before anything is read.
    pub fn settle(&self, scope: Scope, shelf: Arc<Shelf>) {
        let _ = self.scope.set(scope);
        let _ = self.shelf.set(shelf);
    }

    pub fn scope(&self) -> &Scope {
        self.scope.get_or_init(Scope::default)
    }

    pub fn shelf(&self) -> &Shelf {
        self.shelf.get_or_init(Default::default)
    }

    /// The ids of this project's resources of a kind, as far as this refresh asks for them.
    pub(super) fn known(&self, kind: &str) -> BTreeSet<String> {
        let known = self
            .known
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        known.get(kind).cloned().unwrap_or_default()
    }

    /// Those of them that the manifest does not want any more.
    pub(super) fn leaving(&self, kind: &str) -> BTreeSet<String> {
        let leaving = self.leaving.lock().unwrap_or_else(|p| p.into_inner());
        leaving.get(kind).cloned().unwrap_or_default()
    }

    /// Takes note of the ids in what is asked.
    pub(super) fn know(&self, asks: &[Ask]) {
        let mut known = self
            .known
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut leaving = self.leaving.lock().unwrap_or_else(|p| p.into_inner());
        for ask in asks {
            let kind = ask.addr.kind();
            if ask.wanted.is_none() {
                let leaving = leaving.entry(kind.clone()).or_default();
                leaving.extend(ask.id.clone());
            }
            known.entry(kind).or_default().extend(ask.id.clone());
        }
    }

    /// Absent where AWS's limits do not hold.
    pub(super) fn pace(&self) -> Option<&Pace> {
        self.pace.as_ref()
    }

    pub(super) async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }

    pub fn iam(&self) -> &aws_sdk_iam::Client {
        self.iam
            .get_or_init(|| aws_sdk_iam::Client::new(&self.config))
    }

    pub fn lambda(&self) -> &aws_sdk_lambda::Client {
        self.lambda
            .get_or_init(|| aws_sdk_lambda::Client::new(&self.config))
    }

    pub fn apigateway(&self) -> &aws_sdk_apigateway::Client {
        self.apigateway
            .get_or_init(|| aws_sdk_apigateway::Client::new(&self.config))
    }

    pub fn logs(&self) -> &aws_sdk_cloudwatchlogs::Client {
        self.logs
            .get_or_init(|| aws_sdk_cloudwatchlogs::Client::new(&self.config))
    }

    pub fn s3(&self) -> &aws_sdk_s3::Client {
        self.s3.get_or_init(|| {
            // Emulators have no bucket host names; path style works on AWS as well.
            let config = aws_sdk_s3::config::Builder::from(&self.config).force_path_style(true);
            aws_sdk_s3::Client::from_conf(config.build())
        })
    }

    pub fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.secrets
            .get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.config))
    }

    pub fn ssm(&self) -> &aws_sdk_ssm::Client {
        self.ssm
            .get_or_init(|| aws_sdk_ssm::Client::new(&self.config))
    }

    pub fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms
            .get_or_init(|| aws_sdk_kms::Client::new(&self.config))
    }

    pub fn sts(&self) -> &aws_sdk_sts::Client {
        self.sts
            .get_or_init(|| aws_sdk_sts::Client::new(&self.config))
    }
}

/// Can it stand in the name of a host?
fn is_name(region: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !region.is_empty() && region.bytes().all(fits)
}

/// As every AWS tool finds it.
async fn config(connection: &Connection) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client(connection.endpoint.as_deref()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts(connection.attempt()));
    if let Some(profile) = &connection.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(endpoint) = &connection.endpoint {
        loader = loader.endpoint_url(endpoint);
    }
    loader.load().await
}

/// Made by hand: nothing of this machine's configuration may lead elsewhere.
fn embedded_config(connection: &Connection, embedded: &Embedded) -> SdkConfig {
    let client = match embedded {
        Embedded::Http => Builder::new().build_http(),
        Embedded::InProcess(transport) => transport::client(transport.clone()),
    };
    let region = connection.region.as_deref().unwrap_or(EMBEDDED_REGION);
    let credentials = Credentials::new("local", "local", None, None, "embedded cloud");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .http_client(client)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts(connection.attempt()))
        .endpoint_url(connection.endpoint.clone().unwrap_or_default())
        .build()
}

/// Loading certificates costs more than a whole plan: TLS only where the endpoint asks for it.
fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    match endpoint {
        Some(endpoint) if endpoint.starts_with("http://") => Builder::new().build_http(),
        _ => Builder::new()
            .tls_provider(Tls::Rustls(CryptoMode::Ring))
            .build_https(),
    }
}

/// The SDK sets no limit but the connect time-out by itself. Uploads take long.
fn timeouts(attempt: Duration) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(attempt)
        .build()
}
