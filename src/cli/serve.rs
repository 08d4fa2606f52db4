//! Serving the embedded cloud: the port, the note by which others find it, the end of both.

use std::sync::Arc;

use tokio::task::JoinHandle;

use super::args::ServeArgs;
use super::embedded::Local;
use super::failure::Failure;
use super::home::{Home, Notice, Posted, taken};
use super::printer::Printer;
use crate::local::{Cloud, DEFAULT_PORT, Front, Server, ServerError};

/// A cloud that is served until this is dropped.
pub struct Serving {
    pub front: Arc<Front>,
    /// The same cloud for commands in this process.
    pub local: Local,
    /// Was the usual port taken?
    moved: bool,
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
        let (server, moved) = bind(&cloud, args.port).await?;
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
            moved,
            task,
            _posted: posted,
        })
    }
}

impl Serving {
    /// Says that it is not where one looks for it.
    pub fn tell_moved(&self, printer: &Printer) {
        if self.moved {
            let url = &self.front.url;
            printer.err(&format!("port {DEFAULT_PORT} is taken: this is at {url}"));
        }
    }
}

/// How many ports after the usual one are tried.
const NEXT: u16 = 100;

/// The port that was asked for; else the usual one, or the next that is free.
async fn bind(cloud: &Arc<Cloud>, port: Option<u16>) -> Result<(Server, bool), Failure> {
    if let Some(port) = port {
        return Ok((Server::bind(cloud.clone(), port).await?, false));
    }
    for port in DEFAULT_PORT..=DEFAULT_PORT + NEXT {
        match Server::bind(cloud.clone(), port).await {
            Err(error) if error.is_taken() => {}
            bound => return Ok((bound?, port != DEFAULT_PORT)),
        }
    }
    Ok((Server::bind(cloud.clone(), 0).await?, true))
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
        let failure = match error.is_taken() {
            true => Failure::new(1, format!("port {} of 127.0.0.1 is taken", error.port)),
            false => Failure::new(1, error.to_string()),
        };
        failure.hint(
            "end what listens there, or choose another: --port N, --port 0 for any that is free; \
             without --port slp takes the next one itself",
        )
    }
}
