//! What a signal, or a reader who goes away, does to a run that changes AWS. The counter
//! holds a call in flight, so that the signal comes exactly then.

use std::process::Stdio;

use serde_json::Value;

use crate::harness::{Counter, Emulator, Run, Running, Sandbox, Terminal, example};

/// One changing call after another, in the order of the plan.
const APPLY: &str = "apply --yes --parallelism 1";
const DESTROY: &str = "destroy --yes --parallelism 1";
/// The changing calls that hello-world takes.
const CALLS: usize = 12;

/// A moto of its own, the counter before it, and hello-world.
struct Place {
    moto: Emulator,
    counter: Counter,
    sandbox: Sandbox,
}

impl Place {
    fn new() -> Place {
        let moto = Emulator::moto();
        let counter = Counter::before(moto.endpoint());
        let sandbox = example("hello-world", "signal").at(counter.endpoint());
        Place {
            moto,
            counter,
            sandbox,
        }
    }

    /// A run whose next call of this name is held.
    fn held_at(&self, op: &str, line: &str) -> Running {
        self.counter.hold(op);
        let run = self.sandbox.begin(line);
        self.counter.held();
        run
    }

    /// A run that is sent one signal while this call is in flight, and ends by itself.
    fn stopped_at(&self, op: &str, signal: &str, line: &str) -> Run {
        let mut run = self.held_at(op, line);
        run.signal(signal);
        run.hears("stopping: calls in flight are finished and saved, waits end now");
        self.counter.release();
        run.end()
    }

    /// The addresses in the state.
    fn saved(&self) -> Vec<String> {
        let resources = self.state()["resources"].clone();
        let resources = resources.as_object().expect("resources");
        resources.keys().cloned().collect()
    }

    fn state(&self) -> Value {
        let text = std::fs::read_to_string(self.sandbox.state()).expect("the state");
        serde_json::from_str(&text).expect("JSON")
    }

    fn has_journal(&self) -> bool {
        let files = self.sandbox.files().into_iter();
        files
            .filter_map(|path| path.extension().map(|end| end == "journal"))
            .any(|journal| journal)
    }

    /// The next apply ends well, everything is there once, and nothing was made twice.
    fn is_finished(&self) {
        self.sandbox.slp("apply --yes").ok();
        assert_eq!(self.counter.changing(), CALLS);
        let once = [
            "api signal-Hello World Api",
            "function signal-HelloWorld",
            "policy signal-hello-world-invoke-lambda-policy",
            "role signal-basic-lambda-logging",
            "role signal-hello-world-api-gateway-role",
        ];
        assert_eq!(self.moto.inventory(""), once);
        let plan = self.sandbox.slp("plan --exit-code").ok();
        plan.says(&["Nothing to do"]);
    }
}

