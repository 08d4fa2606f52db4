//! Which files differ between two packages: what a plan prints instead of two digests.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Listing;

/// One file that differs. Sizes are unpacked bytes. For display only: whether a package changed
/// is decided by [`Listing::digest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum FileChange {
    /// Only in the new package.
    Added { path: String, size: u64 },
    /// Only in the old package.
    Removed { path: String, size: u64 },
    /// In both, with other contents or another mode.
    Changed {
        path: String,
        before: u64,
        after: u64,
        /// What the executable bit becomes, if it changes.
        executable: Option<bool>,
    },
}

/// The files that differ, by path.
pub fn changed(before: &Listing, after: &Listing) -> Vec<FileChange> {
    let paths: BTreeSet<&String> = before.files.keys().chain(after.files.keys()).collect();
    paths
        .into_iter()
        .filter_map(|path| {
            let path = path.clone();
            match (before.files.get(&path), after.files.get(&path)) {
                (None, Some(new)) => Some(FileChange::Added {
                    path,
                    size: new.size,
                }),
                (Some(old), None) => Some(FileChange::Removed {
                    path,
                    size: old.size,
                }),
                (Some(old), Some(new)) if old != new => Some(FileChange::Changed {
                    path,
                    before: old.size,
                    after: new.size,
                    executable: (old.executable != new.executable).then_some(new.executable),
                }),
                _ => None,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::Entry;

    fn listing(files: &[(&str, u64, bool, &str)]) -> Listing {
        let entry = |&(name, size, executable, digest): &(&str, u64, bool, &str)| {
            let digest = digest.to_string();
            let entry = Entry {
                size,
                executable,
                digest,
                link: None,
            };
            (name.to_string(), entry)
        };
        Listing::of(files.iter().map(entry).collect())
    }

    #[test]
    fn added_removed_and_changed_are_told_by_path() {
        let before = listing(&[
            ("a", 1, false, "1"),
            ("c", 3, false, "3"),
            ("d", 4, false, "4"),
            ("same", 9, false, "9"),
        ]);
        let after = listing(&[
            ("b", 2, false, "2"),
            ("c", 5, false, "5"),
            ("d", 4, true, "4"),
            ("same", 9, false, "9"),
        ]);
        let changed_to = |path: &str, before, after, executable| FileChange::Changed {
            path: path.into(),
            before,
            after,
            executable,
        };
        assert_eq!(
            changed(&before, &after),
            [
                FileChange::Removed {
                    path: "a".into(),
                    size: 1
                },
                FileChange::Added {
                    path: "b".into(),
                    size: 2
                },
                changed_to("c", 3, 5, None),
                changed_to("d", 4, 4, Some(true)),
            ]
        );
        assert_eq!(changed(&after, &after), []);
    }
}
