use std::collections::BTreeMap;

use super::*;
use crate::package::Entry;

/// Two packages, `old` and `new`, whose files' texts are known but for `logo.png`.
pub(crate) struct Two;

pub(crate) fn listing_of(files: &[(&str, u64, &str)]) -> Listing {
    let entry = |size: u64, digest: &str| Entry {
        size,
        executable: false,
        digest: digest.into(),
        link: None,
    };
    let files: BTreeMap<String, Entry> = files
        .iter()
        .map(|(path, size, digest)| ((*path).to_owned(), entry(*size, digest)))
        .collect();
    Listing::of(files)
}

impl Packages for Two {
    fn listing(&self, digest: &str) -> Option<Arc<Listing>> {
        let files: &[(&str, u64, &str)] = match digest {
            "old" => &[
                ("index.js", 49_000, "i1"),
                ("logo.png", 300, "l1"),
                ("readme", 57, "r"),
            ],
            "new" => &[
                ("index.js", 49_100, "i2"),
                ("lib/a.js", 2048, "a"),
                ("logo.png", 400, "l2"),
            ],
            _ => return None,
        };
        Some(Arc::new(listing_of(files)))
    }

    fn text(&self, digest: &str, path: &str) -> Option<String> {
        match (digest, path) {
            ("old", "index.js") => Some("a\nb\nc\n".into()),
            ("new", "index.js") => Some("a\nB\nB2\nB3\nc\n".into()),
            ("new", "lib/a.js") => Some("x\n".into()),
            _ => None,
        }
    }
}

fn text(before: Option<&str>, after: Option<&str>) -> String {
    let shown = package(before, after, &Two);
    let files = shown.files.iter().map(|(s, text)| format!("\n{s} {text}"));
    format!("{}{}", shown.line, files.collect::<String>())
}

#[test]
fn a_new_package_is_counted_and_a_changed_one_listed() {
    assert_eq!(text(None, Some("new")), "3 files · 50.3 KB");
    assert_eq!(
        text(Some("old"), Some("new")),
        "4 of 4 files changed · 48.2 → 50.3 KB
~ index.js  +3 −1
+ lib/a.js  2.0 KB
~ logo.png  300 → 400 B
- readme"
    );
}

#[test]
fn what_is_not_known_is_told_by_digest() {
    assert_eq!(text(None, Some("0123456789abcdef")), "package 0123456789ab");
    assert_eq!(text(Some("x"), Some("y")), "package x → y");
    assert_eq!(text(Some("x"), Some("new")), "3 files · 50.3 KB · x → new");
    assert_eq!(text(Some("old"), None), "package old → (none)");
    assert_eq!(
        text(Some("sha256:HtrVV="), Some("new")),
        "not what slp sent → 3 files · 50.3 KB"
    );
}

#[test]
fn the_differences_of_texts_are_shown_when_asked() {
    assert_eq!(
        unified("old", "new", &Two, &Style::default()),
        "\
--- index.js
+++ index.js
@@ -1,3 +1,5 @@
 a
-b
+B
+B2
+B3
 c
--- lib/a.js
+++ lib/a.js
@@ -0,0 +1 @@
+x
logo.png: no two texts at hand to compare
readme: no two texts at hand to compare
"
    );
}
