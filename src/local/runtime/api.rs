//! The Lambda Runtime API, through which a function's process takes events and gives answers
//! (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html). Each process has a port of its own,
//! since `AWS_LAMBDA_RUNTIME_API` is a host and a port and nothing else: clients take it apart. Who
//! comes from another user of this machine is not heard ([`peer`]), nor a web page.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::{HOST, HeaderName, ORIGIN, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};

use super::{Caller, peer};

/// The most that a function may answer (quotas; the recorded message names the number).
pub const LARGEST_ANSWER: usize = 6_291_556;
/// What more a process sends is read and thrown away up to here, so that it lives on.
const LARGEST_READ: usize = 256 << 20;
/// What a process may say before anybody listens.
const UNHEARD: usize = 16;
/// Where the machine has no more files to open, a moment may help.
const PAUSE: Duration = Duration::from_millis(50);

/// An invocation as the process is given it.
#[derive(Clone, Debug)]
pub struct Job {
    /// Told to whoever watches, and not to the process.
    pub by: Caller,
    pub request_id: String,
    pub arn: String,
    /// Milliseconds since 1970.
    pub deadline: i64,
    pub trace_id: String,
    pub client_context: Option<String>,
    pub payload: Bytes,
}

/// What a process says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    /// It asks for work; `agent` tells the interpreter's version the first time.
    Ready { agent: Option<String> },
    /// It was handed the invocation that it is to answer next.
    Taken,
    /// It could not begin.
    InitError(Bytes),
    /// It answers an invocation.
    Answer { request_id: String, answer: Answer },
}

#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    Result(Bytes),
    Error(Bytes),
    TooLarge,
}

/// The side of a process that the API sees.
struct Session {
    jobs: tokio::sync::Mutex<mpsc::Receiver<Job>>,
    said: mpsc::Sender<Said>,
    /// The invocation that it may answer.
    current: Mutex<Option<String>>,
}

/// The side of a process that we see. Its port is closed when this is dropped.
pub struct Line {
    pub jobs: mpsc::Sender<Job>,
    pub said: mpsc::Receiver<Said>,
    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub address: SocketAddr,
    serving: AbortHandle,
}

impl Line {
    /// Makes room for one process.
    pub async fn open() -> std::io::Result<Line> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let (jobs, taken) = mpsc::channel(1);
        let (say, said) = mpsc::channel(UNHEARD);
        let session = Session {
            jobs: tokio::sync::Mutex::new(taken),
            said: say,
            current: Mutex::default(),
        };
        let serving = tokio::spawn(serve(listener, Arc::new(session))).abort_handle();
        Ok(Line {
            jobs,
            said,
            address,
            serving,
        })
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Goes on until it is aborted, and its connections with it.
async fn serve(listener: TcpListener, session: Arc<Session>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) if !peer::is_anothers(from) => {
                    connections.spawn(connection(stream, session.clone()));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, session: Arc<Session>) {
    if stream.set_nodelay(true).is_err() {
        return;
    }
    let service = service_fn(move |request| {
        let session = session.clone();
        async move { Ok::<_, std::convert::Infallible>(answer(request, &session).await) }
    });
    // No timer: a handler may take a quarter of an hour between two requests.
    let served =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    // How a process leaves is seen by who waits for it.
    let _ = served.await;
}

type Reply = Response<Full<Bytes>>;

async fn answer(request: Request<Incoming>, session: &Session) -> Reply {
    if !ours(request.headers()) {
        return failed(StatusCode::FORBIDDEN, "Forbidden", "not for web pages");
    }
    let path = request.uri().path().to_owned();
    let Some(call) = path.strip_prefix("/2018-06-01/runtime/") else {
        return elsewhere();
    };
    let parts: Vec<&str> = call.split('/').collect();
    match (request.method(), &parts[..]) {
        (&Method::GET, ["invocation", "next"]) => session.next(request.headers()).await,
        (&Method::POST, ["invocation", id, "response"]) => session.response(id, request).await,
        (&Method::POST, ["invocation", id, "error"]) => session.error(id, request).await,
        (&Method::POST, ["init", "error"]) => session.init_error(request).await,
        _ => failed(StatusCode::NOT_FOUND, "NotFound", "no such path"),
    }
}

/// Where no cloud is served, this is also where AWS's SDKs are led, lest they ask the real one.
fn elsewhere() -> Reply {
    let message = "nobody serves the embedded cloud at this address, which is a function's Runtime API: `slp dev` and `slp local` serve it";
    let body = serde_json::json!({ "__type": "NotServed", "message": message });
    said(StatusCode::BAD_REQUEST, body.to_string())
}

/// A page of a browser has an `Origin`, or a host of its own that was rebound to loopback.
fn ours(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let host = host.map(|host| host.split(|byte| *byte == b':').next().unwrap_or_default());
    // A client of a few lines sends none, or any word; what can be rebound has a dot.
    let own = host.is_none_or(|host| host == b"127.0.0.1" || !host.contains(&b'.'));
    !headers.contains_key(ORIGIN) && own
}

impl Session {
    async fn next(&self, headers: &HeaderMap) -> Reply {
        let agent = headers
            .get(USER_AGENT)
            .and_then(|agent| agent.to_str().ok());
        let agent = agent.map(str::to_owned);
        lock(&self.current).take();
        // Nobody listens any more: the process is about to be ended.
        let _ = self.said.send(Said::Ready { agent }).await;
        let Some(job) = self.jobs.lock().await.recv().await else {
            return failed(StatusCode::GONE, "Gone", "the process is about to end");
        };
        *lock(&self.current) = Some(job.request_id.clone());
        let _ = self.said.send(Said::Taken).await;
        work(job)
    }

