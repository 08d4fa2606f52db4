//! Node.js functions: handlers, the context, errors, the console.

use serde_json::{Value, json};

use super::{Function, node, text, value};
use crate::local::runtime::{FunctionEvent, Invocation};

fn function(runtime: &str, source: &str) -> Function {
    Function::new(runtime, "index.handler", &[("index.js", source)])
}

#[tokio::test]
async fn an_event_goes_in_and_an_answer_comes_out() {
    if !node() {
        return;
    }
    let function = function(
        "nodejs20.x",
        "exports.handler = async (event) => ({ got: event.name, more: 'ä\\u0000' })",
    );
    let invoked = function.call(json!({ "name": "Ö" })).await;
    assert_eq!(value(&invoked), json!({ "got": "Ö", "more": "ä\0" }));
    assert_eq!(invoked.version, "$LATEST");
    assert!(invoked.init.is_some());
    assert!(function.call(json!({ "name": 1 })).await.init.is_none());
}

#[tokio::test]
async fn handlers_are_found_where_aws_finds_them() {
    if !node() {
        return;
    }
    let module = r#"{ "type": "module" }"#;
    let cases: [(&str, &[(&str, &str)]); 6] = [
        (
            "index.handler",
            &[("index.mjs", "export const handler = async () => 'found'")],
        ),
        (
            "index.handler",
            &[("index.cjs", "exports.handler = async () => 'found'")],
        ),
        (
            "src/a.handler",
            &[
                ("src/a.js", "exports.handler = async () => require('./b')"),
                ("src/b.js", "module.exports = 'found'"),
            ],
        ),
        (
            "a.handler",
            &[
                ("a.js", "export const handler = async () => 'found'"),
                ("package.json", module),
            ],
        ),
        (
            "a.deep.er",
            &[("a.js", "exports.deep = { er: async () => 'found' }")],
        ),
        (
            "pack.handler",
            &[(
                "node_modules/pack/index.js",
                "exports.handler = async () => 'found'",
            )],
        ),
    ];
    for (handler, files) in cases {
        let answer = Function::new("nodejs20.x", handler, files).answer().await;
        assert_eq!(answer, json!("found"), "{handler} {files:?}");
    }
}

#[tokio::test]
async fn callbacks_answer_when_the_loop_is_empty() {
    if !node() {
        return;
    }
    let source = "
        let done = false;
        exports.handler = (event, context, callback) => {
            if (event.hurry) context.callbackWaitsForEmptyEventLoop = false;
            const timer = setTimeout(() => { done = true; }, event.hurry ? 100000 : 20);
            if (event.error) { clearTimeout(timer); return callback(new TypeError('no')); }
            callback(null, { get done() { return done; } });
        };";
    let function = function("nodejs20.x", source);
    let hurried = function.call(json!({ "hurry": true })).await;
    assert_eq!(value(&hurried), json!({ "done": false }));
    let other = Function {
        image: crate::local::Image {
            revision: "2".into(),
            ..function.image.clone()
        },
        cloud: function.cloud.clone(),
    };
    assert_eq!(other.answer().await, json!({ "done": true }));
    let failed = other.call(json!({ "error": true })).await;
    assert_eq!(value(&failed)["errorType"], "TypeError");
}

#[tokio::test]
async fn older_ways_to_answer_work_where_the_runtime_has_them() {
    if !node() {
        return;
    }
    let succeed = function(
        "nodejs20.x",
        "exports.handler = (e, context) => context.succeed('yes')",
    );
    assert_eq!(succeed.answer().await, json!("yes"));
    let fail = function(
        "nodejs20.x",
        "exports.handler = (e, context) => context.fail('no')",
    );
    assert_eq!(
        fail.error().await,
        json!({ "errorType": "string", "errorMessage": "no", "trace": [] })
    );
    let silent = function("nodejs20.x", "exports.handler = () => 'ignored'");
    assert_eq!(silent.answer().await, Value::Null);
}

#[tokio::test]
async fn node_24_has_no_callbacks() {
    if !node() {
        return;
    }
    let callback = function(
        "nodejs24.x",
        "exports.handler = (e, c, callback) => callback()",
    );
    let error = callback.error().await;
    assert_eq!(error["errorType"], "Runtime.CallbackHandlerDeprecated");
    let plain = function(
        "nodejs24.x",
        "exports.handler = (event, context) => [typeof context.done, 'callbackWaitsForEmptyEventLoop' in context]",
    );
    assert_eq!(plain.answer().await, json!(["undefined", false]));
}

