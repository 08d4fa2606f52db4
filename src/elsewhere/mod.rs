//! What other tools call what a manifest says: SAM and CloudFormation, the Serverless Framework,
//! Terraform, Pulumi, the CDK, Chalice. For messages alone: nothing of it is ever read.
//!
//! The words of a kind stand with the kind (`WORDS` in its folder), those of the top of a manifest
//! in `top`, references in `references`.

pub mod references;
pub mod top;

use crate::problem::bare;

/// Words of other tools for the keys of one kind's tables.
pub type Words = &'static [(&'static str, Here)];

/// Where something that another tool has is found in a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Here {
    /// Under this key, in the same table.
    Key(&'static str),
    /// Elsewhere: the way out in words.
    Way(&'static str),
    /// It holds what stands right under the header here.
    Around(&'static str),
}

/// What a key of another tool is here, among the keys that can stand in its place.
pub fn find(words: Words, key: &str, known: &[String]) -> Option<Here> {
    let key = bare(key);
    let of_key = words.iter().filter(|(word, _)| *word == key);
    let fits = |here: &Here| match here {
        Here::Key(key) => known.iter().any(|known| known == key),
        Here::Way(_) | Here::Around(_) => true,
    };
    of_key.map(|(_, here)| *here).find(fits)
}

/// Values that other tools call by other names.
const VALUES: &[(&str, &str)] = &[
    ("aarch64", "arm64"),
    ("amd64", "x86_64"),
    ("graviton", "arm64"),
    ("x64", "x86_64"),
    ("x8664", "x86_64"),
    ("awsiam", "iam"),
    ("convertobinary", "convert_to_binary"),
];

/// The value that is meant, among those that can stand here.
pub fn value<'a>(value: &str, known: &[&'a str]) -> Option<&'a str> {
    let value = bare(value);
    let (_, meant) = VALUES.iter().find(|(word, _)| *word == value)?;
    known.iter().copied().find(|known| known == meant)
}

/// What is said of a resource in every one of the tools; the kinds put it among their own.
macro_rules! words {
    ($($word:literal => $here:expr,)*) => {
        &[
            $(($word, $here),)*
            ("type", $crate::elsewhere::Here::Way("leave it out: the header says what it is")),
            ("properties", $crate::elsewhere::Here::Around("its keys stand right under the header")),
            ("deletionpolicy", $crate::elsewhere::Here::Way("write `protect = true` for what must never be deleted")),
            ("updatereplacepolicy", $crate::elsewhere::Here::Way("write `protect = true` for what must never be deleted")),
            ("lifecycle", $crate::elsewhere::Here::Way("write `ignore = [\"FIELD\"]` for ignore_changes, `protect = true` for prevent_destroy")),
            ("ignorechanges", $crate::elsewhere::Here::Key("ignore")),
            ("preventdestroy", $crate::elsewhere::Here::Key("protect")),
            ("retainondelete", $crate::elsewhere::Here::Key("protect")),
            ("tagsall", $crate::elsewhere::Here::Key("tags")),
            ("condition", $crate::elsewhere::Here::Way("what only some environments have is left out in the others: `omit` under [env.NAME]")),
            ("count", $crate::elsewhere::Here::Way("each resource has a table of its own; `omit` under [env.NAME] leaves one out")),
            ("foreach", $crate::elsewhere::Here::Way("each resource has a table of its own; `omit` under [env.NAME] leaves one out")),
            ("provider", $crate::elsewhere::Here::Way("`region`, `account` and `profile` stand in [project]")),
            ("nameprefix", $crate::elsewhere::Here::Way("`name_prefix` stands in [project], and before every name")),
            ("region", $crate::elsewhere::Here::Way("`region` stands in [project], for all of it")),
            ("metadata", $crate::elsewhere::Here::Way("leave it out")),
        ]
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words = words! {
        "memorysize" => Here::Key("memory"),
        "name" => Here::Key("sid"),
        "events" => Here::Way("elsewhere"),
    };

    #[test]
    fn words_are_found_however_they_are_parted_and_only_where_they_help() {
        let known = ["memory".to_owned(), "timeout".to_owned()];
        for word in ["memory_size", "MemorySize", "memorySize", "memory-size"] {
            assert_eq!(
                find(WORDS, word, &known),
                Some(Here::Key("memory")),
                "{word}"
            );
        }
        assert_eq!(find(WORDS, "name", &known), None);
        assert_eq!(find(WORDS, "Events", &known), Some(Here::Way("elsewhere")));
        assert!(matches!(
            find(WORDS, "Properties", &known),
            Some(Here::Around(_))
        ));
        assert_eq!(value("AMD64", &["x86_64", "arm64"]), Some("x86_64"));
        assert_eq!(value("amd64", &["arm64"]), None);
    }
}
