//! The AWS CLI: it, and not slp, says what is there.

use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use super::root;

#[derive(Clone)]
pub struct Aws {
    endpoint: String,
}

impl Aws {
    pub fn at(endpoint: &str) -> Aws {
        Aws {
            endpoint: endpoint.to_owned(),
        }
    }

    /// Runs `aws …`, words split at spaces; the answer is null where AWS gives none.
    pub fn run(&self, line: &str) -> Value {
        let words: Vec<&str> = line.split_whitespace().collect();
        self.with(&words)
    }

    /// The same, for words that hold spaces.
    pub fn with(&self, words: &[&str]) -> Value {
        match self.tried(words) {
            Ok(value) => value,
            Err(error) => panic!("aws {words:?}: {error}"),
        }
    }

    /// The answer, or what AWS said instead.
    pub fn tried(&self, words: &[&str]) -> Result<Value, String> {
        let output = self
            .command()
            .args(words)
            .output()
            .expect("the AWS CLI runs");
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        match output.stdout.is_empty() {
            true => Ok(Value::Null),
            false => Ok(serde_json::from_slice(&output.stdout).expect("JSON")),
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(program());
        command.args(["--endpoint-url", &self.endpoint, "--output", "json"]);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("AWS_") {
                command.env_remove(name);
            }
        }
        command.envs(CREDENTIALS).env("AWS_PAGER", "");
        command
    }

    /// The function's configuration; `None` where there is no such function.
    pub fn function(&self, name: &str) -> Option<Value> {
        let words = ["lambda", "get-function", "--function-name", name];
        self.found(&words, "ResourceNotFoundException")
    }

    fn found(&self, words: &[&str], absent: &str) -> Option<Value> {
        match self.tried(words) {
            Ok(value) => Some(value),
            Err(error) if error.contains(absent) => None,
            Err(error) => panic!("aws {words:?}: {error}"),
        }
    }

    /// The REST APIs with this name.
    pub fn apis(&self, name: &str) -> Vec<Value> {
        let all = self.run("apigateway get-rest-apis");
        let named = list(&all, "items").into_iter();
        named.filter(|api| api["name"] == name).collect()
    }

    /// Every API, function, policy and role whose name begins so: `role x`, …, sorted. Log
    /// groups are not slp's unless a retention is set: Lambda makes them, and they stay.
    pub fn inventory(&self, prefix: &str) -> Vec<String> {
        let mut names = Vec::new();
        for (kind, question, items, name) in [
            ("api", "apigateway get-rest-apis", "items", "name"),
            (
                "function",
                "lambda list-functions",
                "Functions",
                "FunctionName",
            ),
            (
                "policy",
                "iam list-policies --scope Local",
                "Policies",
                "PolicyName",
            ),
            ("role", "iam list-roles", "Roles", "RoleName"),
        ] {
            let found = list(&self.run(question), items).into_iter();
            let own = found.map(|item| item[name].as_str().unwrap_or_default().to_owned());
            let own = own.filter(|name| name.starts_with(prefix));
            names.extend(own.map(|name| format!("{kind} {name}")));
        }
        names.sort();
        names
    }
}

/// A list in an answer; an absent one is empty.
pub fn list(answer: &Value, key: &str) -> Vec<Value> {
    answer[key].as_array().cloned().unwrap_or_default()
}

/// What any AWS client needs, and no emulator looks at.
pub const CREDENTIALS: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_DEFAULT_REGION", "us-east-1"),
];

fn program() -> &'static PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let script = root().join("tests/emulators/awscli.py");
        let output = Command::new("python3")
            .arg(script)
            .output()
            .expect("python3 runs");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        PathBuf::from(said.trim())
    })
}
