//! Serving the embedded cloud: the port, the note by which others find it, the end of both.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::args::ServeArgs;
use super::embedded::Local;
use super::failure::Failure;
use super::home::{Home, Notice, Posted, taken};
use crate::local::{Cloud, Front, Server, ServerError};

/// A cloud that is served until this is dropped.
pub struct Serving {
    pub front: Arc<Front>,
    /// The same cloud for commands in this process.
    pub local: Local,
    task: JoinHandle<()>,
    _posted: Posted,
}

impl Serving {
    pub async fn start(home: &Home, args: &ServeArgs) -> Result<Serving, Failure> {
        if let Some(notice) = home.server().await {
            return Err(taken(&notice));
        }
        let cloud = match args.ephemeral {
            true => Cloud::in_memory()?,
            false => home.open().await?,
        };
        let cloud = Arc::new(cloud);
        let server = Server::bind(cloud.clone(), args.port).await?;
        let front = server.front().clone();
        let local = match args.ephemeral {
            true => Local::fleeting(cloud, &front.url)?,
            false => Local::here(cloud, &front.url, home.states()),
        };
        let task = tokio::spawn(server.serve());
        let posted = home.post(&notice(&front, &local)).map_err(|error| {
            Failure::new(
                1,
                format!("the note of this server cannot be written: {error}"),
            )
        })?;
        Ok(Serving {
            front,
            local: local.served(),
            task,
            _posted: posted,
        })
    }
}

fn notice(front: &Front, local: &Local) -> Notice {
    Notice {
        url: front.url.clone(),
        pid: std::process::id(),
        started: jiff::Timestamp::now().to_string(),
        token: front.page.token().to_owned(),
        states: local.states().to_owned(),
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Failure {
        Failure::new(1, error.to_string())
            .hint("choose another port: --port N, or --port 0 for any that is free")
    }
}
