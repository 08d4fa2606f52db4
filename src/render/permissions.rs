//! Who gains or loses what, below a plan's changes, and in the forms for reviewers.

use super::style::{Paint, Style, columns, wrapped};
use super::value::{counted, printable};
use crate::plan::{Permissions, Right};
use crate::rights::lines;

/// So many lines of one role or resource are told unless all are asked for.
const MOST: usize = 12;

/// The section of a plan's page; `None` where nothing changes for anybody.
pub fn section(rights: &[Permissions], title: &str, style: &Style) -> Option<String> {
    let told: String = rights.iter().map(|one| block(one, MOST, style)).collect();
    (!told.is_empty()).then(|| format!("{title}:\n{told}"))
}

/// All of one role or resource for a page, each line with the symbol that colours it:
/// `+ gains s3:GetObject on *`.
pub fn marked(permissions: &Permissions, style: &Style) -> String {
    let row = |(verb, paint, what): (&str, Paint, String)| {
        let symbol = symbol(paint);
        let what = wrapped(&printable(&what), 3 + columns(verb), 6, style.width);
        format!("{symbol} {verb} {what}\n")
    };
    told(permissions).into_iter().map(row).collect()
}

/// How many lines of it are gains, losses and unknown: `2 gained, 1 lost`.
pub fn numbers(permissions: &Permissions) -> String {
    let lines = told(permissions);
    let words = [
        (Paint::Added, "gained"),
        (Paint::Removed, "lost"),
        (Paint::Drift, "not known"),
    ];
    let count = |(paint, word)| {
        let count = lines.iter().filter(|(_, of, _)| *of == paint).count();
        (count > 0).then(|| format!("{count} {word}"))
    };
    let counts: Vec<String> = words.into_iter().filter_map(count).collect();
    counts.join(", ")
}

/// What it may no longer do, a line each.
pub fn losses(permissions: &Permissions) -> Vec<String> {
    let lost = told(permissions).into_iter();
    let lost = lost.filter(|(_, paint, _)| *paint == Paint::Removed);
    lost.map(|(verb, _, what)| printable(&format!("{verb} {what}")))
        .collect()
}

fn symbol(paint: Paint) -> &'static str {
    match paint {
        Paint::Added => "+",
        Paint::Removed => "-",
        _ => "!",
    }
}

/// Whole, of those of which the page tells a part.
pub fn permissions(rights: &[Permissions], style: &Style) -> String {
    let long = rights.iter().filter(|one| rows(one, style).len() > MOST);
    let told: String = long.map(|one| block(one, usize::MAX, style)).collect();
    match told.is_empty() {
        true => told,
        false => format!("\nAll permissions:\n{told}"),
    }
}

fn block(permissions: &Permissions, most: usize, style: &Style) -> String {
    let address = permissions.addr.as_str();
    let rows = rows(permissions, style);
    let mut out = format!("  {}\n", style.paint(Paint::Address, address));
    for row in rows.iter().take(most) {
        out.push_str(&format!("{row}\n"));
    }
    if rows.len() > most {
        let more = counted(rows.len() - most, "more line");
        out.push_str(&format!("    … {more} (-v shows them)\n"));
    }
    out
}

/// The lines as they are printed: a long one takes several.
fn rows(permissions: &Permissions, style: &Style) -> Vec<String> {
    let row = |(verb, paint, what): (&str, Paint, String)| -> Vec<String> {
        let what = wrapped(&printable(&what), 4 + columns(verb) + 1, 8, style.width);
        let text = format!("    {} {what}", style.paint(paint, verb));
        text.lines().map(str::to_owned).collect()
    };
    told(permissions).into_iter().flat_map(row).collect()
}

