//! `dev --json`: one event a line, each as `schema/events.json` says.

use serde_json::{Value, json};

use crate::dev_told::{is_there, sandbox};
use crate::harness::{Running, get, root};

/// The events of a run, as they come.
struct Events {
    running: Running,
    schema: jsonschema::Validator,
}

impl Events {
    /// Up to one of this type: the types before it, and the event.
    fn until(&mut self, kind: &str) -> (Vec<String>, Value) {
        let mut before = Vec::new();
        loop {
            let line = self.running.prints("");
            let event: Value = serde_json::from_str(&line).expect("JSON");
            assert!(self.schema.is_valid(&event), "{line}");
            let of = event["type"].as_str().expect("a type");
            if of == kind {
                return (before, event);
            }
            before.push(of.to_owned());
        }
    }

    fn next(&mut self, kind: &str) -> Value {
        self.until(kind).1
    }
}

#[test]
fn a_program_hears_of_rounds_and_requests() {
    if !is_there("node") {
        return;
    }
    let sandbox = sandbox("told-json");
    let text = std::fs::read_to_string(root().join("schema/events.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&text).expect("JSON");
    let mut events = Events {
        running: sandbox.begin("dev --port 0 --json"),
        schema: jsonschema::validator_for(&schema).expect("a schema"),
    };
    assert!(events.until("round").0.is_empty());
    events.next("plan");
    let (before, result) = events.until("result");
    assert!(before.contains(&"started".to_owned()), "{before:?}");
    assert!(before.contains(&"finished".to_owned()), "{before:?}");
    assert_eq!(
        (&result["command"], &result["exit_code"]),
        (&json!("dev"), &json!(0))
    );
    let ready = events.next("ready");
    let url = ready["outputs"]["url"].as_str().expect("a URL").to_owned();
    let route = &ready["routes"][0];
    assert_eq!(route["method"], "GET");
    assert_eq!(route["url"], format!("{url}/fails"));
    assert_eq!(route["function"], "Fails");

    get(&format!("{url}/fine"));
    let texts = [events.next("log"), events.next("log")].map(|log| log["text"].clone());
    assert_eq!(texts, ["asked", "WARN careful"]);
    let fine = events.next("request");
    assert_eq!(
        (&fine["status"], &fine["function"]),
        (&json!(200), &json!("Fine"))
    );
    assert!(
        fine["why"].is_null() && fine["start_seconds"].is_f64(),
        "{fine}"
    );
    get(&format!("{url}/fails"));
    let why = &events.next("request")["why"];
    assert_eq!(why["kind"], "TypeError");
    assert_eq!(why["places"], json!(["src/lib/db.js:2", "src/index.js:9"]));
    get(&format!("{url}/nope"));
    assert_eq!(events.next("request")["why"]["kind"], "no_route");
    sandbox.slp("invoke Fine --local").ok();
    assert_eq!(events.next("ran")["function"], "Fine");

    let good = sandbox.read("slp.toml");
    sandbox.write("slp.toml", &good.replacen("handler", "handlr", 1));
    events.next("round");
    let error = events.next("error");
    assert_eq!(error["exit_code"], 2);
    let problem = error["problems"].to_string();
    assert!(problem.contains("handlr"), "{problem}");
    sandbox.write("slp.toml", &good);
    let note = events.next("note");
    assert_eq!(note["text"], "slp.toml is right again; nothing to change");
    events.running.signal("INT");
    events.running.end().exits(130);
}
