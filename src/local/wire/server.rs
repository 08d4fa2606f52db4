//! The embedded cloud over HTTP, on loopback alone.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use super::{Answered, guard};
use crate::local::Cloud;

/// The port that emulators of AWS have.
pub const DEFAULT_PORT: u16 = 4566;

/// AWS takes at most 70,167,211 bytes for a function; nothing here is larger.
const LARGEST_BODY: usize = 72 << 20;

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
#[error("127.0.0.1:{port} cannot be listened at: {error}")]
pub struct ServerError {
    pub port: u16,
    #[source]
    pub error: std::io::Error,
}

/// A server that has a port, and answers while `serve` runs.
pub struct Server {
    cloud: Arc<Cloud>,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Takes a port of 127.0.0.1; 0 takes any that is free.
    pub async fn bind(cloud: Arc<Cloud>, port: u16) -> Result<Server, ServerError> {
        let failed = |error| ServerError { port, error };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        cloud.served_at(&format!("http://{address}"));
        Ok(Server {
            cloud,
            listener,
            address,
        })
    }

    /// `http://127.0.0.1:4566`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Answers until the future is dropped.
    pub async fn serve(self) {
        let url: Arc<str> = self.url().into();
        loop {
            // A connection that failed before it was there concerns nobody else.
            if let Ok((stream, _)) = self.listener.accept().await {
                tokio::spawn(connection(self.cloud.clone(), stream, url.clone()));
            }
        }
    }
}

async fn connection(cloud: Arc<Cloud>, stream: TcpStream, url: Arc<str>) {
    // Without it, small answers wait for the other side's acknowledgement.
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| answer(cloud.clone(), request, url.clone()));
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service);
    // How a client leaves is the client's business.
    let _ = served.await;
}

/// The connection ends without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection was reset on purpose")]
struct Reset;

async fn answer(
    cloud: Arc<Cloud>,
    request: Request<Incoming>,
    url: Arc<str>,
) -> Result<Response<Full<Bytes>>, Reset> {
    if guard::host(request.headers()).is_none() {
        return Ok(refused(
            StatusCode::FORBIDDEN,
            "this is not a name of this machine",
        ));
    }
    let (parts, body) = request.into_parts();
    let body = match Limited::new(body, LARGEST_BODY).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => {
            return Ok(refused(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the request is too large",
            ));
        }
    };
    let request = Request::from_parts(parts, body);
    if guard::foreign(request.headers()) {
        return Ok(refused(
            StatusCode::FORBIDDEN,
            "a page of another origin may not call",
        ));
    }
    match cloud.answer(request, &url).await {
        Answered::Response(response) => Ok(response.map(Full::new)),
        Answered::Reset => Err(Reset),
    }
}

fn refused(status: StatusCode, why: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(format!("{why}\n")));
    *response.status_mut() = status;
    response
}
