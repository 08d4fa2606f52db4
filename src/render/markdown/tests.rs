use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::diff::{FieldChange, Shape};
use crate::plan::{Action, Change, Gate, Trip};
use crate::render::packages::tests::Two;
use crate::render::plan::tests::example;
use crate::render::rehearsal::tests::example_rehearsal;
use crate::render::review::{Point, Section, lost_entries};

fn text(plan: &Plan, max_bytes: usize) -> String {
    let beside = Beside {
        packages: &Two,
        ..Beside::default()
    };
    markdown(plan, max_bytes, &beside, &Style::default())
}

fn change(addr: &str, action: Action, fields: Vec<FieldChange>) -> Change {
    let form = json!({ "addr": addr, "action": action, "op": "o", "fields": fields, "needs": [],
                       "calls": [{ "call": "A", "step": "s" }] });
    serde_json::from_value(form).unwrap()
}

fn route(key: &str, kept: bool) -> FieldChange {
    let is = Some(json!({ "target": "function.Handler" }));
    let (before, after) = if kept { (None, is) } else { (is, None) };
    FieldChange {
        path: vec!["routes".into(), key.into()],
        before,
        after,
        shape: Shape::Entry,
        entry: 2,
        summary: vec!["target".into()],
        ..FieldChange::default()
    }
}

