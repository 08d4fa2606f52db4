//! The Runtime API on the wire: who may speak for a process, and what it is told.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::local::runtime::Caller;
use crate::local::runtime::api::{Answer, Job, Line, Said};

/// Sends a request as it stands, `HOST` filled in; the whole answer.
async fn ask(line: &Line, request: &str) -> String {
    let request = request.replace("HOST", &line.address.to_string());
    let mut stream = TcpStream::connect(line.address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}

fn job(payload: &'static str) -> Job {
    Job {
        by: Caller::Client,
        request_id: "1-2".to_owned(),
        arn: "arn:f".to_owned(),
        deadline: 7,
        trace_id: "Root=1".to_owned(),
        client_context: None,
        payload: payload.into(),
    }
}

const NEXT: &str =
    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n";

#[tokio::test]
async fn nobody_else_may_speak_for_a_process() {
    let mut line = Line::open().await.unwrap();
    let tries = [
        NEXT.replace("Host: HOST", "Host: evil.example"),
        NEXT.replace("Host: HOST\r\n", "Host: HOST\r\nOrigin: http://HOST\r\n"),
        NEXT.replace("Host: HOST\r\n", "Host: HOST\r\nOrigin: null\r\n"),
    ];
    for request in tries {
        assert_eq!(status(&ask(&line, &request).await), "403", "{request}");
    }
    assert!(line.said.try_recv().is_err());
    let other = NEXT.replace("next", "nothing");
    assert_eq!(status(&ask(&line, &other).await), "404");
    // An SDK that is led here is told why nobody answers it.
    let sdk = ask(
        &line,
        &NEXT.replace("/2018-06-01/runtime/invocation/next", "/"),
    )
    .await;
    assert_eq!(status(&sdk), "400");
    assert!(sdk.contains("nobody serves the embedded cloud"), "{sdk}");
}

#[tokio::test]
async fn an_event_is_handed_out_and_answered() {
    let mut line = Line::open().await.unwrap();
    line.jobs.send(job(r#"{"a":1}"#)).await.unwrap();
    let event = ask(&line, NEXT).await;
    for header in [
        "lambda-runtime-aws-request-id: 1-2\r\n",
        "lambda-runtime-deadline-ms: 7\r\n",
        "lambda-runtime-invoked-function-arn: arn:f\r\n",
        "lambda-runtime-trace-id: Root=1\r\n",
    ] {
        assert!(event.contains(header), "{event}");
    }
    assert!(event.ends_with(r#"{"a":1}"#), "{event}");
    assert_eq!(line.said.recv().await, Some(Said::Ready { agent: None }));
    assert_eq!(line.said.recv().await, Some(Said::Taken));

    let answer = |id: &str| {
        format!(
            "POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    };
    let wrong = ask(&line, &answer("3-4")).await;
    assert_eq!(status(&wrong), "400");
    assert!(wrong.contains("InvalidRequestID"), "{wrong}");
    assert_eq!(status(&ask(&line, &answer("1-2")).await), "202");
    let said = Said::Answer {
        request_id: "1-2".to_owned(),
        answer: Answer::Result("{}".into()),
    };
    assert_eq!(line.said.recv().await, Some(said));
    // An answer counts once.
    assert_eq!(status(&ask(&line, &answer("1-2")).await), "400");
}

#[tokio::test]
async fn simple_clients_name_no_port_or_no_host() {
    for host in [
        "Host: localhost\r\n",
        "Host: 127.0.0.1\r\n",
        "Host: lambda\r\n",
        "",
    ] {
        let mut line = Line::open().await.unwrap();
        line.jobs.send(job("{}")).await.unwrap();
        let request = NEXT
            .replace("Host: HOST\r\n", host)
            .replace("HTTP/1.1", "HTTP/1.0");
        assert_eq!(status(&ask(&line, &request).await), "200", "{host}");
        assert_eq!(line.said.recv().await, Some(Said::Ready { agent: None }));
    }
}

#[tokio::test]
async fn a_port_is_closed_when_its_process_is_gone() {
    let gone = Line::open().await.unwrap();
    let address = gone.address;
    let mut waits = TcpStream::connect(address).await.unwrap();
    waits
        .write_all(NEXT.replace("HOST", &address.to_string()).as_bytes())
        .await
        .unwrap();
    drop(gone);
    let mut answer = Vec::new();
    // The connection ends, with or without an answer; a new one is refused.
    let _ = waits.read_to_end(&mut answer).await;
    assert!(TcpStream::connect(address).await.is_err());
}
