//! What cannot be packed is refused by name, all at once.

use super::*;

#[test]
fn everything_wrong_is_told_at_once() {
    let (dir, mut folder) = folder(&[
        ("ok", ""),
        ("Read.me", ""),
        ("read.ME", ""),
        ("a\\b", ""),
        ("\x1b[2J", ""),
    ]);
    let at = |name: &str| dir.path().join(name);
    symlink("/etc/hostname", at("leaves")).unwrap();
    symlink("..", at("up")).unwrap();
    symlink("nowhere", at("dangles")).unwrap();
    fs::create_dir_all(at("d/e")).unwrap();
    symlink("../../d", at("d/e/loops")).unwrap();
    let _socket = UnixListener::bind(at("socket")).unwrap();
    fs::write(
        dir.path().join(std::ffi::OsStr::from_bytes(b"\xff.bin")),
        "",
    )
    .unwrap();
    symlink(".env", at("secret")).unwrap();
    fs::write(at(".env"), "").unwrap();
    fs::create_dir(at("dist")).unwrap();
    symlink("../d", at("dist/copy")).unwrap();
    folder.exclude = globs(&["/d"]);
    let expected = [
        "the link `leaves` leaves the folder (to `/etc/hostname`); copy the file into the folder, or exclude the link",
        "the link `up` leaves the folder (to `..`); copy the file into the folder, or exclude the link",
        "the link `secret` leads to `.env`, which slp never packs; exclude the link, or let it lead elsewhere",
        "the link `dangles` points to nothing (`nowhere`); restore its target, or exclude the link",
        "the link `dist/copy/e/loops` leads back to a folder around it (`../../d`); exclude the link",
        "`socket` is neither a file nor a folder (a FIFO, socket or device); exclude it",
        "the name `\u{fffd}.bin` is not UTF-8; rename the file, or exclude it",
        "the name `\\u{1b}[2J` holds a backslash or a control character; rename it, or exclude it",
        "the name `a\\b` holds a backslash or a control character; rename it, or exclude it",
        "`Read.me` and `read.ME` differ only in upper and lower case; rename or exclude one",
    ];
    assert_eq!(refusals(&folder), expected);
    // What is not packed is not in the way.
    folder.include = globs(&["ok"]);
    folder.exclude = globs(&["up", "loops", "copy", "/d"]);
    assert_eq!(names(&folder), ["ok"]);
    folder.include.clear();
    folder.exclude = globs(&[
        "leaves", "up", "dangles", "d/", "dist/", "secret", "socket", "a*b", "read.ME", "*.bin",
        "*2J",
    ]);
    assert_eq!(names(&folder), ["Read.me", "ok"]);
}

#[test]
fn links_to_what_is_left_out_end_too() {
    let (dir, mut folder) = folder(&[("a/x", ""), ("b/y", "")]);
    symlink("../b", dir.path().join("a/to_b")).unwrap();
    symlink("../a", dir.path().join("b/to_a")).unwrap();
    folder.exclude = globs(&["/b"]);
    let told = refusals(&folder);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("a/to_b/to_a"), "{told:?}");
}

#[test]
fn links_cannot_multiply_without_end() {
    let (dir, mut folder) = folder(&[("17/file", "")]);
    for level in 0..17 {
        let place = dir.path().join(level.to_string());
        fs::create_dir(&place).unwrap();
        for name in ["a", "b"] {
            symlink(format!("../{}", level + 1), place.join(name)).unwrap();
        }
    }
    folder.exclude = globs(&["/?", "/1?", "!/0"]);
    let problems = list(&folder, &Cache::none()).unwrap_err();
    assert!(matches!(problems[..], [PackageError::TooMany { .. }]));
}

#[test]
fn a_link_to_itself_is_told() {
    let (dir, folder) = folder(&[]);
    symlink("me", dir.path().join("me")).unwrap();
    assert!(refusals(&folder)[0].starts_with("cannot read `me`: "));
}

#[test]
fn nothing_to_pack_is_refused() {
    let (dir, mut folder) = folder(&[(".git/HEAD", "")]);
    fs::create_dir(dir.path().join("empty")).unwrap();
    let problems = list(&folder, &Cache::none()).unwrap_err();
    assert!(matches!(problems[..], [PackageError::Empty { .. }]));
    folder.include = globs(&["*.py"]);
    assert!(refusals(&folder)[0].contains("no file matches `include`"));
    for missing in ["gone", ".git/HEAD"] {
        folder.root = dir.path().join(missing);
        let problems = list(&folder, &Cache::none()).unwrap_err();
        assert!(matches!(problems[..], [PackageError::Folder { .. }]));
    }
}

#[test]
fn size_is_checked_before_anything_is_read() {
    let (dir, folder) = folder(&[("small", "1")]);
    let sparse = |name: &str, size| {
        let file = fs::File::create(dir.path().join(name)).unwrap();
        file.set_len(size).unwrap();
    };
    sparse("model.bin", MAX_UNPACKED);
    let cache_dir = tempfile::tempdir().unwrap();
    let cache = later(cache_dir.path());
    let problems = list(&folder, &cache).unwrap_err();
    let [PackageError::TooLarge { size, largest, .. }] = &problems[..] else {
        panic!("{problems:?}");
    };
    assert_eq!(*size, MAX_UNPACKED + 1);
    assert_eq!(largest, " (the biggest: `model.bin` 262144000, `small` 1)");
    assert_eq!(*cache.known(&folder), Known::default());
}
