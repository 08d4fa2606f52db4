//! Problems as a person sees them: file, line, column, the line itself with a caret, help.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError,
    MietteSpanContents, Severity, SourceCode, SourceSpan, SpanContents,
};

use serde::{Serialize, Serializer};

use crate::problem::{Level, Problem};

/// A file that problems stand in.
#[derive(Debug, Default)]
pub struct Source {
    /// As the person named it.
    pub name: String,
    pub text: Arc<str>,
    /// Where each line starts, in bytes.
    lines: Vec<usize>,
}

impl Source {
    /// How a file ends its lines is no part of what it says.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Source {
        let text: Arc<str> = text.into();
        let text = match text.contains('\r') || text.starts_with('\u{FEFF}') {
            true => crate::written::plain(text.as_ref().to_owned()).into(),
            false => text,
        };
        let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Source {
            name: name.into(),
            text,
            lines,
        }
    }

    /// The line, counted from 1, that a byte stands in.
    pub fn line(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte)
    }

    /// The column, counted from 1 in characters, that a byte stands in.
    pub fn column(&self, byte: usize) -> usize {
        let start = self.lines[self.line(byte) - 1];
        let before = self.text.get(start..byte).unwrap_or_default();
        before.chars().count() + 1
    }
}

/// A problem and the file it stands in.
#[derive(Clone, Debug)]
pub struct Found {
    pub source: Arc<Source>,
    pub problem: Problem,
}

/// Everything that is wrong, in the order of the files.
#[derive(Clone, Debug)]
pub struct Report {
    problems: Vec<Found>,
}

impl Report {
    /// Sorts by file and place, and says the same thing at the same place only once.
    pub fn new(mut problems: Vec<Found>) -> Report {
        let place = |found: &Found| {
            let at = found.problem.span.as_ref();
            (
                found.source.name.clone(),
                at.map(|span| (span.start, span.end)),
            )
        };
        let first = problems.first().map(|found| found.source.name.clone());
        problems
            .sort_by_cached_key(|found| (first.as_ref() != Some(&found.source.name), place(found)));
        problems.dedup_by(|a, b| place(a) == place(b) && a.problem.message == b.problem.message);
        Report { problems }
    }

    /// The findings in several environments as one report: what all of them have stands in it as it
    /// is, what only some have with their names.
    pub fn across(reports: Vec<(String, Report)>) -> Report {
        let count = reports.len();
        let mut merged: Vec<(Found, Vec<String>)> = Vec::new();
        let mut known: HashMap<(String, Option<Range<usize>>, String), usize> = HashMap::new();
        for (env, report) in reports {
            for found in report.problems {
                let problem = &found.problem;
                let key = (
                    found.source.name.clone(),
                    problem.span.clone(),
                    problem.message.clone(),
                );
                let at = *known.entry(key).or_insert_with(|| {
                    merged.push((found, Vec::new()));
                    merged.len() - 1
                });
                merged[at].1.push(env.clone());
            }
        }
        let named = merged.into_iter().map(|(mut found, envs)| {
            if envs.len() < count {
                let envs = envs.join(", ");
                found.problem.message = format!("in {envs}: {}", found.problem.message);
            }
            found
        });
        Report::new(named.collect())
    }

    pub fn single(source: &Arc<Source>, problem: Problem) -> Report {
        Report::new(vec![Found {
            source: source.clone(),
            problem,
        }])
    }

    pub fn problems(&self) -> &[Found] {
        &self.problems
    }

    /// The findings of one level, as a report of their own.
    pub fn only(&self, level: Level) -> Report {
        let of = self.problems.iter().filter(|f| f.problem.level == level);
        Report {
            problems: of.cloned().collect(),
        }
    }

