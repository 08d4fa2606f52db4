//! Fetching, against a registry of our own on loopback. The real one is asked through the binary.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use sha2::{Digest as _, Sha512};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::machine::{Machine, Platform};
use super::{Unavailable, find};
use crate::local::runtime::interpreter::Language;

/// A program that says which version it is, in place of an interpreter.
fn says(version: &str) -> Vec<u8> {
    // Asked where it is, as launchers are, it names itself.
    format!("#!/bin/sh\ncase $1 in --version) echo {version} ;; *) echo \"$0\" ;; esac\n")
        .into_bytes()
}

/// A package as npm's registry has it.
fn package(program: &[u8]) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let files = [
        ("package/package.json", &b"{}"[..]),
        ("package/bin/node", program),
    ];
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap());
        header.set_mode(0o755);
        archive.append_data(&mut header, name, bytes).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn integrity(bytes: &[u8]) -> String {
    format!("sha512-{}", STANDARD.encode(Sha512::digest(bytes)))
}

/// A registry that answers these paths, and remembers what was asked.
struct Registry {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    async fn of(answers: BTreeMap<String, Vec<u8>>) -> Registry {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let told = asked.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = stream.read_u8().await else {
                        break;
                    };
                    head.push(byte);
                }
                let head = String::from_utf8(head).unwrap();
                let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
                let (status, body) = match answers.get(&path) {
                    Some(body) => ("200 OK", body.as_slice()),
                    None => ("404 Not Found", &b""[..]),
                };
                told.lock().unwrap().push(path);
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
                );
                let _ = stream.write_all(&[head.as_bytes(), body].concat()).await;
            }
        });
        Registry { url, asked }
    }

    /// One that has these releases, each with its package and the digest that is told of it.
    async fn with(releases: &[(&str, &[u8], &str)]) -> Registry {
        let mut answers = BTreeMap::new();
        let mut versions = serde_json::Map::new();
        for (version, bytes, integrity) in releases {
            let path = format!("/node-test/-/node-test-{version}.tgz");
            let dist = json!({
                "tarball": format!("https://registry.npmjs.org{path}"),
                "integrity": integrity,
            });
            versions.insert((*version).to_owned(), json!({ "dist": dist }));
            answers.insert(path, bytes.to_vec());
        }
        let metadata = json!({ "versions": versions }).to_string();
        answers.insert("/node-test".to_owned(), metadata.into_bytes());
        Registry::of(answers).await
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// A machine with nothing on it.
fn machine(folder: &TempDir, registry: &str) -> Machine {
    Machine {
        path: Default::default(),
        nodes: vec![folder.path().join("nodes")],
        pythons: vec![folder.path().join("pythons")],
        cache: Some(folder.path().join("cache")),
        registry: registry.to_owned(),
        proxy: None,
        platform: Some(Platform {
            name: "test-x1",
            package: "node-test",
        }),
    }
}

fn language(runtime: &str) -> Language {
    Language::of(runtime).unwrap()
}

async fn found(runtime: &str, machine: &Machine) -> Result<Option<PathBuf>, Unavailable> {
    find(&language(runtime), machine, &|_| {}).await
}

fn program(path: &Path, version: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path)
        .unwrap()
        .write_all(&says(version))
        .unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What stands in the cache.
fn cached(folder: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path().join("cache/runtimes"));
    let names = entries.into_iter().flatten().flatten();
    let mut names: Vec<String> = names
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| name != "lock")
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn node_is_fetched_once_and_then_without_a_network() {
    let folder = tempfile::tempdir().unwrap();
    let (old, new) = (package(&says("v22.9.0")), package(&says("v22.10.0")));
    let releases = [
        ("22.9.0", old.as_slice(), &*integrity(&old)),
        ("22.10.0", new.as_slice(), &*integrity(&new)),
    ];
    let registry = Registry::with(&releases).await;
    let machine = machine(&folder, &registry.url);
    let told = Mutex::new(Vec::new());
    let tell = |text: &str| told.lock().unwrap().push(text.to_owned());
    let first = find(&language("nodejs22.x"), &machine, &tell)
        .await
        .unwrap();
    let there = folder
        .path()
        .join("cache/runtimes/node-22.10.0-test-x1/bin/node");
    assert_eq!(first, Some(there.clone()));
    let said = format!(
        "fetching Node.js 22.10.0 from {} (once, 1 MB)",
        registry.url
    );
    assert_eq!(*told.lock().unwrap(), [said]);
    assert_eq!(registry.asked(), 2);
    assert_eq!(found("nodejs22.x", &machine).await, Ok(Some(there)));
    assert_eq!(registry.asked(), 2);
    assert_eq!(cached(&folder), ["node-22.10.0-test-x1"]);
}

