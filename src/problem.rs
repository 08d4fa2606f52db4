//! Something wrong with what a person wrote, tied to the place where it stands.

use std::cell::Cell;
use std::fmt;
use std::ops::Range;

use crate::addr::Addr;

/// How bad a finding is: an error is certain, and nothing is done before it is mended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    #[default]
    Error,
    /// AWS may refuse it, or it is not what it looks like; only the person knows.
    Warning,
}

/// One finding. `manifest` turns the path into a line with a caret; a span wins over a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub level: Level,
    /// The keys from the manifest's root (or, inside a kind, from its block) to the value.
    pub path: Vec<String>,
    /// Bytes of the manifest, where they are known already.
    pub span: Option<Range<usize>>,
    /// What is wrong, as a sentence fragment.
    pub message: String,
    /// The nearest right thing, or the way out.
    pub help: Option<String>,
    /// Is it the last key of the path that is wrong, and not what it says?
    pub of_key: bool,
}

impl Problem {
    pub fn at(path: &[&str], message: impl fmt::Display) -> Problem {
        Problem {
            level: Level::Error,
            path: path.iter().map(|s| (*s).to_owned()).collect(),
            span: None,
            message: message.to_string(),
            help: None,
            of_key: false,
        }
    }

    /// As `at`, where the last key itself is wrong: the caret goes under it.
    pub fn of_key(path: &[&str], message: impl fmt::Display) -> Problem {
        Problem {
            of_key: true,
            ..Problem::at(path, message)
        }
    }

    pub fn spanned(span: Range<usize>, message: impl fmt::Display) -> Problem {
        Problem {
            span: Some(span),
            ..Problem::at(&[], message)
        }
    }

    /// The same, as a warning.
    pub fn warning(self) -> Problem {
        Problem {
            level: Level::Warning,
            ..self
        }
    }

    pub fn is_error(&self) -> bool {
        self.level == Level::Error
    }

    pub fn help(mut self, help: impl fmt::Display) -> Problem {
        self.help = Some(help.to_string());
        self
    }

    /// The same problem, seen from further up: `prefix` goes before its path.
    pub fn under(mut self, prefix: &[&str]) -> Problem {
        let mut path: Vec<String> = prefix.iter().map(|s| (*s).to_owned()).collect();
        path.append(&mut self.path);
        self.path = path;
        self
    }
}

/// The candidate of which a word is certainly a slip: one letter off (two in long words), and
/// not by a number at the end, which makes another thing of it.
pub fn slip_of<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let unnumbered = |text: &str| text.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let (lower, length) = (word.to_ascii_lowercase(), word.chars().count());
    let most = match length {
        0..=3 => 0,
        4..=9 => 1,
        _ => 2,
    };
    let near = candidates.into_iter().filter_map(|candidate| {
        let off = strsim::damerau_levenshtein(&lower, &candidate.to_ascii_lowercase());
        let numbered = off > 0 && lower[..unnumbered(&lower)] == *candidate;
        (off <= most && !numbered).then_some((off, candidate))
    });
    near.min().map(|(_, candidate)| candidate)
}

/// Guesses at what was meant, as long as they cost little together: of the first wrong names a
/// person is told what each was meant to be, of the ten-thousandth not. Without this many wrong
/// names, each compared with many right ones, would take for ever.
#[derive(Clone, Debug)]
pub struct Guesses {
    left: Cell<usize>,
}

impl Default for Guesses {
    fn default() -> Guesses {
        Guesses {
            left: Cell::new(GUESSES),
        }
    }
}

/// How many comparisons all guesses of one report may take.
const GUESSES: usize = 500_000;

impl Guesses {
    /// As [`nearest`].
    pub fn nearest<'a>(
        &self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Option<&'a str> {
        nearest(word, self.counted(candidates)?)
    }

    /// As [`nearest_addr`].
    pub fn nearest_addr<'a>(
        &self,
        meant: &Addr,
        candidates: impl IntoIterator<Item = &'a Addr>,
    ) -> Option<&'a Addr> {
        nearest_addr(meant, self.counted(candidates)?)
    }

    /// As [`meant_addr`].
    pub fn meant_addr<'a>(
        &self,
        text: &str,
        candidates: impl IntoIterator<Item = &'a Addr>,
    ) -> Option<&'a Addr> {
        meant_addr(text, self.counted(candidates)?)
    }

    /// The candidates, each of which costs one; `None` where nothing is left to spend.
    pub fn counted<T>(
        &self,
        candidates: impl IntoIterator<Item = T>,
    ) -> Option<impl Iterator<Item = T>> {
        let spend = || self.left.set(self.left.get().saturating_sub(1));
        let candidates = candidates.into_iter().inspect(move |_| spend());
        (self.left.get() > 0).then_some(candidates)
    }
}

