//! What comes from outside acts upon no terminal and commands no runner of GitHub's.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::harness::{Run, Sandbox};

/// Nothing that a terminal obeys, and no line that begins as a workflow command.
fn harmless(run: Run) -> Run {
    for stream in [&run.stdout, &run.stderr] {
        let obeyed = |c: char| c.is_control() && !"\n\t".contains(c) || c == '\u{202e}';
        assert!(!stream.contains(obeyed), "{run}");
        let command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
        assert!(!stream.lines().any(command), "{run}");
    }
    run
}

/// Answers whatever is asked with this error, until the test ends.
fn refusing(body: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    format!("http://{address}")
}

const MANIFEST: &str = "[project]\nname = \"x\"\n\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n";

#[test]
fn what_aws_answers_is_harmless() {
    let url = refusing(
        "<ErrorResponse><Error><Code>Odd\n::add-mask::x\u{9b}2J</Code><Message>first\n\
         ::error file=x::y\n ::stop-commands::z\u{202e} ##[add-path]/x</Message></Error></ErrorResponse>",
    );
    let sandbox = Sandbox::empty("outside-aws").at(&url);
    sandbox.write("slp.toml", MANIFEST);
    for line in [
        "plan",
        "--json plan",
        "apply --yes",
        "drift",
        "permissions --for-plan",
    ] {
        let run = harmless(sandbox.slp(line).exits(1));
        run.says(&["Odd"]);
    }
}

#[test]
fn what_a_manifest_says_is_harmless() {
    let sandbox = Sandbox::empty("outside-manifest");
    let keys = [
        "\"\\u001b]0;x\\u0007\" = 1",
        "\"\\n::error::x\" = 1",
        "\"\u{9b}2J\u{202e}\" = 1",
        "description = \"\\u001b[2J\\n::add-mask::x ##[add-path]y\"\nnope = 1",
    ];
    for key in keys {
        sandbox.write("slp.toml", &format!("{MANIFEST}{key}\n"));
        for line in [
            "validate",
            "--json validate",
            "plan --local",
            "stacks",
            "graph",
        ] {
            harmless(sandbox.slp(line));
        }
        sandbox.slp("validate").exits(2);
    }
    sandbox.write(
        "slp.toml",
        "[project]\nname = \u{1b}[2J \u{7}x\n::error::x\n",
    );
    harmless(sandbox.slp("validate").exits(2));
    // What is wrong with the command line is the caller's, and may come from a variable.
    let mut command = sandbox.command("plan");
    command.arg("--\u{1b}[2J\n::error::x");
    harmless(Run::of("plan", command.output().expect("slp runs")).exits(2));
}

#[test]
fn names_of_folders_are_harmless() {
    let sandbox = Sandbox::empty("outside-stacks");
    for (number, name) in [
        "::add-mask::x",
        "\u{1b}[2J",
        "a\n::error::b",
        "##[add-path]x",
    ]
    .into_iter()
    .enumerate()
    {
        let text = format!("[project]\nname = \"p{number}\"\n");
        fs::create_dir(sandbox.path(name)).expect("a folder");
        sandbox.write(&format!("{name}/slp.toml"), &text);
    }
    let run = harmless(sandbox.slp("stacks").ok());
    assert_eq!(run.stdout.lines().count(), 4, "{run}");
    harmless(sandbox.slp("--json stacks").ok());
    // Two of one project, and one that cannot be read.
    sandbox.write("\u{1b}[3J/slp.toml", "[project]\nname = \"p1\"\n");
    harmless(sandbox.slp("stacks").exits(2));
    sandbox.write("\u{1b}[3J/slp.toml", "[project\n");
    harmless(sandbox.slp("stacks").exits(2));
}

#[test]
fn a_raw_output_is_exact_where_no_terminal_is() {
    let sandbox = Sandbox::empty("outside-raw");
    let outputs = "[outputs]\naddress = \"::1\"\ncolour = \"\\u001b[1mx\"\n";
    sandbox.write("slp.toml", &format!("{MANIFEST}\n{outputs}"));
    sandbox.slp("apply --local --yes").ok();
    let raw = |name: &str| {
        sandbox
            .slp(&format!("output --local --raw {name}"))
            .ok()
            .stdout
    };
    assert_eq!(raw("address"), "::1\n");
    assert_eq!(raw("colour"), "\u{1b}[1mx\n");
    harmless(sandbox.slp("output --local").ok());
}
