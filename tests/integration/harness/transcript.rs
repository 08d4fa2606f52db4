//! Runs as text, compared with a file: what differs from one run to the next is named.

use std::fs;

use serde_json::Value;

use super::root;
use super::run::Run;
use super::sandbox::Sandbox;

/// Compares the runs with `transcripts/<name>.txt`; with UPDATE_TRANSCRIPTS=1 writes it.
pub fn transcript(name: &str, sandbox: &Sandbox, runs: &[Run]) {
    let text: Vec<String> = runs.iter().map(Run::to_string).collect();
    let file = format!("tests/integration/transcripts/{name}.txt");
    told(&file, sandbox, &text.join("\n"));
}

/// Compares a text with a file of the repository, or writes it.
pub fn told(file: &str, sandbox: &Sandbox, text: &str) {
    let text = normal(text, sandbox);
    let file = root().join(file);
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        return fs::write(file, text).expect("a transcript");
    }
    let expected = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        expected == text,
        "{} is not what slp prints now; look at the difference, and if it is right run the \
         tests with UPDATE_TRANSCRIPTS=1:\n{}",
        file.display(),
        difference(&expected, &text)
    );
}

fn difference(expected: &str, text: &str) -> String {
    similar::TextDiff::from_lines(expected, text)
        .unified_diff()
        .header("expected", "now")
        .to_string()
}

/// Without ports, folders, times and the ids that AWS invents.
fn normal(text: &str, sandbox: &Sandbox) -> String {
    let folder = sandbox.path("");
    let mut text = text.replace(folder.to_str().expect("a plain path"), "<folder>/");
    for (id, name) in ids(sandbox) {
        text = text.replace(&id, &name);
    }
    let lines = text.split('\n').filter(|line| !is_slow(line));
    let lines: Vec<String> = lines.map(line).collect();
    lines.join("\n")
}

/// What lasts over a second is told, and what does is a matter of chance.
fn is_slow(line: &str) -> bool {
    let phases = [
        "asking ",
        "reading ",
        "looking for ",
        "taking the lock on ",
        "saving the ",
        "packing code",
        "letting go of the lock",
    ];
    let text = line.trim_start_matches("still ");
    phases.iter().any(|phase| text.starts_with(phase)) || line.contains("  still being ")
}

/// The ids that AWS invented, from the state and its backup.
fn ids(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    let states = sandbox.files().into_iter();
    for file in states.filter(|path| path.to_string_lossy().contains(".json")) {
        let text = fs::read_to_string(&file).unwrap_or_default();
        let Ok(state) = serde_json::from_str::<Value>(&text) else {
            continue;
        };
        for (addr, stored) in state["resources"].as_object().into_iter().flatten() {
            collect(addr, &stored["outputs"], &mut ids);
        }
    }
    ids
}

fn collect(addr: &str, outputs: &Value, ids: &mut Vec<(String, String)>) {
    for (key, value) in outputs.as_object().into_iter().flatten() {
        let invented = key.ends_with("id") || key.ends_with("deployment");
        if let (true, Some(id)) = (invented, value.as_str()) {
            let key = key.rsplit('.').next().unwrap_or(key);
            ids.push((id.to_owned(), format!("<{addr}.{key}>")));
        }
    }
}

fn line(line: &str) -> String {
    let mut words: Vec<String> = line.split(' ').map(port).collect();
    for n in 1..words.len() {
        if words[n] == "s" && words[n - 1].contains('.') && words[n - 1].parse::<f64>().is_ok() {
            words[n - 1] = "0.0".into();
        }
        let unit = words[n].trim_end_matches(',');
        if unit == "ms" && words[n - 1].parse::<f64>().is_ok() {
            words[n - 1] = "0.0".into();
        }
        // How often something was tried again within its time is a matter of chance.
        if words[n - 1] == "(waited" {
            words[n] = "000".into();
        }
    }
    words.join(" ")
}

fn port(word: &str) -> String {
    let Some((before, after)) = word.split_once("http://127.0.0.1:") else {
        return word.to_owned();
    };
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}http://127.0.0.1:PORT{rest}")
}
