//! The files that a manifest is read from, or that hold what must not leave this machine: none of
//! them belongs into a package, even where the code's folder is the manifest's own.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use toml::de::DeValue;

use super::encryption::KeyPlace;
use super::{Options, StatePlace, depth, tree};
use crate::kind::Block;

/// A file of values is short.
const LARGEST: u64 = 1 << 20;

/// What `[variables]` says of files, before it is valued.
#[derive(Debug, Default)]
pub struct Declared {
    names: BTreeSet<String>,
    /// `from = "file:…"` of the secret ones.
    secrets: Vec<String>,
}

impl Declared {
    pub fn of(variables: Option<&Block>) -> Declared {
        let mut declared = Declared::default();
        for (key, value) in variables.and_then(tree::table).into_iter().flatten() {
            declared.names.insert(key.get_ref().to_string());
            let member = |name: &str| value.get_ref().as_table()?.get(name).map(|v| v.get_ref());
            let is_secret = matches!(member("secret"), Some(DeValue::Boolean(true)));
            let from = member("from").and_then(|from| from.as_str());
            if let (true, Some(path)) =
                (is_secret, from.and_then(|from| from.strip_prefix("file:")))
            {
                declared.secrets.push(path.to_owned());
            }
        }
        declared
    }

    /// The manifest, the files of values given and beside those, secrets and keys.
    pub fn files(&self, options: &Options, place: &StatePlace) -> Vec<PathBuf> {
        let root = options.root();
        let keys = place
            .encryption
            .iter()
            .filter_map(|keys| keys.places().ok());
        let keys = keys.flat_map(|(now, earlier)| now.into_iter().chain(earlier));
        let keys = keys.filter_map(|key| match key {
            KeyPlace::KeyFile(path) | KeyPlace::PassphraseFile(path) => Some(path),
            KeyPlace::Environment(_) | KeyPlace::Kms(_) => None,
        });
        let below = self.secrets.iter().cloned().chain(keys);
        let mut files: Vec<PathBuf> = below.map(|path| root.join(path)).collect();
        files.push(options.file.clone());
        files.extend(options.var_files.iter().cloned());
        let mut folders = BTreeSet::from([root]);
        folders.extend(
            options
                .var_files
                .iter()
                .filter_map(|file| Some(file.parent()?.to_owned())),
        );
        files.extend(folders.iter().flat_map(|folder| self.values_in(folder)));
        files
    }

    /// The files of values for other environments: TOML of nothing but declared variables.
    fn values_in(&self, folder: &Path) -> Vec<PathBuf> {
        let folder = if folder == Path::new("") {
            Path::new(".")
        } else {
            folder
        };
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let files = entries.map(|entry| entry.path());
        files.filter(|path| self.is_values(path)).collect()
    }

    fn is_values(&self, path: &Path) -> bool {
        let short = |about: fs::Metadata| about.is_file() && about.len() <= LARGEST;
        if path.extension().is_none_or(|end| end != "toml") || !fs::metadata(path).is_ok_and(short)
        {
            return false;
        }
        let Ok(text) = fs::read_to_string(path) else {
            return false;
        };
        let parsed = depth::parse(&text);
        let table = parsed.table.get_ref();
        parsed.errors.is_empty()
            && !table.is_empty()
            && table
                .keys()
                .all(|key| self.names.contains(&**key.get_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{Source, read_text};

    #[test]
    fn what_is_read_and_what_is_secret_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for (name, text) in [
            ("dev.toml", "token = 'x'\n"),
            ("prod.toml", "token = 'y'\nsize = 2\n"),
            ("pyproject.toml", "[project]\nname = 'x'\n"),
            ("empty.toml", ""),
            ("token.txt", "t"),
            ("plain.txt", "p"),
        ] {
            fs::write(at(name), text).unwrap();
        }
        let manifest = "[project]\nname = 'x'\n[state.encryption]\nkey_file = 'k'\n\
            [variables]\nsize = 1\ntoken = { secret = true, from = 'file:token.txt' }\n\
            open = { from = 'file:plain.txt' }\n";
        let options = Options {
            file: at("slp.toml"),
            var_files: vec![at("dev.toml")],
            ..Options::default()
        };
        let kinds = crate::aws::kinds();
        let draft = read_text(Source::new("slp.toml", manifest), &options, &kinds);
        let Ok(draft) = draft else {
            panic!("not read");
        };
        let hidden: BTreeSet<PathBuf> = draft.hidden().iter().cloned().collect();
        let expected = ["slp.toml", "dev.toml", "prod.toml", "token.txt", "k"];
        assert_eq!(hidden, expected.map(at).into());
    }
}
