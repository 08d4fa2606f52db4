//! A folder with a project, in which the real slp runs with an environment of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::aws::CREDENTIALS;
use super::root;
use super::run::Run;
use super::running::Running;

pub struct Sandbox {
    folder: TempDir,
    env: Vec<(String, String)>,
    /// The project's name, and the beginning of the names of all it makes.
    name: String,
}

/// The examples, by name.
pub fn examples() -> Vec<String> {
    let entries = fs::read_dir(root().join("examples")).expect("examples/");
    let entries = entries.map(|entry| entry.expect("an entry"));
    let names = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name());
    let mut names: Vec<String> = names
        .map(|name| name.into_string().expect("a plain name"))
        .collect();
    names.sort();
    names
}

/// A copy of an example under another name: everything it makes begins with `<name>-`, so
/// that tests that share an emulator do not meet.
pub fn example(example: &str, name: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    copy(
        &root().join("examples").join(example),
        sandbox.folder.path(),
    );
    let own = format!("name = \"{example}\"");
    let prefixed = format!("name = \"{name}\"\nname_prefix = \"{name}-\"");
    match sandbox.read("slp.toml").contains("name_prefix = ") {
        true => sandbox
            .change(&own, &format!("name = \"{name}\""))
            .change("name_prefix = \"", &format!("name_prefix = \"{name}-")),
        false => sandbox.change(&own, &prefixed),
    };
    if example == "hello-world" {
        sandbox.change("Hello World Api", &format!("{name}-Hello World Api"));
    }
    sandbox
}

impl Sandbox {
    pub fn empty(name: &str) -> Sandbox {
        Sandbox {
            folder: tempfile::Builder::new()
                .prefix("slp-test-")
                .tempdir()
                .expect("a temporary folder"),
            env: Vec::new(),
            name: name.to_owned(),
        }
    }

    pub fn at(mut self, endpoint: &str) -> Sandbox {
        self.env.retain(|(key, _)| key != "AWS_ENDPOINT_URL");
        self.env("AWS_ENDPOINT_URL", endpoint)
    }

    pub fn env(mut self, key: &str, value: &str) -> Sandbox {
        self.env.push((key.to_owned(), value.to_owned()));
        self
    }

    /// What the names of all it makes begin with.
    pub fn prefix(&self) -> String {
        format!("{}-", self.name)
    }

    /// A name as AWS has it.
    pub fn named(&self, name: &str) -> String {
        format!("{}-{name}", self.name)
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    pub fn read(&self, relative: &str) -> String {
        fs::read_to_string(self.path(relative)).unwrap_or_else(|e| panic!("{relative}: {e}"))
    }

    pub fn write(&self, relative: &str, text: &str) -> &Sandbox {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
        self
    }

    /// Replaces what stands once in the manifest.
    pub fn change(&self, from: &str, to: &str) -> &Sandbox {
        self.change_in("slp.toml", from, to)
    }

    pub fn change_in(&self, file: &str, from: &str, to: &str) -> &Sandbox {
        let text = self.read(file);
        assert_eq!(text.matches(from).count(), 1, "{from:?} in {file}:\n{text}");
        self.write(file, &text.replace(from, to))
    }

    /// Runs slp, words split at spaces.
    pub fn slp(&self, line: &str) -> Run {
        let output = self.command(line).output().expect("slp runs");
        Run::of(line, output)
    }

    /// Begins a run, and lets the test go on.
    pub fn begin(&self, line: &str) -> Running {
        let mut command = self.command(line);
        command.stdout(Stdio::piped());
        Running::of(line, command)
    }

    /// A run that was not begun yet.
    pub fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_slp"));
        command
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", self.folder.path())
            .env("COLUMNS", "80")
            .env("NO_COLOR", "1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .envs(CREDENTIALS)
            .envs(self.env.iter().map(|(key, value)| (key, value)));
        command
    }

    /// Every file below the folder.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path),
                }
            }
        }
        found.sort();
        found
    }

    /// The one state file.
    pub fn state(&self) -> PathBuf {
        let states = self.path("state");
        let files = fs::read_dir(&states).expect("state/");
        let mut files = files.map(|entry| entry.expect("an entry").path());
        files
            .find(|path| path.extension().is_some_and(|end| end == "json"))
            .expect("a state file")
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).expect("an example") {
        let entry = entry.expect("an entry");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let ours = ["state", ".slp"].contains(&entry.file_name().to_string_lossy().as_ref());
        match path.is_dir() {
            // What somebody's own run of the example left is not the example.
            true if ours => {}
            true => {
                fs::create_dir_all(&target).expect("a folder");
                copy(&path, &target);
            }
            false => drop(fs::copy(&path, &target).expect("a copy")),
        }
    }
}
