//! Is there a text that fits all of these patterns and none of those?
//!
//! Decided by walking all patterns at once, letter by letter: a pattern is a small automaton
//! whose states are its places. What would take too long counts as "there may be one", which
//! shows a right too many and never hides one.

use std::collections::{BTreeSet, HashSet};

use super::glob::{Glob, Token};

/// How many states are looked at before it is left undecided.
const MOST: usize = 4_000;

/// Is there certainly no such text, whatever the variables come to mean?
pub fn empty(all: &[&Glob], not: &[&Glob]) -> bool {
    if all.iter().chain(not).all(|glob| !glob.has_variables()) {
        return walk(all, not);
    }
    // A variable as a letter of its own proves that one pattern is covered, but not that two
    // are apart: it may come to mean what the other has there.
    if all.iter().any(|glob| walk(&[*glob], not)) {
        return true;
    }
    let wide: Vec<Glob> = all.iter().map(|glob| glob.widened()).collect();
    let wide: Vec<&Glob> = wide.iter().collect();
    let sure: Vec<&Glob> = not.iter().copied().filter(|g| !g.has_variables()).collect();
    walk(&wide, &sure)
}

/// Does one pattern certainly fit everything that the other does?
pub fn covers(wide: &Glob, narrow: &Glob) -> bool {
    wide.is_any() || wide.tokens == narrow.tokens || empty(&[narrow], &[wide])
}

/// A letter, as far as patterns tell letters apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Letter<'a> {
    Lit(char),
    Var(&'a str),
    /// One that no pattern names.
    Other,
}

/// For each pattern, the places where it can be.
type State = Vec<Vec<usize>>;

fn walk(all: &[&Glob], not: &[&Glob]) -> bool {
    if apart(all) {
        return true;
    }
    let globs: Vec<&Glob> = all.iter().chain(not).copied().collect();
    let first: State = globs.iter().map(|glob| settled(glob, vec![0])).collect();
    let mut seen = HashSet::from([first.clone()]);
    let mut open = vec![first];
    while let Some(state) = open.pop() {
        if seen.len() > MOST || found(&globs, all.len(), &state) {
            return false;
        }
        for letter in letters(&globs, &state) {
            let step = |(glob, places): (&&Glob, &Vec<usize>)| step(glob, places, letter);
            let next: State = globs.iter().zip(&state).map(step).collect();
            let alive = next[..all.len()].iter().all(|places| !places.is_empty());
            if alive && seen.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    true
}

/// Does a text that ends here, or certainly one that goes on, fit?
fn found(globs: &[&Glob], all: usize, state: &State) -> bool {
    let ends = |at: usize| state[at].contains(&globs[at].tokens.len());
    let goes_on = all == 1 && state[1..].iter().all(Vec::is_empty);
    goes_on || (0..all).all(ends) && !(all..globs.len()).any(ends)
}

fn apart(globs: &[&Glob]) -> bool {
    let pairs = globs.iter().enumerate();
    let mut pairs = pairs.flat_map(|(at, one)| globs[at + 1..].iter().map(move |o| (one, o)));
    pairs.any(|(one, other)| begin_apart(one, other))
}

/// The quick answer for most pairs: two patterns begin with different letters.
pub fn begin_apart(one: &Glob, other: &Glob) -> bool {
    let letter = |token: &Token| matches!(token, Token::Lit(_));
    let both = one.tokens.iter().zip(&other.tokens);
    let mut letters = both.take_while(|(a, b)| letter(a) && letter(b));
    letters.any(|(a, b)| a != b)
}

fn letters<'a>(globs: &[&'a Glob], state: &State) -> BTreeSet<Letter<'a>> {
    let mut letters = BTreeSet::from([Letter::Other]);
    for (glob, places) in globs.iter().zip(state) {
        let tokens = places.iter().filter_map(|at| glob.tokens.get(*at));
        letters.extend(tokens.filter_map(|token| match token {
            Token::Lit(letter) => Some(Letter::Lit(*letter)),
            Token::Var(name) => Some(Letter::Var(name)),
            Token::Any | Token::One => None,
        }));
    }
    letters
}