#[tokio::test]
async fn the_context_tells_what_aws_tells() {
    if !node() {
        return;
    }
    let source = "exports.handler = async (event, context) => ({
        context,
        left: context.getRemainingTimeInMillis(),
        trace: process.env._X_AMZN_TRACE_ID,
    })";
    let function = function("nodejs20.x", source);
    let invocation = Invocation {
        client_context: Some("{\n\"custom\": { \"foo\": \"bär\" } }".to_owned()),
        ..Invocation::of("{}")
    };
    let invoked = function
        .cloud
        .invoke(&function.image, invocation)
        .await
        .unwrap();
    let answer = value(&invoked);
    let stream = answer["context"]["logStreamName"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(stream.contains("/[$LATEST]"), "{stream}");
    assert_eq!(
        answer["context"],
        json!({
            "callbackWaitsForEmptyEventLoop": true,
            "functionVersion": "$LATEST",
            "functionName": "f",
            "memoryLimitInMB": "128",
            "logGroupName": "/aws/lambda/f",
            "logStreamName": stream,
            "clientContext": { "custom": { "foo": "bär" } },
            "invokedFunctionArn": "arn:aws:lambda:eu-west-1:000000000000:function:f",
            "awsRequestId": invoked.request_id,
        })
    );
    let left = answer["left"].as_i64().unwrap();
    assert!((1..=30_000).contains(&left), "{left}");
    assert!(answer["trace"].as_str().unwrap().starts_with("Root=1-"));
}

#[tokio::test]
async fn an_error_has_its_type_message_and_trace() {
    if !node() {
        return;
    }
    let source = "
        class Odd extends Error { constructor(m) { super(m); this.name = 'Odd'; this.code = 7; } }
        exports.handler = async () => { throw new Odd('boom'); };";
    let function = function("nodejs20.x", source);
    let invoked = function.call(json!({})).await;
    let error = value(&invoked);
    assert_eq!(error["errorType"], "Odd");
    assert_eq!(error["errorMessage"], "boom");
    assert_eq!(error["trace"][0], "Odd: boom");
    assert!(
        error["trace"][1].as_str().unwrap().contains("index.js:3:"),
        "{error}"
    );
    let log = text(&invoked);
    let logged = format!(
        "\t{}\tERROR\tInvoke Error \t{{\"errorType\":\"Odd\",\"errorMessage\":\"boom\",\"code\":7,",
        invoked.request_id
    );
    assert!(log.contains(&logged), "{log}");
    // The process lives on.
    assert!(function.call(json!({})).await.init.is_none());
}

#[tokio::test]
async fn what_nobody_catches_ends_the_process() {
    if !node() {
        return;
    }
    let rejected = function(
        "nodejs20.x",
        "exports.handler = async () => { Promise.reject(new Error('lost')); await new Promise(() => setTimeout(() => {}, 1e6)); }",
    );
    let error = rejected.error().await;
    assert_eq!(error["errorType"], "Runtime.UnhandledPromiseRejection");
    assert_eq!(error["errorMessage"], "Error: lost");
    assert!(rejected.call(json!({})).await.init.is_some());
    let thrown = function(
        "nodejs20.x",
        "exports.handler = () => { setTimeout(() => { throw new RangeError('late'); }, 1); }",
    );
    assert_eq!(thrown.error().await["errorType"], "RangeError");
    let unsettled = function(
        "nodejs20.x",
        "exports.handler = async () => new Promise(() => {})",
    );
    assert_eq!(unsettled.error().await["errorType"], "Runtime.NodeJsExit");
}

#[tokio::test]
async fn what_cannot_be_loaded_is_told() {
    if !node() {
        return;
    }
    let cases = [
        (
            "gone.handler",
            "",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'gone'",
        ),
        (
            "index.handler",
            "require('nowhere')",
            "Runtime.ImportModuleError",
            "Error: Cannot find module 'nowhere'",
        ),
        (
            "index.handler",
            "exports.other = 1",
            "Runtime.HandlerNotFound",
            "index.handler is undefined or not exported",
        ),
        (
            "index.handler",
            "exports.handler = 1",
            "Runtime.HandlerNotFound",
            "index.handler is not a function",
        ),
        (
            "index.handler",
            "exports.handler = (",
            "Runtime.UserCodeSyntaxError",
            "SyntaxError: ",
        ),
        ("index", "", "Runtime.MalformedHandlerName", "Bad handler"),
        (
            "../x.y",
            "",
            "Runtime.MalformedHandlerName",
            "'../x.y' is not a valid handler name",
        ),
        (
            "index.handler",
            "throw new TypeError('at load')",
            "TypeError",
            "at load",
        ),
    ];
    for (handler, source, kind, message) in cases {
        let error = Function::new("nodejs20.x", handler, &[("index.js", source)])
            .error()
            .await;
        assert_eq!(error["errorType"], kind, "{error}");
        assert!(
            error["errorMessage"].as_str().unwrap().starts_with(message),
            "{error}"
        );
    }
}