#[tokio::test]
async fn what_is_not_what_the_registry_says_is_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, other) = (package(&says("v22.1.0")), package(&says("v22.1.1")));
    let whole = integrity(&bytes);
    let cases = [
        (bytes.as_slice(), integrity(&other), "its digest differs"),
        (
            &bytes[..bytes.len() / 2],
            whole.clone(),
            "its digest differs",
        ),
        (
            bytes.as_slice(),
            "sha1-x md5-y".to_owned(),
            "its digest differs",
        ),
        (other.as_slice(), integrity(&other), "does not run here"),
        (b"no package", integrity(b"no package"), "cannot be kept"),
    ];
    for (bytes, integrity, why) in cases {
        let registry = Registry::with(&[("22.1.0", bytes, &integrity)]).await;
        let error = found("nodejs22.x", &machine(&folder, &registry.url)).await;
        let error = error.unwrap_err();
        assert!(error.why.contains(why), "{error:?}");
        assert_eq!(cached(&folder), [""; 0]);
    }
}

#[tokio::test]
async fn what_a_killed_run_left_is_removed_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let undone = folder.path().join("cache/runtimes/.undone-x/bin");
    fs::create_dir_all(&undone).unwrap();
    // Nor is a folder without its program taken for a release.
    fs::create_dir_all(folder.path().join("cache/runtimes/node-22.99.0-test-x1")).unwrap();
    let bytes = package(&says("v22.1.0"));
    let registry = Registry::with(&[("22.1.0", &bytes, &integrity(&bytes))]).await;
    found("nodejs22.x", &machine(&folder, &registry.url))
        .await
        .unwrap();
    assert_eq!(
        cached(&folder),
        ["node-22.1.0-test-x1", "node-22.99.0-test-x1"]
    );
}

#[tokio::test]
async fn two_at_once_fetch_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = package(&says("v22.1.0"));
    let registry = Registry::with(&[("22.1.0", &bytes, &integrity(&bytes))]).await;
    let machine = machine(&folder, &registry.url);
    let (one, two) = tokio::join!(found("nodejs22.x", &machine), found("nodejs22.x", &machine));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(registry.asked(), 2);
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_with_the_ways_out() {
    let folder = tempfile::tempdir().unwrap();
    // Port 1 of loopback: nobody is there.
    let offline = machine(&folder, "http://127.0.0.1:1");
    let error = found("nodejs22.x", &offline).await.unwrap_err();
    assert!(
        error
            .why
            .contains("http://127.0.0.1:1/node-test cannot be read"),
        "{error:?}"
    );
    for way in ["npm_config_registry", "nvm install 22", "out of [dev]"] {
        assert!(error.help.contains(way), "{error:?}");
    }
    let behind = Machine {
        proxy: Some("HTTPS_PROXY"),
        ..offline.clone()
    };
    let error = found("nodejs22.x", &behind).await.unwrap_err();
    let told = "slp does not go through the proxy of HTTPS_PROXY; connect";
    assert!(error.help.starts_with(told), "{error:?}");
    let registry = Registry::with(&[]).await;
    let error = found("nodejs22.x", &machine(&folder, &registry.url)).await;
    assert!(error.unwrap_err().why.contains("no such version"));
    let alien = Machine {
        platform: None,
        ..offline.clone()
    };
    let error = found("nodejs22.x", &alien).await.unwrap_err();
    assert!(
        error.why.contains("no Node.js for this kind of machine"),
        "{error:?}"
    );
    let error = found("python3.13", &offline).await.unwrap_err();
    assert!(
        error.why.contains("Python 3.13 is not on this machine"),
        "{error:?}"
    );
    assert!(error.help.contains("uv python install 3.13"), "{error:?}");
    assert_eq!(found("provided.al2023", &offline).await, Ok(None));
}

#[tokio::test]
async fn what_is_installed_is_not_fetched() {
    let folder = tempfile::tempdir().unwrap();
    let machine = Machine {
        path: folder.path().join("bin").into(),
        ..machine(&folder, "http://127.0.0.1:1")
    };
    let at = |path: &str| folder.path().join(path);
    // Of a version manager, the highest of the version; the name alone is not believed.
    program(&at("nodes/v22.9.0/bin/node"), "v22.9.0");
    program(&at("nodes/v22.10.0/bin/node"), "v22.10.0");
    program(&at("nodes/v22.11.0/bin/node"), "v21.0.0");
    program(&at("nodes/v2.2.0/bin/node"), "v2.2.0");
    let managed = at("nodes/v22.10.0/bin/node");
    assert_eq!(
        found("nodejs22.x", &machine).await,
        Ok(Some(managed.clone()))
    );
    // What is on PATH comes first, where its version is the declared one.
    program(&at("bin/node"), "v20.1.0");
    assert_eq!(found("nodejs22.x", &machine).await, Ok(Some(managed)));
    assert_eq!(
        found("nodejs20.x", &machine).await,
        Ok(Some(at("bin/node")))
    );
    program(&at("bin/python3"), "Python 3.11.7");
    program(
        &at("pythons/cpython-3.13.1-linux/bin/python3.13"),
        "Python 3.13.1",
    );
    let python = at("pythons/cpython-3.13.1-linux/bin/python3.13");
    assert_eq!(found("python3.13", &machine).await, Ok(Some(python)));
    assert_eq!(
        found("python3.11", &machine).await,
        Ok(Some(at("bin/python3")))
    );
}