/// A line each: its verb, and what is gained or lost.
fn told(permissions: &Permissions) -> Vec<(&'static str, Paint, String)> {
    let mut all = Vec::new();
    for (rights, own, others, paint) in [
        (&permissions.gained, "gains", "now", Paint::Added),
        (&permissions.lost, "loses", "no longer", Paint::Removed),
    ] {
        let named = |right: &&Right| right.principal.is_some();
        let (theirs, its): (Vec<&Right>, Vec<&Right>) = rights.iter().partition(named);
        for (verb, rights) in [(own, its), (others, theirs)] {
            let rights: Vec<Right> = rights.into_iter().cloned().collect();
            let lines = lines(&rights).into_iter();
            all.extend(lines.map(|line| (verb, paint, line)));
        }
    }
    let unknown = permissions.unknown.iter();
    all.extend(unknown.map(|what| ("not known:", Paint::Drift, what.clone())));
    all
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::addr::Addr;
    use crate::plan::Pattern;

    fn pattern(like: &str) -> Pattern {
        Pattern {
            like: vec![like.into()],
            except: Vec::new(),
        }
    }

    pub fn right(principal: Option<&str>, action: &str, resource: Option<&str>) -> Right {
        Right {
            principal: principal.map(pattern),
            action: pattern(action),
            resource: resource.map(pattern),
            condition: None,
            partly: false,
        }
    }

    pub fn example(gained: Vec<Right>) -> Permissions {
        Permissions {
            addr: Addr::parse("role.x").unwrap(),
            existed: true,
            gained,
            lost: vec![right(Some("events.amazonaws.com"), "sts:AssumeRole", None)],
            unknown: vec!["what arn:aws:iam::aws:policy/X allows could not be read".into()],
        }
    }

    #[test]
    fn gains_come_first_and_lines_are_broken() {
        let gained = vec![
            right(
                None,
                "s3:GetObject",
                Some("arn:aws:s3:::a-bucket-of-some-length/with/a/path/*"),
            ),
            right(
                None,
                "s3:PutObject",
                Some("arn:aws:s3:::a-bucket-of-some-length/with/a/path/*"),
            ),
            right(Some("lambda.amazonaws.com"), "sts:AssumeRole", None),
        ];
        let expected = "\
Permissions:
  role.x
    gains s3:GetObject, s3:PutObject on
        arn:aws:s3:::a-bucket-of-some-length/with/a/path/*
    now lambda.amazonaws.com may sts:AssumeRole
    no longer events.amazonaws.com may sts:AssumeRole
    not known: what arn:aws:iam::aws:policy/X allows could not be read
";
        let rights = [example(gained)];
        let told = section(&rights, "Permissions", &Style::default());
        assert_eq!(told.as_deref(), Some(expected));
        assert_eq!(section(&[], "Permissions", &Style::default()), None);
        let marked = marked(&rights[0], &Style::default());
        let expected = "\
+ gains s3:GetObject, s3:PutObject on
      arn:aws:s3:::a-bucket-of-some-length/with/a/path/*
+ now lambda.amazonaws.com may sts:AssumeRole
- no longer events.amazonaws.com may sts:AssumeRole
! not known: what arn:aws:iam::aws:policy/X allows could not be read
";
        assert_eq!(marked, expected);
        assert_eq!(numbers(&rights[0]), "2 gained, 1 lost, 1 not known");
        let lost = ["no longer events.amazonaws.com may sts:AssumeRole"];
        assert_eq!(losses(&rights[0]), lost);
    }

    #[test]
    fn a_long_list_is_told_whole_on_demand_only() {
        let letters = "abcdefghijklmn".chars();
        let gained = letters.map(|l| right(None, &format!("{l}:*"), Some(&format!("{l}"))));
        let many = [example(gained.collect())];
        let told = section(&many, "Permissions", &Style::default()).unwrap();
        assert_eq!(told.lines().count(), 2 + MOST + 1);
        assert!(
            told.ends_with("    … 4 more lines (-v shows them)\n"),
            "{told}"
        );
        let all = permissions(&many, &Style::default());
        assert_eq!(all.lines().count(), 1 + 2 + 16);
        assert_eq!(permissions(&[example(Vec::new())], &Style::default()), "");
    }
}
