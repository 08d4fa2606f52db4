use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::addr::Addr;
use crate::diff::{FieldChange, Shape};
use crate::render::packages::tests::Two;
use crate::render::plan::tests::example;
use crate::render::rehearsal::tests::example_rehearsal;
use crate::render::review::{Edges, Point, Section};

fn page(plan: &Plan, beside: &Beside) -> String {
    html(plan, beside, &Style::default())
}

fn addr(text: &str) -> Addr {
    Addr::parse(text).unwrap()
}

fn has(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "no {part} in {page}");
    }
}

#[test]
fn a_page_tells_everything_and_loads_nothing() {
    let sections = [Section {
        title: "Widening".into(),
        refuses: false,
        points: vec![Point {
            addr: addr("role.x"),
            text: "may <all>".into(),
        }],
    }];
    let needs = Edges::from([(addr("api.z"), BTreeSet::from([addr("function.Status")]))]);
    let beside = Beside {
        packages: &Two,
        first: &sections,
        needs: &needs,
        ..Beside::default()
    };
    let mut plan = example();
    plan.rehearsal = Some(example_rehearsal());
    let page = page(&plan, &beside);
    has(
        &page,
        &[
            "<title>slp plan of hello-world</title>",
            "<small>env prod · account 604370441254 · eu-central-1</small>",
            "<h2>Destructive <small class=\"soft\">2</small></h2>",
            "<details class=\"item replace\" id=\"role.hello\" data-addr=\"role.hello\" open>",
            "<div class=\"item delete\" id=\"policy.old\"",
            "<h2>Widening <small",
            "<code>role.x</code> may &lt;all&gt;</p>",
            "<h2>AWS would refuse this <small",
            "<span class=\"made\">+ GET /status → function.Status</span>\n",
            "<summary>Code, line by line</summary><pre>",
            "<span class=\"gone\">-b</span>\n",
            "<a href=\"#function.Status\"><g class=\"node create\"",
            "<g class=\"node same\" data-addr=\"api.z\">",
            "script-src 'sha256-",
        ],
    );
    let output = "<code>url</code> &quot;https://&lt;api.hello-world.id&gt;&quot;";
    has(&page, &["<h2>Outputs <small", output]);
    for word in ["http://", "https://"] {
        let from_outside = page.replace("http://www.w3.org/2000/svg", "");
        // As an output's text, one may be shown.
        let from_outside = from_outside.replace(output, "");
        let shown = from_outside.matches(word).count();
        assert_eq!(shown, 0, "{word}");
    }
    assert_eq!(page, html(&plan, &beside, &Style::default()));
    assert!(!page.contains("{{"));
}

#[test]
fn no_text_from_outside_becomes_an_element() {
    let evil = "</script><img src=x onerror=alert(1)>\"'{{SCRIPT}}";
    let mut plan = example();
    plan.project = evil.into();
    plan.region = evil.into();
    plan.notices[0].text = Some(evil.into());
    plan.not_looked_at = vec![evil.into()];
    for change in &mut plan.changes {
        change.reason = Some(evil.into());
        for field in &mut change.fields {
            field.path[0] = evil.into();
            field.after = Some(json!(evil));
        }
    }
    let page = page(&plan, &Beside::default());
    assert_eq!(page.matches("<img").count(), 0);
    assert_eq!(page.matches("</script>").count(), 1);
    assert_eq!(page.matches("<script>").count(), 1);
}

#[test]
fn policies_are_shown_as_documents_without_secrets() {
    let statement = |action: &str| json!({ "Effect": "Allow", "Action": action, "Resource": { "$secret": "d1g3st" } });
    let mut plan = example();
    plan.changes[0].fields = vec![FieldChange {
        path: vec!["inline".into(), "slp".into()],
        before: Some(statement("s3:GetObject")),
        after: Some(statement("s3:*")),
        shape: Shape::Statement,
        ..FieldChange::default()
    }];
    let page = page(&plan, &Beside::default());
    has(
        &page,
        &[
            "<summary>Policy statements as JSON</summary><pre>inline.slp\n",
            "<span class=\"gone\">-   &quot;Action&quot;: &quot;s3:GetObject&quot;,</span>\n",
            "<span class=\"made\">+   &quot;Action&quot;: &quot;s3:*&quot;,</span>\n",
            "&quot;Resource&quot;: &quot;(secret)&quot;",
        ],
    );
    assert!(!page.contains("d1g3st"));
}

#[test]
fn of_many_only_what_changes_and_its_neighbours_are_drawn() {
    let many: Edges = (0..300)
        .map(|n| {
            (
                addr(&format!("function.F{n}")),
                BTreeSet::from([addr("role.hello")]),
            )
        })
        .chain([(addr("api.quiet"), BTreeSet::from([addr("role.quiet")]))])
        .collect();
    let beside = Beside {
        needs: &many,
        ..Beside::default()
    };
    let page = page(&example(), &beside);
    let drawn = page.matches("<g class=\"node ").count();
    assert_eq!(drawn, 100);
    has(
        &page,
        &[
            "node replace\" data-addr=\"role.hello\"",
            "100 of 307 resources",
        ],
    );
    assert!(!page.contains("data-addr=\"role.quiet\""));
}