    /// `2 problems`, `1 warning`, `2 problems, 1 warning`.
    pub fn count(&self) -> String {
        let count = |level: Level, noun: &str| {
            let of = |found: &&Found| found.problem.level == level;
            match self.problems.iter().filter(of).count() {
                0 => None,
                1 => Some(format!("1 {noun}")),
                many => Some(format!("{many} {noun}s")),
            }
        };
        let parts = [
            count(Level::Error, "problem"),
            count(Level::Warning, "warning"),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The whole report for a terminal of this width; ends with how many problems there are.
    pub fn render(&self, width: usize, color: bool) -> String {
        let theme = match color {
            true => GraphicalTheme::unicode(),
            false => GraphicalTheme::unicode_nocolor(),
        };
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_links(false)
            .with_width(width)
            .with_context_lines(1);
        let mut out = String::new();
        for (number, found) in self.problems.iter().enumerate() {
            if number > 0 {
                out.push('\n');
            }
            // Writing to a String cannot fail.
            let _ = handler.render_report(&mut out, &Shown::new(found));
        }
        out.push_str(&format!("\n{}\n", self.count()));
        out
    }
}

/// For programs: the problems in order; line and column are absent where no place is known.
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.problems.iter().map(|found| {
            let start = found.problem.span.as_ref().map(|span| span.start);
            serde_json::json!({
                "file": found.source.name,
                "line": start.map(|byte| found.source.line(byte)),
                "column": start.map(|byte| found.source.column(byte)),
                "message": found.problem.message,
                "help": found.problem.help,
            })
        }))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(100, false))
    }
}

impl std::error::Error for Report {}

/// One problem in miette's terms.
#[derive(Debug)]
struct Shown<'a> {
    problem: &'a Problem,
    source: Option<Lines<'a>>,
    message: String,
}

/// The lines of a file around a span. The whole text would be searched from its beginning for
/// each problem.
#[derive(Debug)]
struct Lines<'a>(&'a Source);

impl Lines<'_> {
    /// The number of the first line, from 0, and the bytes that a span is shown in.
    fn around(&self, span: &SourceSpan, before: usize, after: usize) -> (usize, Range<usize>) {
        let source = self.0;
        let end = span.offset() + span.len();
        let first = source.line(span.offset()).saturating_sub(before + 2);
        let next = source.line(end) + after + 1;
        let end = source.lines.get(next).copied().unwrap_or(source.text.len());
        (first, source.lines[first]..end)
    }
}

impl SourceCode for Lines<'_> {
    fn read_span<'s>(
        &'s self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'s> + 's>, MietteError> {
        let (first, bytes) = self.around(span, before, after);
        let start = bytes.start;
        let part = self.0.text.get(bytes).unwrap_or_default();
        let inside = SourceSpan::from((span.offset() - start, span.len()));
        let shown = part.read_span(&inside, before, after)?;
        let place = (shown.span().offset() + start, shown.span().len());
        Ok(Box::new(MietteSpanContents::new_named(
            self.0.name.clone(),
            shown.data(),
            place.into(),
            shown.line() + first,
            shown.column(),
            shown.line_count(),
        )))
    }
}

impl<'a> Shown<'a> {
    fn new(found: &'a Found) -> Shown<'a> {
        let problem = &found.problem;
        let message = match &problem.span {
            Some(_) => problem.message.clone(),
            None => format!("{}: {}", found.source.name, problem.message),
        };
        Shown {
            problem,
            source: problem.span.is_some().then(|| Lines(&found.source)),
            message,
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(match self.problem.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
        })
    }

    fn help<'b>(&'b self) -> Option<Box<dyn fmt::Display + 'b>> {
        let help = self.problem.help.as_ref()?;
        Some(Box::new(help))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.source.as_ref().map(|source| source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.problem.span.clone()?;
        let Range { start, end } = caret(&self.source.as_ref()?.0.text, span);
        Some(Box::new(std::iter::once(LabeledSpan::new(
            None,
            start,
            end - start,
        ))))
    }
}