#[tokio::test]
async fn the_log_is_written_as_aws_writes_it() {
    if !node() {
        return;
    }
    let source = "
        console.log('loading');
        exports.handler = async () => {
            console.log('two\\nlines', { a: 1 });
            console.error('bad');
            process.stdout.write('bare\\n');
            process.stderr.write('no end');
        };";
    let invoked = function("nodejs20.x", source).call(json!({})).await;
    let id = &invoked.request_id;
    let lines: Vec<String> = invoked
        .log
        .iter()
        .map(|line| match line.text.split_once("Z\t") {
            Some((_, rest)) => rest.to_owned(),
            None => line.text.clone(),
        })
        .collect();
    assert_eq!(
        lines[..2],
        [
            "INIT_START Runtime Version: nodejs:20.slp\n",
            "undefined\tINFO\tloading\n"
        ]
    );
    assert_eq!(
        lines[2..8],
        [
            format!("START RequestId: {id} Version: $LATEST\n"),
            format!("{id}\tINFO\ttwo\nlines {{ a: 1 }}\n"),
            format!("{id}\tERROR\tbad\n"),
            "bare\n".to_owned(),
            "no end".to_owned(),
            format!("END RequestId: {id}\n"),
        ]
    );
    let report = format!("REPORT RequestId: {id}\tDuration: ");
    assert!(lines[8].starts_with(&report), "{lines:?}");
    assert!(lines[8].contains(" ms\tMemory Size: 128 MB\t"), "{lines:?}");
    assert!(lines[8].contains("\tInit Duration: "), "{lines:?}");
    assert!(
        invoked.tail().starts_with("START RequestId: "),
        "{}",
        invoked.tail()
    );
}

#[tokio::test]
async fn the_answer_has_a_largest_size() {
    if !node() {
        return;
    }
    let function = function(
        "nodejs20.x",
        "exports.handler = async (event) => 'x'.repeat(event.length)",
    );
    let fits = function.call(json!({ "length": 6_291_554 })).await;
    assert_eq!((fits.payload.len(), fits.function_error), (6_291_556, None));
    let large = function.call(json!({ "length": 6_291_555 })).await;
    assert_eq!(
        value(&large),
        json!({
            "errorType": "Function.ResponseSizeTooLarge",
            "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
        })
    );
    let after = function.call(json!({ "length": 1 })).await;
    assert_eq!((value(&after), after.init.is_none()), (json!("x"), true));
}

#[tokio::test]
async fn what_is_logged_has_an_end() {
    if !node() {
        return;
    }
    let source = "exports.handler = async () => {
        for (let n = 0; n < 1100; n++) process.stdout.write('x'.repeat(1023) + '\\n');
    }";
    let invoked = function("nodejs20.x", source).call(json!({})).await;
    assert_eq!(invoked.function_error, None);
    let log = text(&invoked);
    assert_eq!(log.matches("the rest is lost\n").count(), 1);
    assert!(
        (1 << 20..(1 << 20) + 1024).contains(&log.len()),
        "{}",
        log.len()
    );
    assert_eq!(invoked.tail().len(), 4096);
}

#[tokio::test]
async fn who_misses_the_sdk_is_told_why() {
    if !node() {
        return;
    }
    let function = function("nodejs20.x", "require('@aws-sdk/client-s3')");
    let mut events = function.cloud.functions();
    let error = function.error().await;
    assert_eq!(error["errorType"], "Runtime.ImportModuleError");
    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let FunctionEvent::Warning(text) = event {
            told.push(text);
        }
    }
    // Another version of Node.js may be told of as well.
    assert!(
        told.iter()
            .any(|text| text.contains("put it into the package")),
        "{told:?}"
    );
}
