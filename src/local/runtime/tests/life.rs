//! Where a process lives, what it sees, and that it never outlives the cloud.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use super::{Function, kept, node, path, python, value};
use crate::local::runtime::interpreter;
use crate::local::{Cloud, Image};

#[tokio::test]
async fn the_environment_is_clean_and_aws_s() {
    if !node() {
        return;
    }
    let source = "exports.handler = async () => process.env";
    let mut function = Function::new("nodejs20.x", "index.handler", &[("index.js", source)]);
    function
        .image
        .environment
        .insert("OWN".to_owned(), "1".to_owned());
    function.cloud.served_at("http://127.0.0.1:4566");
    let all = function.answer().await;
    let names: Vec<&str> = all
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "AWS_ACCESS_KEY_ID",
            "AWS_DEFAULT_REGION",
            "AWS_EC2_METADATA_DISABLED",
            "AWS_ENDPOINT_URL",
            "AWS_EXECUTION_ENV",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
            "AWS_LAMBDA_FUNCTION_NAME",
            "AWS_LAMBDA_FUNCTION_VERSION",
            "AWS_LAMBDA_INITIALIZATION_TYPE",
            "AWS_LAMBDA_LOG_GROUP_NAME",
            "AWS_LAMBDA_LOG_STREAM_NAME",
            "AWS_LAMBDA_RUNTIME_API",
            "AWS_REGION",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "AWS_XRAY_CONTEXT_MISSING",
            "HOME",
            "LAMBDA_RUNTIME_DIR",
            "LAMBDA_TASK_ROOT",
            "LANG",
            "LD_LIBRARY_PATH",
            "NODE_PATH",
            "OWN",
            "PATH",
            "PWD",
            "SHLVL",
            "SLP_PROCESS",
            "TMPDIR",
            "TZ",
            "_HANDLER",
            "_X_AMZN_TRACE_ID",
        ]
    );
    assert_eq!(all["AWS_EXECUTION_ENV"], "AWS_Lambda_nodejs20.x");
    assert_eq!(all["AWS_REGION"], "eu-west-1");
    assert_eq!(all["AWS_ENDPOINT_URL"], "http://127.0.0.1:4566");
}

#[tokio::test]
async fn layers_lie_over_one_another_and_are_found() {
    if !(node() && python()) {
        return;
    }
    let files = [
        (
            "index.js",
            "exports.handler = async () => [require('both'), require('one')]",
        ),
        (
            "main.py",
            "import both, one\ndef handler(e, c): return [both.NAME, one.NAME]",
        ),
    ];
    let mut function = Function::new("nodejs20.x", "index.handler", &files);
    let layer = |name: &str, second: bool| {
        let (node, python) = (
            format!("module.exports = '{name}'"),
            format!("NAME = '{name}'"),
        );
        let mut files = vec![
            ("nodejs/node_modules/both/index.js", node.as_str()),
            ("python/both.py", &python),
        ];
        if !second {
            files.push(("nodejs/node_modules/one/index.js", &node));
            files.push(("python/one.py", &python));
        }
        kept(&function.cloud, &files)
    };
    function.image.layers = vec![layer("first", false), layer("second", true)];
    assert_eq!(function.answer().await, json!(["second", "first"]));
    function.image.runtime = "python3.11".to_owned();
    function.image.handler = "main.handler".to_owned();
    function.image.revision = "2".to_owned();
    assert_eq!(function.answer().await, json!(["second", "first"]));
}

