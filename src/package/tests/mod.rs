//! The module through its front door, on real folders.

mod cached;
mod linked;
mod own;
mod refused;
mod zips;

use std::fs;
use std::io::{Cursor, Read as _, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::known::{Known, Stamp};
use super::*;

/// A fresh folder with these files.
fn folder(files: &[(&str, &str)]) -> (TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        put(dir.path(), name, text.as_bytes(), 0o644);
    }
    let root = dir.path().to_path_buf();
    let folder = Folder {
        root,
        ..Folder::default()
    };
    (dir, folder)
}

fn put(root: &Path, name: &str, bytes: &[u8], mode: u32) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, bytes).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
}

fn names(folder: &Folder) -> Vec<String> {
    let listing = list(folder, &Cache::none()).unwrap();
    listing.files.into_keys().collect()
}

/// What is refused, with the folder's own path taken out.
fn refusals(folder: &Folder) -> Vec<String> {
    let root = format!("{}/", folder.root.display());
    let problems = list(folder, &Cache::none()).unwrap_err();
    problems
        .iter()
        .map(|problem| problem.to_string().replace(&root, ""))
        .collect()
}

fn packed(folder: &Folder) -> Packed {
    let listing = list(folder, &Cache::none()).unwrap();
    pack(folder, &listing, &Cache::none()).unwrap()
}

fn globs(patterns: &[&str]) -> Vec<String> {
    patterns.iter().map(|pattern| pattern.to_string()).collect()
}

/// Changes here mean that every user's next plan shows, or deploys, code that did not change:
/// the first digest must never change, the second only with a new `zip` or `zlib-rs`, told in the
/// change log, and with `FORMAT` in cache.rs.
#[test]
fn golden() {
    let long: String = (0..40_000).map(|i| format!("{}\n", i * i % 7919)).collect();
    let (dir, folder) = folder(&[
        ("handler.py", "def handler(event, context):\n    return 1\n"),
        ("lib/ü.txt", &long),
        ("empty", ""),
    ]);
    put(dir.path(), "bin/run", b"#!/bin/sh\n", 0o700);
    let listing = list(&folder, &Cache::none()).unwrap();
    assert_eq!(
        listing.digest,
        "97d931b8b7b788db630de7528a6828d72b3a62f8a9c5b1689064d722bd0c937a"
    );
    assert_eq!(
        packed(&folder).sha256,
        "Lp0DMi0lELjBbLGixKbPdql1eUYPLyT8g+dv12XIsI8="
    );
    let manifest = include_str!("../../../Cargo.toml");
    assert!(manifest.contains("zip = { version = \"=9.8.1\""));
}

