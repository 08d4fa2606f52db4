//! Symbolic links: which stay links, and what they say in the package.

use super::*;

/// Every link with what it says, and every file with its text, as they stand in the zip.
fn zipped(folder: &Folder) -> Vec<(String, bool, String)> {
    let bytes = packed(folder).bytes;
    let mut zip = ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let each = (0..zip.len()).map(|index| {
        let mut file = zip.by_index(index).unwrap();
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        let is_link = file.unix_mode() == Some(0o120_777);
        (file.name().unwrap().into_owned(), is_link, text)
    });
    each.collect()
}

fn link(to: &str) -> (bool, String) {
    (true, to.to_owned())
}

/// What stands in the zip under each of these names.
fn shown<const N: usize>(folder: &Folder, names: [&str; N]) -> [(bool, String); N] {
    let all = zipped(folder);
    names.map(|wanted| {
        let found = all.iter().find(|(name, ..)| name == wanted);
        let (_, is_link, text) = found.unwrap_or_else(|| panic!("no {wanted}: {all:?}"));
        (*is_link, text.clone())
    })
}

#[test]
fn links_to_what_is_packed_stay_links() {
    let (dir, folder) = folder(&[
        ("src/a.py", "1"),
        ("lib/libz.so.1.2", "elf"),
        ("node_modules/.pnpm/in@1/node_modules/in/index.js", ""),
    ]);
    let at = |name: &str| dir.path().join(name);
    symlink("libz.so.1.2", at("lib/libz.so.1")).unwrap();
    symlink("libz.so.1", at("lib/libz.so")).unwrap();
    symlink(".pnpm/in@1/node_modules/in", at("node_modules/in")).unwrap();
    symlink("..", at("src/self")).unwrap();
    symlink("/opt/nodejs/node_modules/x", at("layer")).unwrap();
    // What only this machine, or only a way through another link, leads to is said anew.
    symlink(at("src/a.py"), at("lib/absolute")).unwrap();
    let outer = format!(
        "../{}/src",
        dir.path().file_name().unwrap().to_str().unwrap()
    );
    symlink(outer, at("around")).unwrap();
    symlink("../around/a.py", at("lib/through")).unwrap();
    symlink("/var/task/src/a.py", at("lib/deployed")).unwrap();
    let names = [
        "lib/libz.so",
        "lib/libz.so.1",
        "node_modules/in",
        "src/self",
        "layer",
        "lib/absolute",
        "around",
        "lib/through",
        "lib/deployed",
    ];
    let expected = [
        "libz.so.1",
        "libz.so.1.2",
        ".pnpm/in@1/node_modules/in",
        "..",
        "/opt/nodejs/node_modules/x",
        "../src/a.py",
        "src",
        "../src/a.py",
        "../src/a.py",
    ];
    assert_eq!(shown(&folder, names), expected.map(link));
    assert_eq!(zipped(&folder).len(), names.len() + 3, "nothing is copied");
    // The same from the zip, which is what AWS has, and with a cache.
    let listing = list(&folder, &Cache::none()).unwrap();
    let (read, _) = read_bytes(Path::new("x"), packed(&folder).bytes, &Cache::none()).unwrap();
    assert_eq!(read, listing);
    let store = tempfile::tempdir().unwrap();
    let cache = later(store.path());
    for _ in 0..2 {
        assert_eq!(list(&folder, &cache).unwrap(), listing);
        assert_eq!(pack(&folder, &listing, &cache).unwrap(), packed(&folder));
    }
    // A link that leads elsewhere by now is not what was listed.
    fs::remove_file(at("lib/libz.so")).unwrap();
    symlink("libz.so.1.2", at("lib/libz.so")).unwrap();
    pack(&folder, &listing, &cache).unwrap();
    fs::remove_file(at("lib/libz.so")).unwrap();
    symlink("absolute", at("lib/libz.so")).unwrap();
    let changed = pack(&folder, &listing, &cache).unwrap_err();
    assert!(matches!(changed, PackageError::Changed { .. }), "{changed}");
    assert_ne!(list(&folder, &cache).unwrap().digest, listing.digest);
}

#[test]
fn a_file_may_be_there_through_links() {
    let (dir, folder) = folder(&[("lib/a.js", "1")]);
    symlink("lib", dir.path().join("src")).unwrap();
    symlink("src", dir.path().join("again")).unwrap();
    symlink("/opt/src", dir.path().join("layer")).unwrap();
    let listing = list(&folder, &Cache::none()).unwrap();
    for (path, is_there) in [
        ("lib/a.js", true),
        ("src/a.js", true),
        ("again/a.js", true),
        ("again/b.js", false),
        ("a.js", false),
        // Nobody knows here what a layer holds.
        ("layer/a.js", true),
    ] {
        assert_eq!(listing.may_have(path), is_there, "{path}");
    }
}

#[test]
fn links_to_what_is_left_out_become_it() {
    let (dir, mut folder) = folder(&[("src/a.py", "1"), ("shared/b.py", "2"), ("shared/c", "3")]);
    symlink("../shared/b.py", dir.path().join("src/b.py")).unwrap();
    symlink("shared", dir.path().join("again")).unwrap();
    folder.include = globs(&["src", "again/*.py"]);
    let file = |text: &str| (false, text.to_owned());
    assert_eq!(
        shown(&folder, ["again/b.py", "src/b.py"]),
        [file("2"), file("2")]
    );
    assert_eq!(names(&folder), ["again/b.py", "src/a.py", "src/b.py"]);
    // What is reached through a link is reason enough for it.
    folder.include = globs(&["**/*.py"]);
    assert_eq!(
        names(&folder),
        ["again", "shared/b.py", "src/a.py", "src/b.py"]
    );
    folder.include = globs(&["src"]);
    folder.exclude = globs(&["b.py"]);
    assert_eq!(names(&folder), ["src/a.py"]);
}

#[test]
fn links_that_cross_stay_links() {
    let (dir, folder) = folder(&[("a/x", ""), ("b/y", "")]);
    symlink("../b", dir.path().join("a/to_b")).unwrap();
    symlink("../a", dir.path().join("b/to_a")).unwrap();
    assert_eq!(
        shown(&folder, ["a/to_b", "b/to_a"]),
        ["../b", "../a"].map(link)
    );
}

#[test]
fn a_link_to_a_state_is_refused() {
    let (dir, folder) = folder(&[
        ("a", ""),
        ("kept/s.json", "{\"version\": 1, \"lineage\": \""),
    ]);
    symlink("kept/s.json", dir.path().join("state")).unwrap();
    let told = refusals(&folder);
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("the link `state` leads to `kept/s.json`, which slp never packs"));
}
