//! Code runs where nothing of the developer's is found, and where nobody asks AWS.

use std::fs;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Function, kept, node, python};
use crate::local::Cloud;

/// A function in a cloud that is kept in a project which has packages and modules of its own.
fn at_home(runtime: &str, files: &[(&str, &str)]) -> (tempfile::TempDir, Function) {
    let project = tempfile::tempdir().unwrap();
    let module = project.path().join("node_modules/theirs");
    fs::create_dir_all(&module).unwrap();
    fs::write(module.join("index.js"), "module.exports = 'theirs'").unwrap();
    fs::write(
        project.path().join("package.json"),
        r#"{ "type": "module" }"#,
    )
    .unwrap();
    let mut function = Function::new(runtime, "index.handler", files);
    let cloud = Cloud::open(&project.path().join(".slp/local")).unwrap();
    function.cloud = Arc::new(cloud);
    function.image.code = kept(&function.cloud, files);
    (project, function)
}

#[tokio::test]
async fn node_finds_nothing_above_its_folder() {
    if !node() {
        return;
    }
    let source = "exports.handler = async () => {
        const found = [];
        for (const name of ['theirs', process.env.OUTSIDE]) {
            try { found.push(require(name)); } catch (error) { found.push(error.code); }
        }
        return { found, own: require('own'), here: require('/var/task/own'), dir: __dirname };
    };";
    let files = [
        ("index.js", source),
        ("node_modules/own/index.js", "module.exports = 'own'"),
        ("own.js", "module.exports = 'beside'"),
    ];
    let (project, mut function) = at_home("nodejs20.x", &files);
    let environment = &mut function.image.environment;
    environment.insert("OUTSIDE".to_owned(), "theirs".to_owned());
    let answer = function.answer().await;
    // The project's "type": "module" would make `exports` unknown.
    assert_eq!(
        answer["found"],
        json!(["MODULE_NOT_FOUND", "MODULE_NOT_FOUND"])
    );
    assert_eq!(
        (&answer["own"], &answer["here"]),
        (&json!("own"), &json!("beside"))
    );
    let dir = answer["dir"].as_str().unwrap();
    assert!(dir.ends_with("/var/task"), "{dir}");
    assert!(!dir.starts_with(project.path().to_str().unwrap()), "{dir}");
}

#[tokio::test]
async fn modules_find_nothing_above_their_folder() {
    if !node() {
        return;
    }
    let source =
        "export const handler = async () => import('theirs').catch((error) => error.code);";
    let (_project, function) = at_home("nodejs20.x", &[("index.mjs", source)]);
    assert_eq!(function.answer().await, json!("ERR_MODULE_NOT_FOUND"));
}

#[tokio::test]
async fn an_error_names_files_as_aws_does() {
    if !(node() && python()) {
        return;
    }
    let files = [
        (
            "index.js",
            "exports.handler = async () => { throw new Error('no'); };",
        ),
        (
            "index.py",
            "def handler(event, context): raise ValueError('no')\n",
        ),
    ];
    let mut function = Function::new("nodejs20.x", "index.handler", &files);
    let trace = function.error().await["trace"][1]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(trace.contains("(/var/task/index.js:1:"), "{trace}");
    function.image.runtime = "python3.11".to_owned();
    function.image.revision = "2".to_owned();
    let trace = function.error().await["stackTrace"][0]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        trace.contains("File \"/var/task/index.py\", line 1"),
        "{trace}"
    );
}

#[tokio::test]
async fn python_finds_no_installed_packages() {
    if !python() {
        return;
    }
    let source = "
import sys, json, sqlite3
def handler(event, context):
    exit
    return [path for path in sys.path if 'site-packages' in path or 'dist-packages' in path]
";
    let (_project, function) = at_home("python3.11", &[("index.py", source)]);
    assert_eq!(function.answer().await, json!([]));
}

/// Asks whoever the SDKs ask, with Node's own client.
const ASKS: &str = "
    exports.handler = async () => {
        const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST', body: 'Action=GetCallerIdentity&Version=2011-06-15' });
        return { url: process.env.AWS_ENDPOINT_URL, api: process.env.AWS_LAMBDA_RUNTIME_API, text: await answer.text() };
    };";

#[tokio::test]
async fn who_is_not_served_does_not_ask_aws() {
    if !node() {
        return;
    }
    let function = Function::new("nodejs20.x", "index.handler", &[("index.js", ASKS)]);
    let answer = function.answer().await;
    // Host and port, and nothing else.
    let api = answer["api"].as_str().unwrap();
    let address: SocketAddr = api.parse().unwrap();
    assert!(address.ip().is_loopback());
    assert_eq!(answer["url"], format!("http://{api}"));
    let told: Value = serde_json::from_str(answer["text"].as_str().unwrap()).unwrap();
    assert_eq!(told["__type"], "NotServed");
}
