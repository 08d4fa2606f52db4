//! A real browser, headless, driven over its debugging pipe: messages in JSON, each ended by
//! a zero byte, which go in at its descriptor 3 and come out at 4.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// One browser with one open page.
pub struct Browser {
    child: Child,
    /// Its profile and its pipes.
    _folder: TempDir,
    to: File,
    from: BufReader<File>,
    calls: u64,
    session: Option<String>,
    requests: Vec<String>,
}

impl Browser {
    /// `None` where there is none, which is said.
    pub fn start() -> Option<Browser> {
        let answers = |name: &&&str| Command::new(name).arg("--version").output().is_ok();
        let Some(program) = NAMES.iter().find(answers) else {
            eprintln!("skipped: there is no chromium here");
            return None;
        };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let pipe = |name: &str| {
            let path = folder.path().join(name);
            let made = Command::new("mkfifo").arg(&path).status();
            assert!(made.expect("mkfifo runs").success());
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        let child = command(program, folder.path()).spawn().expect("sh runs");
        // As sh opens them: each waits for its other end.
        let to = File::options().write(true).open(to).expect("a pipe");
        let from = BufReader::new(File::open(from).expect("a pipe"));
        let mut browser = Browser {
            child,
            _folder: folder,
            to,
            from,
            calls: 0,
            session: None,
            requests: Vec::new(),
        };
        browser.attach();
        Some(browser)
    }

    fn attach(&mut self) {
        let target = self.ask("Target.createTarget", json!({"url": "about:blank"}));
        let target = &target["targetId"];
        let options = json!({"targetId": target, "flatten": true});
        let session = self.ask("Target.attachToTarget", options);
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Network", "Page", "Runtime"] {
            self.ask(&format!("{domain}.enable"), json!({}));
        }
    }

    /// Loads the page, and waits until it has loaded.
    pub fn open(&mut self, url: &str) {
        let answer = self.ask("Page.navigate", json!({"url": url}));
        assert_eq!(answer["errorText"], Value::Null, "{url}");
        self.ready("document.readyState === 'complete'");
    }

    /// What an expression comes to in the page; a promise is waited for.
    pub fn eval(&mut self, expression: &str) -> Value {
        match self.tried(expression) {
            Ok(value) => value,
            Err(error) => panic!("{expression}: {error}"),
        }
    }

    fn tried(&mut self, expression: &str) -> Result<Value, Value> {
        let options =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let mut answer = self.asked("Runtime.evaluate", options)?;
        match answer["exceptionDetails"].take() {
            Value::Null => Ok(answer["result"]["value"].take()),
            thrown => Err(thrown),
        }
    }

    /// Waits, 20 s at most, until the expression is true. Where the page goes to another
    /// meanwhile, that other is asked.
    pub fn ready(&mut self, expression: &str) {
        let look =
            format!("new Promise((tell) => setTimeout(() => tell(Boolean({expression})), 10))");
        let done = (0..2000).any(|_| self.tried(&look) == Ok(Value::Bool(true)));
        assert!(done, "never: {expression}");
    }

    /// Prefers a light or a dark page.
    pub fn prefers(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.ask("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// The page as a PNG, this many pixels wide and high.
    pub fn picture(&mut self, width: u32, height: u32) -> Vec<u8> {
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.ask("Emulation.setDeviceMetricsOverride", size);
        let answer = self.ask("Page.captureScreenshot", json!({"format": "png"}));
        let data = answer["data"].as_str().expect("a picture");
        BASE64_STANDARD.decode(data).expect("base64")
    }

    /// Every address that the page has asked since the browser's start.
    pub fn requests(&self) -> &[String] {
        &self.requests
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        match self.asked(method, params) {
            Ok(result) => result,
            Err(error) => panic!("{method}: {error}"),
        }
    }

    fn asked(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        self.calls += 1;
        let mut message = json!({"id": self.calls, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let bytes = [message.to_string().as_bytes(), b"\0"].concat();
        self.to.write_all(&bytes).expect("the browser listens");
        loop {
            let mut heard = self.hear();
            if heard["id"] == self.calls {
                return match heard["error"].take() {
                    Value::Null => Ok(heard["result"].take()),
                    error => Err(error),
                };
            }
        }
    }

    fn hear(&mut self) -> Value {
        let mut bytes = Vec::new();
        self.from.read_until(0, &mut bytes).expect("a message");
        assert_eq!(bytes.pop(), Some(0), "the browser has ended");
        let message: Value = serde_json::from_slice(&bytes).expect("JSON");
        if message["method"] == "Network.requestWillBeSent" {
            let url = &message["params"]["request"]["url"];
            self.requests.extend(url.as_str().map(str::to_owned));
        }
        message
    }
}

/// Root has no sandbox of its own in a container; nothing is loaded but our own pages.
fn command(program: &str, folder: &std::path::Path) -> Command {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let mut command = Command::new("sh");
    command
        .args(["-c", "exec \"$@\" 3<to 4>from", "sh", program])
        .args(["--headless", "--no-sandbox", "--disable-gpu"])
        .args(["--remote-debugging-pipe", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-sync"])
        .args(["--disable-component-update", &profile])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