#[test]
fn a_comment_reads_from_what_breaks_to_what_does_not() {
    let mut plan = example();
    plan.rehearsal = Some(example_rehearsal());
    insta::assert_snapshot!(text(&plan, 60_000), @r#"
    ## Plan of `hello-world` · env `prod` · account `604370441254` · `eu-central-1`

    | create | update | replace | delete | AWS calls |
    | ---: | ---: | ---: | ---: | ---: |
    | 1 | 2 | 1 | 1 | 10 |

    ### Destructive: 2

    - `-` delete `policy.old`
    - `-/+` replace `role.hello` · `moved from role.hallo`

      <details><summary><code>name</code></summary>

      ```diff
      name          "a" → "b"    forces replacement
      ```

      </details>

    ### Somebody may do more than before: 1

    - `api.hello-world` `GET /status is public (no auth)`

    ### AWS would refuse this: 1

    - `function.y` `CreateFunction: The role defined for the function cannot be assumed by Lambda. (InvalidParameterValueException); let the role trust Lambda`

    <details><summary>Found, and left alone: 1</summary>

    - `!` `function.HelloWorld` · `another project may invoke it: statement shop-prod-web`

    </details>

    <details><summary>To update: 2</summary>

    - `~` update `api.hello-world`

      <details><summary><code>routes</code></summary>

      ```diff
      + GET /status → function.Status
      ```

      </details>

    - `~` update `function.HelloWorld` · **changed outside slp**

      <details><summary><code>code, description, environment, memory, timeout</code></summary>

      ```diff
      code          4 of 4 files changed · 48.2 → 50.3 KB
        ~ index.js  +3 −1
      +   lib/a.js  2.0 KB
        ~ logo.png  300 → 400 B
      -   readme
      description   "do not touch" → ""    ! changed outside slp
      environment
        ~ GREETING  "Hello" → "Bonjour"
        ~ TOKEN     (secret, changed)
      memory        128 → 512 MB
      timeout       3 → 10 s
      ```

      </details>

    </details>

    <details><summary>To create: 1</summary>

    - `+` create `function.Status` · `gone from AWS`

      <details><summary><code>memory, name</code></summary>

      ```diff
      memory        128 MB
      ```

      </details>

    </details>

    <details><summary>Outputs: 1</summary>

    - `url` = `"https://<api.hello-world.id>"`

    </details>

    `Plan: 1 to create, 2 to update, 1 to replace, 1 to delete · 10 AWS calls`

    `Rehearsal: 4 of 10 AWS calls go well, not held up by AWS's rate limits. 1 would fail, 1 would not be tried.`

    `Not looked at: tags of 3 functions (--refresh fast)`
    "#);
}

#[test]
fn a_plan_of_nothing_is_short() {
    let mut plan = example();
    plan.changes.clear();
    plan.notices.clear();
    plan.not_looked_at.clear();
    assert_eq!(
        text(&plan, 60_000),
        "## Plan of `hello-world` · env `prod` · account `604370441254` · `eu-central-1`\n\n\
         `Nothing to do: AWS is as slp.toml says.`\n"
    );
}

/// A thousand routes in one API, and a thousand functions; every tenth goes.
fn thousand() -> Plan {
    let goes = |n: usize| n.is_multiple_of(10);
    let routes = (0..1000).map(|n| route(&format!("GET /items/{n}/details"), !goes(n)));
    let mut changes = vec![change("api.shop", Action::Update, routes.collect())];
    for n in 0..1000 {
        let action = if goes(n) {
            Action::Delete
        } else {
            Action::Create
        };
        let memory = FieldChange {
            path: vec!["memory".into()],
            after: Some(json!(128 + n)),
            ..FieldChange::default()
        };
        changes.push(change(
            &format!("function.Worker{n:04}"),
            action,
            vec![memory],
        ));
    }
    Plan {
        changes,
        ..example()
    }
}

#[test]
fn of_a_thousand_every_destructive_line_is_there() {
    let plan = thousand();
    let page = text(&plan, 60_000);
    assert!(
        page.len() <= 60_000 && page.len() > 50_000,
        "{}",
        page.len()
    );
    for n in (0..1000).step_by(10) {
        let function = format!("- `-` delete `function.Worker{n:04}`\n");
        let route = format!("- `-` remove `GET /items/{n}/details` from `api.shop`\n");
        assert!(page.contains(&function) && page.contains(&route), "{n}");
    }
    assert!(page.contains("### Destructive: 200\n"));
    assert!(page.contains("\n> Cut to 60000 bytes: "), "{page}");
    assert!(page.contains(" · 1001 AWS calls`"), "{page}");
    assert_eq!(page, text(&plan, 60_000));
    let whole = text(&plan, usize::MAX);
    assert!(whole.len() > 60_000 && !whole.contains("> Cut"));
}

#[test]
fn details_go_before_lines_and_lines_are_counted() {
    let plan = thousand();
    let lines = text(&plan, 45_000);
    assert!(
        !lines.contains("more to create") || !lines.contains("<code>memory"),
        "{lines}"
    );
    let counted = text(&plan, 15_000);
    assert!(counted.len() <= 15_000);
    assert!(
        counted.contains("<summary>To create: 900</summary>"),
        "{counted}"
    );
    assert!(counted.contains(" more to create\n"), "{counted}");
    assert!(counted.contains("- `-` delete `function.Worker0990`\n"));
}

#[test]
fn names_alone_come_before_a_loss_is_left_out() {
    let plan = thousand();
    let names = text(&plan, 9_000);
    assert!(
        names.len() <= 9_000 && names.contains("\ndelete: function.Worker0990\n"),
        "{names}"
    );
    let shared = text(&plan, 5_500);
    assert!(
        shared.contains("delete: function.{Worker0000, Worker0010, "),
        "{shared}"
    );
    assert!(!shared.contains("NOT shown"), "{shared}");
    let few = text(&plan, 1_500);
    assert!(few.len() <= 1_500 && few.starts_with("**"), "{few}");
    assert!(
        few.contains(" changes that must be seen are NOT shown here:**"),
        "{few}"
    );
    assert_eq!(text(&plan, 20), "**200 changes that m");
}

#[test]
fn what_comes_first_is_never_left_out_and_the_rest_is_linked() {
    let sections = [Section {
        title: "Gains <rights>".into(),
        refuses: false,
        points: vec![Point {
            addr: "role.x".parse_addr(),
            text: "may s3:* on `everything` @team".into(),
        }],
    }];
    let beside = Beside {
        first: &sections,
        link: Some("https://ci.example/plan one>"),
        ..Beside::default()
    };
    let page = markdown(&thousand(), 15_000, &beside, &Style::default());
    let section = "### Gains &lt;rights&gt;: 1\n\n- `role.x` ``may s3:* on `everything` @team``\n";
    assert!(page.contains(section), "{page}");
    assert!(
        page.contains(" [The whole plan](<https://ci.example/plan%20one%3E>).\n"),
        "{page}"
    );
    let narrow = markdown(&thousand(), 9_000, &beside, &Style::default());
    assert!(narrow.contains("\nGains <rights>: role.x\n"), "{narrow}");
}

#[test]
fn no_cut_takes_away_what_gates_let_pass() {
    let mut plan = thousand();
    plan.gates = vec![Trip {
        gate: Gate::Destroy,
        addr: "function.Worker0000".parse_addr(),
        what: "is destroyed".into(),
        waived: Some(format!("{}, until 2099-12-31", "unused ".repeat(90))),
    }];
    let page = text(&plan, 15_000);
    let section = "### Gates let this pass: 1\n\n- `function.Worker0000` `destroy (waived: unused";
    assert!(page.contains(section), "{page}");
    assert!(
        page.contains(", until 2099-12-31): is destroyed`\n"),
        "{page}"
    );
    let narrow = text(&plan, 9_000);
    assert!(
        narrow.contains("\nGates let this pass: function.Worker0000\n"),
        "{narrow}"
    );
}

trait ParseAddr {
    fn parse_addr(&self) -> crate::addr::Addr;
}

impl ParseAddr for str {
    fn parse_addr(&self) -> crate::addr::Addr {
        crate::addr::Addr::parse(self).unwrap()
    }
}

#[test]
fn no_text_from_outside_means_anything() {
    let evil = "</details>@team `` | [x](http://y) <img src=x>\n# big\n";
    let mut plan = example();
    plan.project = evil.into();
    plan.env = Some(evil.into());
    plan.notices[0].text = Some(evil.into());
    plan.not_looked_at = vec![evil.into()];
    for change in &mut plan.changes {
        change.reason = Some(evil.into());
        for field in &mut change.fields {
            field.path[0] = evil.into();
            field.after = Some(json!(evil));
        }
    }
    let page = text(&plan, 60_000);
    let outside = outside_code(&page);
    for part in ["@team", "[x](", "<img", "# big"] {
        assert!(!outside.contains(part), "{part} in {outside}");
    }
    assert_eq!(
        outside.matches("<details>").count(),
        outside.matches("</details>").count()
    );
}

/// The page without its blocks and spans of code, read as CommonMark does.
fn outside_code(page: &str) -> String {
    let mut out = String::new();
    let mut fence: Option<String> = None;
    for line in page.lines() {
        let text = line.trim_start();
        let ticks: String = text.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if *open == ticks && text == ticks => fence = None,
            Some(_) => {}
            None if ticks.len() > 2 && text == format!("{ticks}diff") => fence = Some(ticks),
            // A line of HTML holds no Markdown, and forges leave its <code> alone.
            None if text.starts_with("<details>") => {
                let (start, rest) = line.split_once("<code>").unwrap_or((line, ""));
                let end = rest.split_once("</code>").map_or(rest, |(_, end)| end);
                assert!(!rest.contains("<img"), "{line}");
                out.push_str(&format!("{start}{end}\n"));
            }
            None => out.push_str(&format!("{}\n", without_spans(line))),
        }
    }
    assert_eq!(fence, None, "{page}");
    out
}

