use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::addr::Addr;
use crate::diff::{drift, fields};
use crate::plan::{FORMAT, Least, Output};
use crate::render::NoPackages;
use crate::render::packages::tests::Two;
use crate::text::Text;

fn schema() -> Value {
    json!({ "properties": {
        "memory": { "x-unit": "MB" },
        "timeout": { "x-unit": "s" },
        "code": { "x-package": true },
        "environment": { "additionalProperties": {} },
        "routes": { "additionalProperties": { "x-summary": ["function"] } },
        "name": { "x-replace": true }
    }})
}

fn change(addr: &str, action: Action, live: Option<Value>, wanted: Option<Value>) -> Change {
    let mut changes = fields(live.as_ref(), wanted.as_ref(), &schema());
    drift(
        &mut changes,
        Some(&json!({"description": ""})),
        None,
        &schema(),
    );
    let calls = ["A", "B"].map(|call| json!({ "call": call, "step": "step" }));
    let form = json!({
        "addr": addr, "action": action, "op": "op1", "before": live, "after": wanted,
        "fields": changes, "calls": calls, "needs": [],
    });
    serde_json::from_value(form).unwrap()
}

fn empty() -> Plan {
    Plan {
        format: FORMAT,
        project: "hello-world".into(),
        env: Some("prod".into()),
        account: "604370441254".into(),
        region: "eu-central-1".into(),
        endpoint: None,
        lineage: "l".into(),
        serial: 3,
        destroy: false,
        drift: false,
        changes: Vec::new(),
        names: BTreeMap::new(),
        notices: Vec::new(),
        warnings: Vec::new(),
        outputs: BTreeMap::new(),
        former: BTreeMap::new(),
        along: BTreeMap::new(),
        not_looked_at: Vec::new(),
        least: None,
        bound: None,
        gates: Vec::new(),
        rights: Vec::new(),
        rehearsal: None,
    }
}

/// A plan with something of everything.
pub(in crate::render) fn example() -> Plan {
    let function = change(
        "function.HelloWorld",
        Action::Update,
        Some(
            json!({"memory": 128, "timeout": 3, "description": "do not touch", "code": "old",
                    "environment": {"GREETING": "Hello", "TOKEN": {"$secret": "1"}}}),
        ),
        Some(
            json!({"memory": 512, "timeout": 10, "description": "", "code": "new",
                    "environment": {"GREETING": "Bonjour", "TOKEN": {"$secret": "2"}}}),
        ),
    );
    let api = change(
        "api.hello-world",
        Action::Update,
        Some(json!({"routes": {}})),
        Some(json!({"routes": {"GET /status": {"function": "function.Status"}}})),
    );
    let mut role = change(
        "role.hello",
        Action::Replace,
        Some(json!({"name": "a"})),
        Some(json!({"name": "b"})),
    );
    role.moved_from = Some(Addr::root_of("role", "hallo"));
    let mut gone = change(
        "function.Status",
        Action::Create,
        None,
        Some(json!({"memory": 128, "name": "Status"})),
    );
    gone.reason = Some("gone from AWS".into());
    let mut learned = change("policy.p", Action::Learn, None, None);
    learned.calls.clear();
    let old = change(
        "policy.old",
        Action::Delete,
        Some(json!({"name": "x"})),
        None,
    );
    let url = Text::from_pieces([
        crate::text::Piece::Lit("https://".into()),
        crate::text::Piece::Ref {
            addr: Addr::root_of("api", "hello-world"),
            output: "id".into(),
        },
    ]);
    let notice = Notice {
        addr: Addr::parse("function.HelloWorld").unwrap(),
        fields: Vec::new(),
        text: Some("another project may invoke it: statement shop-prod-web".into()),
    };
    Plan {
        changes: vec![api, function, gone, learned, old, role],
        notices: vec![notice],
        outputs: BTreeMap::from([(
            "url".to_owned(),
            Output {
                value: url,
                secret: false,
            },
        )]),
        along: BTreeMap::new(),
        not_looked_at: vec!["tags of 3 functions (--refresh fast)".into()],
        ..empty()
    }
}

#[test]
fn a_plan_reads_from_top_to_bottom() {
    assert_eq!(
        plan(&example(), &Two, &Style::default()),
        "\
hello-world · env prod · account 604370441254 · eu-central-1

  ~ api.hello-world
      + GET /status → function.Status
  ~ function.HelloWorld
      code          4 of 4 files changed · 48.2 → 50.3 KB
        ~ index.js  +3 −1
        + lib/a.js  2.0 KB
        ~ logo.png  300 → 400 B
        - readme
      description   \"do not touch\" → \"\"    ! changed outside slp
      environment
        ~ GREETING  \"Hello\" → \"Bonjour\"
        ~ TOKEN     (secret, changed)
      memory        128 → 512 MB
      timeout       3 → 10 s
  + function.Status  (gone from AWS)
      memory        128 MB
  - policy.old
  -/+ role.hello  (moved from role.hallo)
      name          \"a\" → \"b\"    forces replacement

Found, and left alone:
  ! function.HelloWorld  another project may invoke it: statement shop-prod-web

Outputs:
  url = \"https://<api.hello-world.id>\"

Not looked at: tags of 3 functions (--refresh fast)

Plan: 1 to create, 2 to update, 1 to replace, 1 to delete · 10 AWS calls
"
    );
}

