//! What is under way, as a terminal shows it: one line, redrawn, and gone in the end.

use crate::harness::{Counter, Emulator, Terminal, example};

#[test]
fn a_terminal_shows_one_line_and_keeps_none() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "term").at(counter.endpoint());
    counter.hold("CreateFunction");
    let mut terminal = Terminal::begin(&sandbox, 100, "apply --yes");
    terminal.shows("of 6 done · function.HelloWorld being created, 2 s");
    let last = terminal.screen();
    let last = last.lines().last().unwrap_or_default();
    assert!(
        last.ends_with("function.HelloWorld being created, 2 s"),
        "{last}"
    );
    counter.release();
    let drawn = terminal.drawn();
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("being created"), "{screen}");
    assert!(
        screen.contains("+ function.HelloWorld  created in "),
        "{screen}"
    );
    assert!(screen.contains("Done: 6 created"), "{screen}");
    assert!(drawn.contains("being created, 1 s"), "each second: {drawn}");
    // The last line of a screen that was left as it was found.
    assert!(screen.ends_with("/hello\"\n"), "{screen}");
}

#[test]
fn the_line_is_cut_to_the_terminal() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "narrow").at(counter.endpoint());
    counter.hold("CreatePolicy");
    let mut terminal = Terminal::begin(&sandbox, 60, "apply --yes --parallelism 1");
    terminal.shows("2 of 6 done · policy.hello-world-invoke-lambda-polic…, 1 s");
    counter.release();
    let (code, screen) = terminal.end();
    assert_eq!(code, Some(0), "{screen}");
    assert!(!screen.contains("…, "), "{screen}");
}

#[test]
fn without_a_terminal_or_in_ci_nothing_is_drawn() {
    let moto = Emulator::moto();
    let counter = Counter::before(moto.endpoint());
    let sandbox = example("hello-world", "ci").at(counter.endpoint());
    let sandbox = sandbox.env("CI", "true");
    let mut terminal = Terminal::begin(&sandbox, 100, "apply --yes");
    terminal.shows("Done: 6 created");
    let drawn = terminal.drawn();
    assert!(!drawn.contains('\u{1b}'), "{drawn}");
    assert_eq!(terminal.end().0, Some(0));
}

#[test]
fn a_terminal_that_cannot_show_colours_gets_none() {
    for (kind, has_colours) in [("xterm", true), ("dumb", false)] {
        let sandbox = example("hello-world", "dumb");
        let sandbox = sandbox.env("TERM", kind).env("NO_COLOR", "");
        let mut terminal = Terminal::begin(&sandbox, 100, "plan --local --ephemeral");
        terminal.shows("Plan: 6 to create");
        let drawn = terminal.drawn();
        assert_eq!(drawn.contains("\u{1b}["), has_colours, "{kind}: {drawn}");
        assert_eq!(terminal.end().0, Some(0));
    }
}
