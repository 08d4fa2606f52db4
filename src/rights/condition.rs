//! When a statement counts: its condition, compared test by test.
//!
//! A test is a fact that nobody knows; the same test is the same fact. Of two tests of one key
//! one may imply the other, by its values. That two tests exclude each other is never assumed.

use std::collections::BTreeSet;

use super::empty::covers;
use super::glob::{Glob, HOLE};
use crate::iam::grammar;

/// One key with its values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Test {
    pub operator: String,
    pub key: String,
    pub values: BTreeSet<String>,
}

impl Test {
    pub fn of(test: &grammar::Test) -> Test {
        let caseless = [
            "Bool",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
        ];
        let value = |value: &String| match caseless.contains(&bare(&test.operator)) {
            true => value.to_ascii_lowercase(),
            false => value.clone(),
        };
        Test {
            // To IAM these are two names of one thing.
            operator: test.operator.replacen("ArnEquals", "ArnLike", 1),
            // Keys know no case, but are read more easily with it.
            key: test.key.clone(),
            values: test.values.iter().map(value).collect(),
        }
    }

    /// Does the other hold wherever this one does?
    fn implies(&self, other: &Test) -> bool {
        if !self.key.eq_ignore_ascii_case(&other.key) {
            return false;
        }
        let same = self.operator == other.operator;
        match bare(&self.operator) {
            "Null" => same && self.values == other.values,
            // One of the values, against none of them.
            operator if operator.contains("Not") => same && self.values.is_superset(&other.values),
            _ => {
                let alike = same || self.operator == other.operator.replacen("Like", "Equals", 1);
                alike && self.values.iter().all(|value| other.takes(value))
            }
        }
    }

    /// Is all that this value lets through let through by this test too?
    fn takes(&self, value: &str) -> bool {
        let fits: fn(&str, &str) -> bool = match bare(&self.operator) {
            "StringLike" => |wide, narrow| covers(&Glob::new(wide, true), &Glob::new(narrow, true)),
            "ArnLike" => arn_covers,
            _ => |one, other| one == other,
        };
        self.values.contains(value) || self.values.iter().any(|own| fits(own, value))
    }
}

/// A test of the old grammar in the words of the new one, where `${$}` is a dollar.
fn spelled_out(test: &grammar::Test) -> grammar::Test {
    let value = |value: &String| {
        let mut pieces = value.split("${");
        let first = pieces.next().unwrap_or_default().to_owned();
        pieces.fold(first, |text, piece| match piece.starts_with(HOLE) {
            true => text + "${" + piece,
            false => text + "${$}{" + piece,
        })
    };
    grammar::Test {
        values: test.values.iter().map(value).collect(),
        ..test.clone()
    }
}

/// ARNs part by part, since a star does not reach over their first colons.
fn arn_covers(wide: &str, narrow: &str) -> bool {
    let parts = |arn: &str| -> Vec<Glob> {
        let parts = arn.splitn(6, ':');
        parts.map(|part| Glob::new(part, true)).collect()
    };
    let (w, n) = (parts(wide), parts(narrow));
    let plain = !wide.contains("${") && !narrow.contains("${");
    plain && w.len() == n.len() && w.iter().zip(&n).all(|(wide, narrow)| covers(wide, narrow))
}

/// An operator without what says how it takes several values, or none.
fn bare(operator: &str) -> &str {
    let rest = operator.split_once(':').map_or(operator, |(_, rest)| rest);
    rest.strip_suffix("IfExists").unwrap_or(rest)
}

/// A set of circumstances: each of `all` holds, and of each of `not` something does not.
#[derive(Clone, Debug, Default)]
pub struct When {
    pub all: BTreeSet<Test>,
    pub not: Vec<BTreeSet<Test>>,
}

impl When {
    /// Of a document whose version knows `variables`, or does not.
    pub fn of(tests: &[grammar::Test], variables: bool) -> When {
        let test = |test: &grammar::Test| match variables {
            true => Test::of(test),
            false => Test::of(&spelled_out(test)),
        };
        When {
            all: tests.iter().map(test).collect(),
            not: Vec::new(),
        }
    }

