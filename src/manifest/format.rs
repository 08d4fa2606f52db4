//! The canonical form of a manifest: one space around `=`, no indentation, one blank line
//! between tables. Comments stay, nothing is reordered, and what is canonical stays as it is.
//!
//! toml_edit says where the values are; everything between them is lines.

use std::ops::Range;
use std::sync::Arc;

use toml_edit::{Array, Decor, Document, InlineTable, Item, RawString, Table, Value};

use super::{Found, Report, Source, depth, syntax};
use crate::problem::Problem;

/// Formats a manifest; one with broken syntax comes back as its errors.
pub fn format(text: &str) -> Result<String, Report> {
    let broken = |problems: Vec<Problem>| {
        let source = Arc::new(Source::new("slp.toml", text));
        let found = problems.into_iter().map(|problem| Found {
            source: source.clone(),
            problem,
        });
        Report::new(found.collect())
    };
    let parsed = depth::parse(text);
    let problems = parsed.errors.iter().map(syntax::explain);
    let problems: Vec<Problem> = problems.chain(parsed.deep).collect();
    if !problems.is_empty() {
        return Err(broken(problems));
    }
    let document =
        Document::parse(text).map_err(|error| broken(vec![Problem::at(&[], error.message())]))?;
    let mut places = Vec::new();
    values_of(document.as_table(), &mut places);
    places.sort_by_key(|place| place.start);
    Ok(joined(&spaced(lines(text, &places))))
}

/// Where the values of all keys stand, whole.
fn values_of(table: &Table, places: &mut Vec<Range<usize>>) {
    for (_, item) in table.iter() {
        match item {
            Item::Value(Value::InlineTable(table)) if table.is_dotted() => dotted(table, places),
            Item::Value(value) => places.extend(value.span()),
            Item::Table(table) => values_of(table, places),
            Item::ArrayOfTables(tables) => tables.iter().for_each(|t| values_of(t, places)),
            Item::None => {}
        }
    }
}

fn dotted(table: &InlineTable, places: &mut Vec<Range<usize>>) {
    for (_, value) in table.iter() {
        match value {
            Value::InlineTable(inner) if inner.is_dotted() => dotted(inner, places),
            value => places.extend(value.span()),
        }
    }
}

/// A line of the result; a key's value may take several.
#[derive(Debug, PartialEq)]
enum Line {
    Blank,
    Comment(String),
    Header(String),
    Key(String),
}

fn lines(text: &str, places: &[Range<usize>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut at = 0;
    // The key and value whose line is not finished yet.
    let mut open: Option<String> = None;
    for place in places {
        let gap = text.get(at..place.start).unwrap_or_default();
        let key = between(gap, &mut open, &mut lines);
        let key = key.trim_end().trim_end_matches('=');
        let value = text.get(place.clone()).unwrap_or_default();
        open = Some(format!("{} = {}", squeezed(key), canonical(value)));
        at = place.end;
    }
    let rest = text.get(at..).unwrap_or_default();
    let last = between(rest, &mut open, &mut lines);
    lines.extend(line(last));
    lines
}

/// Reads what stands between two values; gives the start of the line that the next one is on.
fn between<'a>(gap: &'a str, open: &mut Option<String>, lines: &mut Vec<Line>) -> &'a str {
    let mut rest = gap;
    if let Some(mut key) = open.take() {
        let (tail, after) = gap.split_once('\n').unwrap_or((gap, ""));
        if !tail.trim().is_empty() {
            key.push(' ');
            key.push_str(tail.trim());
        }
        lines.push(Line::Key(key));
        rest = after;
    }
    while let Some((whole, after)) = rest.split_once('\n') {
        lines.push(line(whole).unwrap_or(Line::Blank));
        rest = after;
    }
    rest
}

fn line(text: &str) -> Option<Line> {
    let text = text.trim().trim_start_matches('\u{feff}');
    match text.chars().next()? {
        '#' => Some(Line::Comment(text.to_owned())),
        _ => Some(Line::Header(squeezed(text))),
    }
}

/// A key or header without the spaces outside quotes; a comment keeps its own.
fn squeezed(text: &str) -> String {
    let mut out = String::new();
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.trim_start_matches('\u{feff}').char_indices() {
        match quote {
            None if c == '#' => {
                out.push(' ');
                out.push_str(text.trim_start_matches('\u{feff}')[at..].trim_end());
                return out;
            }
            None if c.is_whitespace() => continue,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open && !escaped => quote = None,
            _ => {}
        }
        escaped = quote == Some('"') && c == '\\' && !escaped;
        out.push(c);
    }
    out
}

