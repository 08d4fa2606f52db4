//! Cold and warm starts, concurrency, and what AWS refuses.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Function, node, text, value};
use crate::local::runtime::pool::IDLE;
use crate::local::runtime::{FunctionEvent, Image, Invocation, later};

/// Counts its calls, and tells its process.
const COUNTS: &str = "let n = 0; exports.handler = async () => ({ n: ++n, pid: process.pid })";

/// Connects to the test and waits for its word.
const MEETS: &str = "
    const net = require('net');
    exports.handler = (event) => new Promise((resolve) => {
        const socket = net.connect(event.port, '127.0.0.1');
        socket.on('data', () => { socket.destroy(); resolve(process.pid); });
    });";

fn function(source: &str) -> Function {
    Function::new("nodejs20.x", "index.handler", &[("index.js", source)])
}

#[tokio::test]
async fn a_process_serves_again_until_the_function_changes() {
    if !node() {
        return;
    }
    let mut function = function(COUNTS);
    let first = function.answer().await;
    let again = function.answer().await;
    assert_eq!((&first["n"], &again["n"]), (&json!(1), &json!(2)));
    assert_eq!(first["pid"], again["pid"]);
    function.image.revision = "2".to_owned();
    let changed = function.answer().await;
    assert_eq!(changed["n"], 1);
    // The older one is not kept for a revision that never comes back.
    function.image.revision = "1".to_owned();
    assert_eq!(function.answer().await["n"], 1);
}

#[tokio::test]
async fn who_is_inspected_has_one_process_for_which_no_time_counts() {
    if !node() {
        return;
    }
    let slow = "let n = 0; exports.handler = (event, context) => new Promise((resolve) => setTimeout(
        () => resolve({ n: ++n, pid: process.pid, left: context.getRemainingTimeInMillis() }), 150));";
    let mut function = function(slow);
    function.image.timeout = Duration::from_millis(100);
    function.cloud.inspect(["f".to_owned()].into());
    let event = json!({});
    let (one, two) = tokio::join!(function.call(event.clone()), function.call(event));
    let (one, two) = (value(&one), value(&two));
    assert_eq!(one["pid"], two["pid"], "{one} {two}");
    assert!(one["left"].as_u64() > Some(3_600_000), "{one}");
    // It stays for a debugger, and makes way for a newer one.
    let pool = &function.cloud.runtime.pool;
    pool.tire(Instant::now() + IDLE);
    assert_eq!(function.answer().await["n"], 3);
    function.image.version = "2".to_owned();
    let newer = function.answer().await;
    assert_eq!(newer["n"], 1);
    assert_ne!(newer["pid"], one["pid"]);
    // Of those that are not inspected time counts.
    function.cloud.inspect(Default::default());
    let error = function.error().await;
    assert_eq!(error["errorType"], "Sandbox.Timedout");
}

#[tokio::test]
async fn what_is_idle_for_long_ends() {
    if !node() {
        return;
    }
    let function = function(COUNTS);
    function.answer().await;
    let pool = &function.cloud.runtime.pool;
    pool.tire(Instant::now());
    assert_eq!(function.answer().await["n"], 2);
    pool.tire(Instant::now() + IDLE);
    assert_eq!(function.answer().await["n"], 1);
}

#[tokio::test]
async fn who_starts_slowly_starts_once_more_and_is_waited_for() {
    if !node() {
        return;
    }
    let source = "
        const { existsSync, writeFileSync } = require('fs');
        const again = require('os').tmpdir() + '/again';
        if (!existsSync(again)) { writeFileSync(again, ''); for (;;); }
        exports.handler = async () => 'well';";
    let mut function = function(source);
    Arc::get_mut(&mut function.cloud)
        .unwrap()
        .runtime
        .init_limit = Duration::from_secs(3);
    let invoked = function.call(json!({})).await;
    assert_eq!(value(&invoked), "well");
    let log = text(&invoked);
    assert!(
        log.contains("INIT_REPORT Init Duration: 3000.00 ms\tPhase: init\tStatus: timeout\n"),
        "{log}"
    );
}

#[tokio::test]
async fn who_comes_at_once_is_served_at_once() {
    if !node() {
        return;
    }
    let function = function(MEETS);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() });
    let meet = async {
        // Both are under way before either goes on.
        let (mut one, _) = listener.accept().await.unwrap();
        let (mut two, _) = listener.accept().await.unwrap();
        one.write_all(b"!").await.unwrap();
        two.write_all(b"!").await.unwrap();
    };
    let (one, two, ()) = tokio::join!(function.call(event.clone()), function.call(event), meet);
    assert_ne!(value(&one), value(&two));
}

