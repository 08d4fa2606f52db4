//! What is slp's own, and so never in a package: its state would make every apply change the code
//! that the next one deploys, and keys and values of secrets would be shipped.
//!
//! Told by name where the name is a convention, and by how a file begins where slp writes it: a
//! state may have been copied anywhere, and a folder called `state` may hold a user's code.

/// How much of a file [`is`] needs to see, in bytes.
pub(super) const HEAD: usize = 4096;

/// Why a name at any depth is never packed, whatever the patterns say.
pub(super) fn name(name: &str) -> Option<&'static str> {
    match name {
        ".git" => Some("it is the repository's history"),
        ".slp" | "slp.toml" => Some("it is slp's own"),
        _ if name.to_ascii_lowercase().starts_with(".env") => {
            Some("it is for values of this machine; set `environment` in the function's table")
        }
        _ => None,
    }
}

/// Did slp write the file that begins so (a state, its lock, journal or backup, a saved plan), or
/// is it a manifest? Judged by its first [`HEAD`] bytes.
pub(super) fn is(name: &str, head: &[u8]) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let lock = file.ends_with(".json.lock") && head.is_empty();
    let text = String::from_utf8_lossy(head);
    lock || file == ".gitignore" && text.starts_with(IGNORES_STATE)
        || file.ends_with(".toml") && manifest(&text)
        || written(&text)
}

/// The `.gitignore` of a folder of states.
const IGNORES_STATE: &str = "# The state names what exists";

/// How files begin that slp writes, without white space; `#` stands for digits and letters.
const HEADS: [&str; 5] = [
    r##"{"version":#,"lineage":"##,
    r##"{"sha256":"#","plan":{"format":"##,
    r##"{"sum":"#","entry":{"version":#,"lineage":"##,
    r##"{"id":"#","operation":"#","who":"##,
    r##"{"slp_sealed":"##,
];

fn written(text: &str) -> bool {
    text.starts_with('{') && HEADS.iter().any(|head| begins(text, head))
}

fn begins(text: &str, head: &str) -> bool {
    let mut text = text.chars().filter(|c| !c.is_whitespace()).peekable();
    head.chars().all(|wanted| {
        if wanted != '#' {
            return text.next() == Some(wanted);
        }
        let word = |c: &char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        while text.next_if(word).is_some() {}
        true
    })
}

/// A manifest of another name: it has `[project]`, as other tools' files have, and a table of ours.
fn manifest(text: &str) -> bool {
    let tables = || text.lines().map(str::trim_start);
    let ours = [
        "[function.",
        "[api.",
        "[role.",
        "[layer.",
        "[policy.",
        "[state]",
    ];
    tables().any(|line| line.starts_with("[project]"))
        && tables().any(|line| ours.iter().any(|table| line.starts_with(table)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_slp_writes_is_known_by_its_beginning() {
        for head in [
            "{\n  \"version\": 1,\n  \"lineage\": \"6f\",",
            "{\"version\":12,\"lineage\":\"6f\",",
            "{\n\"sha256\": \"00ff\",\n\"plan\": {\n  \"format\": 1,",
            "{\"sum\":\"0011223344556677\",\"entry\":{\"version\":1,\"lineage\":\"6f\",",
            "{\"slp_sealed\":1,\"by\":{",
            "{\"id\":\"6f-7\",\"operation\":\"apply\",\"who\":\"ann\",",
        ] {
            assert!(is("any/name", head.as_bytes()), "{head}");
        }
        assert!(is("x/shop.json.lock", b""));
        assert!(is(
            "prod.toml",
            b"#:schema x\n[project]\nname = 'a'\n[function.F]\n"
        ));
        for (name, head) in [
            ("package.json", "{\"version\":\"1.0.0\",\"name\":\"x\"}"),
            (
                "terraform.tfstate",
                "{\n  \"version\": 4,\n  \"terraform_version\": \"1.9\",",
            ),
            ("pyproject.toml", "[project]\nname = 'a'\n[tool.x]\n"),
            ("yarn.lock", ""),
            (".gitignore", "node_modules\n"),
            ("a.json", "{\"id\":\"1\",\"operation\":2}"),
        ] {
            assert!(!is(name, head.as_bytes()), "{name}");
        }
    }

    #[test]
    fn names_that_are_never_packed() {
        for never in [".git", ".slp", ".env", ".ENV.prod", ".envrc", "slp.toml"] {
            assert!(name(never).is_some(), "{never}");
        }
        for packed in [".gitignore", "env", "state", "slp.js", ".github"] {
            assert_eq!(name(packed), None, "{packed}");
        }
    }
}