fn without_spans(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        out.push_str(&rest[..at]);
        let run = rest[at..].len() - rest[at..].trim_start_matches('`').len();
        let after = &rest[at + run..];
        let end = (0..after.len()).find(|end| {
            let tail = &after.as_bytes()[*end..];
            let ticks = tail.iter().take_while(|b| **b == b'`').count();
            let before = end.checked_sub(1).map(|at| after.as_bytes()[at]);
            ticks == run && before != Some(b'`')
        });
        let end = end.unwrap_or_else(|| panic!("an open span: {line}"));
        rest = &after[end + run..];
    }
    out.push_str(rest);
    out
}

/// Names that a manifest can have, many of them long or alike.
fn names() -> impl Strategy<Value = BTreeSet<String>> {
    prop::collection::btree_set("[A-Za-z0-9_-]{1,60}", 0..80)
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let action = prop::sample::select(vec![
        Action::Create,
        Action::Update,
        Action::Delete,
        Action::Replace,
    ]);
    let field = ("[a-z`é<@]{1,9}", ".{0,400}").prop_map(|(name, value)| FieldChange {
        path: vec![name],
        after: Some(json!(value)),
        ..FieldChange::default()
    });
    let fields = prop::collection::vec(field, 0..4);
    let one = (action, fields, prop::option::of(".{0,300}"));
    (names(), names(), prop::collection::vec(one, 80), ".{0,200}").prop_map(
        |(names, routes, kinds, project)| {
            let changes = names.into_iter().zip(kinds);
            let mut changes: Vec<Change> = changes
                .map(|(name, (action, fields, reason))| Change {
                    reason,
                    ..change(&format!("function.{name}"), action, fields)
                })
                .collect();
            let lost = routes
                .iter()
                .map(|key| route(&format!("GET /{key}"), false));
            changes.push(change("api.shop", Action::Update, lost.collect()));
            Plan {
                changes,
                project,
                ..example()
            }
        },
    )
}

/// Is it named, alone or with what begins like it?
fn is_named(page: &str, name: &str) -> bool {
    let at = name.rfind('.').map_or(0, |at| at + 1);
    let (start, end) = name.split_at(at);
    let line = |line: &str| match line.split_once(&format!(": {start}{{")) {
        Some((_, ends)) => ends.trim_end_matches('}').split(", ").any(|one| one == end),
        None => line.ends_with(&format!(": {name}")),
    };
    page.contains(&format!("`{name}`")) || page.lines().any(line)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_limit_always_holds_and_no_loss_is_kept_quiet(plan in any_plan(), limit in 0usize..30_000) {
        let page = text(&plan, limit);
        prop_assert!(page.len() <= limit, "{} > {limit}", page.len());
        let mut losses: Vec<String> = Vec::new();
        for change in &plan.changes {
            losses.extend(change.removes().then(|| change.addr.to_string()));
            losses.extend(lost_entries(change).into_iter().map(str::to_owned));
        }
        let missing = losses.iter().filter(|name| !is_named(&page, name)).count();
        let said = format!("**{missing} changes that must be seen are NOT shown here:**");
        let said = head(&said, limit);
        prop_assert!(missing == 0 || page.starts_with(said), "{missing} missing:\n{page}");
        // Where there is room for names there are names: 80 functions and 80 routes of 70 bytes.
        prop_assert!(missing == 0 || limit < 16_000, "{missing} missing of {limit}");
        prop_assert_eq!(&page, &text(&plan, limit));
    }
}