fn step(glob: &Glob, places: &[usize], letter: Letter) -> Vec<usize> {
    let mut next = Vec::new();
    for at in places {
        match (glob.tokens.get(*at), letter) {
            (Some(Token::Any), _) => next.push(*at),
            // A variable may be of any length.
            (Some(Token::One), Letter::Lit(_) | Letter::Other) => next.push(at + 1),
            (Some(Token::Lit(own)), Letter::Lit(letter)) if *own == letter => next.push(at + 1),
            (Some(Token::Var(own)), Letter::Var(name)) if own == name => next.push(at + 1),
            _ => {}
        }
    }
    settled(glob, next)
}

/// With the places behind stars; what a later star does as well is left out.
fn settled(glob: &Glob, mut places: Vec<usize>) -> Vec<usize> {
    let star = |at: &usize| glob.tokens.get(*at) == Some(&Token::Any);
    let behind: Vec<usize> = places
        .iter()
        .copied()
        .filter(star)
        .map(|at| at + 1)
        .collect();
    places.extend(behind);
    let last = places.iter().copied().filter(star).max().unwrap_or(0);
    places.retain(|at| *at >= last);
    places.sort_unstable();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text, true)
    }

    #[test]
    fn which_pattern_covers_which() {
        for (wide, narrow, is) in [
            ("*", "a", true),
            ("a*", "a", true),
            ("a*", "ab?", true),
            ("a?", "a*", false),
            ("*?", "?*", true),
            ("a*b*c", "a-b-c", true),
            ("a*b*c", "a*c", false),
            ("*a*", "*ba*", true),
            ("?*", "*", false),
            ("s3:Get*", "s3:*", false),
            ("b/*", "b/${aws:username}/x", true),
            ("b/${aws:username}", "b/${AWS:UserName}", true),
            ("b/?", "b/${aws:username}", false),
            ("b/${aws:username}", "b/ann", false),
            ("b/${*}", "b/x", false),
            ("b/*", "b/${*}", true),
        ] {
            assert_eq!(covers(&glob(wide), &glob(narrow)), is, "{wide} {narrow}");
        }
    }

    #[test]
    fn what_may_come_to_mean_the_same_is_not_apart() {
        for (one, other, apart) in [
            ("a*", "*b", false),
            ("a*", "b*", true),
            ("*a", "*b", true),
            ("a?", "?b", false),
            ("ab", "a?c", true),
            ("b/${aws:username}", "b/ann", false),
            ("b/${aws:username}", "c/ann", true),
        ] {
            let (one, other) = (glob(one), glob(other));
            assert_eq!(empty(&[&one, &other], &[]), apart, "{one:?} {other:?}");
        }
    }

    #[test]
    fn a_union_covers_what_none_of_it_does() {
        let parts = [glob(""), glob("?"), glob("??*")];
        let parts: Vec<&Glob> = parts.iter().collect();
        assert!(empty(&[&glob("*")], &parts));
        assert!(!empty(&[&glob("*")], &parts[1..]));
    }

    #[test]
    fn what_takes_too_long_is_left_undecided() {
        let hard = glob(&format!("*a{}", "?".repeat(40)));
        let harder = glob(&format!("*a{}", "?".repeat(41)));
        assert!(!empty(&[&hard, &harder], &[&hard]));
    }

    proptest! {
        /// Of all short texts, none tells otherwise.
        #[test]
        fn as_the_simulator_says(
            all in prop::collection::vec("[ab*?]{0,4}", 1..3),
            not in prop::collection::vec("[ab*?]{0,4}", 0..3),
        ) {
            let globs = |texts: &[String]| texts.iter().map(|t| glob(t)).collect::<Vec<_>>();
            let (yes, no) = (globs(&all), globs(&not));
            let is = empty(&yes.iter().collect::<Vec<_>>(), &no.iter().collect::<Vec<_>>());
            let fits = |pattern: &String, text: &str| crate::iam::evaluate::matches(pattern, text);
            let one = texts(7).into_iter().find(|text| {
                all.iter().all(|p| fits(p, text)) && !not.iter().any(|p| fits(p, text))
            });
            prop_assert_eq!(is, one.is_none(), "{:?}", one);
        }
    }

    /// Every text of `a`, `b` and `c` up to a length.
    fn texts(most: usize) -> Vec<String> {
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..most {
            let longer = last
                .iter()
                .flat_map(|t| ["a", "b", "c"].map(|l| format!("{t}{l}")));
            last = longer.collect();
            all.extend(last.clone());
        }
        all
    }
}