#[test]
fn after_ctrl_c_what_is_in_flight_is_finished_and_nothing_more_is_begun() {
    let place = Place::new();
    let run = place.stopped_at("CreatePolicy", "INT", APPLY).exits(130);
    let saved = place.saved();
    assert!(
        saved.contains(&"policy.hello-world-invoke-lambda-policy".to_owned()),
        "{run}"
    );
    let run = run.says(&[
        "Interrupted: ",
        "What was done is saved in the state. Run `slp apply` again to do the rest",
    ]);
    let planned = run.planned();
    let undone: Vec<String> = planned
        .iter()
        .map(|line| line.trim_start_matches("+ ").to_owned())
        .filter(|addr| !saved.contains(addr))
        .collect();
    assert_eq!(undone.len() + saved.len(), 6, "{run}");
    assert!(!undone.is_empty(), "{run}");
    let told: Vec<String> = undone
        .iter()
        .map(|addr| format!("  {addr}  not started"))
        .collect();
    run.says(&told.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(!place.has_journal());
    place.is_finished();
}

#[test]
fn sigterm_does_the_same_with_its_own_exit_code() {
    let place = Place::new();
    let run = place.stopped_at("CreateRole", "TERM", "apply --yes");
    run.exits(143).says(&["Interrupted: ", "  not started"]);
    assert!(!place.has_journal());
    place.is_finished();
}

#[test]
fn an_interrupted_destroy_says_how_to_go_on_with_it() {
    let place = Place::new();
    place.sandbox.slp(APPLY).ok();
    let run = place.stopped_at("DeleteRestApi", "INT", DESTROY).exits(130);
    run.says(&["Interrupted: ", "Run `slp destroy` again to do the rest"]);
    assert!(!place.saved().is_empty());
    place.sandbox.slp(DESTROY).ok();
    assert_eq!(place.moto.inventory(""), Vec::<String>::new());
}

#[test]
fn a_second_signal_leaves_at_once_and_the_next_apply_finds_what_was_made() {
    let twice = [
        ("CreateRestApi", "INT", 130),
        ("CreateRole", "TERM", 143),
        ("CreateStage", "INT", 130),
    ];
    for (op, second, code) in twice {
        let place = Place::new();
        let mut run = place.held_at(op, APPLY);
        run.signal("INT");
        run.hears("stopping");
        run.signal(second);
        // The call is still held: nothing but the signal can have ended it.
        run.end().exits(code).says(&["leaving at once"]);
        assert!(place.has_journal());
        // AWS does it all the same, and nobody hears the answer.
        place.counter.release();
        assert_eq!(place.counter.count(op), 1);
        let plan = place.sandbox.slp("plan");
        plan.ok().says(&["an earlier run did not end"]);
        place.is_finished();
    }
}

#[test]
fn ctrl_c_ends_a_wait_at_once() {
    let place = Place::new();
    let manifest = place.sandbox.read("slp.toml");
    let second = "[api.second.routes]\n\"GET /\" = { mock = { status = 200 } }\n";
    place
        .sandbox
        .write("slp.toml", &format!("{manifest}\n{second}"));
    place.sandbox.slp(APPLY).ok();
    place.counter.reset();
    // AWS takes one DeleteRestApi in 30 s: the second of them waits.
    let mut run = place.sandbox.begin(&format!("{DESTROY} --pace always"));
    run.hears("waiting for AWS's limit");
    run.signal("INT");
    let run = run.end().exits(130);
    run.says(&[
        "stopped while waiting for AWS's rate limit; not deleted yet",
        "Interrupted: ",
        "1 not finished",
        "Run `slp destroy` again to do the rest",
    ])
    .never_says(&["could not", "failed"]);
    assert_eq!(place.counter.count("DeleteRestApi"), 1);
    place.sandbox.slp(DESTROY).ok();
    assert_eq!(place.moto.inventory(""), Vec::<String>::new());
}

#[test]
fn ctrl_c_at_the_question_changes_nothing_and_says_so() {
    let sandbox = example("hello-world", "question");
    let mut terminal = Terminal::begin(&sandbox, 40, "apply --local");
    let question = "Apply this? Only `yes` is a yes:";
    terminal.shows(question);
    let screen = terminal.screen();
    assert_eq!(screen.lines().last(), Some(question), "{screen}");
    terminal.types("\u{3}");
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(130), "{screen}");
    let (_, after) = screen.split_once(question).expect("the question");
    // The terminal itself shows the key.
    let after = after.trim_start_matches(" ^C");
    assert_eq!(after, "\nerror: stopped; nothing was changed\n", "{screen}");
    sandbox.slp("plan --local").ok().says(&["6 to create"]);
}

#[test]
fn a_question_is_answered_in_its_own_line() {
    let sandbox = example("hello-world", "answer");
    for (answer, code, end) in [
        ("no", 1, "error: the answer was no; nothing was changed\n"),
        ("yes", 0, "/hello\"\n"),
    ] {
        let mut terminal = Terminal::begin(&sandbox, 100, "apply --local");
        terminal.shows("Only `yes` is a yes:");
        terminal.types(&format!("{answer}\r"));
        let line = format!("Only `yes` is a yes: {answer}\n");
        let (ended, screen) = terminal.end();
        assert_eq!(ended, Some(code), "{screen}");
        assert!(screen.contains(&line), "{screen}");
        assert!(screen.contains(end), "{screen}");
    }
}

#[test]
fn a_terminal_that_goes_away_stops_nothing() {
    let place = Place::new();
    let run = place.held_at("CreateRole", APPLY);
    run.signal("HUP");
    place.counter.release();
    run.end().ok().says(&["Done: 6 created"]);
    place.is_finished();
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let place = Place::new();
    let mut command = place.sandbox.command(APPLY);
    command.stdout(nobody());
    let run = Running::of(APPLY, command).end();
    run.ok().says(&["Done: 6 created"]).never_says(&["panic"]);
    assert_eq!(place.saved().len(), 6);
    place.is_finished();
}

#[test]
fn whoever_can_be_told_nothing_still_gets_the_work_done() {
    let place = Place::new();
    let mut command = place.sandbox.command(APPLY);
    command.stdout(nobody()).stderr(nobody());
    let status = command.status().expect("an end");
    assert_eq!(status.code(), Some(0));
    assert_eq!(place.saved().len(), 6);
    place.is_finished();
}

/// A program that reads it would take a part for the whole.
#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_no_success() {
    let place = Place::new();
    for line in [APPLY, "plan --json", "output --json", "schema events"] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = place.sandbox.command(line);
        command.stdout(Stdio::from(full.expect("Linux has it")));
        let run = Running::of(line, command).end().exits(1);
        run.says(&["error: stdout cannot be written: No space left"]);
    }
    assert_eq!(place.saved().len(), 6);
}

/// A pipe that nobody reads any more.
fn nobody() -> Stdio {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    Stdio::from(writer)
}
