//! What runs a function: the Node.js or Python on PATH, or the package's own `bootstrap`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use super::exact::Unavailable;
use crate::local::error::AwsError;

/// The kinds of runtime that run here, each with its declared version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Language {
    /// `22` of `nodejs22.x`.
    Node(String),
    /// `3.13` of `python3.13`.
    Python(String),
    /// The package's own `bootstrap`.
    Provided,
}

impl Language {
    /// # Errors
    /// The runtimes that this cloud has nothing to run with.
    pub fn of(runtime: &str) -> Result<Language, AwsError> {
        if let Some(version) = runtime.strip_prefix("nodejs") {
            return Ok(Language::Node(version.trim_end_matches(".x").to_owned()));
        }
        if let Some(version) = runtime.strip_prefix("python") {
            return Ok(Language::Python(version.to_owned()));
        }
        if runtime.starts_with("provided") {
            return Ok(Language::Provided);
        }
        let what = match runtime {
            "" => "functions of container images".to_owned(),
            _ => format!("functions of the runtime {runtime}"),
        };
        Err(AwsError::not_emulated(&format!(
            "{what}: it runs nodejs*, python* and provided.* (a `bootstrap` of your own); deploy \
             to AWS to run this one"
        )))
    }

    /// The program on PATH that runs it; `None` where the package brings its own.
    pub fn interpreter(&self) -> Result<Option<PathBuf>, Unavailable> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        match self {
            Language::Node(_) => node(&path).map(Some),
            Language::Python(version) => python(&path, version).map(Some),
            Language::Provided => Ok(None),
        }
    }

    /// The declared version and that of the interpreter, such as `slp-node/22.1.0` or the version
    /// alone, where they differ. Of Node.js the first
    /// number counts, of Python the first two.
    pub fn differs(&self, agent: &str) -> Option<String> {
        let (name, declared) = match self {
            Language::Node(declared) => ("Node.js", declared),
            Language::Python(declared) => ("Python", declared),
            Language::Provided => return None,
        };
        let (_, found) = agent.split_once('/').unwrap_or(("", agent));
        (!matches(declared, found)).then(|| {
            format!("{name} {declared} is declared, and {name} {found} is what is here to run it")
        })
    }
}

/// `Node.js 22`.
impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Language::Node(version) => write!(f, "Node.js {version}"),
            Language::Python(version) => write!(f, "Python {version}"),
            Language::Provided => f.write_str("a bootstrap"),
        }
    }
}

/// Is what was found the declared version, or one of its releases?
pub fn matches(declared: &str, found: &str) -> bool {
    let rest = found.strip_prefix(declared);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The version that an interpreter says of itself, such as `22.1.0`.
pub fn version_of(file: &Path) -> Option<String> {
    let output = Command::new(file).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let word = text.split_whitespace().next_back()?;
    let version = word.trim_start_matches('v');
    version
        .starts_with(|c: char| c.is_ascii_digit())
        .then(|| version.to_owned())
}

/// Finds Node.js on `path`.
pub fn node(path: &OsStr) -> Result<PathBuf, Unavailable> {
    found(path, &["node"])
        .ok_or_else(|| missing("Node.js", "install Node.js, so that `node` is on PATH"))
}

/// Finds Python on `path`: that of the declared version, if it is there.
pub fn python(path: &OsStr, version: &str) -> Result<PathBuf, Unavailable> {
    let exact = format!("python{version}");
    found(path, &[&exact, "python3", "python"])
        .ok_or_else(|| missing("Python", "install Python 3, so that `python3` is on PATH"))
}

fn missing(name: &str, help: &str) -> Unavailable {
    Unavailable {
        why: format!("there is no {name} on this machine to run the function with"),
        help: help.to_owned(),
    }
}

fn found(path: &OsStr, names: &[&str]) -> Option<PathBuf> {
    candidates(path, names).next()
}

/// The programs of these names on `path`, all of the first name before the second.
pub fn candidates(path: &OsStr, names: &[&str]) -> impl Iterator<Item = PathBuf> + use<> {
    let folders: Vec<PathBuf> = std::env::split_paths(path).collect();
    let files = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    let files: Vec<PathBuf> = files.collect();
    let files = files
        .into_iter()
        .filter(|file| file.is_absolute() && file.is_file());
    // A launcher (pyenv, volta, asdf) needs the user's environment to choose a version, and a
    // function has a clean one.
    files.filter_map(|file| match launches(&file) {
        true => asked(&file),
        false => Some(file),
    })
}

/// Is it a script or a link to another program, which chooses what really runs?
fn launches(file: &Path) -> bool {
    let mut head = [0; 2];
    let read = fs::File::open(file).and_then(|mut file| file.read_exact(&mut head));
    let stem = |path: &Path| {
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        name.starts_with("node") || name.starts_with("python")
    };
    let real = fs::canonicalize(file);
    read.is_ok() && &head == b"#!" || real.is_ok_and(|real| !stem(&real))
}

/// Where the program that a launcher starts really is. Launchers are slow, so each is asked once.
fn asked(file: &Path) -> Option<PathBuf> {
    static ANSWERS: Mutex<BTreeMap<PathBuf, PathBuf>> = Mutex::new(BTreeMap::new());
    let mut answers = ANSWERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(real) = answers.get(file).filter(|real| real.is_file()) {
        return Some(real.clone());
    }
    let name = file.file_name()?.to_str()?;
    let arguments = match name.starts_with("python") {
        true => ["-c", "import sys; print(sys.executable)"],
        false => ["-p", "process.execPath"],
    };
    let output = Command::new(file).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let real = PathBuf::from(text.trim());
    let runs = output.status.success() && real.is_file();
    runs.then(|| answers.insert(file.to_owned(), real.clone()));
    runs.then_some(real)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_runtime_says_what_runs_it() {
        assert_eq!(
            Language::of("nodejs22.x"),
            Ok(Language::Node("22".to_owned()))
        );
        assert_eq!(
            Language::of("python3.13"),
            Ok(Language::Python("3.13".to_owned()))
        );
        assert_eq!(Language::of("provided.al2023"), Ok(Language::Provided));
        for other in ["ruby3.3", "java21", "dotnet8", ""] {
            let error = Language::of(other).unwrap_err();
            assert_eq!(error.code, "NotEmulated");
            assert!(
                error.message.contains("it runs nodejs*, python*"),
                "{error:?}"
            );
        }
    }

    #[test]
    fn only_another_version_differs() {
        let node = Language::of("nodejs22.x").unwrap();
        assert_eq!(node.differs("slp-node/22.1.0"), None);
        let told = node.differs("slp-node/20.20.2").unwrap();
        assert!(told.contains("Node.js 22 is declared"), "{told}");
        let python = Language::of("python3.1").unwrap();
        assert_eq!(python.differs("slp-python/3.1.4"), None);
        assert!(python.differs("slp-python/3.11.7").is_some());
    }

    #[test]
    fn a_launcher_is_asked_for_what_it_launches() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real");
        fs::write(&real, "").unwrap();
        let shim = folder.path().join("python3");
        fs::write(&shim, format!("#!/bin/sh\necho {}\n", real.display())).unwrap();
        fs::set_permissions(&shim, fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(python(folder.path().as_os_str(), "3.13"), Ok(real));
    }

    #[test]
    fn what_is_missing_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = node(folder.path().as_os_str()).unwrap_err();
        assert!(error.help.contains("install Node.js"), "{error:?}");
    }
}
