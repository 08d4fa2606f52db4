//! Log groups that were there before slp, that several functions share, and that stay.

use serde_json::json;

use super::*;

const GROUP: &str = "/aws/lambda/F";

/// A function, with this for its logging.
fn manifest(logging: &str) -> String {
    format!(
        "[project]\nname = \"logs\"\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n{}",
        function("F", logging)
    )
}

fn function(name: &str, logging: &str) -> String {
    format!(
        "[function.{name}]\nruntime = \"nodejs22.x\"\nhandler = \"index.helloworld\"\n\
         role = \"run\"\ncode = \"src\"\nlogging = {{ {logging} }}\n"
    )
}

impl Stand {
    fn of_logs(logging: &str) -> Stand {
        let stand = Stand::of("hello-world");
        stand.wants(&manifest(logging));
        stand
    }

    fn wants(&self, manifest: &str) {
        std::fs::write(self.path("slp.toml"), manifest).expect("written");
    }

    async fn group(&self, name: &str) -> Option<Value> {
        let asked = json!({ "logGroupNamePrefix": name });
        let answer = self.logs("DescribeLogGroups", asked).await;
        let groups = answer["logGroups"].as_array().cloned().unwrap_or_default();
        groups
            .into_iter()
            .find(|group| group["logGroupName"] == name)
    }

    async fn made_by_hand(&self, tags: Value) {
        let group = json!({ "logGroupName": GROUP, "tags": tags });
        self.logs("CreateLogGroup", group).await;
        let days = json!({ "logGroupName": GROUP, "retentionInDays": 3653 });
        self.logs("PutRetentionPolicy", days).await;
    }

    async fn does(&self, destroy: bool, says: &[&str]) {
        let (code, said) = self.with(destroy, &[]).await;
        assert_eq!(code, 0, "{said}");
        // Wherever a line is broken.
        let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in says {
            assert!(words.contains(part), "no {part:?} in {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_exists_is_shown_and_stays() {
    let stand = Stand::of_logs("retention_days = 14");
    stand.made_by_hand(json!({})).await;
    let shown = [
        "→ function.F.log_group",
        "it exists already",
        "3653 → 14 days",
        "AWS deletes what is older than 14 days",
    ];
    stand.does(false, &shown).await;
    let group = stand.group(GROUP).await.expect("it is there");
    assert_eq!(group["retentionInDays"], 14);
    stand.does(false, &["Nothing to do"]).await;
    stand
        .does(true, &["× function.F.log_group", "slp did not make it"])
        .await;
    assert!(stand.group(GROUP).await.is_some(), "it stays");
}

#[tokio::test(start_paused = true)]
async fn one_of_another_project_is_refused() {
    let stand = Stand::of_logs("retention_days = 14");
    let tags = json!({"slp:project": "theirs", "slp:env": "-", "slp:region": "us-east-1"});
    stand.made_by_hand(tags).await;
    let before = rows(&stand.cloud);
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("slp project theirs"), "{said}");
    assert_eq!(before, rows(&stand.cloud));
}

#[tokio::test(start_paused = true)]
async fn one_that_slp_made_goes_with_its_function() {
    for ownership in ["tags", "state"] {
        let stand = Stand::of_logs("retention_days = 14");
        stand.change(
            "slp.toml",
            "[role.run]",
            &format!("ownership = \"{ownership}\"\n[role.run]"),
        );
        stand.does(false, &["+ function.F.log_group"]).await;
        stand.does(true, &["- function.F.log_group"]).await;
        assert_eq!(stand.group(GROUP).await, None, "{ownership}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_the_field_the_group_and_its_events_stay() {
    let stand = Stand::of_logs("retention_days = 14");
    stand.does(false, &[]).await;
    let made = stand.group(GROUP).await.expect("made");
    stand.wants(&manifest("format = \"text\""));
    let left = ["× function.F.log_group", "does not manage it any more"];
    stand.does(false, &left).await;
    assert_eq!(stand.group(GROUP).await, Some(made));
    // What was forgotten is taken over again, and not in silence.
    stand.wants(&manifest("retention_days = 14"));
    stand
        .does(false, &["→ function.F.log_group", "it exists already"])
        .await;
    stand.does(false, &["Nothing to do"]).await;
    stand.does(true, &["- function.F.log_group"]).await;
    assert_eq!(stand.group(GROUP).await, None);
}

#[tokio::test(start_paused = true)]
async fn another_group_leaves_the_first_as_it_is() {
    let stand = Stand::of_logs("retention_days = 14");
    stand.does(false, &[]).await;
    stand.wants(&manifest("retention_days = 14, group = \"/other\""));
    stand
        .does(
            false,
            &["+ function.F.log_group", "/aws/lambda/F stays in AWS"],
        )
        .await;
    assert!(stand.group(GROUP).await.is_some(), "its events stay");
    assert!(stand.group("/other").await.is_some());
    stand.does(false, &["Nothing to do"]).await;
}

#[tokio::test(start_paused = true)]
async fn what_another_function_logs_to_is_not_deleted() {
    let shared = "retention_days = 14, group = \"/shared\"";
    let first = manifest(shared);
    let both = first.clone() + &function("G", shared);
    let plain = first.clone() + &function("G", "group = \"/shared\"");
    for (others, kept) in [
        (&both, "function.G logs to it"),
        (&plain, "function.G logs to it"),
    ] {
        let stand = Stand::of_logs(shared);
        stand.wants(others);
        stand.does(false, &[]).await;
        stand.does(false, &["Nothing to do"]).await;
        let without = others.replace(&function("F", shared), "");
        stand.wants(&without);
        stand.does(false, &["× function.F.log_group", kept]).await;
        assert!(stand.group("/shared").await.is_some());
    }
    let stand = Stand::of_logs(shared);
    stand.wants(&both);
    stand.does(false, &[]).await;
    stand
        .does(true, &["- function.F.log_group", "- function.G.log_group"])
        .await;
    assert_eq!(
        stand.group("/shared").await,
        None,
        "nobody logs to it any more"
    );
}

#[tokio::test(start_paused = true)]
async fn what_somebody_elses_function_logs_to_is_not_deleted() {
    let shared = "retention_days = 14, group = \"/shared\"";
    let stand = Stand::of_logs(shared);
    stand.does(false, &[]).await;
    let mut theirs = Stand::of_logs("group = \"/shared\"");
    theirs.cloud = stand.cloud.clone();
    let names = "name = \"theirs\"\nname_prefix = \"their-\"";
    theirs.change("slp.toml", "name = \"logs\"", names);
    theirs.does(false, &[]).await;
    let kept = ["× function.F.log_group", "the function their-F logs to it"];
    stand.does(true, &kept).await;
    assert!(stand.group("/shared").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_function_made_anew_keeps_its_log_group() {
    let stand = Stand::of_logs("retention_days = 14");
    stand.does(false, &[]).await;
    let made = stand.group(GROUP).await;
    let (code, said) = stand.with(false, &["--replace", "function.F"]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(stand.group(GROUP).await, made);
}
