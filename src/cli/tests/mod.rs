//! Whole commands on an embedded cloud of their own, in this process: no socket, no waiting,
//! so that there can be thousands of runs.

#![expect(clippy::print_stderr, reason = "how much was tried is told")]

mod answers;
mod cases;
mod histories;
mod import;
mod kill;
mod log_groups;
mod names;
mod outage;
mod owner;
mod pages;
mod permissions;
mod picture;
mod progress;
mod protect;
mod rehearse;
mod sent;
mod strays;
mod told;
mod waits;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use serde_json::Value;
use tempfile::TempDir;

use super::apply;
use super::args::{Cli, Global, Scope};
use super::embedded::Local;
use super::failure::Failure;
use super::open::{self, Project};
use super::place;
use super::plan;
use super::printer::Printer;
use crate::aws::Aws;
use crate::local::Cloud;
use crate::local::testing::{URL, cloud, query, rows};
use crate::manifest::{Backend, StatePlace};

/// One of the repository's examples, with a cloud to itself.
struct Stand {
    cloud: Arc<Cloud>,
    folder: TempDir,
    /// Is its state in the cloud's bucket `states`?
    in_bucket: bool,
}

impl Stand {
    fn of(example: &str) -> Stand {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
        copy(&from.join(example), folder.path());
        let cloud = cloud();
        cloud.faults().settle_in(std::time::Duration::ZERO);
        Stand {
            cloud,
            folder,
            in_bucket: false,
        }
    }

    /// One of every kind.
    fn of_every_kind() -> Stand {
        let stand = Stand::of("hello-world");
        let everything = include_str!("everything.toml");
        std::fs::write(stand.path("slp.toml"), everything).expect("written");
        stand
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Replaces the one place where `from` stands in a file.
    fn change(&self, file: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(file)).expect("the file");
        assert_eq!(text.matches(from).count(), 1, "{from} in {file}");
        std::fs::write(self.path(file), text.replace(from, to)).expect("written");
    }

    /// `slp apply --yes`, or `slp destroy --yes`; how many changing calls there were.
    async fn run(&self, destroy: bool) -> Result<usize, Failure> {
        self.cloud.faults().plan([]);
        self.work(destroy).await?;
        let calls = self.cloud.faults().calls();
        Ok(calls.iter().filter(|call| call.changing).count())
    }

    /// The same, with the faults that are planned, to its good end.
    async fn work(&self, destroy: bool) -> Result<(), Failure> {
        let code = self.tried(destroy).await?;
        assert_eq!(code, 0, "something failed");
        Ok(())
    }

    /// The same, to any end; the exit code.
    async fn tried(&self, destroy: bool) -> Result<u8, Failure> {
        self.told(destroy).await.0
    }

    /// The same, with all that was printed.
    async fn told(&self, destroy: bool) -> (Result<u8, Failure>, String) {
        let printer = Printer::mute();
        let ended = self.printed(destroy, &printer).await;
        (ended, printer.said())
    }

    async fn printed(&self, destroy: bool, printer: &Printer) -> Result<u8, Failure> {
        self.part(&one_by_one(), destroy, printer).await
    }

    /// The same, of a part of the work.
    async fn part(&self, part: &Scope, destroy: bool, printer: &Printer) -> Result<u8, Failure> {
        let global = Global {
            events: printer.listener(),
            ..self.global()
        };
        let (mut project, aws) = self.opened(&global).await?;
        if destroy {
            project.desired = plan::nothing(&project.desired);
        }
        apply::carry_out(&global, project, aws, part, true, destroy, printer).await
    }

    fn global(&self) -> Global {
        let file = self.path("slp.toml").display().to_string();
        Cli::parse_from(["slp", "apply", "--local", "--file", &file]).global
    }

    async fn open(&self) -> Result<(Project, Aws), Failure> {
        self.opened(&self.global()).await
    }

    async fn opened(&self, global: &Global) -> Result<(Project, Aws), Failure> {
        let local = Local::here(self.cloud.clone(), URL, self.path(".slp/local/state"));
        let parallelism = one_by_one().parallelism;
        let (mut project, aws) = open::online_at(global, Some(&local), parallelism).await?;
        if self.in_bucket {
            let place = StatePlace {
                backend: Backend::S3,
                bucket: Some("states".into()),
                ..StatePlace::default()
            };
            let store = place::remote(&place, "state.json".into(), self.folder.path(), &aws);
            project.store = Arc::new(store);
        }
        Ok((project, aws))
    }

    /// All that the cloud holds and all that the state says, without what is other each time.
    fn picture(&self) -> Vec<String> {
        let mut lines = rows(&self.cloud);
        lines.extend(self.state());
        picture::without_made_up(lines)
    }

    fn state(&self) -> Vec<String> {
        let folder = self.path(".slp/local/state");
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path());
        let states = files.filter(|path| path.extension().is_some_and(|e| e == "json"));
        states.flat_map(|path| resources(&path)).collect()
    }
}

/// Makes a role that is nobody's.
async fn make_role(stand: &Stand, name: &str) {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}}"#;
    let create = [
        ("Action", "CreateRole"),
        ("Version", "2010-05-08"),
        ("RoleName", name),
        ("AssumeRolePolicyDocument", trust),
    ];
    assert_eq!(query(&stand.cloud, "iam", &create).await.0, 200);
}

/// One call after the other, so that the n-th is the same in every run.
fn one_by_one() -> Scope {
    Scope {
        parallelism: 1,
        ..Scope::default()
    }
}

fn resources(state: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(state).expect("the state");
    let state: Value = serde_json::from_str(&text).expect("JSON");
    let resources: BTreeMap<String, Value> =
        serde_json::from_value(state["resources"].clone()).expect("resources");
    let lines = resources.into_iter();
    lines
        .map(|(addr, stored)| format!("state {addr} {stored}"))
        .collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("the example").flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        match path.is_dir() {
            true => copy(&path, &to),
            false => {
                std::fs::copy(&path, &to).expect("copied");
            }
        }
    }
}
