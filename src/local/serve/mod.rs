//! The embedded cloud over HTTP, on loopback alone: AWS's APIs, the deployed REST APIs, and the
//! page that shows what happens.
//!
//! Way in: `Server`. What is too slow, too large or too much is cut off here; who may ask what is
//! `dispatch`'s.

mod dispatch;
mod gate;
mod seats;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

pub use dispatch::{Body, refused, whole};
pub use gate::{Gate, Held};

use seats::{Seats, Taken};

use super::Cloud;
use super::page::Page;

/// The port that emulators of AWS have.
pub const DEFAULT_PORT: u16 = 4566;

/// Connections at once; for one more, the slowest goes.
const CONNECTIONS: usize = 512;
/// A head that takes longer is nobody's; an idle connection ends then as well.
const HEAD: Duration = Duration::from_secs(30);
/// AWS's own limit for a head is 10 KB; the buffer serves for bodies too.
const BUFFER: usize = 64 << 10;
/// Where the machine has no more of something, such as files, a moment may help.
const PAUSE: Duration = Duration::from_millis(50);

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
#[error("127.0.0.1:{port} cannot be listened at: {error}")]
pub struct ServerError {
    pub port: u16,
    #[source]
    pub error: std::io::Error,
}

impl ServerError {
    /// Does somebody else listen there?
    pub fn is_taken(&self) -> bool {
        self.error.kind() == std::io::ErrorKind::AddrInUse
    }
}

/// A server that has a port, and answers while `serve` runs.
pub struct Server {
    front: Arc<Front>,
    listener: TcpListener,
}

/// What every connection needs.
pub struct Front {
    pub cloud: Arc<Cloud>,
    /// `http://127.0.0.1:4566`.
    pub url: String,
    pub page: Page,
    /// Calls of deployed APIs wait here while a change is made.
    pub gate: Gate,
}

impl Server {
    /// Takes a port of 127.0.0.1; 0 takes any that is free.
    pub async fn bind(cloud: Arc<Cloud>, port: u16) -> Result<Server, ServerError> {
        let failed = |error| ServerError { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed)?;
        let address: SocketAddr = listener.local_addr().map_err(failed)?;
        let url = format!("http://{address}");
        cloud.served_at(&url);
        let front = Front {
            cloud,
            url,
            page: Page::default(),
            gate: Gate::default(),
        };
        Ok(Server {
            front: Arc::new(front),
            listener,
        })
    }

    pub fn front(&self) -> &Arc<Front> {
        &self.front
    }

    /// Answers until the future is dropped; then every connection ends.
    pub async fn serve(self) {
        let seats = Seats::new(CONNECTIONS);
        let mut connections = JoinSet::new();
        connections.spawn(super::page::follow(self.front.clone()));
        loop {
            tokio::select! {
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let seat = seats.take().await;
                        connections.spawn(connection(self.front.clone(), stream, seat));
                    }
                    Err(_) => tokio::time::sleep(PAUSE).await,
                },
                Some(_) = connections.join_next() => {}
            }
        }
    }
}

async fn connection(front: Arc<Front>, stream: TcpStream, seat: Taken) {
    // Without it, small answers wait for the other side's acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(|request| dispatch::answer(front.clone(), &seat, request));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(BUFFER)
        .preserve_header_case(true)
        .serve_connection(TokioIo::new(stream), service);
    // How a client leaves is the client's business.
    tokio::select! {
        _ = served => {}
        () = seat.gone() => {}
    }
}