/// A `bootstrap` that speaks HTTP as any client would, by Node's own.
const BOOTSTRAP: &str = "
const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/`;
(async () => {
    for (;;) {
        const next = await fetch(base + 'invocation/next');
        const id = next.headers.get('lambda-runtime-aws-request-id');
        console.log('got', id);
        const event = await next.json();
        const [where, body] = event.fail
            ? ['error', { errorType: 'Own', errorMessage: 'mine' }]
            : ['response', { event, handler: process.env._HANDLER, env: process.env.AWS_EXECUTION_ENV ?? null }];
        await fetch(`${base}invocation/${id}/${where}`, { method: 'POST', body: JSON.stringify(body) });
    }
})();";

#[tokio::test]
async fn a_package_may_bring_its_own_bootstrap() {
    let Ok(node) = interpreter::node(&path()) else {
        assert!(!node());
        return;
    };
    let bootstrap = format!("#!{}\n{BOOTSTRAP}", node.display());
    let function = Function::new(
        "provided.al2023",
        "some.thing",
        &[("bootstrap", &bootstrap)],
    );
    let invoked = function.call(json!({ "a": 1 })).await;
    assert_eq!(
        value(&invoked),
        json!({ "event": { "a": 1 }, "handler": "some.thing", "env": null })
    );
    let printed = format!("got {}\n", invoked.request_id);
    assert!(
        invoked.log.iter().any(|line| line.text == printed),
        "{invoked:?}"
    );
    let failed = function.call(json!({ "fail": true })).await;
    assert_eq!(failed.function_error, Some("Unhandled"));
    assert_eq!(
        value(&failed),
        json!({ "errorType": "Own", "errorMessage": "mine" })
    );
}

#[tokio::test]
async fn a_bootstrap_that_is_not_there_or_ends_is_told() {
    let none = Function::new("provided.al2023", "x", &[("other", "")]);
    let error = none.error().await;
    assert_eq!(error["errorType"], "Runtime.InvalidEntrypoint");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
        "{message}"
    );
    let ends = Function::new(
        "provided.al2023",
        "x",
        &[("bootstrap", "#!/bin/sh\necho bye >&2\nexit 4\n")],
    );
    let invoked = ends.call(json!({})).await;
    assert_eq!(value(&invoked)["errorType"], "Runtime.ExitError");
    let lines: Vec<&str> = invoked.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(lines[1], "bye\n");
    let told = format!(
        "RequestId: {} Error: Runtime exited with error: exit status 4\nRuntime.ExitError\n",
        invoked.request_id
    );
    assert!(lines.contains(&told.as_str()), "{lines:?}");
}

#[tokio::test]
async fn a_wrapper_script_starts_the_runtime() {
    if !node() {
        return;
    }
    let files = [
        (
            "index.js",
            "exports.handler = async () => process.env.WRAPPED",
        ),
        ("wrap", "#!/bin/sh\nexport WRAPPED=yes\nexec \"$@\"\n"),
    ];
    let mut function = Function::new("nodejs20.x", "index.handler", &files);
    let mut wrapped = |path: &str, revision: &str| {
        let environment = &mut function.image.environment;
        environment.insert("AWS_LAMBDA_EXEC_WRAPPER".to_owned(), path.to_owned());
        function.image.revision = revision.to_owned();
        Function {
            cloud: function.cloud.clone(),
            image: function.image.clone(),
        }
    };
    assert_eq!(wrapped("/var/task/wrap", "1").answer().await, json!("yes"));
    let error = wrapped("/idontexist.sh", "2").error().await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with(" Error: Runtime exited with error: exit status 127"),
        "{message}"
    );
}

#[tokio::test]
async fn what_was_logged_is_there_when_the_cloud_is_opened_again() {
    if !node() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let source = "exports.handler = async () => console.log('kept')";
    let mut function = Function::new("nodejs20.x", "index.handler", &[]);
    function.cloud = Arc::new(Cloud::open(folder.path()).unwrap());
    function.image.code = kept(&function.cloud, &[("index.js", source)]);
    function.call(json!({})).await;
    drop(function);
    let cloud = Cloud::open(folder.path()).unwrap();
    let mut kept = String::new();
    let rows = cloud.store.each(|key, bytes| {
        if key.table == "logs.batches" {
            kept.push_str(&String::from_utf8_lossy(bytes));
        }
        Ok(())
    });
    rows.unwrap();
    assert!(kept.contains("INFO\\tkept\\n"), "{kept}");
}

/// Set for the process that this test starts of its own program; the port to tell.
const ORPHAN: &str = "SLP_TEST_ORPHAN";

/// A function that tells the test of itself and of what it started: a child, one in a session of
/// its own with nothing in its environment, and one whose parent has ended. Then it never ends.
const HANGS: &str = "
    const net = require('net');
    const { spawn } = require('child_process');
    exports.handler = async (event) => {
        const tells = (who) => `require('net').connect(${event.port}, '127.0.0.1', function () { this.write('${who}'); });`;
        const node = (code, options) => spawn(process.execPath, ['-e', code], { stdio: 'ignore', ...options });
        node(tells('c'));
        node(tells('d'), { detached: true, env: {} });
        const start = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(tells('g'))}], { stdio: 'ignore', detached: true }).unref()`;
        node(start, { detached: true });
        await new Promise((resolve) => {
            const socket = net.connect(event.port, '127.0.0.1', () => socket.write('f', resolve));
        });
        if (event.answers) return 'well';
        for (;;);
    };";

/// Takes the connections of a function and of what it started; each holds its own while it lives.
async fn started(listener: &TcpListener) -> Vec<(char, TcpStream)> {
    let mut connections = Vec::new();
    for _ in 0..4 {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut who = [0];
        stream.read_exact(&mut who).await.unwrap();
        connections.push((char::from(who[0]), stream));
    }
    connections
}

async fn all_end(connections: Vec<(char, TcpStream)>) {
    for (who, mut stream) in connections {
        let mut rest = Vec::new();
        let gone = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut rest));
        assert!(gone.await.is_ok(), "{who} lives on");
    }
}

#[tokio::test]
async fn what_a_function_started_ends_with_the_cloud() {
    if !node() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let function = Function::new("nodejs20.x", "index.handler", &[("index.js", HANGS)]);
    let event = json!({ "port": port, "answers": true });
    let (_, connections) = tokio::join!(function.call(event), started(&listener));
    drop(function);
    all_end(connections).await;
}

/// Not a test by itself: the process that is killed.
#[tokio::test]
async fn orphan_maker() {
    let Ok(port) = std::env::var(ORPHAN) else {
        return;
    };
    let function = Function::new("nodejs20.x", "index.handler", &[("index.js", HANGS)]);
    let port: u16 = port.parse().unwrap();
    let image = Image {
        timeout: Duration::from_secs(600),
        ..function.image.clone()
    };
    let function = Function { image, ..function };
    function.call(json!({ "port": port })).await;
}

#[tokio::test]
async fn a_process_and_its_children_end_when_the_cloud_is_killed() {
    if !node() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut maker = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "local::runtime::tests::life::orphan_maker",
            "--nocapture",
        ])
        .env(ORPHAN, port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let connections = started(&listener).await;
    // SIGKILL: it has no chance to clean up.
    maker.kill().unwrap();
    maker.wait().unwrap();
    all_end(connections).await;
}
