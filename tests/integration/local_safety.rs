//! The embedded cloud runs code, so no web page and no other machine may reach it: each way
//! is tried from a raw socket.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};

use crate::harness::{Local, SIGNED, Sandbox};

/// What came back for these lines, head and body.
fn sent(local: &Local, lines: &[&str]) -> String {
    let mut stream = TcpStream::connect(local.address()).expect("it listens");
    let text = format!("{}\r\n\r\n", lines.join("\r\n"));
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    // A refusal may end the connection before all was read.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).to_lowercase()
}

fn local(name: &str) -> (Sandbox, Local) {
    let sandbox = Sandbox::empty(name);
    let local = Local::start(&sandbox, "--ephemeral");
    (sandbox, local)
}

const LIST: &str = "x-amz-target: Logs_20140328.DescribeLogGroups";
const END: &str = "connection: close";

#[test]
fn only_names_of_this_machine_reach_it() {
    let (_sandbox, local) = local("safe-host");
    let own = format!("host: {}", local.address());
    let good = sent(&local, &["POST / HTTP/1.1", &own, SIGNED, LIST, END]);
    assert!(good.starts_with("http/1.1 200"), "{good}");
    for host in ["host: evil.example", "host: 127.0.0.1.evil.example", "x: y"] {
        for path in ["/", "/_slp/alive", "/_aws/execute-api/a/b/c"] {
            let line = format!("GET {path} HTTP/1.1");
            let answer = sent(&local, &[&line, host, SIGNED, END]);
            assert!(
                answer.starts_with("http/1.1 403"),
                "{host} {path}: {answer}"
            );
        }
    }
}

#[test]
fn a_page_of_another_origin_is_refused_and_never_told_that_it_may() {
    let (_sandbox, local) = local("safe-origin");
    let own = format!("host: {}", local.address());
    let foreign = "origin: https://evil.example";
    for lines in [
        vec!["POST / HTTP/1.1", &own, SIGNED, LIST, foreign, END],
        vec!["GET / HTTP/1.1", &own, foreign, END],
        vec!["GET /_slp/overview HTTP/1.1", &own, foreign, END],
        vec![
            "OPTIONS / HTTP/1.1",
            &own,
            foreign,
            "access-control-request-method: POST",
            "access-control-request-headers: authorization",
            END,
        ],
    ] {
        let answer = sent(&local, &lines);
        assert!(answer.starts_with("http/1.1 403"), "{lines:?}: {answer}");
        assert!(!answer.contains("access-control-allow"), "{answer}");
    }
}

#[test]
fn unsigned_calls_do_nothing() {
    let (_sandbox, local) = local("safe-unsigned");
    let own = format!("host: {}", local.address());
    let make = "x-amz-target: Logs_20140328.CreateLogGroup";
    for signature in ["authorization: Basic dGVzdA==", "accept: */*"] {
        let answer = sent(&local, &["POST / HTTP/1.1", &own, signature, make, END]);
        assert!(answer.starts_with("http/1.1 403"), "{answer}");
    }
}

#[test]
fn the_pages_own_questions_need_its_token() {
    let (sandbox, local) = local("safe-token");
    let own = format!("host: {}", local.address());
    let note: serde_json::Value =
        serde_json::from_str(&sandbox.read(".slp/local/server.json")).expect("JSON");
    let token = format!("x-slp-token: {}", note["token"].as_str().expect("a token"));
    for path in ["alive", "overview", "recent", "events"] {
        let line = format!("GET /_slp/{path} HTTP/1.1");
        for wrong in ["x-slp-token: 0", "accept: */*"] {
            let answer = sent(&local, &[&line, &own, wrong, END]);
            assert!(answer.starts_with("http/1.1 403"), "{answer}");
        }
    }
    let line = "GET /_slp/overview HTTP/1.1";
    let answer = sent(&local, &[line, &own, &token, END]);
    assert!(answer.starts_with("http/1.1 200"), "{answer}");
    let page = sent(&local, &["GET / HTTP/1.1", &own, END]);
    assert!(page.contains("default-src 'none'"), "{page}");
    assert!(page.contains("frame-ancestors 'none'"), "{page}");
    assert!(!page.contains("access-control-allow"), "{page}");
}