/// A word as people remember it: without case, `_`, `-`, spaces and dots.
pub fn bare(word: &str) -> String {
    let letters = word.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.'));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// The candidate nearest to a word that is not known, if one is near enough to be meant. Case and
/// what parts words do not count.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = bare(word);
    let distance = |candidate: &str| match bare(candidate) {
        same if same == plain => 0,
        // A word cut short, such as `int`, is nearer to its whole than to a word of its length.
        longer if plain.len() > 2 && longer.starts_with(&plain) => 1,
        other => strsim::damerau_levenshtein(&plain, &other),
    };
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .filter(|(distance, candidate)| {
            let length = candidate.len().min(word.len());
            *distance <= 1 + length / 3 && *distance < candidate.len()
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// The address that was meant: of the same kind if any is near, else of a kind that is; else the
/// only one that has this name.
pub fn nearest_addr<'a>(
    meant: &Addr,
    candidates: impl IntoIterator<Item = &'a Addr>,
) -> Option<&'a Addr> {
    let (kind, parent) = (meant.kind(), meant.parent());
    let (same, other): (Vec<&Addr>, Vec<&Addr>) =
        candidates.into_iter().partition(|addr| addr.kind() == kind);
    let siblings = || same.iter().copied().filter(|addr| addr.parent() == parent);
    if let Some(name) = nearest(meant.name(), siblings().map(Addr::name)) {
        return siblings().find(|addr| addr.name() == name);
    }
    // What stands under a parent of another name.
    let cousins = || {
        same.iter()
            .copied()
            .filter(|addr| addr.name() == meant.name())
    };
    let namesakes = || {
        other
            .iter()
            .copied()
            .filter(|addr| addr.name() == meant.name())
    };
    let of_near_kind = namesakes().find(|addr| nearest(&kind, [addr.kind().as_str()]).is_some());
    of_near_kind
        .or_else(|| only(cousins()))
        .or_else(|| only(namesakes().filter(|addr| addr.parent().is_none())))
}

fn only<'a>(mut found: impl Iterator<Item = &'a Addr>) -> Option<&'a Addr> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The address that a text stands for which may not even be one: a name alone, a header with its
/// brackets.
pub fn meant_addr<'a>(
    text: &str,
    candidates: impl IntoIterator<Item = &'a Addr>,
) -> Option<&'a Addr> {
    let text = text.trim_matches(['[', ']', '"', ' ']);
    let candidates: Vec<&Addr> = candidates.into_iter().collect();
    if let Ok(addr) = Addr::parse(text) {
        let same = candidates.iter().copied().find(|known| **known == addr);
        return same.or_else(|| nearest_addr(&addr, candidates));
    }
    let roots = || {
        candidates
            .iter()
            .copied()
            .filter(|addr| addr.parent().is_none())
    };
    let named = |name: &str| only(roots().filter(|addr| addr.name() == name));
    named(text).or_else(|| named(nearest(text, roots().map(Addr::name))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_a_stranger_is_not() {
        assert_eq!(nearest("memroy", ["memory", "timeout"]), Some("memory"));
        assert_eq!(nearest("zebra", ["memory", "timeout"]), None);
        assert_eq!(nearest("c", ["a"]), None);
        assert_eq!(nearest("r", ["r2", "R"]), Some("R"));
        assert_eq!(nearest("int", ["list", "integer"]), Some("integer"));
        for word in ["retentionDays", "RetentionInDays", "retention-days"] {
            assert_eq!(nearest(word, ["retention_days"]), Some("retention_days"));
        }
    }

    #[test]
    fn guesses_end_before_they_cost_too_much() {
        let names: Vec<String> = (0..20_000).map(|n| format!("name{n}")).collect();
        let (guesses, looked) = (Guesses::default(), Cell::new(0));
        let mut told = 0;
        for n in 0..20_000 {
            let candidates = names.iter().map(|name| {
                looked.set(looked.get() + 1);
                name.as_str()
            });
            told += usize::from(guesses.nearest(&format!("nam{n}"), candidates).is_some());
        }
        assert!((20..100).contains(&told), "{told}");
        // The last guess is made to its end.
        assert!(looked.get() <= GUESSES + names.len(), "{}", looked.get());
    }

    #[test]
    fn a_certain_slip_is_a_letter_off_and_no_version() {
        let known = ["lambda", "events", "iot", "AmazonS3ReadOnlyAccess"];
        assert_eq!(slip_of("lamda", known), Some("lambda"));
        assert_eq!(slip_of("Lambda", known), Some("lambda"));
        assert_eq!(slip_of("event", known), Some("events"));
        assert_eq!(slip_of("AmazonS3ReadOnlyAcces", known), Some(known[3]));
        for stranger in ["events2", "iot2", "io", "lamb", "AmazonS3FullAccess"] {
            assert_eq!(slip_of(stranger, known), None, "{stranger}");
        }
    }

    #[test]
    fn an_address_is_compared_within_its_kind_first() {
        let all = [
            "function.F",
            "role.lambda",
            "api.shop.stage.test",
            "policy.Nope",
        ]
        .map(|text| Addr::parse(text).unwrap());
        let meant = |text: &str| {
            let addr = Addr::parse(text).unwrap();
            nearest_addr(&addr, &all).map(Addr::as_str)
        };
        assert_eq!(meant("role.lamda"), Some("role.lambda"));
        assert_eq!(meant("function.Nope"), Some("policy.Nope"));
        assert_eq!(meant("function.Nobody"), None);
        assert_eq!(meant("roles.lambda"), Some("role.lambda"));
        assert_eq!(meant("api.shop.stage.tset"), Some("api.shop.stage.test"));
    }

    #[test]
    fn a_text_that_is_no_address_stands_for_the_only_one_of_its_name() {
        let all = ["function.Hello", "role.hello-run", "function.F", "role.F"]
            .map(|text| Addr::parse(text).unwrap());
        let meant = |text: &str| meant_addr(text, &all).map(Addr::as_str);
        assert_eq!(meant("Hello"), Some("function.Hello"));
        assert_eq!(meant("[function.Hello]"), Some("function.Hello"));
        assert_eq!(meant("helo"), Some("function.Hello"));
        assert_eq!(meant("F"), None);
        assert_eq!(meant("a b"), None);
    }
}
