//! `slp dev`: each example runs, answers over HTTP, is followed, and goes again.

use std::process::Command;

use crate::harness::{Answer, Running, Sandbox, example, get};

/// `slp dev` as a process, ready.
struct Dev {
    sandbox: Sandbox,
    running: Running,
}

impl Dev {
    /// `None` where a runtime that it needs is missing, which is said.
    fn of(sandbox: Sandbox, runtime: &str, options: &str) -> Option<Dev> {
        if Command::new(runtime).arg("--version").output().is_err() {
            eprintln!("skipped: there is no {runtime} here");
            return None;
        }
        let mut running = sandbox.begin(&format!("dev --port 0 {options}"));
        running.hears("page: http://127.0.0.1:");
        Some(Dev { sandbox, running })
    }

    /// The value of an output, asked of the running one.
    fn output(&self, name: &str, options: &str) -> String {
        let line = format!("output {name} --raw --local {options}");
        self.sandbox.slp(&line).ok().stdout.trim_end().to_owned()
    }

    fn get(&self, output: &str) -> Answer {
        get(&self.output(output, ""))
    }

    /// Waits until what was written is live.
    fn followed(&mut self) {
        self.running.hears("Done: ");
    }

    /// Ctrl-C; then nothing is to be done, and all can be taken away.
    fn ends(self, options: &str) {
        self.running.signal("INT");
        self.running.end().exits(130);
        let slp = |line: &str| self.sandbox.slp(&format!("{line} --local {options}"));
        slp("plan").ok().says(&["Nothing to do"]);
        slp("destroy --yes").ok();
        assert_eq!(slp("state list").ok().stdout, "");
        assert!(!self.sandbox.path("state").exists());
    }
}

fn of(name: &str, runtime: &str) -> Option<Dev> {
    Dev::of(example(name, &format!("dev-{name}")), runtime, "")
}

#[test]
fn hello_world_says_bonjour_when_its_file_does() {
    let Some(mut dev) = of("hello-world", "node") else {
        return;
    };
    assert_eq!(dev.get("url").body, "Hello world");
    dev.sandbox
        .change_in("src/index.js", "Hello world", "Bonjour");
    dev.followed();
    assert_eq!(dev.get("url").body, "Bonjour");
    dev.ends("");
}

#[test]
fn what_is_wrong_is_told_and_what_was_there_goes_on() {
    let Some(mut dev) = of("hello-world", "node") else {
        return;
    };
    let url = dev.output("url", "");
    let good = dev.sandbox.read("slp.toml");
    dev.sandbox.change("handler = ", "handlr = ");
    dev.running.hears("handlr");
    dev.running.hears("what was there before goes on");
    assert_eq!(get(&url).body, "Hello world");
    let bigger = good.replace("code = \"src\"", "code = \"src\"\nmemory = 256");
    dev.sandbox.write("slp.toml", &bigger);
    dev.followed();
    assert_eq!(get(&url).body, "Hello world");
    dev.ends("");
}

#[test]
fn a_reader_that_does_not_read_stops_nothing() {
    let sandbox = example("hello-world", "dev-unread");
    // More than a pipe holds, and nobody reads it before the end.
    let much = "'x'.repeat(400_000).match(/.{80}/g).join('\\n')";
    let handler = "exports.helloworld = async () => ({";
    let loud = format!("console.log({much});\n{handler}");
    sandbox.change_in("src/index.js", handler, &loud);
    let Some(dev) = Dev::of(sandbox, "node", "") else {
        return;
    };
    for _ in 0..3 {
        assert_eq!(dev.get("url").body, "Hello world");
    }
    dev.ends("");
}

#[test]
fn standard_and_premium() {
    let Some(mut dev) = of("standard-and-premium", "node") else {
        return;
    };
    for tier in ["standard", "premium"] {
        let body = dev.get(tier).body;
        assert!(body.contains(&format!("\"tier\":\"{tier}\"")), "{body}");
    }
    dev.sandbox.change("memory = 1024", "memory = 2048");
    dev.followed();
    let body = dev.get("premium").body;
    assert!(body.contains("\"memory\":2048"), "{body}");
    dev.ends("");
}

#[test]
fn many_routes() {
    let Some(mut dev) = of("many-routes", "node") else {
        return;
    };
    let books = dev.output("url", "");
    let body = get(&format!("{books}/7/reviews")).body;
    let route = r#"{"route":"GET /books/{book}/reviews","parameters":{"book":"7"}}"#;
    assert_eq!(body, route);
    let health = books.replace("/books", "/health");
    assert_eq!(get(&health).body, r#"{"ok":true}"#);
    // A route that is not there is refused as AWS does, and answers once it is.
    let loans = books.replace("/books", "/fines");
    assert_eq!(get(&loans).status, 403);
    dev.sandbox.change(
        "\"POST /loans\"",
        "\"GET /fines\" = { function = \"Library\" }\n\"POST /loans\"",
    );
    dev.followed();
    assert_eq!(get(&loans).status, 200);
    dev.ends("");
}

#[test]
fn environments() {
    let sandbox = example("environments", "dev-environments");
    let Some(mut dev) = Dev::of(sandbox, "node", "--env prod") else {
        return;
    };
    let url = dev.output("url", "--env prod");
    assert_eq!(get(&url).body, "Good day, you (prod)");
    dev.sandbox
        .change("greeting = \"Good day\"", "greeting = \"Good evening\"");
    dev.followed();
    assert_eq!(get(&url).body, "Good evening, you (prod)");
    dev.ends("--env prod");
}

#[test]
fn python_worker() {
    let Some(mut dev) = of("python-worker", "python3") else {
        return;
    };
    let invoke = "invoke Worker:live --local --payload {\"items\":[1,2,3]}";
    let said = |dev: &Dev| dev.sandbox.slp(invoke).ok().stdout;
    let all = "{\"done\": 3, \"left\": 0, \"authorised\": true}\n";
    assert_eq!(said(&dev), all);
    dev.sandbox.change("batch_size = 25", "batch_size = 2");
    dev.followed();
    let some = "{\"done\": 2, \"left\": 1, \"authorised\": true}\n";
    assert_eq!(said(&dev), some);
    dev.ends("");
}
