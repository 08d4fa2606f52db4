//! `protect = true` counts from the moment it is written, in every command that takes away.

use super::*;

const MANIFEST: &str = r#"[project]
name = "kept"
default_env = "prod"
[env.prod]
[role.run]
trust = "lambda.amazonaws.com"
[defaults.function]
runtime = "nodejs22.x"
handler = "index.helloworld"
role = "run"
code = "src"
[function.F]
logging = { retention_days = 7 }
[function.F.alias.live]
[function.G]
"#;

impl Stand {
    async fn kept() -> Stand {
        let stand = Stand::of("hello-world");
        std::fs::write(stand.path("slp.toml"), MANIFEST).expect("written");
        stand.run(false).await.expect("deployed");
        stand
    }

    fn protects(&self, header: &str) {
        self.change("slp.toml", header, &format!("{header}\nprotect = true"));
    }

    /// Refused, and nothing was changed.
    async fn keeps(&self, destroy: bool, words: &[&str], says: &str) {
        let before = rows(&self.cloud);
        let (code, said) = self.with(destroy, words).await;
        assert_eq!(code, 1, "destroy {destroy} {words:?}: {said}");
        assert!(said.contains(says), "no {says:?} in {said}");
        assert_eq!(before, rows(&self.cloud), "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_manifests_word_counts_before_it_is_applied() {
    let stand = Stand::kept().await;
    stand.protects("[function.F]");
    let told = "function.F is protected and would be destroyed";
    stand.keeps(true, &[], told).await;
    stand.keeps(true, &["--target", "role.run"], told).await;
    let replaced = "function.F is protected and would be replaced";
    stand
        .keeps(false, &["--replace", "function.F"], replaced)
        .await;
    for child in ["function.F.alias.live", "function.F.log_group"] {
        let under = "it stands under function.F, which is protected";
        stand.keeps(true, &["--target", child], under).await;
    }
    // What has nothing to do with it goes.
    let (code, said) = stand.with(true, &["--target", "function.G"]).await;
    assert_eq!(code, 0, "{said}");
}

#[tokio::test(start_paused = true)]
async fn a_plan_shows_what_becomes_protected() {
    let stand = Stand::kept().await;
    stand.protects("[function.F]");
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("~ function.F"), "{said}");
    assert!(
        said.contains("protect") && said.contains("false → true"),
        "{said}"
    );
    assert!(said.contains("no AWS calls"), "{said}");
    assert_eq!(stand.stored("function.F")["protect"], true);
    let (_, said) = stand.with(false, &[]).await;
    assert!(said.contains("Nothing to do"), "{said}");
    stand.change("slp.toml", "protect = true", "protect = false");
    let (_, said) = stand.with(false, &[]).await;
    assert!(said.contains("true → false"), "{said}");
    stand.with(true, &[]).await;
    assert_eq!(stand.state(), Vec::<String>::new(), "nothing is left");
}

#[tokio::test(start_paused = true)]
async fn what_an_environment_omits_stays_protected() {
    for protected in [
        "[function.F]",
        "[defaults.function]",
        "[function.F.alias.live]",
    ] {
        let stand = Stand::kept().await;
        stand.protects(protected);
        stand.change(
            "slp.toml",
            "[env.prod]",
            "[env.prod]\nomit = [\"function.F\"]",
        );
        stand
            .keeps(false, &[], "is protected and would be destroyed")
            .await;
        stand
            .keeps(true, &[], "is protected and would be destroyed")
            .await;
    }
    let stand = Stand::kept().await;
    stand.change(
        "slp.toml",
        "[env.prod]",
        "[env.prod]\nomit = [\"function.F\"]",
    );
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 0, "nobody protects it: {said}");
}

#[tokio::test(start_paused = true)]
async fn a_protected_child_holds_back_its_parent() {
    let stand = Stand::kept().await;
    stand.protects("[function.F.alias.live]");
    let child = "function.F.alias.live";
    let told = "function.F.alias.live is protected and would be destroyed";
    stand.keeps(true, &["--target", "function.F"], told).await;
    let before = rows(&stand.cloud);
    // Left out, it stays, and so does what it stands under.
    let words = ["--exclude", child, "--exclude", "function.G"];
    let (code, said) = stand.with(true, &words).await;
    assert_eq!(code, 0, "{said}");
    let function = |rows: &[String]| rows.iter().filter(|row| row.contains("lambda")).count();
    assert_eq!(function(&before), function(&rows(&stand.cloud)), "{said}");
}

#[tokio::test(start_paused = true)]
async fn another_name_is_a_replacement_and_refused_as_one() {
    let stand = Stand::kept().await;
    stand.change(
        "slp.toml",
        "[function.G]",
        "[function.G]\nname = \"H\"\nprotect = true",
    );
    stand
        .keeps(false, &[], "function.G is protected and would be replaced")
        .await;
}