#[test]
fn entries_are_sorted_and_bare() {
    let (dir, folder) = folder(&[("b", "2"), ("a/z", "1"), ("a.txt", "3"), ("B", "")]);
    put(dir.path(), "c", b"x", 0o711);
    fs::remove_file(dir.path().join("B")).unwrap();
    let bytes = packed(&folder).bytes;
    let mut zip = ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut seen = Vec::new();
    for index in 0..zip.len() {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(file.last_modified(), Some(zip::DateTime::DEFAULT));
        assert_eq!(file.extra_data().unwrap_or_default(), b"");
        let name = file.name().unwrap().into_owned();
        seen.push((name, file.unix_mode().unwrap(), text));
    }
    let expected = [
        ("a.txt", 0o100644, "3"),
        ("a/z", 0o100644, "1"),
        ("b", 0o100644, "2"),
        ("c", 0o100755, "x"),
    ];
    assert_eq!(
        seen,
        expected.map(|(name, mode, text)| (name.to_string(), mode, text.to_string()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Neither the order of creation, nor times, nor the bits that umask decides, change a byte.
    #[test]
    fn same_contents_same_bytes(
        order in Just(vec![0usize, 1, 2, 3, 4]).prop_shuffle(),
        times in prop::collection::vec(0u64..4_000_000_000, 5),
        modes in prop::collection::vec(0u32..0o1000, 5),
    ) {
        let files = [("a", "1"), ("b/c", "22"), ("b/a", ""), ("B.txt", "x"), ("z/y/x", "#!")];
        let dir = tempfile::tempdir().unwrap();
        for index in order {
            let (name, text) = files[index];
            let executable = if index % 2 == 0 { 0o100 } else { 0 };
            // Readable by the owner, whoever runs the tests.
            let mode = (modes[index] & !0o100) | 0o400 | executable;
            put(dir.path(), name, text.as_bytes(), 0o600);
            let time = UNIX_EPOCH + Duration::from_secs(times[index]);
            let path = dir.path().join(name);
            fs::File::options().append(true).open(&path).unwrap().set_modified(time).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let folder = Folder { root: dir.path().into(), ..Folder::default() };
        prop_assert_eq!(packed(&folder).sha256, "8NPGgYRHvw59NfAzZ7EMhfm70u/BFx7hLyg9909oSB8=");
    }
}

#[test]
fn the_listing_digest_sees_names_bits_and_contents() {
    let digest = |name: &str, text: &str, mode| {
        let dir = tempfile::tempdir().unwrap();
        put(dir.path(), name, text.as_bytes(), mode);
        let root = dir.path().to_path_buf();
        let folder = Folder {
            root,
            ..Folder::default()
        };
        list(&folder, &Cache::none()).unwrap().digest
    };
    let first = digest("a", "1", 0o644);
    assert_eq!(first, digest("a", "1", 0o600));
    for other in [
        digest("b", "1", 0o644),
        digest("a", "2", 0o644),
        digest("a", "1", 0o755),
    ] {
        assert_ne!(first, other);
    }
}

#[test]
fn patterns_select() {
    let (_dir, mut folder) = folder(&[
        (".git/config", ""),
        ("__pycache__/x", ""),
        ("pkg/x.pyc", ""),
        ("pkg/x.py", ""),
        ("pkg/docs/x.md", ""),
        ("docs/y.md", ""),
        ("tests/t.py", ""),
        ("notes.txt", ""),
        (".slpignore", "\u{feff}# ours\ntests/\n*.txt\n"),
    ]);
    assert_eq!(names(&folder), ["docs/y.md", "pkg/docs/x.md", "pkg/x.py"]);
    folder.exclude = globs(&["/docs", "!notes.txt", "!*.pyc"]);
    assert_eq!(
        names(&folder),
        ["notes.txt", "pkg/docs/x.md", "pkg/x.py", "pkg/x.pyc"]
    );
    folder.exclude = globs(&["./docs"]);
    folder.include = globs(&["*.md", "tests/"]);
    assert_eq!(names(&folder), ["pkg/docs/x.md"]);
    folder.exclude = globs(&["!tests/"]);
    folder.include = globs(&["./pkg", "!*.md", "tests/**/*.py"]);
    assert_eq!(names(&folder), ["pkg/x.py", "tests/t.py"]);
}

#[test]
fn bad_patterns_are_all_told() {
    let (dir, mut folder) = folder(&[("a", ""), (".slpignore", "ok\n[z\n")]);
    folder.include = globs(&["a{b", " "]);
    folder.exclude = globs(&["[x"]);
    let problems = list(&folder, &Cache::none()).unwrap_err();
    let text: Vec<_> = problems
        .iter()
        .map(|problem| match problem {
            PackageError::Pattern {
                pattern, origin, ..
            } => format!("{pattern} in {origin}"),
            other => panic!("{other}"),
        })
        .collect();
    let line = format!(
        "[z in `{}`, line 2",
        dir.path().join(".slpignore").display()
    );
    assert_eq!(
        text,
        [
            "  in include",
            "[x in exclude",
            line.as_str(),
            "a{b in include"
        ]
    );
}

#[test]
fn secrets_are_pointed_out() {
    let (_dir, folder) = folder(&[(".netrc", ""), ("a.py", ""), ("tls/key.pem", "")]);
    let listing = list(&folder, &Cache::none()).unwrap();
    assert_eq!(listing.suspicious(), [".netrc", "tls/key.pem"]);
    assert_eq!(listing.unpacked(), 0);
}

#[test]
fn fits_direct_up_to_fifty_megabytes() {
    let of = |size| Packed {
        bytes: vec![0; size],
        sha256: String::new(),
    };
    assert!(of(MAX_DIRECT).fits_direct());
    assert!(!of(MAX_DIRECT + 1).fits_direct());
    assert_eq!(format!("{:?}", of(3)), r#"Packed { bytes: 3, sha256: "" }"#);
}

/// A cache for which every file is old enough to be remembered.
fn later(dir: &Path) -> Cache {
    Cache::at(dir.to_path_buf()).with_clock(|| i64::MAX)
}