/// The part of a span on its first line, inside the text and on character borders.
fn caret(text: &str, span: Range<usize>) -> Range<usize> {
    let mut start = span.start.min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let line_end = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let mut end = span.end.clamp(start, line_end);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str, problems: Vec<Problem>) -> Report {
        let source = Arc::new(Source::new("slp.toml", text));
        let found = |problem| Found {
            source: source.clone(),
            problem,
        };
        Report::new(problems.into_iter().map(found).collect())
    }

    #[test]
    fn problems_come_in_the_order_of_the_file_each_once() {
        let report = report(
            "a = 1\nmemroy = 2\n",
            vec![
                Problem::spanned(6..12, "unknown key `memroy`").help("did you mean `memory`?"),
                Problem::spanned(4..5, "expected a text"),
                Problem::spanned(6..12, "unknown key `memroy`"),
            ],
        );
        let messages: Vec<&str> = report
            .problems()
            .iter()
            .map(|found| found.problem.message.as_str())
            .collect();
        assert_eq!(messages, ["expected a text", "unknown key `memroy`"]);
        let shown = report.render(80, false);
        assert!(shown.contains("slp.toml:2:1"), "{shown}");
        assert!(shown.contains("help: did you mean `memory`?"), "{shown}");
        assert!(shown.ends_with("2 problems\n"), "{shown}");
    }

    /// Each problem is shown out of a few lines, wherever in the file it stands.
    #[test]
    fn a_report_costs_as_much_as_its_problems() {
        let text = "a_key = \"a value\"\n".repeat(20_000);
        let source = Source::new("slp.toml", text);
        let lines = Lines(&source);
        let read: usize = (0..20_000)
            .map(|line| {
                let (_, bytes) = lines.around(&(line * 18, 5).into(), 1, 1);
                bytes.len()
            })
            .sum();
        assert!(read < 20_000 * 6 * 18, "{read}");
        let last = Problem::spanned(19_999 * 18..19_999 * 18 + 5, "bad");
        let found = Found {
            source: Arc::new(source),
            problem: last,
        };
        let shown = Report::new(vec![found]).render(80, false);
        assert!(shown.contains("slp.toml:20000:1"), "{shown}");
        assert!(shown.contains(" 19999 │ a_key"), "{shown}");
    }

    #[test]
    fn what_only_some_environments_have_is_told_with_their_names() {
        let of = |env: &str, messages: &[&str]| {
            let problems = messages.iter().map(|text| Problem::spanned(0..1, text));
            (env.to_owned(), report("a = 1\n", problems.collect()))
        };
        let all = Report::across(vec![
            of("dev", &["bad", "old"]),
            of("prod", &["bad"]),
            of("test", &["bad", "old"]),
        ]);
        let messages = all
            .problems()
            .iter()
            .map(|found| found.problem.message.as_str());
        assert_eq!(Vec::from_iter(messages), ["bad", "in dev, test: old"]);
    }

    #[test]
    fn warnings_are_counted_apart() {
        let both = report(
            "a = 1\n",
            vec![
                Problem::spanned(0..1, "old").warning(),
                Problem::spanned(4..5, "wrong"),
            ],
        );
        assert_eq!(both.count(), "1 problem, 1 warning");
        let warnings = both.only(Level::Warning);
        assert_eq!(warnings.count(), "1 warning");
        assert!(warnings.render(80, false).contains('\u{26A0}'));
    }

    #[test]
    fn a_span_beyond_the_end_or_inside_a_character_still_prints() {
        for span in [90..95, 5..6, 4..90] {
            let shown = report("a = \"ü\"\nb = 1", vec![Problem::spanned(span, "bad")]);
            assert!(shown.render(80, false).contains("bad"));
        }
    }

    #[test]
    fn programs_get_the_place_in_numbers() {
        let report = report(
            "a = \"ü\" x\n",
            vec![Problem::spanned(9..10, "bad").help("out")],
        );
        let one = serde_json::json!({ "file": "slp.toml", "line": 1, "column": 9, "message": "bad", "help": "out" });
        assert_eq!(
            serde_json::to_value(&report).unwrap(),
            serde_json::json!([one])
        );
    }

    #[test]
    fn lines_count_from_one() {
        let source = Source::new("x", "a\nb\n");
        assert_eq!([source.line(0), source.line(1), source.line(2)], [1, 1, 2]);
    }
}