#[tokio::test]
async fn who_waits_for_others_does_not_take_their_place() {
    if !node() {
        return;
    }
    let function = function(MEETS);
    let calls = function.cloud.runtime.pool.most + 2;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() });
    // All are under way before any goes on, as if each waited for the next.
    let meet = async {
        let mut met = Vec::new();
        for _ in 0..calls {
            met.push(listener.accept().await.unwrap().0);
        }
        for mut stream in met {
            stream.write_all(b"!").await.unwrap();
        }
    };
    let event = &event;
    let all = (0..calls).map(|_| function.call(event.clone()));
    let (all, ()) = tokio::join!(futures_util::future::join_all(all), meet);
    assert!(
        all.iter().all(|invoked| invoked.function_error.is_none()),
        "{all:?}"
    );
}

#[tokio::test]
async fn who_has_no_process_yet_gets_the_next() {
    if !node() {
        return;
    }
    let many = function(MEETS);
    let other = Function {
        image: Image {
            name: "other".to_owned(),
            ..many.image.clone()
        },
        cloud: many.cloud.clone(),
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() });
    let event = &event;
    let calls = many.cloud.runtime.pool.most - 1;
    let all = futures_util::future::join_all((0..calls).map(|_| many.call(event.clone())));
    // None of them gives its process back before the other function was there.
    let order = async {
        let mut met = vec![listener.accept().await.unwrap().0];
        // It cannot connect, and fails; what counts is when it ran.
        let failed = other.call(json!({ "port": 1 })).await;
        assert!(failed.function_error.is_some());
        let before = many.cloud.runtime.pool.busy_of(&many.image);
        assert!(before < calls, "it came after all others");
        for _ in 1..calls {
            met.push(listener.accept().await.unwrap().0);
        }
        for mut stream in met {
            stream.write_all(b"!").await.unwrap();
        }
    };
    tokio::join!(all, order);
}

#[tokio::test]
async fn events_queue_for_a_function_that_runs_once_at_a_time() {
    if !node() {
        return;
    }
    let mut function = function(MEETS);
    function.image.reserved = Some(1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() }).to_string();
    const EVENTS: usize = 9;
    for _ in 0..EVENTS {
        let image = function.image.clone();
        let find = move |_: &_| Ok(image.clone());
        function
            .cloud
            .invoke_later(find, Invocation::of(event.clone()));
    }
    // Waiting for ever longer, the last would come after minutes.
    let all = async {
        for _ in 0..EVENTS {
            let (mut one, _) = listener.accept().await.unwrap();
            one.write_all(b"!").await.unwrap();
        }
    };
    let hang = tokio::time::timeout(Duration::from_secs(60), all);
    assert!(hang.await.is_ok(), "some wait on");
}

#[tokio::test]
async fn reserved_concurrency_is_never_exceeded() {
    if !node() {
        return;
    }
    let mut function = function(MEETS);
    function.image.reserved = Some(1);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() });
    let refused = async {
        let (mut one, _) = listener.accept().await.unwrap();
        let refused = function.try_call(json!({})).await.unwrap_err();
        one.write_all(b"!").await.unwrap();
        refused
    };
    let (served, refused) = tokio::join!(function.call(event), refused);
    assert_eq!(served.function_error, None);
    assert_eq!(
        (refused.status, &*refused.code),
        (429, "TooManyRequestsException")
    );
    assert_eq!(refused.message, "Rate Exceeded.");
    assert_eq!(
        refused.extra["Reason"],
        "ReservedFunctionConcurrentInvocationLimitExceeded"
    );
    function.image.reserved = Some(0);
    assert_eq!(function.try_call(json!({})).await.unwrap_err().status, 429);
}

#[tokio::test]
async fn what_takes_too_long_is_ended_and_its_sandbox_stays() {
    if !node() {
        return;
    }
    let source = "
        const fs = require('fs'), os = require('os');
        exports.handler = async (event) => {
            const file = os.tmpdir() + '/kept';
            if (event.hang) { fs.writeFileSync(file, 'some-content'); for (;;); }
            return { kept: fs.existsSync(file) && fs.readFileSync(file, 'utf8'), stream: process.env.AWS_LAMBDA_LOG_STREAM_NAME };
        };";
    let mut function = function(source);
    let before = function.answer().await;
    assert_eq!(before["kept"], false);
    let limit = std::mem::replace(&mut function.image.timeout, Duration::from_millis(300));
    let late = function.call(json!({ "hang": true })).await;
    assert_eq!(
        value(&late),
        json!({
            "errorType": "Sandbox.Timedout",
            "errorMessage": format!("RequestId: {} Error: Task timed out after 0.30 seconds", late.request_id),
        })
    );
    assert_eq!(late.function_error, Some("Unhandled"));
    let log = text(&late);
    assert!(
        log.contains(&format!(
            "Z {} Task timed out after 0.30 seconds\n\n",
            late.request_id
        )),
        "{log}"
    );
    assert!(log.ends_with("\tStatus: timeout\n"), "{log}");
    function.image.timeout = limit;
    let after = function.call(json!({})).await;
    assert!(after.init.is_some());
    assert_eq!(
        value(&after),
        json!({ "kept": "some-content", "stream": before["stream"] })
    );
}

