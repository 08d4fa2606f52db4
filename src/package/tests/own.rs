//! What is slp's own is never packed.

use super::*;

#[test]
fn whatever_the_patterns_say() {
    let (dir, mut folder) = folder(&[
        ("index.js", ""),
        (".env", ""),
        ("conf/.ENV.local", ""),
        (".envs/prod", ""),
        (".git/HEAD", ""),
        (".slp/cache/x", ""),
        ("slp.toml", ""),
        ("prod.toml", "[project]\nname = 'x'\n\n[api.A]\n"),
        ("pyproject.toml", "[project]\nname = 'x'\n"),
        ("values.toml", "token = 'x'\n"),
        (
            "state/.gitignore",
            "# The state names what exists and …\n*\n",
        ),
        (
            "state/x.json",
            "{\n  \"version\": 1,\n  \"lineage\": \"6f\",",
        ),
        ("state/x.json.lock", ""),
        ("state/reducer.js", ""),
        (
            "a.plan",
            "{\n\"sha256\": \"00\",\n\"plan\": {\n  \"format\": 1",
        ),
    ]);
    folder.never = vec![dir.path().join("values.toml"), dir.path().join("gone")];
    let cache = later(tempfile::tempdir().unwrap().path());
    for _ in 0..2 {
        let listing = list(&folder, &cache).unwrap();
        let names: Vec<&String> = listing.files.keys().collect();
        assert_eq!(names, ["index.js", "pyproject.toml", "state/reducer.js"]);
    }
    folder.include = globs(&["**"]);
    assert_eq!(
        names(&folder),
        ["index.js", "pyproject.toml", "state/reducer.js"]
    );
}

#[test]
fn who_asks_for_it_is_told() {
    let (_dir, mut folder) = folder(&[("a", ""), (".slpignore", "!.env\n")]);
    folder.include = globs(&["a", "conf/.env.prod"]);
    folder.exclude = globs(&["!.git"]);
    let told = refusals(&folder);
    assert_eq!(told.len(), 3, "{told:?}");
    let why = "slp never packs `.git`: it is the repository's history";
    assert!(told.iter().any(|told| told.ends_with(why)), "{told:?}");
    // What leaves it out is in order.
    folder.include = globs(&["a", "!.env"]);
    folder.exclude = globs(&[".git", ".env"]);
    assert_eq!(refusals(&folder).len(), 1);
}

#[test]
fn a_folder_of_nothing_else_is_empty() {
    let (_dir, folder) = folder(&[("x.plan", "{\"sha256\": \"00\", \"plan\": {\"format\": 1")]);
    let problems = list(&folder, &Cache::none()).unwrap_err();
    assert!(
        matches!(problems[..], [PackageError::Empty { .. }]),
        "{problems:?}"
    );
}
