//! What the Tab key offers: the names that the manifest and the state in the folder hold.
//!
//! A shell runs slp for each press of the key, with the line in `SLP_COMPLETE=SHELL slp -- WORDS`;
//! the script that `slp completions SHELL` prints does so. The way in is [`answer`]. Nothing here
//! asks a network, and what cannot be read is not offered: no press of a key prints an error.

mod known;
mod line;

use std::ffi::OsString;

use clap::CommandFactory;
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Zsh};

use super::args::{Cli, Global};
use crate::plan::Gate;
use known::Known;
use line::Place;

/// The variable that names the shell which asks.
const ASKED_BY: &str = "SLP_COMPLETE";

/// The candidates for a shell that asks for some, as it wants them; `None`: no shell asks. What a
/// shell cannot be told is an empty answer.
pub fn answer() -> Option<Vec<u8>> {
    let shell = std::env::var(ASKED_BY).ok()?;
    let mut words = std::env::args_os().skip_while(|word| word != "--");
    words.next();
    let words: Vec<OsString> = words.collect();
    let completer: &dyn EnvCompleter = match shell.as_str() {
        "bash" => &Bash,
        "elvish" => &Elvish,
        "fish" => &Fish,
        "powershell" => &Powershell,
        "zsh" => &Zsh,
        _ => return Some(Vec::new()),
    };
    let mut answer = Vec::new();
    let at_nothing = words.last().is_some_and(|word| word.is_empty());
    if !words.is_empty() {
        let folder = std::env::current_dir().ok();
        let mut command = Cli::command();
        command.build();
        let told = completer.write_complete(&mut command, words, folder.as_deref(), &mut answer);
        if told.is_err() {
            answer.clear();
        }
        if at_nothing {
            answer = without_options(&answer);
        }
    }
    Some(answer)
}

/// Where nothing is typed yet, options are not what is wanted, unless there is nothing else.
fn without_options(answer: &[u8]) -> Vec<u8> {
    let told = std::env::var("_CLAP_IFS").unwrap_or_default();
    let separator = match told.as_bytes() {
        [one] => *one,
        _ => b'\n',
    };
    let all = answer.split(|byte| *byte == separator);
    let words: Vec<&[u8]> = all.filter(|word| !word.starts_with(b"-")).collect();
    match words.iter().all(|word| word.is_empty()) {
        true => answer.to_owned(),
        false => words.join(&separator),
    }
}

/// The script that makes a shell ask slp.
///
/// # Errors
/// There is none for this shell.
pub fn script(shell: Shell) -> std::io::Result<Vec<u8>> {
    let completer: &dyn EnvCompleter = match shell {
        Shell::Bash => &Bash,
        Shell::Elvish => &Elvish,
        Shell::Fish => &Fish,
        Shell::PowerShell => &Powershell,
        Shell::Zsh => &Zsh,
        _ => return Err(std::io::ErrorKind::Unsupported.into()),
    };
    let mut script = Vec::new();
    completer.write_registration(ASKED_BY, "slp", "slp", "slp", &mut script)?;
    Ok(script)
}

/// Addresses of the manifest, and of the state.
pub fn addresses() -> ArgValueCandidates {
    offered(|known| known.addresses())
}

/// Addresses of the state.
pub fn saved_addresses() -> ArgValueCandidates {
    offered(|known| known.saved.iter().cloned().collect())
}

/// Functions by their addresses.
pub fn function_addresses() -> ArgValueCandidates {
    offered(|known| {
        let all = known.addresses().into_iter();
        all.filter(|addr| is_function(addr)).collect()
    })
}

/// The functions that a manifest declares, by their names, as far as it can be read.
pub fn declared_functions(global: &Global) -> Vec<String> {
    let known = Known::of(&Place {
        file: global.file.clone(),
        env: global.env.clone(),
        local: true,
    });
    let declared = known.declared.iter().filter(|addr| is_function(addr));
    let names = declared.filter_map(|addr| Some(addr.split_once('.')?.1.to_owned()));
    names.collect()
}

/// Functions by their names alone.
pub fn functions() -> ArgValueCandidates {
    offered(|known| {
        let all = known.addresses().into_iter();
        let names = all.filter(|addr| is_function(addr));
        let names = names.filter_map(|addr| Some(addr.split_once('.')?.1.to_owned()));
        names.collect()
    })
}

pub fn environments() -> ArgValueCandidates {
    offered(|known| known.environments.clone())
}

pub fn outputs() -> ArgValueCandidates {
    offered(|known| known.outputs.iter().cloned().collect())
}

pub fn gates() -> ArgValueCandidates {
    ArgValueCandidates::new(|| Gate::ALL.map(|gate| gate.name().into()).into())
}

fn is_function(addr: &str) -> bool {
    addr.split_once('.')
        .is_some_and(|(kind, name)| kind == "function" && !name.contains('.'))
}

fn offered(of: impl Fn(&Known) -> Vec<String> + Send + Sync + 'static) -> ArgValueCandidates {
    ArgValueCandidates::new(move || {
        let known = Known::of(&line::typed());
        let words = of(&known).into_iter();
        words.map(CompletionCandidate::new).collect::<Vec<_>>()
    })
}
