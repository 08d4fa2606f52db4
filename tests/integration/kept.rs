//! Plans that are kept in a file: carried out exactly, or refused by what moved.

use crate::harness::{Aws, Counter, Emulator, Local, Sandbox, example};

const SECRET: &str = "s3cr3t-in-a-kept-plan";

fn sandbox(moto: &Emulator, name: &str) -> Sandbox {
    let sandbox = example("hello-world", name).at(moto.endpoint());
    let text = sandbox.read("slp.toml");
    let secret = "[variables]\ntoken = { from = \"env:TOKEN\", secret = true }\n";
    sandbox.write("slp.toml", &format!("{text}\n{secret}"));
    sandbox.change(
        "code = \"src\"",
        "code = \"src\"\nenvironment = { TOKEN = \"${var.token}\" }",
    );
    sandbox.env("TOKEN", SECRET)
}

#[test]
fn what_was_planned_is_done_and_only_once() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = sandbox(&moto, "kept").at(counter.endpoint());
    let planned = sandbox.slp("plan --out first.plan --exit-code").exits(3);
    let planned =
        planned.says(&["kept in first.plan; `slp apply first.plan` carries out exactly this"]);
    assert_eq!(counter.changing(), 0, "a plan changes nothing");
    assert!(!sandbox.read("first.plan").contains(SECRET));
    // Whoever reviews it sees the same.
    assert_eq!(sandbox.slp("show first.plan").ok().stdout, planned.stdout);
    let markdown = sandbox.slp("show first.plan --format markdown").ok().stdout;
    assert!(markdown.contains("function.HelloWorld"), "{markdown}");
    assert!(!markdown.contains(SECRET));
    sandbox.slp("show first.plan --format json").ok();
    for form in ["html", "github"] {
        let shown = sandbox.slp(&format!("show first.plan --format {form}"));
        let planned = sandbox.slp(&format!("plan --format {form}"));
        assert_eq!(shown.ok().stdout, planned.ok().stdout, "{form}");
    }
    let refused = sandbox.slp("apply first.plan").exits(2);
    refused.says(&["no terminal", "--yes"]);
    refuses_what_does_not_fit(&sandbox, moto.endpoint());
    let applied = sandbox.slp("apply first.plan --yes").ok();
    assert_eq!(applied.stdout.lines().next(), planned.stdout.lines().next());
    applied.says(&["6 created"]);
    let again = sandbox.slp("apply first.plan --yes").exits(4);
    again.says(&["stale"]);
    // One that does nothing does nothing.
    sandbox.slp("plan --out idle.plan --exit-code").ok();
    counter.reset();
    sandbox.slp("apply idle.plan --yes").ok();
    assert_eq!(counter.changing(), 0);
    sandbox.slp("plan --destroy --out end.plan").ok();
    sandbox.slp("apply end.plan --yes").ok();
    assert_eq!(moto.inventory(&sandbox.prefix()), Vec::<String>::new());
}

/// The message names what differs, and what to do about it.
fn refuses_what_does_not_fit(sandbox: &Sandbox, endpoint: &str) {
    sandbox.write("empty.plan", "");
    for (line, code, says) in [
        ("apply missing.plan", 2, "there is no such file"),
        ("apply missing.plan", 2, "`slp plan --out missing.plan`"),
        ("apply slp.toml", 4, "it is no plan"),
        ("apply empty.plan", 4, "it is no plan"),
        (
            "--env prod apply first.plan",
            4,
            "is of no environment, and not of prod",
        ),
        (
            "--env prod apply first.plan",
            4,
            "`slp --env prod plan --out FILE`",
        ),
    ] {
        let refused = sandbox.slp(&format!("{line} --yes")).exits(code);
        refused.says(&[says]);
    }
    let other = sandbox.slp(&format!("--endpoint-url {endpoint} apply first.plan --yes"));
    let other = other.exits(4);
    other.says(&[
        "endpoint: ",
        &format!("{endpoint} here"),
        "give --local, or --endpoint-url",
    ]);
}

#[test]
fn whatever_moved_since_is_named_and_nothing_is_done() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = sandbox(&moto, "stale").at(counter.endpoint());
    sandbox.slp("apply --yes").ok();
    let ready = |sandbox: &Sandbox| {
        sandbox.change(
            "description = \"says hello\"",
            "description = \"says hello again\"",
        );
        sandbox.slp("plan --out x.plan --exit-code").exits(3);
        counter.reset();
    };
    sandbox.change(
        "code = \"src\"",
        "code = \"src\"\ndescription = \"says hello\"",
    );
    sandbox.slp("apply --yes").ok();
    let refused = |sandbox: &Sandbox, says: &[&str]| {
        let run = sandbox.slp("apply x.plan --yes").exits(4);
        run.says(says)
            .says(&["nothing was done"])
            .never_says(&[SECRET]);
        assert_eq!(counter.changing(), 0, "nothing was changed");
    };
    ready(&sandbox);
    let name = sandbox.named("HelloWorld");
    Aws::at(moto.endpoint()).run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 512"
    ));
    refused(
        &sandbox,
        &[
            // moto keeps no time of it; the embedded cloud does, below.
            "function.HelloWorld was changed",
            "outside this plan (memory)",
        ],
    );
    Aws::at(moto.endpoint()).run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 128"
    ));
    let text = sandbox.read("slp.toml");
    sandbox.change("says hello again", "says good bye");
    refused(
        &sandbox,
        &["the manifest was changed", "something else (description)"],
    );
    sandbox.write("slp.toml", &text);
    let code = sandbox.read("src/index.js");
    sandbox.write("src/index.js", &format!("{code}// more\n"));
    refused(&sandbox, &["function.HelloWorld", "(code)"]);
    sandbox.write("src/index.js", &code);
    let plan = sandbox.read("x.plan");
    sandbox.write("x.plan", &plan.replacen("again", "twice", 1));
    let broken = sandbox.slp("apply x.plan --yes").exits(4);
    broken.says(&["its digest does not match"]);
    sandbox.write("x.plan", &plan);
    let sandbox = sandbox.env("TOKEN", "another-one");
    refused(&sandbox, &["function.HelloWorld", "(environment)"]);
    let sandbox = sandbox.env("TOKEN", SECRET);
    sandbox.slp("apply x.plan --yes").ok().says(&["1 updated"]);
}

#[test]
fn what_was_changed_outside_is_told_with_the_time_that_aws_keeps() {
    let place = Sandbox::empty("kept-cloud");
    let cloud = Local::start(&place, "--ephemeral");
    let sandbox = example("hello-world", "kept-time").at(&cloud.url);
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\ntimeout = 30");
    sandbox.slp("plan --out x.plan --exit-code").exits(3);
    let name = sandbox.named("HelloWorld");
    let changed = Aws::at(&cloud.url).run(&format!(
        "lambda update-function-configuration --function-name {name} --memory-size 512"
    ));
    let at = changed["LastModified"].as_str().expect("a time");
    let (second, _) = at.split_once('.').expect("with a fraction");
    let told = format!("function.HelloWorld was changed at {second}Z outside this plan (memory)");
    sandbox.slp("apply x.plan --yes").exits(4).says(&[&told]);
}
