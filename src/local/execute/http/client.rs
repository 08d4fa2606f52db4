//! The connections to backends, kept and used again.

use std::error::Error;
use std::sync::OnceLock;

use ::http::{Request, Response};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::local::execute::LARGEST_BODY;
use crate::local::execute::answer::Failure;
use crate::local::execute::names;
use crate::local::execute::responses::Backend;

type Plain = legacy::Client<HttpConnector, Full<Bytes>>;
type Secure = legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>;

pub struct Client {
    plain: Plain,
    /// Made when it is first used: it reads the machine's root certificates.
    secure: OnceLock<Result<Secure, String>>,
}

impl Default for Client {
    fn default() -> Self {
        Client {
            plain: builder().build_http(),
            secure: OnceLock::new(),
        }
    }
}

impl Client {
    /// Sends a request, once, and reads all of its answer.
    pub async fn send(&self, request: Request<Full<Bytes>>) -> Result<Backend, Failure> {
        read(self.ask(request).await?).await
    }

    /// Sends a request, once; the answer's body is not read yet.
    pub async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Response<Incoming>, Failure> {
        let sent = match request.uri().scheme_str() {
            Some("https") => {
                let secure = self.secure.get_or_init(secure).as_ref();
                let secure = secure.map_err(|why| {
                    Failure::internal(format!("no https: the machine's root certificates: {why}"))
                })?;
                secure.request(request).await
            }
            _ => self.plain.request(request).await,
        };
        sent.map_err(|error| unreached(&error))
    }
}

fn secure() -> Result<Secure, String> {
    let provider = rustls::crypto::ring::default_provider();
    let connector = HttpsConnectorBuilder::new().with_provider_and_native_roots(provider);
    let connector = connector.map_err(|error| error.to_string())?;
    let connector = connector.https_only().enable_http1().build();
    Ok(builder().build(connector))
}

fn builder() -> legacy::Builder {
    let mut builder = legacy::Client::builder(TokioExecutor::new());
    builder.http1_preserve_header_case(true);
    builder
}

async fn read(response: Response<Incoming>) -> Result<Backend, Failure> {
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, LARGEST_BODY).collect().await;
    let body = body.map_err(|error| {
        Failure::network(format!("the backend's answer cannot be read: {error}"))
    })?;
    Ok(Backend {
        status: parts.status.as_u16(),
        headers: names::written(&parts.headers, &parts.extensions),
        body: body.to_bytes(),
    })
}

/// A name that is not known and a certificate that is not good are errors of configuration to
/// AWS, and so a 500; a server that does not answer is a 504.
fn unreached(error: &legacy::Error) -> Failure {
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(inner) = cause {
        words.push(inner.to_string());
        cause = inner.source();
    }
    let why = words.join(": ");
    match error.is_connect() && !why.contains("tcp connect error") {
        true => Failure::internal(format!("invalid endpoint address: {why}")),
        false => Failure::network(why),
    }
}
