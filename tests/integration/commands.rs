//! What tells of the commands themselves: help, manual pages, completions.

use std::collections::BTreeSet;
use std::fs;

use crate::harness::{Run, Sandbox, transcript};

/// The commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:");
    let lines = lines.skip(1).take_while(|line| !line.is_empty());
    let words = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let words = words.filter_map(|line| line.split_whitespace().next());
    let names = words.filter(|word| *word != "help").map(str::to_owned);
    names.collect()
}

/// A transcript a command, of its help and of those of the commands under it.
#[test]
fn the_help_of_every_command() {
    let sandbox = Sandbox::empty("help");
    let whole = sandbox.slp("--help");
    let commands = listed(&whole.stdout);
    assert!(commands.len() > 22, "{commands:?}");
    let wrong = sandbox.slp("no-such-command");
    transcript("help", &sandbox, &[sandbox.slp("-h"), whole, wrong]);
    for command in commands {
        let help = |of: &str| sandbox.slp(&format!("{of} --help"));
        let first = help(&command);
        let under = listed(&first.stdout).into_iter();
        let under = under.map(|name| help(&format!("{command} {name}")));
        let runs: Vec<Run> = std::iter::once(first).chain(under).collect();
        for run in &runs {
            assert_eq!(run.code, 0, "{run}");
        }
        transcript(&format!("help/{command}"), &sandbox, &runs);
    }
}

/// The pages that a page names, such as `slp-plan`.
fn named(page: &str) -> BTreeSet<String> {
    let plain = page.replace('\\', "");
    let words = plain.split(|c: char| c.is_whitespace() || c == ',');
    let names = words.filter_map(|word| word.strip_suffix("(1)"));
    names.map(str::to_owned).collect()
}

#[test]
fn every_page_that_a_manual_page_names_is_there() {
    let sandbox = Sandbox::empty("man");
    sandbox
        .slp("man --out pages")
        .ok()
        .says(&["pages are in pages"]);
    let mut pending = BTreeSet::from(["slp".to_owned()]);
    let mut seen = BTreeSet::new();
    while let Some(name) = pending.pop_first() {
        let page = sandbox.read(&format!("pages/{name}.1"));
        let words = name.replace('-', " ");
        let line = format!("man {}", words.strip_prefix("slp").expect("of slp"));
        assert_eq!(
            sandbox.slp(&line).ok().stdout,
            format!("{page}\n"),
            "{name}"
        );
        assert!(
            page.contains(".SH EXAMPLE") || page.contains("HOW TO INSTALL"),
            "{name}"
        );
        let new = named(&page).into_iter().filter(|name| !seen.contains(name));
        pending.extend(new);
        seen.insert(name);
    }
    assert!(
        seen.contains("slp-plan") && seen.contains("slp-state-rm"),
        "{seen:?}"
    );
    let written = fs::read_dir(sandbox.path("pages")).expect("the pages");
    assert_eq!(written.count(), seen.len());
}

#[test]
fn a_page_of_an_unknown_command_is_refused_with_a_guess() {
    let sandbox = Sandbox::empty("man-wrong");
    let run = sandbox.slp("man state rn").exits(2);
    run.says(&["`slp state` has no command `rn`", "did you mean `rm`?"]);
    let run = sandbox.slp("man --out pages plan").exits(2);
    run.says(&["cannot be used with"]);
}

const MANIFEST: &str = r#"
[project]
name = "shop"

[role.run]
trust = "lambda.amazonaws.com"

[function.Greet]
runtime = "nodejs22.x"
handler = "index.handler"
role = "run"
code = "src"

[api.shop.routes]
"GET /" = { function = "Greet" }
[api.shop.stage.v1]

[outputs]
url = "${api.shop.stage.v1.url}"
"#;

const STATE: &str =
    r#"{"resources": {"function.Gone": {}, "role.run": {}}, "outputs": {"old": {}}}"#;

fn shop() -> Sandbox {
    let sandbox = Sandbox::empty("complete").env("_CLAP_IFS", "\n");
    sandbox.write("slp.toml", MANIFEST);
    sandbox.write("state/shop.json", STATE);
    sandbox
}

