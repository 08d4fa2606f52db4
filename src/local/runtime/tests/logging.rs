//! Logs in JSON: what a function writes, what Lambda does, and from which level on.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Function, node, python, text, value};
use crate::local::runtime::{Invoked, Level, LogFormat};

fn function(runtime: &str, file: &str, source: &str, application: &str, system: Level) -> Function {
    let mut function = Function::new(runtime, "index.handler", &[(file, source)]);
    let application = application.to_owned();
    function.image.log_format = LogFormat::Json {
        application,
        system,
    };
    function
}

/// Each line, which must be JSON.
fn lines(invoked: &Invoked) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
    text(invoked).lines().map(line).collect()
}

/// The events of Lambda's own, by kind.
fn kinds(lines: &[Value]) -> Vec<&str> {
    let kinds = lines.iter().filter_map(|line| line["type"].as_str());
    kinds.collect()
}

const NODE: &str = "
    console.log('while it loads');
    exports.handler = async (event) => {
        console.debug('too little');
        console.log('one', { a: 1 });
        console.info({ b: 2 });
        console.warn('failed', new RangeError('r'));
        if (event.fails) throw Object.assign(new TypeError('boom'), { code: 'E7' });
        return [process.env.AWS_LAMBDA_LOG_FORMAT, process.env.AWS_LAMBDA_LOG_LEVEL];
    };";

#[tokio::test]
async fn node_writes_json_from_its_level_on() {
    if !node() {
        return;
    }
    let function = function("nodejs20.x", "index.js", NODE, "INFO", Level::Debug);
    let invoked = function.call(json!({})).await;
    assert_eq!(value(&invoked), json!(["JSON", "INFO"]));
    let all = lines(&invoked);
    let expected = [
        "platform.initStart",
        "platform.start",
        "platform.runtimeDone",
        "platform.report",
    ];
    assert_eq!(kinds(&all), expected);
    let own: Vec<&Value> = all
        .iter()
        .filter(|line| line.get("level").is_some())
        .collect();
    assert_eq!(own.len(), 4, "{all:?}");
    assert_eq!(
        (&own[0]["message"], own[0].get("requestId")),
        (&json!("while it loads"), None)
    );
    assert_eq!(own[1]["message"], "one { a: 1 }");
    assert_eq!(
        (&own[1]["level"], &own[1]["requestId"]),
        (&json!("INFO"), &json!(invoked.request_id))
    );
    assert_eq!(own[2]["message"], json!({ "b": 2 }));
    assert_eq!(
        (&own[3]["level"], &own[3]["errorType"]),
        (&json!("WARN"), &json!("RangeError"))
    );
    assert_eq!(own[3]["stackTrace"][0], "RangeError: r");
    let started = &all[2];
    assert_eq!(
        started["record"],
        json!({ "requestId": invoked.request_id, "version": "$LATEST" })
    );
    let report = &all[all.len() - 1]["record"];
    assert_eq!(
        (&report["status"], &report["metrics"]["memorySizeMB"]),
        (&json!("success"), &json!(128))
    );
    assert!(
        invoked.tail().starts_with("{\"time\":\""),
        "{}",
        invoked.tail()
    );
    assert!(!invoked.tail().contains("initStart"), "{}", invoked.tail());
    let failed = function.call(json!({ "fails": true })).await;
    let all = lines(&failed);
    let told = all.iter().find(|line| line["level"] == "ERROR").unwrap();
    let message = &told["message"];
    assert_eq!(
        (&message["errorType"], &message["code"]),
        (&json!("TypeError"), &json!("E7"))
    );
    let frame = message["stackTrace"][1].as_str().unwrap();
    assert!(frame.contains("(/var/task/index.js:8:"), "{frame}");
}

const PYTHON: &str = "
import logging
log = logging.getLogger('shop')
def handler(event, context):
    log.info('too little')
    log.warning('w %d', 1, extra={'order': 7})
    try:
        {}['x']
    except KeyError:
        log.exception('caught')
    if event.get('fails'):
        raise ValueError('boom')
";

#[tokio::test]
async fn python_writes_json_from_its_level_on() {
    if !python() {
        return;
    }
    let function = function("python3.11", "index.py", PYTHON, "WARN", Level::Warn);
    let invoked = function.call(json!({ "fails": true })).await;
    let all = lines(&invoked);
    assert_eq!(kinds(&all), [""; 0], "what went well is below WARN");
    let own = &all[0];
    assert_eq!(
        (&own["level"], &own["logger"]),
        (&json!("WARNING"), &json!("shop"))
    );
    assert_eq!((&own["message"], &own["order"]), (&json!("w 1"), &json!(7)));
    assert_eq!(own["requestId"], json!(invoked.request_id));
    assert_eq!(
        (&all[1]["errorType"], &all[1]["location"]),
        (&json!("KeyError"), &json!("/var/task/index.py:handler:10"))
    );
    let error = &all[2];
    assert_eq!(
        (&error["log_level"], &error["errorType"]),
        (&json!("ERROR"), &json!("ValueError"))
    );
    assert!(
        error["stackTrace"][0]
            .as_str()
            .unwrap()
            .contains("\"/var/task/index.py\", line 12"),
        "{error}"
    );
    assert_eq!(all.len(), 3, "{all:?}");
}

#[tokio::test]
async fn what_fails_is_reported_from_warn_on() {
    if !node() {
        return;
    }
    let source = "exports.handler = async () => { for (;;); }";
    let mut function = function("nodejs20.x", "index.js", source, "FATAL", Level::Warn);
    function.image.timeout = Duration::from_millis(300);
    let invoked = function.call(json!({})).await;
    let all = lines(&invoked);
    assert_eq!(kinds(&all), ["platform.runtimeDone", "platform.report"]);
    assert_eq!(all[1]["record"]["status"], "timeout");
}