    /// Does it certainly never come about?
    pub fn is_empty(&self) -> bool {
        self.not.iter().any(|tests| implied(&self.all, tests))
    }

    pub fn and(&self, other: &When) -> When {
        let mut both = self.clone();
        both.all.extend(other.all.iter().cloned());
        for tests in &other.not {
            both.add_not(tests);
        }
        both
    }

    /// What is left without the other, in parts.
    pub fn minus(&self, other: &When) -> Vec<When> {
        let mut outside = self.clone();
        outside.add_not(&other.all);
        let excepted = other.not.iter().map(|tests| {
            let mut part = self.clone();
            part.all.extend(tests.iter().cloned());
            part
        });
        let parts = [outside].into_iter().chain(excepted);
        parts.filter(|part| !part.is_empty()).collect()
    }

    fn add_not(&mut self, tests: &BTreeSet<Test>) {
        if !self.not.contains(tests) {
            self.not.push(tests.clone());
        }
    }
}

/// Do some tests imply all of the others?
fn implied(all: &BTreeSet<Test>, tests: &BTreeSet<Test>) -> bool {
    tests
        .iter()
        .all(|test| all.iter().any(|own| own.implies(test)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn test(operator: &str, key: &str, values: &[&str]) -> Test {
        Test::of(&grammar::Test {
            operator: operator.into(),
            key: key.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
        })
    }

    #[test]
    fn which_test_implies_which() {
        for (operator, values, wider, more, is) in [
            (
                "StringEquals",
                &["a"][..],
                "StringEquals",
                &["a", "b"][..],
                true,
            ),
            ("StringEquals", &["a", "b"], "StringEquals", &["a"], false),
            (
                "StringNotEquals",
                &["a", "b"],
                "StringNotEquals",
                &["a"],
                true,
            ),
            (
                "StringNotEquals",
                &["a"],
                "StringNotEquals",
                &["a", "b"],
                false,
            ),
            ("StringEquals", &["ab"], "StringLike", &["a*"], true),
            ("StringLike", &["ab"], "StringEquals", &["ab"], false),
            (
                "StringEqualsIfExists",
                &["ab"],
                "StringLike",
                &["a*"],
                false,
            ),
            (
                "StringEquals",
                &["a"],
                "StringEqualsIgnoreCase",
                &["a"],
                false,
            ),
            ("StringLike", &["ab*"], "StringLike", &["a*"], true),
            ("StringLike", &["a*"], "StringLike", &["ab*"], false),
            ("StringNotLike", &["a*"], "StringNotLike", &["ab*"], false),
            (
                "ArnEquals",
                &["arn:aws:s3:::b"],
                "ArnLike",
                &["arn:aws:s3:::*"],
                true,
            ),
            ("ArnLike", &["arn:aws:s3:::b"], "ArnLike", &["*"], false),
            ("Bool", &["True"], "Bool", &["true"], true),
            ("Null", &["true"], "Null", &["true", "false"], false),
            ("NumericLessThan", &["1"], "NumericLessThan", &["2"], false),
            (
                "ForAnyValue:StringEquals",
                &["a"],
                "ForAnyValue:StringLike",
                &["?"],
                true,
            ),
            (
                "ForAnyValue:StringEquals",
                &["a"],
                "ForAllValues:StringEquals",
                &["a"],
                false,
            ),
        ] {
            let (one, other) = (test(operator, "k", values), test(wider, "K", more));
            assert_eq!(one.implies(&other), is, "{one:?} {other:?}");
            assert!(!one.implies(&test(wider, "another", more)));
        }
    }

    #[test]
    fn without_a_condition_all_is_left_to_nobody() {
        let always = When::default();
        let at_times = When {
            all: [test("Bool", "k", &["true"])].into(),
            not: Vec::new(),
        };
        assert!(at_times.minus(&always).is_empty());
        let left = always.minus(&at_times);
        assert_eq!(left.len(), 1);
        assert!(left[0].and(&at_times).is_empty());
    }
}
