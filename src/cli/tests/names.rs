//! What gets another name in AWS is made under it, and used, before the old one goes.

use super::kill;
use super::*;
use crate::local::{AwsError, Fault, Moment, What};

const MANIFEST: &str = r#"[project]
name = "shop"
[gates]
[role.run]
trust = "lambda.amazonaws.com"
attach = ["own"]
[policy.own]
[[policy.own.allow]]
actions = ["s3:GetObject"]
resources = ["*"]
[defaults.function]
runtime = "nodejs22.x"
handler = "index.helloworld"
role = "run"
code = "src"
[function.F]
logging = { retention_days = 7 }
[function.F.alias.live]
[function.F.permission.p]
principal = "s3.amazonaws.com"
source_arn = "arn:aws:s3:::b"
[api.a]
[api.a.routes]
"GET /x" = { function = "F:live" }
[api.a.stage.v1]
"#;

impl Stand {
    async fn named() -> Stand {
        let stand = Stand::of("hello-world");
        std::fs::write(stand.path("slp.toml"), MANIFEST).expect("written");
        stand.run(false).await.expect("deployed");
        stand
    }

    /// The changing calls of one run, in order, and what it said.
    async fn calls(&self, words: &[&str]) -> (Vec<String>, String) {
        self.cloud.faults().plan([]);
        let words: Vec<&str> = words
            .iter()
            .chain(&["--parallelism", "1"])
            .copied()
            .collect();
        let (code, said) = self.with(false, &words).await;
        assert_eq!(code, 0, "{said}");
        let calls = self.cloud.faults().calls().into_iter();
        let changing = calls.filter(|call| call.changing);
        (changing.map(|call| call.operation).collect(), said)
    }

    async fn is_idle(&self) {
        let (calls, said) = self.calls(&[]).await;
        assert_eq!(calls, Vec::<String>::new(), "{said}");
        let olds = self
            .state()
            .into_iter()
            .filter(|line| line.contains("@old"));
        assert_eq!(olds.count(), 0, "nothing is left behind");
    }
}

/// In the order in which they must come.
fn in_order(calls: &[String], wanted: &[&str]) {
    let mut rest = calls.iter();
    for one in wanted {
        assert!(
            rest.any(|call| call == one),
            "{one} is not in its place: {calls:?}"
        );
    }
}

const MOVED: &str = "[[moved]]\nfrom = \"function.F\"\nto = \"function.G\"\n";

/// Another address, and so another name.
fn moves(stand: &Stand) {
    let text = MANIFEST
        .replace("function.F", "function.G")
        .replace("F:live", "G:live");
    std::fs::write(stand.path("slp.toml"), text + MOVED).expect("written");
}

/// Another name at the same addresses: of all that can be named.
fn renames(stand: &Stand) {
    stand.change(
        "slp.toml",
        "[function.F]\n",
        "[function.F]\nname = \"other\"\n",
    );
    stand.change("slp.toml", "[role.run]\n", "[role.run]\nname = \"other\"\n");
    stand.change(
        "slp.toml",
        "[policy.own]\n",
        "[policy.own]\nname = \"other\"\n",
    );
}

#[tokio::test(start_paused = true)]
async fn a_move_to_another_name_makes_the_new_one_first() {
    let stand = Stand::named().await;
    moves(&stand);
    let (calls, said) = stand.calls(&[]).await;
    in_order(&calls, &["CreateFunction", "UpdateStage", "DeleteFunction"]);
    assert!(said.contains("+ function.G  (made before F goes"), "{said}");
    assert!(
        said.contains("- function.F@old  (F: goes once function.G is made)"),
        "{said}"
    );
    stand.is_idle().await;
}

#[tokio::test(start_paused = true)]
async fn another_name_at_the_same_address_is_made_first() {
    let stand = Stand::named().await;
    renames(&stand);
    let (calls, said) = stand.calls(&[]).await;
    in_order(
        &calls,
        &[
            "CreateFunction",
            "UpdateStage",
            "DeleteFunction",
            "DeleteRole",
        ],
    );
    in_order(&calls, &["CreateRole", "CreateFunction"]);
    in_order(&calls, &["CreatePolicy", "CreateRole"]);
    assert!(said.contains("+ function.F  (made before F goes"), "{said}");
    stand.is_idle().await;
}

