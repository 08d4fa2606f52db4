//! Texts with holes: `role/<role-name:1>` fits `role/a`, and from then on `<role-name:1>` is
//! `a` and nothing else is. A hole without a number fits any text.

use super::Bindings;

#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Hole(&'a str),
}

/// Is the recorded text one numbered hole and nothing else?
pub fn is_lone(recorded: &str) -> bool {
    matches!(parts(recorded)[..], [Part::Hole(name)] if numbered(name))
}

/// What becomes of the bindings if the text fits; nothing if it does not.
pub fn fit(recorded: &str, text: &str, bound: &Bindings) -> Option<Bindings> {
    let mut bound = bound.clone();
    fits(&parts(recorded), text, &mut bound).then_some(bound)
}

fn parts(mut text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    while let Some((before, hole, after)) = split(text) {
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Hole(hole));
        text = after;
    }
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    parts
}

/// What stands before, in and after the first hole.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    loop {
        let start = from + text[from..].find('<')?;
        let inner = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
        let rest = &text[start + 1..];
        let length = rest.find(|c| !inner(c))?;
        if length > 0 && rest[length..].starts_with('>') {
            let end = start + length + 2;
            return Some((&text[..start], &text[start..end], &text[end..]));
        }
        from = start + 1;
    }
}

fn numbered(hole: &str) -> bool {
    let number = hole.trim_end_matches('>').rsplit_once(':');
    number.is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()))
}

fn fits(parts: &[Part<'_>], text: &str, bound: &mut Bindings) -> bool {
    let Some((first, rest)) = parts.split_first() else {
        return text.is_empty();
    };
    let hole = match first {
        Part::Text(literal) => {
            return text
                .strip_prefix(literal)
                .is_some_and(|text| fits(rest, text, bound));
        }
        Part::Hole(hole) => *hole,
    };
    if let Some(value) = bound.get(hole) {
        let after = text.strip_prefix(value.as_str());
        return after.is_some_and(|text| fits(rest, text, bound));
    }
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
    for end in ends.collect::<Vec<_>>() {
        let before = bound.clone();
        let (value, text) = text.split_at(end);
        if bind(hole, value, bound) && fits(rest, text, bound) {
            return true;
        }
        *bound = before;
    }
    false
}

/// Two holes of a name stand for two values.
fn bind(hole: &str, value: &str, bound: &mut Bindings) -> bool {
    if !numbered(hole) {
        return true;
    }
    let name = |hole: &str| hole.rsplit_once(':').map(|(name, _)| name.to_owned());
    let taken = |(other, used): (&String, &String)| used == value && name(other) == name(hole);
    if bound.iter().any(taken) {
        return false;
    }
    bound.insert(hole.to_owned(), value.to_owned());
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_hole_is_the_same_value() {
        let bound = fit("role<path:1><name:1>", "role/p/n", &Bindings::new()).unwrap();
        assert_eq!(bound["<path:1>"], "/");
        let known = Bindings::from([("<path:1>".into(), "/p/".into())]);
        let bound = fit("role<path:1><name:1>", "role/p/n", &known).unwrap();
        assert_eq!(bound["<name:1>"], "n");
        assert!(fit("<name:1>", "n", &bound).is_some());
        assert!(fit("<name:1>", "m", &bound).is_none());
        assert!(fit("<name:2>", "n", &bound).is_none(), "taken");
        assert!(fit("<name:2>", "m", &bound).is_some());
    }

    #[test]
    fn a_hole_without_a_number_fits_any_text() {
        for text in ["a<x>c", "<x>", "a<x>"] {
            assert_eq!(fit(text, "abc", &Bindings::new()), Some(Bindings::new()));
        }
        assert!(fit("b<x>", "abc", &Bindings::new()).is_none());
        assert!(fit("a < b > c", "a < b > c", &Bindings::new()).is_some());
        assert!(is_lone("<a:1>") && !is_lone("<a>") && !is_lone("x<a:1>"));
    }
}
