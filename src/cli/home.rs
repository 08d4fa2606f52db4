//! `.slp/local` beside the manifest: the embedded cloud's data and its states, and the note of
//! the server that has them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};

use super::args::Global;
use super::failure::Failure;
use crate::files;
use crate::local::{Cloud, StoreError};

/// The folder.
pub struct Home(PathBuf);

/// What a running server leaves for those who look for it: `server.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// `http://127.0.0.1:4566`.
    pub url: String,
    pub pid: u32,
    /// RFC 3339.
    pub started: String,
    /// What a caller shows to reach `/_slp/`; whoever reads this file may.
    pub token: String,
    /// Where states are kept that fit this server's cloud.
    pub states: PathBuf,
}

/// A server that answers at all answers at once.
const PATIENCE: Duration = Duration::from_millis(500);

impl Home {
    pub fn of(global: &Global) -> Home {
        Home::beside(super::open::folder(global))
    }

    /// In the manifest's folder.
    pub fn beside(folder: &Path) -> Home {
        let folder = folder.join(".slp").join("local");
        Home(std::path::absolute(&folder).unwrap_or(folder))
    }

    pub fn states(&self) -> PathBuf {
        self.0.join("state")
    }

    /// Was anything applied to the cloud that is kept here?
    pub fn has_states(&self) -> bool {
        let entries = std::fs::read_dir(self.states()).into_iter().flatten();
        let mut paths = entries.flatten().map(|entry| entry.path());
        paths.any(|path| path.extension().is_some_and(|end| end == "json"))
    }

    fn note(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// The server that runs here, if one does. What a killed one left is told from it: the
    /// process that it names has to answer, and to know the token.
    pub async fn server(&self) -> Option<Notice> {
        let bytes = files::bytes(&self.note()).ok()?;
        let notice: Notice = serde_json::from_slice(&bytes).ok()?;
        let answer = tokio::time::timeout(PATIENCE, notice.ask());
        let pid = answer.await.ok()??;
        (pid == notice.pid).then_some(notice)
    }

    /// Opens the cloud that is kept here.
    pub async fn open(&self) -> Result<Cloud, Failure> {
        match Cloud::open(&self.0) {
            Err(error @ StoreError::Busy(_)) => Err(match self.server().await {
                Some(notice) => taken(&notice),
                None => Failure::new(4, error.to_string()).hint("wait until it has ended"),
            }),
            opened => Ok(opened?),
        }
    }

    /// Writes the note; it is gone when the answer is dropped.
    pub fn post(&self, notice: &Notice) -> std::io::Result<Posted> {
        files::private_folder(&self.0)?;
        // Nobody else on this machine may read it: the file is made with mode 0600.
        let mut file = tempfile::NamedTempFile::new_in(&self.0)?;
        file.write_all(&serde_json::to_vec_pretty(notice)?)?;
        file.persist(self.note()).map_err(|error| error.error)?;
        Ok(Posted {
            path: self.note(),
            notice: notice.clone(),
        })
    }
}

/// Why a second server does not start.
pub fn taken(notice: &Notice) -> Failure {
    let Notice { url, pid, .. } = notice;
    Failure::new(
        4,
        format!("process {pid} serves this folder's embedded cloud already, at {url}"),
    )
    .hint("use that one (`--local` finds it), or end it first")
}

impl Notice {
    /// The process that answers there, if it knows the token.
    async fn ask(&self) -> Option<u32> {
        let host = self.url.strip_prefix("http://")?;
        let stream = tokio::net::TcpStream::connect(host).await.ok()?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .ok()?;
        let connection = tokio::spawn(connection);
        let request = Request::get("/_slp/alive")
            .header("host", host)
            .header("x-slp-token", &self.token)
            .body(Empty::<Bytes>::new());
        let response = sender.send_request(request.ok()?).await.ok()?;
        let body = Limited::new(response.into_body(), 1024)
            .collect()
            .await
            .ok()?;
        connection.abort();
        let answer: serde_json::Value = serde_json::from_slice(&body.to_bytes()).ok()?;
        answer["pid"].as_u64()?.try_into().ok()
    }
}

/// A note that stands while its server runs.
pub struct Posted {
    path: PathBuf,
    notice: Notice,
}

impl Drop for Posted {
    fn drop(&mut self) {
        let bytes = files::bytes(&self.path).unwrap_or_default();
        let now: Option<Notice> = serde_json::from_slice(&bytes).ok();
        if now.as_ref() == Some(&self.notice) {
            // What stays is recognised as old by the next one.
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_note_without_its_server_is_no_server() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::beside(folder.path());
        assert!(home.server().await.is_none());
        let notice = Notice {
            // Port 1 of loopback: nobody is there.
            url: "http://127.0.0.1:1".into(),
            pid: std::process::id(),
            started: "1970-01-01T00:00:00Z".into(),
            token: "t".into(),
            states: home.states(),
        };
        let posted = home.post(&notice).unwrap();
        assert!(home.note().exists());
        assert!(home.server().await.is_none());
        drop(posted);
        assert!(!home.note().exists());
    }

    #[tokio::test]
    async fn a_note_of_another_server_stays() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::beside(folder.path());
        let mut notice = Notice {
            url: "http://127.0.0.1:1".into(),
            pid: 1,
            started: "1970-01-01T00:00:00Z".into(),
            token: "t".into(),
            states: home.states(),
        };
        let posted = home.post(&notice).unwrap();
        notice.pid = 2;
        let newer = home.post(&notice).unwrap();
        drop(posted);
        assert!(home.note().exists());
        drop(newer);
        assert!(!home.note().exists());
    }
}