#[test]
fn nothing_to_do_is_one_line() {
    let style = Style::default();
    let mut nothing = empty();
    nothing
        .changes
        .push(change("role.x", Action::Learn, None, None));
    nothing.changes[0].calls.clear();
    assert_eq!(
        plan(&nothing, &NoPackages, &style),
        "Nothing to do: AWS is as slp.toml says.\n"
    );
    nothing.destroy = true;
    assert_eq!(
        plan(&nothing, &NoPackages, &style),
        "Nothing to do: nothing of hello-world is left in AWS.\n"
    );
    (nothing.destroy, nothing.drift) = (false, true);
    assert_eq!(
        plan(&nothing, &NoPackages, &style),
        "No drift: AWS is as the last apply left it.\n"
    );
    nothing.notices = example().notices;
    let told = plan(&nothing, &NoPackages, &style);
    assert!(told.ends_with("\nNothing to put back; what is told above is to be looked at.\n"));
    assert!(!told.contains("No drift"), "{told}");
}

#[test]
fn what_takes_no_call_is_told_all_the_same() {
    let mut forgetful = empty();
    let mut forgotten = change("role.x", Action::Forget, None, None);
    forgotten.calls.clear();
    forgetful.changes.push(forgotten);
    let text = plan(&forgetful, &NoPackages, &Style::default());
    assert!(
        text.contains("× role.x  (left in AWS, dropped from state)"),
        "{text}"
    );
    assert!(
        text.ends_with("Plan: 1 to forget · no AWS calls\n"),
        "{text}"
    );
}

#[test]
fn what_is_taken_over_as_it_is_differs_in_nothing() {
    let mut over = change("role.x", Action::Import, None, None);
    assert_eq!(notes(&over), "taken over as it is in AWS");
    let other = json!({ "description": "x" });
    over.fields = fields(Some(&json!({})), Some(&other), &schema());
    assert_eq!(notes(&over), "taken over");
}

#[test]
fn what_aws_lets_through_slowly_is_told_beforehand() {
    let mut slow = empty();
    slow.changes
        .push(change("api.x", Action::Create, None, None));
    slow.least = Some(Least {
        seconds: 95.4,
        limit: "CreateDeployment: 1 in 5 s".into(),
    });
    let text = plan(&slow, &NoPackages, &Style::default());
    let end =
        "Plan: 1 to create · 2 AWS calls · at least 1 min 36 s (CreateDeployment: 1 in 5\n  s)\n";
    assert!(text.ends_with(end), "{text}");
}

#[test]
fn a_long_reason_goes_below_its_address() {
    let mut long = empty();
    let mut replaced = change("api.hello-world.stage.test", Action::Replace, None, None);
    replaced.reason =
        Some("api.hello-world is replaced, and what stands under it is made anew with it".into());
    long.changes.push(replaced);
    let text = plan(&long, &NoPackages, &Style::default());
    assert!(text.lines().all(|line| columns(line) <= 80), "{text}");
    assert!(
        text.contains("-/+ api.hello-world.stage.test\n      (api.hello-world is"),
        "{text}"
    );
}

#[test]
fn colour_adds_nothing_but_colour() {
    let bright = Style {
        color: true,
        ..Style::default()
    };
    let colored = plan(&example(), &Two, &bright);
    let mut plain = String::new();
    let mut inside = false;
    for c in colored.chars() {
        match c {
            '\u{1b}' => inside = true,
            'm' if inside => inside = false,
            c if !inside => plain.push(c),
            _ => {}
        }
    }
    assert!(colored.contains('\u{1b}'));
    assert_eq!(plain, plan(&example(), &Two, &Style::default()));
}

#[test]
fn no_secret_is_printed() {
    let mut plan_of_secrets = empty();
    plan_of_secrets.changes.push(change(
        "function.X",
        Action::Update,
        Some(json!({"environment": {"TOKEN": "in the clear"}, "plain": "was open"})),
        Some(json!({"environment": {"TOKEN": {"$secret": "d1"}}, "plain": {"$template": ["p", {"var": "s"}]}})),
    ));
    let text = plan(&plan_of_secrets, &NoPackages, &Style::default());
    for secret in ["in the clear", "was open", "d1"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn a_doubt_is_told_in_the_page_in_brief_and_beside_nothing_to_do() {
    let warning = Notice {
        addr: Addr::parse("role.r").unwrap(),
        fields: Vec::new(),
        text: Some("slp knows no service `x`".into()),
    };
    let mut doubtful = example();
    doubtful.warnings = vec![warning.clone()];
    let style = Style::default();
    let told = "Warnings:\n  ! role.r  slp knows no service `x`\n";
    assert!(plan(&doubtful, &NoPackages, &style).contains(told));
    assert!(brief(&doubtful, &style).ends_with(told));
    let idle = Plan {
        warnings: vec![warning],
        ..empty()
    };
    assert!(plan(&idle, &NoPackages, &style).contains(told));
}

#[test]
fn what_a_target_takes_along_is_one_line_in_every_form() {
    let mut plan = example();
    let along = [
        ("api.shop", "function.F.permission.api needs it"),
        ("function.G", "api.shop needs it"),
    ];
    plan.along = along
        .map(|(addr, why)| (Addr::parse(addr).unwrap(), why.to_owned()))
        .into();
    let text = super::plan(
        &plan,
        &NoPackages,
        &Style {
            width: 200,
            ..Style::default()
        },
    );
    let line = "Beside --target: api.shop, because function.F.permission.api needs it; function.G, because api.shop needs it";
    assert!(text.lines().any(|one| one == line), "{text}");
    let narrow = super::plan(
        &plan,
        &NoPackages,
        &Style {
            width: 60,
            ..Style::default()
        },
    );
    assert!(
        narrow
            .lines()
            .all(|line| columns(line) <= 60 || !line.contains("because"))
    );
}
