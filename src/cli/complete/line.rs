//! What stands on a line that is still being typed, as far as it says where to look.

use std::path::{Path, PathBuf};

/// Where the names are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The manifest, below `-C` where that is given.
    pub file: PathBuf,
    pub env: Option<String>,
    pub local: bool,
}

/// Of the line that a shell asks about.
pub fn typed() -> Place {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(2);
    let words: Vec<String> = words.map(|word| bare(&word.to_string_lossy())).collect();
    let env = std::env::var("SLP_ENV").ok().filter(|env| !env.is_empty());
    let place = read(&words);
    Place {
        env: place.env.or(env),
        ..place
    }
}

/// The last of each option counts, as when the line is carried out.
fn read(words: &[String]) -> Place {
    let mut folder = PathBuf::new();
    let mut file = PathBuf::from("slp.toml");
    let mut place = Place::default();
    let mut rest = words.iter().map(String::as_str);
    while let Some(word) = rest.next() {
        let mut value = |names: &[&str]| names.iter().find_map(|name| given(name, word, &mut rest));
        if let Some(value) = value(&["-C"]) {
            folder = home(&value);
        } else if let Some(value) = value(&["-f", "--file"]) {
            file = home(&value);
        } else if let Some(value) = value(&["--env"]) {
            place.env = Some(value).filter(|env| !env.is_empty());
        } else if word == "--local" {
            place.local = true;
        }
    }
    Place {
        file: folder.join(file),
        ..place
    }
}

/// The value of an option: in the same word, or the next one.
fn given<'a>(name: &str, word: &str, rest: &mut impl Iterator<Item = &'a str>) -> Option<String> {
    let behind = word.strip_prefix(name)?;
    if behind.is_empty() {
        return rest.next().map(str::to_owned);
    }
    match (name.starts_with("--"), behind.strip_prefix('=')) {
        (_, Some(value)) => Some(value.to_owned()),
        (false, None) => Some(behind.to_owned()),
        (true, None) => None,
    }
}

/// Bash hands words over as they were typed.
fn bare(word: &str) -> String {
    let quoted = |quote| word.strip_prefix(quote)?.strip_suffix(quote);
    let plain = quoted('"').or_else(|| quoted('\''));
    plain.map_or_else(|| word.replace("\\ ", " "), str::to_owned)
}

fn home(path: &str) -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    match (path.strip_prefix("~/"), home) {
        (Some(below), Some(home)) => home.join(below),
        _ => Path::new(path).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Place {
        let words: Vec<String> = line.split(' ').map(bare).collect();
        read(&words)
    }

    #[test]
    fn options_say_where_the_names_are() {
        let place = |file: &str, env: Option<&str>, local| Place {
            file: file.into(),
            env: env.map(str::to_owned),
            local,
        };
        assert_eq!(of("plan --target "), place("slp.toml", None, false));
        let line = "-C a/b --file x.toml plan --env=prod --local";
        assert_eq!(of(line), place("a/b/x.toml", Some("prod"), true));
        let line = "-Ca -fx.toml why --env prod --env dev";
        assert_eq!(of(line), place("a/x.toml", Some("dev"), false));
        assert_eq!(of("-C 'a' plan -f"), place("a/slp.toml", None, false));
        // Another option may begin alike.
        assert_eq!(of("--envy prod"), place("slp.toml", None, false));
    }
}