/// One blank line before a header and the comments that stand right above it, none after
/// it, and never two in a row. A header right below another one, which has no keys, may stay.
fn spaced(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for line in lines {
        let comments = out.iter().rev();
        let comments = comments.take_while(|l| matches!(l, Line::Comment(_)));
        let at = out.len() - comments.count();
        let above = at.checked_sub(1).and_then(|at| out.get(at));
        match line {
            Line::Blank if matches!(out.last(), None | Some(Line::Blank)) => continue,
            Line::Header(_) => {
                let adjacent = at == out.len() && matches!(above, Some(Line::Header(_)));
                if !adjacent && !matches!(above, None | Some(Line::Blank)) {
                    out.insert(at, Line::Blank);
                }
            }
            Line::Key(_) if above == Some(&Line::Blank) => {
                let header = at.checked_sub(2).and_then(|at| out.get(at));
                if matches!(header, Some(Line::Header(_))) {
                    out.remove(at - 1);
                }
            }
            _ => {}
        }
        out.push(line);
    }
    while out.last() == Some(&Line::Blank) {
        out.pop();
    }
    out
}

fn joined(lines: &[Line]) -> String {
    let mut out = String::new();
    for line in lines {
        match line {
            Line::Blank => {}
            Line::Comment(text) | Line::Header(text) | Line::Key(text) => out.push_str(text),
        }
        out.push('\n');
    }
    out
}

/// A value: lists and inline tables with canonical spaces, everything else as written.
fn canonical(written: &str) -> String {
    if !written.starts_with(['[', '{']) {
        return written.to_owned();
    }
    let Ok(mut value) = written.parse::<Value>() else {
        return written.to_owned();
    };
    tidy(&mut value, 0);
    value.decor_mut().clear();
    value.to_string()
}

fn tidy(value: &mut Value, depth: usize) {
    match value {
        Value::Array(array) if spans_lines(array) => tidy_tall(array, depth),
        Value::Array(array) => {
            for item in array.iter_mut() {
                tidy(item, depth);
                item.decor_mut().clear();
            }
            array.set_trailing("");
            array.set_trailing_comma(false);
        }
        Value::InlineTable(table) if !is_free_form(table) => {
            for (mut key, value) in table.iter_mut() {
                key.leaf_decor_mut().clear();
                key.dotted_decor_mut().clear();
                tidy(value, depth);
                value.decor_mut().clear();
            }
            table.set_trailing("");
            table.set_trailing_comma(false);
        }
        _ => {}
    }
}

/// A list of several lines: each item on its own, indented by four spaces, with a comma.
fn tidy_tall(array: &mut Array, depth: usize) {
    let last = array.len().saturating_sub(1);
    let mut tail = String::new();
    let comma = array.trailing_comma();
    for (at, item) in array.iter_mut().enumerate() {
        tidy(item, depth + 1);
        let before = raw(item.decor().prefix());
        let after = raw(item.decor().suffix());
        item.decor_mut().set_prefix(indented(&before, depth + 1));
        if at == last && !comma {
            tail = after;
            item.decor_mut().set_suffix("");
        } else if after.contains('#') {
            item.decor_mut().set_suffix(indented(&after, depth + 1));
        } else {
            item.decor_mut().set_suffix("");
        }
    }
    let trailing = format!("{tail}{}", raw(Some(array.trailing())));
    let mut end = indented(&trailing, depth + 1);
    let inner = "    ".repeat(depth + 1);
    if let Some(start) = end.strip_suffix(&inner) {
        end = format!("{start}{}", "    ".repeat(depth));
    }
    array.set_trailing(end);
    array.set_trailing_comma(true);
}

/// Comments of a gap, the first one on the line where it was, then a new indented line.
fn indented(gap: &str, depth: usize) -> String {
    let indent = "    ".repeat(depth);
    let mut out = String::new();
    for (number, piece) in gap.split('\n').map(str::trim).enumerate() {
        match (number, piece.is_empty()) {
            (_, true) => {}
            (0, false) => out.push_str(&format!(" {piece}")),
            (_, false) => out.push_str(&format!("\n{indent}{piece}")),
        }
    }
    out.push_str(&format!("\n{indent}"));
    out
}

fn raw(text: Option<&RawString>) -> String {
    text.and_then(RawString::as_str)
        .unwrap_or_default()
        .to_owned()
}

