//! Plans as reviewers and their programs get them: JSON by its schema, Markdown within its
//! limit, annotations on the manifest's lines.

use serde_json::Value;

use crate::harness::{Sandbox, example, root};

const PLAN: &str = "plan --local --ephemeral";

fn sandbox(name: &str) -> Sandbox {
    example("standard-and-premium", name)
}

#[test]
fn the_json_form_fits_the_schema_in_the_repository() {
    let sandbox = sandbox("json");
    let text = sandbox.slp(&format!("{PLAN} --format json")).ok().stdout;
    let plan: Value = serde_json::from_str(&text).expect("JSON");
    let schema = std::fs::read_to_string(root().join("schema/plan.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let errors = validator.iter_errors(&plan).map(|error| error.to_string());
    assert_eq!(errors.collect::<Vec<_>>(), Vec::<String>::new());
    assert_eq!(plan["format"], 1);
    assert_eq!(plan["changes"].as_array().map(Vec::len), Some(7));
    let other = serde_json::json!({ "format": 1, "project": "x" });
    assert!(!validator.is_valid(&other));
}

#[test]
fn a_comment_stays_within_its_limit_and_is_the_same_each_time() {
    let sandbox = sandbox("comment");
    let link = "https://ci.example/run/7";
    let line = format!("{PLAN} --format markdown --link {link}");
    let whole = sandbox.slp(&line).ok().stdout;
    assert!(
        whole.starts_with("## Plan of `comment` · account `"),
        "{whole}"
    );
    assert!(
        whole.contains(&format!("> [The whole plan](<{link}>).\n")),
        "{whole}"
    );
    assert!(
        whole.contains("\n- `+` create `function.Premium`\n"),
        "{whole}"
    );
    assert_eq!(sandbox.slp(&line).ok().stdout, whole);
    let short = sandbox.slp(&format!("{line} --max-bytes 1000")).ok().stdout;
    assert!(
        short.len() <= 1000 && short.contains("> Cut to 1000 bytes: "),
        "{short}"
    );
    sandbox.slp("plan --format html --max-bytes 2000").exits(2);
}

#[test]
fn annotations_stand_on_the_lines_of_the_manifest() {
    let sandbox = sandbox("lines");
    let manifest = sandbox.read("slp.toml");
    sandbox.write("apps/shop/slp.toml", &manifest);
    sandbox.write("apps/shop/src/index.js", &sandbox.read("src/index.js"));
    let run = |sandbox: &Sandbox, line: &str| sandbox.slp(line).ok().stdout;
    let line = manifest
        .lines()
        .position(|line| line == "[function.Premium]");
    let line = line.expect("a header") + 1;
    let annotation = format!(
        "::notice file=apps/shop/slp.toml,line={line},title=function.Premium will be created::"
    );
    let text = run(&sandbox, &format!("-C apps/shop {PLAN} --format github"));
    assert!(text.contains(&annotation), "{text}");
    // Beside what is made, what it lets everybody do.
    let (wide, made): (Vec<&str>, Vec<&str>) = text
        .lines()
        .partition(|line| line.contains("title=api.shop%3A new%2C and public::"));
    assert_eq!((wide.len(), made.len()), (2, 8), "{text}");
    assert!(
        wide[0].ends_with("::GET /premium is public (no auth)"),
        "{text}"
    );
    assert!(
        wide.iter().all(|line| line.starts_with("::notice ")),
        "{text}"
    );
    assert!(
        made.iter().all(|line| line.starts_with("::notice ")),
        "{text}"
    );
    // In a job of GitHub's, wherever it was started from.
    let root = sandbox.path("").display().to_string();
    let sandbox = sandbox.env("GITHUB_WORKSPACE", &root);
    let path = sandbox.path("apps/shop/slp.toml").display().to_string();
    let text = run(&sandbox, &format!("{PLAN} --format github -f {path}"));
    assert!(text.contains(&annotation), "{text}");
}

/// Whoever reviews sees on the manifest's lines why there is no plan.
#[test]
fn a_broken_manifest_is_marked_on_its_lines() {
    let sandbox = example("hello-world", "marks");
    sandbox
        .change("handler = ", "handlr = ")
        .change("code = \"src\"", "code = \"nowhere\"");
    let manifest = sandbox.read("slp.toml");
    let line = |part: &str| {
        let at = manifest.lines().position(|line| line.contains(part));
        at.expect("a line") + 1
    };
    let run = sandbox.slp("plan --local --format github").exits(2);
    let marked = format!("::error file=slp.toml,line={},col=1::", line("handlr = "));
    assert!(run.stdout.contains(&marked), "{run}");
    assert!(run.stdout.contains("handlr"), "{run}");
    assert!(run.stdout.contains("%0Ahelp: "), "{run}");
    assert!(run.stdout.lines().all(|line| line.starts_with("::")));
    run.says(&["handlr"]);
    let human = sandbox.slp("plan --local").exits(2);
    assert_eq!(human.stdout, "");
}