    async fn response(&self, id: &str, request: Request<Incoming>) -> Reply {
        self.answered(id, request, Answer::Result).await
    }

    async fn error(&self, id: &str, request: Request<Incoming>) -> Reply {
        self.answered(id, request, Answer::Error).await
    }

    async fn answered(
        &self,
        id: &str,
        request: Request<Incoming>,
        of: fn(Bytes) -> Answer,
    ) -> Reply {
        let read = read(request.into_body()).await;
        if lock(&self.current)
            .take_if(|current| current == id)
            .is_none()
        {
            return failed(
                StatusCode::BAD_REQUEST,
                "InvalidRequestID",
                "Invalid request ID",
            );
        }
        let too_large = matches!(read, Read::TooLarge);
        let answer = match read {
            Read::Body(body) => of(body),
            Read::TooLarge => Answer::TooLarge,
            // The process died while it wrote; its end is seen elsewhere.
            Read::Broken => return failed(StatusCode::BAD_REQUEST, "Broken", "no body"),
        };
        let request_id = id.to_owned();
        let _ = self.said.send(Said::Answer { request_id, answer }).await;
        if too_large {
            return failed(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &format!("Exceeded maximum allowed payload size ({LARGEST_ANSWER} bytes)."),
            );
        }
        accepted()
    }

    async fn init_error(&self, request: Request<Incoming>) -> Reply {
        if let Read::Body(body) = read(request.into_body()).await {
            let _ = self.said.send(Said::InitError(body)).await;
        }
        accepted()
    }
}

enum Read {
    Body(Bytes),
    TooLarge,
    Broken,
}

async fn read(mut body: Incoming) -> Read {
    let mut kept = BytesMut::new();
    let mut seen = 0;
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return Read::Broken;
        };
        let Some(data) = frame.data_ref() else {
            continue;
        };
        seen += data.len();
        if seen <= LARGEST_ANSWER {
            kept.extend_from_slice(data);
        } else if seen > LARGEST_READ {
            break;
        }
    }
    match seen > LARGEST_ANSWER {
        true => Read::TooLarge,
        false => Read::Body(kept.freeze()),
    }
}

fn work(job: Job) -> Reply {
    let headers = [
        ("lambda-runtime-aws-request-id", job.request_id),
        ("lambda-runtime-deadline-ms", job.deadline.to_string()),
        ("lambda-runtime-invoked-function-arn", job.arn),
        ("lambda-runtime-trace-id", job.trace_id),
        (
            "lambda-runtime-client-context",
            job.client_context.unwrap_or_default(),
        ),
        ("content-type", "application/json".to_owned()),
    ];
    let mut reply = Response::new(Full::new(job.payload));
    for (name, value) in headers {
        // Beyond Latin-1 a header cannot be; the bytes are UTF-8, as AWS sends them.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes())
            && !value.is_empty()
        {
            let name = HeaderName::from_static(name);
            reply.headers_mut().insert(name, value);
        }
    }
    reply
}

fn accepted() -> Reply {
    said(StatusCode::ACCEPTED, r#"{"status":"OK"}"#.to_owned())
}

fn failed(status: StatusCode, kind: &str, message: &str) -> Reply {
    let body = serde_json::json!({ "errorMessage": message, "errorType": kind });
    said(status, body.to_string())
}

fn said(status: StatusCode, body: String) -> Reply {
    let mut reply = Response::new(Full::from(body));
    *reply.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    reply.headers_mut().insert(http::header::CONTENT_TYPE, json);
    reply
}
