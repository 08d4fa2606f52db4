//! Functions of every kind, really run. Where the machine has no Node.js or Python, the tests of
//! that language say so and are over.

mod api;
mod home;
mod life;
mod logging;
mod node;
mod pool;
mod python;

use std::io::{Cursor, Write as _};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{Image, Invocation, Invoked, LogFormat, interpreter};
use crate::local::error::AwsError;
use crate::local::{Cloud, Place};

/// A function in a cloud.
struct Function {
    cloud: Arc<Cloud>,
    image: Image,
}

impl Function {
    fn new(runtime: &str, handler: &str, files: &[(&str, &str)]) -> Function {
        let cloud = Arc::new(Cloud::in_memory().unwrap());
        let code = kept(&cloud, files);
        let image = Image {
            arn: "arn:aws:lambda:eu-west-1:000000000000:function:f".to_owned(),
            name: "f".to_owned(),
            version: "$LATEST".to_owned(),
            revision: "1".to_owned(),
            region: "eu-west-1".to_owned(),
            runtime: runtime.to_owned(),
            handler: handler.to_owned(),
            memory_mb: 128,
            timeout: Duration::from_secs(30),
            environment: Default::default(),
            code,
            layers: Vec::new(),
            log_group: "/aws/lambda/f".to_owned(),
            log_format: LogFormat::Text,
            reserved: None,
        };
        Function { cloud, image }
    }

    async fn try_call(&self, event: Value) -> Result<Invoked, AwsError> {
        let invocation = Invocation::of(event.to_string());
        self.cloud.invoke(&self.image, invocation).await
    }

    async fn call(&self, event: Value) -> Invoked {
        self.try_call(event).await.unwrap()
    }

    /// The answer to `{}`, which must not be an error.
    async fn answer(&self) -> Value {
        let invoked = self.call(serde_json::json!({})).await;
        assert_eq!(invoked.function_error, None, "{invoked:?}");
        value(&invoked)
    }

    /// The error that `{}` leads to.
    async fn error(&self) -> Value {
        let invoked = self.call(serde_json::json!({})).await;
        assert_eq!(invoked.function_error, Some("Unhandled"), "{invoked:?}");
        value(&invoked)
    }
}

fn value(invoked: &Invoked) -> Value {
    serde_json::from_slice(&invoked.payload).unwrap()
}

fn text(invoked: &Invoked) -> String {
    invoked.log.iter().map(|line| line.text.as_str()).collect()
}

fn zipped(files: &[(&str, &str)]) -> Bytes {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = SimpleFileOptions::default().unix_permissions(0o755);
        zip.start_file(*name, options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    Bytes::from(zip.finish().unwrap().into_inner())
}

/// Keeps a package; its digest.
fn kept(cloud: &Cloud, files: &[(&str, &str)]) -> String {
    let place = Place {
        region: "eu-west-1".to_owned(),
        url: String::new(),
    };
    cloud
        .turn(place, |turn| Ok(turn.keep(zipped(files))))
        .unwrap()
}

#[expect(clippy::print_stderr, reason = "says that a test was skipped")]
fn there_is<E>(name: &str, found: Result<std::path::PathBuf, E>) -> bool {
    if found.is_err() {
        eprintln!("skipped: there is no {name} on PATH");
    }
    found.is_ok()
}

fn path() -> std::ffi::OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

fn node() -> bool {
    there_is("node", interpreter::node(&path()))
}

fn python() -> bool {
    there_is("python3", interpreter::python(&path(), "3.11"))
}