#[tokio::test(start_paused = true)]
async fn children_that_move_are_made_first() {
    let moved = |from: &str, to: &str| format!("[[moved]]\nfrom = \"{from}\"\nto = \"{to}\"\n");
    let cases = [
        (
            "function.F.alias.live",
            "function.F.alias.now",
            "CreateAlias",
            "DeleteAlias",
        ),
        (
            "function.F.permission.p",
            "function.F.permission.q",
            "AddPermission",
            "RemovePermission",
        ),
        (
            "api.a.stage.v1",
            "api.a.stage.v2",
            "CreateStage",
            "DeleteStage",
        ),
    ];
    for (from, to, first, last) in cases {
        let stand = Stand::named().await;
        let text = MANIFEST.replace(from, to);
        let text = match from.contains("alias") {
            true => text.replace("F:live", "F:now"),
            false => text,
        };
        std::fs::write(stand.path("slp.toml"), text + &moved(from, to)).expect("written");
        let (calls, said) = stand.calls(&[]).await;
        in_order(&calls, &[first, last]);
        assert!(said.contains(&format!("+ {to}")), "{said}");
        stand.is_idle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn under_the_same_name_the_old_one_goes_first_and_the_plan_says_so() {
    let stand = Stand::named().await;
    let (calls, said) = stand.calls(&["--replace", "function.F"]).await;
    in_order(&calls, &["DeleteFunction", "CreateFunction"]);
    let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        words.contains("taken away before it is made anew"),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn renames_killed_at_any_call_are_finished_by_the_next() {
    for change in [moves as fn(&Stand), renames] {
        let begin = async || {
            let stand = Stand::named().await;
            change(&stand);
            stand
        };
        kill::everywhere("renames", begin, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_taken_away_yet_can_have_its_name_back() {
    let stand = Stand::named().await;
    renames(&stand);
    let error = AwsError::new(403, "AccessDeniedException", "not today");
    stand.cloud.faults().plan([Fault {
        call: 1,
        operation: Some("DeleteFunction".to_owned()),
        changing: true,
        moment: Moment::Before,
        what: What::Error(error),
    }]);
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert_eq!(stand.stored("function.F@old")["id"], "F");
    stand.change(
        "slp.toml",
        "[function.F]\nname = \"other\"\n",
        "[function.F]\n",
    );
    let (calls, said) = stand.calls(&[]).await;
    assert!(
        !calls.contains(&"CreateFunction".to_owned()),
        "it is there: {said}"
    );
    in_order(&calls, &["DeleteFunction"]);
    assert_eq!(stand.stored("function.F")["id"], "F");
    stand.is_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_taken_is_refused_before_anything_goes() {
    let stand = Stand::named().await;
    let others = Stand::of("hello-world");
    let text = MANIFEST.replace(
        "name = \"shop\"",
        "name = \"theirs\"\nname_prefix = \"their-\"",
    );
    let others = Stand {
        cloud: stand.cloud.clone(),
        ..others
    };
    std::fs::write(others.path("slp.toml"), text).expect("written");
    others.run(false).await.expect("deployed");
    stand.change(
        "slp.toml",
        "[function.F]\n",
        "[function.F]\nname = \"their-F\"\n",
    );
    let before = rows(&stand.cloud);
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("slp project theirs"), "{said}");
    assert_eq!(before, rows(&stand.cloud));
}

#[tokio::test(start_paused = true)]
async fn a_gate_for_replacements_holds_them_up() {
    for change in [moves as fn(&Stand), renames] {
        let stand = Stand::named().await;
        change(&stand);
        let (code, said) = stand.with(false, &["--gate", "replace"]).await;
        assert_eq!(code, 5, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_still_uses_it_keeps_what_goes() {
    let stand = Stand::named().await;
    renames(&stand);
    let (code, said) = stand.with(false, &["--exclude", "api.a"]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        stand.stored("function.F@old")["id"],
        "F",
        "the API calls it"
    );
    stand.calls(&[]).await;
    stand.is_idle().await;
}
