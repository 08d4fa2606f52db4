//! What is printed of what is not there: URLs of a cloud that nobody serves, services that an
//! emulator does not have, and the manifests of this very repository.

use std::process::Command;

use crate::harness::{Local, Run, Sandbox, example, moto, root};

const OUTPUTS: &str = "\n[outputs]\nurl = \"${api.hello-world.stage.test.url}\"\n";

#[test]
fn an_output_names_the_port_that_is_served() {
    let sandbox = example("hello-world", "served");
    let text = sandbox.read("slp.toml");
    if !text.contains("[outputs]") {
        sandbox.write("slp.toml", &format!("{text}{OUTPUTS}"));
    }
    let local = Local::start(&sandbox, "");
    sandbox.slp("apply --local --yes").ok();
    let served = sandbox.slp("output --local").ok();
    served.says(&[&local.url]).never_says(&["nobody answers"]);
    let before = local.url.clone();
    drop(local);
    for line in ["output --local", "--json output --local"] {
        let run = sandbox.slp(line).ok().never_says(&[&before]);
        run.says(&["nobody answers there now", "http://127.0.0.1:4566"]);
    }
    sandbox.slp("show --local").ok().never_says(&[&before]);
    let again = Local::start(&sandbox, "");
    sandbox
        .slp("output --local")
        .ok()
        .says(&[&again.url])
        .never_says(&["nobody answers"]);
}

#[test]
fn the_manifests_of_this_repository_are_listed() {
    let sandbox = Sandbox::empty("own-stacks");
    let slp = sandbox.command("stacks");
    let output = Command::new(slp.get_program())
        .args(["stacks", "-f"])
        .arg(root().join("slp.toml"))
        .output();
    let run = Run::of("stacks", output.expect("slp runs")).ok();
    assert!(run.stdout.lines().count() >= 4, "{run}");
    run.says(&["examples/hello-world/slp.toml"])
        .never_says(&["tests/", "templates/"]);
}

/// A server that answers everything with a page, as emulators answer for what they do not have.
#[test]
fn a_service_that_an_emulator_does_not_have_is_called_so() {
    use std::io::{Read as _, Write as _};
    let sandbox = example("hello-world", "no-logs").at(moto().endpoint());
    sandbox.slp("apply --yes").ok();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut buffer = [0; 8192];
            let _ = stream.read(&mut buffer);
            let page =
                "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 13\r\n\r\n<html></html>";
            let _ = stream.write_all(page.as_bytes());
        }
    });
    let run = sandbox.at(&url).slp("logs").exits(1);
    run.says(&["not this service of AWS's", "emulator that does not have"]);
}