fn breaks(decor: &Decor) -> bool {
    [decor.prefix(), decor.suffix()]
        .into_iter()
        .any(|text| raw(text).contains('\n'))
}

fn spans_lines(array: &Array) -> bool {
    raw(Some(array.trailing())).contains('\n') || array.iter().any(|item| breaks(item.decor()))
}

/// Is this laid out by hand: over several lines, or with dotted keys, which toml_edit would gather?
fn is_free_form(table: &InlineTable) -> bool {
    let entry = |key: &str, value: &Value| {
        let by_hand = table.key(key).is_some_and(|key| breaks(key.leaf_decor()));
        let dotted = value.as_inline_table().is_some_and(InlineTable::is_dotted);
        by_hand || dotted || breaks(value.decor())
    };
    raw(Some(table.trailing())).contains('\n') || table.iter().any(|(key, value)| entry(key, value))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spaces_and_blank_lines_become_canonical_and_comments_stay() {
        let text = "\n\n# top\n  [ project ]   # why\n\n name=\"x\"   # name\n\n\n\ntags = {a=\"1\",b = '2' }\n# of X\n[function . \"X y\"]\nb.c =   [1,2 , 3,]\nzip='a'\nb.a = 1\ntext = \"\"\"\n  kept  \n\"\"\"\nlist = [ # first\n1, # one\n  # two\n  [2,\n3]\n]\n\n# end\n\n";
        insta::assert_snapshot!(format(text).unwrap(), @r#"
        # top
        [project] # why
        name = "x" # name

        tags = { a = "1", b = '2' }

        # of X
        [function."X y"]
        b.c = [1, 2, 3]
        zip = 'a'
        b.a = 1
        text = """
          kept  
        """
        list = [ # first
            1, # one
            # two
            [
                2,
                3,
            ],
        ]

        # end
        "#);
    }

    #[test]
    fn a_header_may_follow_another_directly() {
        let text = "[policy.p]\n[[policy.p.allow]]\n\nactions = []\n\n[role.r]\n\n[role.s]\n";
        let expected = "[policy.p]\n[[policy.p.allow]]\nactions = []\n\n[role.r]\n\n[role.s]\n";
        assert_eq!(format(text).unwrap(), expected);
    }

    #[test]
    fn broken_syntax_comes_back_as_errors() {
        let report = format("a = \n").unwrap_err();
        assert_eq!(report.problems().len(), 1);
    }

    fn line() -> impl Strategy<Value = String> {
        let space = || prop::sample::select(vec!["", " ", "  ", "\t"]);
        let value = prop::sample::select(vec![
            "1",
            "\"a # b = [c]\"",
            "'''x\n  y\n'''",
            "[1,2]",
            "[ 1 ,\n\n 2 # two\n, # after\n 3 # last\n]",
            "[\n[1],\n{a=1 , b.c = [ ]},]",
            "{ a=1,b = { c='d' } }",
            "{}",
            "[]",
            "2012-10-17",
        ]);
        let comment = prop::sample::select(vec!["", "#c", " # [not] = a", "  #"]);
        prop_oneof![
            (space(), space(), space(), value, comment).prop_map(|(a, b, c, value, comment)| {
                format!("{a}KEY{b}={c}{value}{comment}\n")
            }),
            (space(), space(), space())
                .prop_map(|(a, b, c)| format!("{a}[{b}HEAD{c}.\"x ]\" ] # h\n")),
            (space(), space()).prop_map(|(a, b)| format!("{a}[[ LIST{b}]]\n")),
            space().prop_map(|a| format!("{a}# note\n")),
            space().prop_map(|a| format!("{a}\n")),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn formatting_twice_is_formatting_once_and_changes_no_value(lines in prop::collection::vec(line(), 0..24)) {
            let mut text = String::new();
            for (number, line) in lines.iter().enumerate() {
                let line = line.replace("KEY", &format!("k{number} . \"a b\""));
                text.push_str(&line.replace("HEAD", &format!("h{number}")).replace("LIST", &format!("l{number}")));
            }
            let once = format(&text).unwrap();
            prop_assert_eq!(format(&once).unwrap(), once.clone());
            let (before, after): (toml::Table, toml::Table) = (text.parse().unwrap(), once.parse().unwrap());
            prop_assert_eq!(before, after);
            prop_assert_eq!(text.matches('#').count(), once.matches('#').count());
        }
    }
}