#[cfg(unix)]
#[test]
fn nobody_else_reads_the_token() {
    use std::os::unix::fs::PermissionsExt;
    let (sandbox, _local) = local("safe-mode");
    let about = std::fs::metadata(sandbox.path(".slp/local/server.json")).expect("the note");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
}

#[test]
fn what_is_too_large_is_not_read() {
    let (_sandbox, local) = local("safe-size");
    let own = format!("host: {}", local.address());
    let huge = "content-length: 99999999999";
    // Answered though not a byte of the body was sent.
    let control = sent(&local, &["POST / HTTP/1.1", &own, SIGNED, LIST, huge]);
    assert!(control.starts_with("http/1.1 413"), "{control}");
    let line = "POST /_aws/execute-api/a/b/c HTTP/1.1";
    let call = sent(&local, &[line, &own, "content-length: 10485761"]);
    assert!(call.starts_with("http/1.1 413"), "{call}");
    let unsigned = sent(&local, &["POST / HTTP/1.1", &own, huge]);
    assert!(unsigned.starts_with("http/1.1 403"), "{unsigned}");
    let long = format!("x: {}", "y".repeat(200_000));
    let head = sent(&local, &["GET / HTTP/1.1", &own, &long]);
    assert!(!head.starts_with("http/1.1 200"), "{head}");
}

#[test]
fn other_machines_find_nothing_there() {
    let (_sandbox, local) = local("safe-loopback");
    let address: SocketAddr = local.address().parse().expect("an address");
    assert!(address.ip().is_loopback());
    // The address that this machine has for others; no packet is sent.
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    match socket
        .connect("192.0.2.1:9")
        .and_then(|()| socket.local_addr())
    {
        Ok(own) if !own.ip().is_loopback() => {
            assert!(TcpStream::connect((own.ip(), address.port())).is_err());
        }
        _ => eprintln!("skipped: this machine has no address but loopback"),
    }
}

#[test]
fn what_is_nested_without_an_end_ends_nothing() {
    let (_sandbox, local) = local("safe-nested");
    let own = format!("host: {}", local.address());
    let iam = SIGNED.replace("/logs/", "/iam/");
    for part in ["a.", "1.", "member."] {
        let body = format!(
            "Action=ListRoles&Version=2010-05-08&{}=x",
            part.repeat(20_000)
        );
        let length = format!("content-length: {}\r\n\r\n{body}", body.len());
        let answer = sent(&local, &["POST / HTTP/1.1", &own, &iam, END, &length]);
        assert!(answer.starts_with("http/1.1 400"), "{part}: {answer}");
        assert!(answer.contains("malformedinput"), "{part}: {answer}");
    }
    let json = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let length = format!("content-length: {}\r\n\r\n{json}", json.len());
    let answer = sent(
        &local,
        &["POST / HTTP/1.1", &own, SIGNED, LIST, END, &length],
    );
    assert!(answer.starts_with("http/1.1 400"), "{answer}");
    assert_eq!(local.logs("DescribeLogGroups", "{}").status, 200);
}

#[test]
fn who_is_slow_to_ask_keeps_nobody_out() {
    let (_sandbox, local) = local("safe-slow");
    let own = format!("host: {}", local.address());
    let head = format!("POST / HTTP/1.1\r\n{own}\r\n{SIGNED}\r\n");
    // Half of them are slow with the head, the others with the body.
    let body = format!("{head}{LIST}\r\ncontent-length: 9\r\n\r\n{{");
    let slow: Vec<TcpStream> = (0..600)
        .map(|number| {
            let mut stream = TcpStream::connect(local.address()).expect("it listens");
            let part = if number % 2 == 0 { &head } else { &body };
            // Who has waited longest may be gone by now.
            let _ = stream.write_all(part.as_bytes());
            stream
        })
        .collect();
    assert_eq!(local.logs("DescribeLogGroups", "{}").status, 200);
    // The last one still may go on: it was not waited for.
    let last = slow.last().expect("600 of them");
    last.set_nonblocking(true).expect("a socket");
    let read = (&*last).read(&mut [0]);
    assert_eq!(
        read.expect_err("no answer yet").kind(),
        std::io::ErrorKind::WouldBlock
    );
}
