//! What a rehearsal showed, below the plan.

use std::time::Duration;

use super::events::{failed, whole_seconds};
use super::style::{Style, columns, wrapped};
use super::value::{counted, printable};
use crate::cloud;
use crate::plan::{Plan, Rehearsal};

/// What would fail, and what nobody can say; empty where all is well.
pub fn findings(rehearsal: &Rehearsal, style: &Style) -> Option<String> {
    let mut out = String::new();
    for refused in &rehearsal.failures {
        let (addr, hint) = (refused.addr.as_str(), Some(refused.hint.as_str()));
        let told = failed(addr, refused.action, &refused.error, hint, style);
        for line in told.lines() {
            out.push_str(&broken(line, style));
        }
    }
    for left in &rehearsal.not_tried {
        let (addr, because) = (&left.addr, &left.because);
        let line = format!("  {addr}  not tried, because {because} fails");
        out.push_str(&broken(&line, style));
    }
    let out = match out.is_empty() {
        true => out,
        false => format!("{} would refuse this:\n{out}", cloud::begun()),
    };
    let more = left_out(rehearsal, style);
    let parts: Vec<String> = [out, more].into_iter().filter(|p| !p.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn left_out(rehearsal: &Rehearsal, style: &Style) -> String {
    let mut out = String::new();
    if !rehearsal.not_rehearsed.is_empty() {
        out.push_str("Not rehearsed:\n");
    }
    for left in &rehearsal.not_rehearsed {
        let line = format!("  {}  {}", left.addr, printable(&left.why));
        out.push_str(&broken(&line, style));
    }
    if !rehearsal.assumed.is_empty() {
        let names: Vec<String> = rehearsal.assumed.iter().map(|s| printable(s)).collect();
        let text = format!("Taken on trust: {}", names.join(", "));
        out.push_str(&format!("{}\n", wrapped(&text, 0, 2, style.width)));
    }
    out
}

/// A line that keeps its place, and goes on below.
fn broken(line: &str, style: &Style) -> String {
    let text = line.trim_start();
    let indent = columns(line) - columns(text);
    let text = wrapped(text, indent, 4, style.width);
    format!("{}{text}\n", " ".repeat(indent))
}

/// `Rehearsal: 23 AWS calls, at least 12 s by AWS's rate limits (…). Nothing would fail.`
pub fn verdict(plan: &Plan, rehearsal: &Rehearsal, style: &Style) -> String {
    let calls = match rehearsal.calls == plan.calls() {
        true => counted(rehearsal.calls, cloud::call()),
        false => format!(
            "{} of {} {}s go well",
            rehearsal.calls,
            plan.calls(),
            cloud::call()
        ),
    };
    let least = Duration::try_from_secs_f64(rehearsal.least_seconds).unwrap_or_default();
    let time = match &rehearsal.bottleneck {
        Some(held) => format!(
            "at least {} by AWS's rate limits ({})",
            whole_seconds(least),
            held.limit
        ),
        None => "not held up by AWS's rate limits".to_owned(),
    };
    let end = match (rehearsal.failures.len(), rehearsal.not_tried.len()) {
        (0, _) if rehearsal.not_rehearsed.is_empty() => "Nothing would fail.".to_owned(),
        (0, _) => "Nothing of what was rehearsed would fail.".to_owned(),
        (failed, 0) => format!("{failed} would fail."),
        (failed, left) => format!("{failed} would fail, {left} would not be tried."),
    };
    let text = format!("Rehearsal: {calls}, {time}. {end}");
    format!("{}\n", wrapped(&text, 0, 2, style.width))
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::plan::tests::example;
    use super::*;
    use crate::addr::Addr;
    use crate::plan::{Action, Bottleneck, NotRehearsed, NotTried, Refused};

    fn addr(text: &str) -> Addr {
        Addr::parse(text).unwrap()
    }

    /// One with something of everything.
    pub fn example_rehearsal() -> Rehearsal {
        Rehearsal {
            calls: 4,
            failures: vec![Refused {
                addr: addr("function.y"),
                action: Action::Create,
                operation: "CreateFunction".into(),
                code: Some("InvalidParameterValueException".into()),
                error: "CreateFunction: The role defined for the function cannot be assumed by \
                        Lambda. (InvalidParameterValueException)"
                    .into(),
                hint: "let the role trust Lambda".into(),
            }],
            not_tried: vec![NotTried {
                addr: addr("api.z"),
                because: addr("function.y"),
            }],
            not_rehearsed: vec![NotRehearsed {
                addr: addr("role.r"),
                why: "it could not be copied whole: inline".into(),
            }],
            assumed: vec!["s3://bucket/key".into()],
            ..Rehearsal::default()
        }
    }

    #[test]
    fn all_well_is_one_line() {
        let (plan, style) = (example(), Style::default());
        let mut rehearsal = Rehearsal {
            calls: plan.calls(),
            ..Rehearsal::default()
        };
        assert_eq!(findings(&rehearsal, &style), None);
        assert_eq!(
            verdict(&plan, &rehearsal, &style),
            "Rehearsal: 10 AWS calls, not held up by AWS's rate limits. Nothing would fail.\n"
        );
        rehearsal.least_seconds = 90.0;
        rehearsal.bottleneck = Some(Bottleneck {
            limit: "DeleteRestApi: 1 in 30 s".into(),
            calls: 4,
        });
        assert_eq!(
            verdict(&plan, &rehearsal, &style),
            "Rehearsal: 10 AWS calls, at least 1 min 30 s by AWS's rate limits\n  \
             (DeleteRestApi: 1 in 30 s). Nothing would fail.\n"
        );
    }

    #[test]
    fn each_failure_says_where_what_and_what_to_do() {
        let (plan, style) = (example(), Style::default());
        let rehearsal = example_rehearsal();
        let expected = "\
AWS would refuse this:
✗ function.y  could not create: CreateFunction: The role defined for the
    function cannot be assumed by Lambda. (InvalidParameterValueException)
    let the role trust Lambda
  api.z  not tried, because function.y fails

Not rehearsed:
  role.r  it could not be copied whole: inline
Taken on trust: s3://bucket/key
";
        assert_eq!(findings(&rehearsal, &style).as_deref(), Some(expected));
        assert_eq!(
            verdict(&plan, &rehearsal, &style),
            "Rehearsal: 4 of 10 AWS calls go well, not held up by AWS's rate limits. 1 would\n  \
             fail, 1 would not be tried.\n"
        );
    }
}
