//! Python functions: handlers, the context, errors, printing and logging.

use serde_json::json;

use super::{Function, python, text, value};
use crate::local::runtime::Invocation;

fn function(source: &str) -> Function {
    Function::new("python3.11", "main.handler", &[("main.py", source)])
}

#[tokio::test]
async fn an_event_goes_in_and_an_answer_comes_out() {
    if !python() {
        return;
    }
    let source = "
from decimal import Decimal
count = 0
def handler(event, context):
    global count
    count += 1
    return {'got': event['name'], 'count': count, 'number': Decimal('1.5')}
";
    let function = function(source);
    let invoked = function.call(json!({ "name": "Ö" })).await;
    assert_eq!(
        value(&invoked),
        json!({ "got": "Ö", "count": 1, "number": 1.5 })
    );
    let warm = function.call(json!({ "name": 2 })).await;
    assert_eq!(value(&warm)["count"], 2);
    assert!(invoked.init.is_some() && warm.init.is_none());
}

#[tokio::test]
async fn handlers_are_found_by_module_path() {
    if !python() {
        return;
    }
    let package: &[(&str, &str)] = &[
        ("pkg/__init__.py", ""),
        (
            "pkg/mod.py",
            "from pkg import other\ndef handler(e, c): return other.WORD",
        ),
        ("pkg/other.py", "WORD = 'found'"),
    ];
    for handler in ["pkg.mod.handler", "pkg/mod.handler"] {
        let answer = Function::new("python3.11", handler, package).answer().await;
        assert_eq!(answer, json!("found"), "{handler}");
    }
}

#[tokio::test]
async fn the_context_tells_what_aws_tells() {
    if !python() {
        return;
    }
    let source = "
def handler(event, c):
    return [c.function_name, c.function_version, c.memory_limit_in_mb, c.log_group_name,
            c.invoked_function_arn, c.client_context.custom, c.client_context.client.app_title,
            c.identity.cognito_identity_id, c.aws_request_id, c.get_remaining_time_in_millis() > 0]
";
    let function = function(source);
    let context = json!({ "custom": { "a": "b" }, "client": { "app_title": "t" } });
    let invocation = Invocation {
        client_context: Some(context.to_string()),
        ..Invocation::of("{}")
    };
    let invoked = function
        .cloud
        .invoke(&function.image, invocation)
        .await
        .unwrap();
    assert_eq!(
        value(&invoked),
        json!([
            "f", "$LATEST", "128", "/aws/lambda/f", function.image.arn, { "a": "b" }, "t", null,
            invoked.request_id, true
        ])
    );
}

#[tokio::test]
async fn an_error_has_its_type_message_and_trace() {
    if !python() {
        return;
    }
    let source = "
def handler(event, context):
    raise ValueError('boom')
";
    let function = function(source);
    let invoked = function.call(json!({})).await;
    let error = value(&invoked);
    assert_eq!(error["errorMessage"], "boom");
    assert_eq!(error["errorType"], "ValueError");
    assert_eq!(error["requestId"], json!(invoked.request_id));
    let trace = error["stackTrace"][0].as_str().unwrap();
    assert!(
        trace.ends_with("/main.py\", line 3, in handler\n    raise ValueError('boom')\n"),
        "{trace}"
    );
    assert_eq!(error["stackTrace"].as_array().unwrap().len(), 1);
    let log = text(&invoked);
    assert!(
        log.contains(
            "[ERROR] ValueError: boom\nTraceback (most recent call last):\n\u{a0}\u{a0}File \""
        ),
        "{log}"
    );
    assert!(function.call(json!({})).await.init.is_none());
}

#[tokio::test]
async fn what_cannot_be_loaded_is_told() {
    if !python() {
        return;
    }
    let cases = [
        (
            "gone.handler",
            "",
            "Runtime.ImportModuleError",
            "Unable to import module 'gone': No module named 'gone'",
        ),
        (
            "main.handler",
            "import nowhere",
            "Runtime.ImportModuleError",
            "Unable to import module 'main': No module named 'nowhere'",
        ),
        (
            "main.handler",
            "def f(",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'main': ",
        ),
        (
            "main.other",
            "",
            "Runtime.HandlerNotFound",
            "Handler 'other' missing on module 'main'",
        ),
        (
            "main",
            "",
            "Runtime.MalformedHandlerName",
            "Bad handler 'main': not enough values to unpack (expected 2, got 1)",
        ),
        (
            "sys.x",
            "",
            "Runtime.BuiltInModuleConflict",
            "Cannot use built-in module sys as a handler module",
        ),
        (
            "main.handler",
            "raise Exception('Runtime startup fails')",
            "Exception",
            "Runtime startup fails",
        ),
        (
            "main.handler",
            "handler = lambda e, c: {1, 2}",
            "Runtime.MarshalError",
            "Unable to marshal response: Object of type set is not JSON serializable",
        ),
    ];
    for (handler, source, kind, message) in cases {
        let error = Function::new("python3.11", handler, &[("main.py", source)])
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
async fn print_and_logging_write_as_on_aws() {
    if !python() {
        return;
    }
    let source = "
import logging
logging.getLogger().setLevel(logging.INFO)
def handler(event, context):
    print('printed', 1)
    logging.info('two\\nlines')
    logging.debug('unseen')
    print('no end', end='')
";
    let invoked = function(source).call(json!({})).await;
    let id = &invoked.request_id;
    let lines: Vec<&str> = invoked.log.iter().map(|line| line.text.as_str()).collect();
    assert_eq!(
        lines[1],
        format!("START RequestId: {id} Version: $LATEST\n")
    );
    assert_eq!(lines[2], "printed 1\n");
    assert!(lines[3].starts_with("[INFO]\t"), "{lines:?}");
    assert!(
        lines[3].ends_with(&format!("Z\t{id}\ttwo\nlines\n")),
        "{lines:?}"
    );
    assert_eq!(lines[4..6], ["no end", &format!("END RequestId: {id}\n")]);
}

#[tokio::test]
async fn an_exit_is_an_error_of_the_runtime() {
    if !python() {
        return;
    }
    let leaves =
        function("import sys\ndef handler(event, context): sys.exit(event.get('code', 0))");
    let error = leaves.error().await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with(" Error: Runtime exited without providing a reason"),
        "{message}"
    );
    let error = value(&leaves.call(json!({ "code": 3 })).await);
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with(" Error: Runtime exited with error: exit status 3"),
        "{message}"
    );
    let at_once = function("import sys\nsys.exit(0)");
    let error = at_once.error().await;
    let message = error["errorMessage"].as_str().unwrap();
    assert!(
        message.ends_with(" Error: Runtime exited without providing a reason"),
        "{message}"
    );
    let crashes =
        function("import os, signal\ndef handler(e, c): os.kill(os.getpid(), signal.SIGSEGV)");
    let message = crashes.error().await["errorMessage"].clone();
    assert!(
        message
            .as_str()
            .unwrap()
            .ends_with("signal: segmentation fault"),
        "{message}"
    );
}