/// What a shell is offered for the last word of a line.
fn offered(sandbox: &Sandbox, shell: &str, line: &str) -> Vec<String> {
    let mut command = sandbox.command("");
    let words: Vec<&str> = line.split(' ').collect();
    command.arg("--").args(&words).env("SLP_COMPLETE", shell);
    command.env("_CLAP_COMPLETE_INDEX", (words.len() - 1).to_string());
    let run = Run::of(line, command.output().expect("slp runs")).ok();
    assert_eq!(run.stderr, "", "{line}");
    let lines = run.stdout.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn addresses_functions_and_outputs_are_offered_in_bash() {
    let sandbox = shop();
    let offered = |line: &str| offered(&sandbox, "bash", line);
    let all = [
        "api.shop",
        "api.shop.stage.v1",
        "function.Gone",
        "function.Greet",
        "role.run",
    ];
    for line in [
        "slp plan --target ",
        "slp apply --exclude ",
        "slp destroy --replace ",
        "slp why ",
        "slp state mv function.Gone ",
    ] {
        assert_eq!(offered(line), all, "{line}");
    }
    for line in [
        "slp state rm ",
        "slp state show ",
        "slp show ",
        "slp state mv ",
    ] {
        let mut found = offered(line);
        // A plan's file may stand there as well.
        found.retain(|word| word.contains('.') && !word.ends_with(".toml"));
        assert_eq!(found, ["function.Gone", "role.run"], "{line}");
    }
    assert_eq!(offered("slp why function.Gr"), ["function.Greet"]);
    for line in ["slp invoke G", "slp logs G"] {
        assert_eq!(offered(line), ["Gone", "Greet"], "{line}");
    }
    assert_eq!(offered("slp output "), ["old", "url"]);
    assert_eq!(offered("slp plan --gate d"), ["destroy"]);
    assert_eq!(offered("slp state reb"), ["rebuild"]);
}

#[test]
fn zsh_fish_and_others_are_answered_in_their_own_forms() {
    let sandbox = shop();
    assert_eq!(offered(&sandbox, "fish", "slp why role."), ["role.run"]);
    assert_eq!(offered(&sandbox, "zsh", "slp why role."), ["role.run"]);
    assert_eq!(offered(&sandbox, "elvish", "slp why role."), ["role.run"]);
    let fish = offered(&sandbox, "fish", "slp pl");
    assert_eq!(fish, ["plan\tShow what would change, and why"]);
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = sandbox.slp(&format!("completions {shell}")).ok().stdout;
        assert!(script.contains("SLP_COMPLETE"), "{script}");
    }
}

#[test]
fn the_folder_the_file_and_the_environment_of_the_line_count() {
    let sandbox = Sandbox::empty("complete-env").env("_CLAP_IFS", "\n");
    let offered = |line: &str| offered(&sandbox, "bash", line);
    let overlay = "[env.dev]\nomit = [\"role.run\"]\n[env.prod.role.more]\n";
    sandbox.write("deep/er/other.toml", &format!("{MANIFEST}{overlay}"));
    sandbox.write("deep/er/state/shop@prod.json", STATE);
    sandbox.write(
        "deep/er/.slp/local/state/shop@prod.json",
        r#"{"resources": {"role.l": {}}}"#,
    );
    assert!(offered("slp why ").iter().all(|word| word.starts_with('-')));
    let at = "slp -C deep -f er/other.toml";
    assert_eq!(offered(&format!("{at} plan --env ")), ["dev", "prod"]);
    let roles = |line: &str| offered(&format!("{at} {line} role."));
    assert_eq!(roles("--env dev why"), [""; 0]);
    assert_eq!(roles("--env=prod why"), ["role.more", "role.run"]);
    assert_eq!(roles("--env=prod state rm"), ["role.run"]);
    assert_eq!(roles("--env=prod --local state rm"), ["role.l"]);
    // Without an environment the names of one are better than none.
    assert_eq!(offered(&format!("{at} invoke ")), ["Greet"]);
}

#[test]
fn what_is_broken_is_not_offered_and_prints_no_error() {
    let sandbox = shop();
    sandbox.write("slp.toml", "[env.prod]\n[function.X\nmemory = ");
    sandbox.write("state/broken.json", "{");
    let offered = |line: &str| offered(&sandbox, "bash", line);
    assert_eq!(offered("slp why "), ["function.Gone", "role.run"]);
    assert_eq!(offered("slp plan --env "), ["prod"]);
    assert_eq!(offered("slp -C nowhere why r"), [""; 0]);
    assert_eq!(offered("slp --no-such-option why fu"), ["function.Gone"]);
    let mut unknown = sandbox.command("");
    unknown.args(["--", "slp", ""]).env("SLP_COMPLETE", "tcsh");
    let run = Run::of("", unknown.output().expect("slp runs")).ok();
    assert_eq!((run.stdout.trim(), run.stderr.as_str()), ("", ""));
}
