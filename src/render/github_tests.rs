use std::collections::BTreeMap;

use super::*;
use crate::plan::{Gate, Trip};
use crate::render::packages::tests::Two;
use crate::render::plan::tests::example;
use crate::render::rehearsal::tests::example_rehearsal;

fn lines() -> BTreeMap<Addr, usize> {
    let line = |(addr, line): (&str, usize)| (Addr::parse(addr).unwrap(), line);
    [("function.HelloWorld", 12), ("role.hello", 4)]
        .map(line)
        .into()
}

#[test]
fn what_goes_is_an_error_on_its_line_and_comes_first() {
    let lines = lines();
    let beside = Beside {
        packages: &Two,
        lines: &lines,
        manifest: "shop,eu/slp.toml",
        link: Some("https://ci.example/run/1"),
        ..Beside::default()
    };
    let text = github(&example(), &beside, &Style::default());
    let starts: Vec<&str> = text
        .lines()
        .map(|line| line.rsplit_once("::").unwrap().0)
        .collect();
    assert_eq!(
        starts,
        [
            "::error file=shop%2Ceu/slp.toml,line=1,title=policy.old will be deleted",
            "::error file=shop%2Ceu/slp.toml,line=4,title=role.hello will be replaced",
            "::warning file=shop%2Ceu/slp.toml,line=1,title=Somebody may do more than before",
            "::warning file=shop%2Ceu/slp.toml,line=12,title=function.HelloWorld will be updated",
            "::warning file=shop%2Ceu/slp.toml,line=12,title=function.HelloWorld was found%2C and is left alone",
            "::notice file=shop%2Ceu/slp.toml,line=1,title=api.hello-world will be updated",
            "::notice file=shop%2Ceu/slp.toml,line=1,title=function.Status will be created",
            "::notice title=slp plan of hello-world%2C env prod",
        ]
    );
    let replaced = text.lines().nth(1).unwrap();
    let message = "::moved from role.hallo%0Aname          \"a\" → \"b\"    forces replacement";
    assert!(replaced.ends_with(message), "{replaced}");
    let last = text.lines().last().unwrap();
    assert!(
        last.ends_with(" · 10 AWS calls%0Ahttps://ci.example/run/1"),
        "{last}"
    );
}

#[test]
fn a_gate_that_refuses_is_an_error_and_one_that_lets_pass_a_warning() {
    let trip = |waived: Option<&str>| Trip {
        gate: Gate::Destroy,
        addr: Addr::root_of("policy", "old"),
        what: "is destroyed".into(),
        waived: waived.map(str::to_owned),
    };
    let mut plan = example();
    plan.gates = vec![trip(Some("unused, until 2099-12-31")), trip(None)];
    let text = github(&plan, &Beside::default(), &Style::default());
    let first = "::error file=slp.toml,line=1,title=Gates refuse this::destroy: is destroyed\n";
    assert!(text.starts_with(first), "{text}");
    let passing = "::warning file=slp.toml,line=1,title=Gates let this pass::destroy (waived: unused, until 2099-12-31): is destroyed\n";
    assert!(text.contains(passing), "{text}");
}

#[test]
fn a_text_cannot_end_its_line_or_begin_a_command() {
    let mut plan = example();
    plan.project = "a,b:c\n::error::d".into();
    plan.notices[0].text = Some("100 %\r\n::stop-commands::x".into());
    plan.rehearsal = Some(example_rehearsal());
    let text = github(&plan, &Beside::default(), &Style::default());
    let commands = ["::error file=", "::warning file=", "::notice "];
    for line in text.lines() {
        assert!(
            commands.iter().any(|start| line.starts_with(start)),
            "{line}"
        );
    }
    assert!(
        text.contains("::100 %25\\r\\n::stop-commands::x\n"),
        "{text}"
    );
    assert!(text.contains("title=slp plan of a%2Cb%3Ac%0A%3A%3Aerror%3A%3Ad%2C env prod::"));
    assert!(
        text.contains("title=AWS would refuse this::CreateFunction: The role"),
        "{text}"
    );
}

#[test]
fn a_long_message_is_cut_and_a_lost_route_is_an_error() {
    let mut plan = example();
    let api = &mut plan.changes[0];
    let mut lost = api.fields[0].clone();
    lost.before = lost.after.take();
    api.fields = vec![lost; 400];
    let text = github(&plan, &Beside::default(), &Style::default());
    let line = text.lines().next().unwrap();
    assert!(line.contains("title=api.hello-world will be updated%2C and loses 400 entries::"));
    assert!(line.ends_with(" lines left out"), "{line}");
    assert!(line.len() < LONGEST + 3 * 400, "{}", line.len());
}

#[test]
fn a_problem_is_marked_on_its_line_with_githubs_escapes() {
    let problem = Mark {
        is_error: true,
        file: "shop,eu/slp.toml",
        place: Some((4, 2)),
        text: "100% wrong: `a`\nhelp: ::write\u{1b} it".into(),
    };
    assert_eq!(
        mark(&problem),
        "::error file=shop%2Ceu/slp.toml,line=4,col=2::100%25 wrong: `a`%0Ahelp: ::write\\u{1b} it\n"
    );
    let warning = Mark {
        is_error: false,
        place: None,
        text: "x".into(),
        ..problem
    };
    assert_eq!(mark(&warning), "::warning file=shop%2Ceu/slp.toml::x\n");
}
