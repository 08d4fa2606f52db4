//! `--local`: the embedded cloud instead of AWS; a running server where there is one, else in
//! this process.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::failure::Failure;
use super::home::Home;
use crate::aws::{Connection, Cut, Embedded, Transport};
use crate::local::{Answered, Cloud, DEFAULT_PORT, Server};
use crate::provider::Boxed;
use crate::scope::Scope;
use crate::state::LocalStore;

/// The embedded cloud that a run works on.
pub struct Local {
    /// `http://127.0.0.1:4566`: where its APIs are called, now or once a server runs.
    pub url: String,
    way: Embedded,
    /// Is somebody there to run functions and answer HTTP?
    is_served: bool,
    states: PathBuf,
    /// Where it is in this process.
    cloud: Option<Arc<Cloud>>,
    /// Holds the states of a cloud that is gone with this run.
    _temporary: Option<TempDir>,
}

impl Local {
    /// The one beside the manifest in `folder`, or one that ends with this run.
    pub async fn find(folder: &Path, ephemeral: bool) -> Result<Local, Failure> {
        let url = default_url();
        if ephemeral {
            return Local::fleeting(Arc::new(Cloud::in_memory()?), &url);
        }
        let home = Home::beside(folder);
        match home.server().await {
            Some(notice) => Ok(Local {
                url: notice.url,
                way: Embedded::Http,
                is_served: true,
                states: notice.states,
                cloud: None,
                _temporary: None,
            }),
            None => {
                let cloud = Arc::new(home.open().await?);
                Ok(Local::here(cloud, &url, home.states()))
            }
        }
    }

    /// One in this process, which calls its APIs at `url`.
    pub fn here(cloud: Arc<Cloud>, url: &str, states: PathBuf) -> Local {
        let transport = InProcess {
            cloud: cloud.clone(),
            url: url.into(),
        };
        Local {
            url: url.to_owned(),
            way: Embedded::InProcess(Arc::new(transport)),
            is_served: false,
            states,
            cloud: Some(cloud),
            _temporary: None,
        }
    }

    /// Serves it at any free port for as long as the answer is held, unless somebody does already:
    /// functions that run call AWS's services there.
    pub async fn serve(&self) -> Result<Option<Served>, Failure> {
        let Some(cloud) = self.cloud.as_ref().filter(|_| !self.is_served) else {
            return Ok(None);
        };
        let server = Server::bind(cloud.clone(), 0).await?;
        Ok(Some(Served(tokio::spawn(server.serve()))))
    }

    /// The same, with states that are gone when it is dropped.
    pub fn fleeting(cloud: Arc<Cloud>, url: &str) -> Result<Local, Failure> {
        let temporary = tempfile::Builder::new()
            .prefix("slp-local-")
            .tempdir()
            .map_err(|error| Failure::new(1, format!("no temporary folder: {error}")))?;
        let local = Local::here(cloud, url, temporary.path().to_owned());
        Ok(Local {
            _temporary: Some(temporary),
            ..local
        })
    }

    /// The cloud, where it is in this process.
    pub fn cloud(&self) -> Option<&Arc<Cloud>> {
        self.cloud.as_ref()
    }

    /// Says that this process serves it.
    pub fn served(self) -> Local {
        Local {
            is_served: true,
            ..self
        }
    }

    pub fn is_served(&self) -> bool {
        self.is_served
    }

    /// The folder of the states.
    pub fn states(&self) -> &Path {
        &self.states
    }

    pub fn store(&self, scope: &Scope) -> LocalStore {
        LocalStore::in_folder(&self.states, scope)
    }

    /// Does this cloud take its time to pass on what is new? Only where a rehearsal or a test
    /// asks it to.
    fn passes_on(&self) -> bool {
        let cloud = self.cloud.as_ref();
        cloud.is_some_and(|cloud| !cloud.faults().propagation_time().is_zero())
    }

    /// The SDK's way to it.
    pub fn connection(&self, region: Option<String>, parallelism: usize) -> Connection {
        Connection {
            profile: None,
            region,
            endpoint: Some(self.url.clone()),
            embedded: Some(self.way.clone()),
            passes_on: self.passes_on(),
            parallelism,
            paced: false,
            lease: None,
        }
    }
}

/// A cloud that is served while this is held.
pub struct Served(JoinHandle<()>);

impl Drop for Served {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Where it is served unless another port is asked for.
pub fn default_url() -> String {
    format!("http://127.0.0.1:{DEFAULT_PORT}")
}

/// The SDK's requests, handed to the cloud as they are.
struct InProcess {
    cloud: Arc<Cloud>,
    url: Arc<str>,
}

impl Transport for InProcess {
    fn send(&self, request: Request<Bytes>) -> Boxed<'static, Result<Response<Bytes>, Cut>> {
        let (cloud, url) = (self.cloud.clone(), self.url.clone());
        Box::pin(async move {
            match cloud.answer(request, &url).await {
                Answered::Response(response) => Ok(response),
                Answered::Reset => Err(Cut),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Aws;
    use crate::local::{Fault, Moment, What};
    use crate::provider::Provider;

    fn local() -> (Arc<Cloud>, Local) {
        let cloud = Arc::new(Cloud::in_memory().unwrap());
        let local = Local::fleeting(cloud.clone(), "http://127.0.0.1:4566");
        (cloud, local.ok().unwrap())
    }

    #[tokio::test]
    async fn the_real_client_talks_to_it_without_a_socket() {
        let (cloud, local) = local();
        let aws = Aws::connect(&local.connection(None, 4)).await.unwrap();
        assert_eq!(aws.region(), "us-east-1");
        let caller = aws.identify().await.unwrap();
        assert_eq!(caller.account, "000000000000");
        assert_eq!(cloud.faults().calls()[0].operation, "GetCallerIdentity");
    }

    #[tokio::test]
    async fn a_reset_is_a_connection_that_ended() {
        let (cloud, local) = local();
        let reset = Fault {
            call: 1,
            operation: None,
            changing: false,
            moment: Moment::Before,
            what: What::Reset,
        };
        cloud.faults().plan([reset]);
        let aws = Aws::connect(&local.connection(None, 4)).await.unwrap();
        // The first call is lost; asked again, the cloud answers.
        aws.identify().await.unwrap();
        assert_eq!(cloud.faults().calls().len(), 2);
    }
}