#[tokio::test]
async fn who_never_stops_writing_is_late_as_well() {
    if !node() {
        return;
    }
    let source = "
        const fs = require('fs');
        const much = 'x'.repeat(1 << 16);
        exports.handler = async () => { for (;;) try { fs.writeSync(1, much); } catch {} };";
    let mut function = function(source);
    function.image.timeout = Duration::from_millis(300);
    let invoked = tokio::time::timeout(Duration::from_secs(60), function.call(json!({}))).await;
    let invoked = invoked.expect("it ends");
    assert_eq!(value(&invoked)["errorType"], "Sandbox.Timedout");
    // What it wrote is kept up to a limit.
    assert!(text(&invoked).len() < 2 << 20);
}

#[tokio::test]
async fn a_failed_event_is_tried_twice_more_with_one_id() {
    if !node() {
        return;
    }
    let source = "let n = 0; exports.handler = async (event) => {
        if (++n <= event.fails) throw new Error(`try ${n}`);
        return n;
    };";
    for (fails, tried, last) in [(1, 2, json!(2)), (9, 3, json!("try 3"))] {
        let function = function(source);
        let mut events = function.cloud.functions();
        let invocation = Invocation {
            request_id: Some("1-2".to_owned()),
            ..Invocation::of(json!({ "fails": fails }).to_string())
        };
        let image = function.image.clone();
        let find = move |_: &_| Ok(image.clone());
        later::tries(&function.cloud, &find, &invocation, [Duration::ZERO; 2]).await;
        let mut ended = Vec::new();
        while let Ok(event) = events.try_recv() {
            if let FunctionEvent::Ended { invoked, .. } = event {
                assert_eq!(invoked.request_id, "1-2");
                ended.push(value(&invoked));
            }
        }
        assert_eq!(ended.len(), tried, "{ended:?}");
        let end = &ended[tried - 1];
        assert_eq!(end.get("errorMessage").unwrap_or(end), &last);
    }
}

#[tokio::test]
async fn an_event_is_run_without_anybody_waiting() {
    if !node() {
        return;
    }
    let function = function(COUNTS);
    let mut events = function.cloud.functions();
    let image = function.image.clone();
    let id = function
        .cloud
        .invoke_later(move |_| Ok(image.clone()), Invocation::of("{}"));
    let ended = loop {
        if let FunctionEvent::Ended { invoked, .. } = events.recv().await.unwrap() {
            break invoked;
        }
    };
    assert_eq!((ended.request_id, ended.function_error), (id, None));
}

#[tokio::test]
async fn another_version_than_declared_is_told_once() {
    if !node() {
        return;
    }
    let function = Function::new("nodejs8.x", "index.handler", &[("index.js", COUNTS)]);
    let mut events = function.cloud.functions();
    function.answer().await;
    let other = Function {
        image: Image {
            name: "g".to_owned(),
            ..function.image.clone()
        },
        cloud: function.cloud.clone(),
    };
    other.answer().await;
    let mut warnings = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let FunctionEvent::Warning(text) = event {
            warnings.push(text);
        }
    }
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(
        warnings[0].starts_with("function `f`: Node.js 8 is declared, and Node.js "),
        "{warnings:?}"
    );
}

#[tokio::test]
async fn what_does_not_run_here_is_refused() {
    for runtime in ["ruby3.3", "java21", "dotnet8", ""] {
        let refused = Function::new(runtime, "x.y", &[("x", "")])
            .try_call(json!({}))
            .await;
        let error = refused.unwrap_err();
        assert_eq!(error.code, "NotEmulated", "{error:?}");
    }
    let mut lost = function("");
    lost.image.code = "00".to_owned();
    let error = lost.try_call(json!({})).await.unwrap_err();
    assert_eq!(
        (error.status, &*error.code),
        (502, "InvalidZipFileException")
    );
}

#[tokio::test]
async fn a_call_goes_on_when_its_caller_leaves() {
    if !node() {
        return;
    }
    let function = function(MEETS);
    let mut events = function.cloud.functions();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let event = json!({ "port": listener.local_addr().unwrap().port() });
    let mut socket = tokio::select! {
        _ = function.call(event) => panic!("it waits for a word"),
        accepted = listener.accept() => accepted.unwrap().0,
    };
    socket.write_all(b"!").await.unwrap();
    let mut rest = Vec::new();
    socket.read_to_end(&mut rest).await.unwrap();
    let ended = loop {
        if let FunctionEvent::Ended { invoked, .. } = events.recv().await.unwrap() {
            break invoked;
        }
    };
    assert!(matches!(value(&ended), Value::Number(_)), "{ended:?}");
}
