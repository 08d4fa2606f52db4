//! Debuggers, as much of them as a test needs: Node.js's inspector over a WebSocket, and debugpy's
//! adapter.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

/// A client of Node.js's inspector.
pub struct Inspector {
    stream: TcpStream,
    next: u64,
}

impl Inspector {
    /// What the inspector tells over HTTP. It leaves the connection open, so its length counts.
    pub fn told(place: &str, path: &str) -> Value {
        let mut stream = TcpStream::connect(place).expect("the inspector");
        let request = format!("GET {path} HTTP/1.1\r\nhost: {place}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        serde_json::from_slice(&measured(&mut BufReader::new(stream))).expect("JSON")
    }

    /// Attaches to who listens there, such as `127.0.0.1:9229`.
    pub fn attach(place: &str) -> Inspector {
        let list = Inspector::told(place, "/json/list");
        let url = list[0]["webSocketDebuggerUrl"].as_str().expect("a URL");
        let path = url.rsplit('/').next().expect("an id");
        let mut stream = TcpStream::connect(place).expect("the inspector");
        let head = format!(
            "GET /{path} HTTP/1.1\r\nhost: {place}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
             sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).expect("a handshake");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("its answer");
            answer.push(byte[0]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 101"), "{answer:?}");
        Inspector { stream, next: 0 }
    }

    /// Asks, and waits for the answer; what comes before it is not of interest.
    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({ "id": id, "method": method, "params": params }).to_string());
        let answer = self.until(|message| message["id"] == id);
        assert_eq!(answer["error"], Value::Null, "{method}: {answer}");
        answer["result"].clone()
    }

    /// Waits for an event; its parameters.
    pub fn event(&mut self, method: &str) -> Value {
        self.until(|message| message["method"] == method)["params"].clone()
    }

    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message: Value = serde_json::from_slice(&self.frame()).expect("JSON");
            if is_it(&message) {
                return message;
            }
        }
    }

    /// A text in one frame, under a mask of zeros.
    fn send(&mut self, text: &str) {
        let length = u16::try_from(text.len())
            .expect("a short text")
            .to_be_bytes();
        let head = [0x81, 0x80 | 126, length[0], length[1], 0, 0, 0, 0];
        self.stream.write_all(&head).expect("a frame");
        self.stream.write_all(text.as_bytes()).expect("a frame");
    }

    fn frame(&mut self) -> Vec<u8> {
        let mut take = |count: usize| {
            let mut bytes = vec![0; count];
            self.stream.read_exact(&mut bytes).expect("a frame");
            bytes
        };
        let head = take(2);
        assert_eq!(head[0], 0x81, "a text in one frame");
        let more = match head[1] {
            126 => take(2),
            127 => take(8),
            short => vec![short],
        };
        let length = more
            .iter()
            .fold(0, |length, byte| length << 8 | usize::from(*byte));
        take(length)
    }
}

/// What follows a head that tells its length.
fn measured(stream: &mut BufReader<TcpStream>) -> Vec<u8> {
    let mut length = 0;
    let mut line = String::new();
    while line != "\r\n" {
        line.clear();
        let read = stream.read_line(&mut line).expect("a head");
        assert!(read > 0, "the other side has gone");
        let named = line
            .split_once(':')
            .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        if let Some((_, text)) = named {
            length = text.trim().parse().expect("a length");
        }
    }
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes).expect("all of it");
    bytes
}

/// A client of debugpy's adapter.
pub struct DebugAdapter {
    stream: BufReader<TcpStream>,
    next: u64,
}

impl DebugAdapter {
    pub fn attach(place: &str) -> DebugAdapter {
        let stream = TcpStream::connect(place).expect("the adapter");
        let stream = BufReader::new(stream);
        DebugAdapter { stream, next: 0 }
    }

    /// Asks; the number of the request.
    pub fn send(&mut self, command: &str, arguments: Value) -> u64 {
        self.next += 1;
        let request = json!({
            "seq": self.next, "type": "request", "command": command, "arguments": arguments,
        });
        let text = request.to_string();
        let message = format!("Content-Length: {}\r\n\r\n{text}", text.len());
        self.stream
            .get_mut()
            .write_all(message.as_bytes())
            .expect("a request");
        self.next
    }

    /// Asks, and waits for the answer.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Value {
        let seq = self.send(command, arguments);
        let answer = self.until(|message| message["request_seq"] == seq);
        assert_eq!(answer["success"], true, "{command}: {answer}");
        answer["body"].clone()
    }

    /// Waits for an event; its body.
    pub fn event(&mut self, name: &str) -> Value {
        self.until(|message| message["event"] == name)["body"].clone()
    }

    fn until(&mut self, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let bytes = measured(&mut self.stream);
            let message: Value = serde_json::from_slice(&bytes).expect("JSON");
            if is_it(&message) {
                return message;
            }
        }
    }
}
