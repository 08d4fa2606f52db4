//! Lambda's runtimes: which there are, and which AWS has begun to withdraw.
//!
//! Source: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html as of August 2026. AWS moves
//! these days again and again, so what lies after [`AS_OF`] is announced and decides nothing.

use crate::problem::{bare, slip_of};

/// The day on which the table was looked through last.
pub const AS_OF: &str = "2026-11-30";

/// What AWS does with a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Functions are made with it, and nothing is announced for the near future.
    Supported,
    /// Security updates have ended; functions can still be made and updated.
    Deprecated(Days),
    /// No function is made with it any more; those that have it can be updated.
    NoCreate(Days),
    /// Neither made nor updated.
    Withdrawn(Days),
    /// Of a family that Lambda has, but not one that is known here.
    Unknown,
    /// Lambda has nothing of the kind.
    Never,
}

/// When AWS ends what, as `2026-04-30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    pub deprecated: &'static str,
    pub create: &'static str,
    pub update: &'static str,
}

/// What Lambda takes and no end is in sight of, oldest first in each family.
const SUPPORTED: [&str; 17] = [
    "nodejs24.x",
    "nodejs26.x",
    "python3.12",
    "python3.13",
    "python3.14",
    "python3.15",
    "java8.al2023",
    "java11.al2023",
    "java17",
    "java17.al2023",
    "java21",
    "java25",
    "dotnet10",
    "ruby3.3",
    "ruby3.4",
    "ruby4.0",
    "provided.al2023",
];

/// Runtime, deprecated, no function is made from, none is updated from.
const ENDING: [(&str, &str, &str, &str); 34] = [
    ("dotnet6", "2024-12-20", "2027-02-01", "2027-03-03"),
    ("dotnet8", "2026-11-10", "2027-02-01", "2027-03-03"),
    ("dotnetcore1.0", "2019-06-27", "2019-06-30", "2019-07-30"),
    ("dotnetcore2.0", "2019-05-30", "2019-04-30", "2019-05-30"),
    ("dotnetcore2.1", "2022-01-05", "2022-01-05", "2022-04-13"),
    ("dotnetcore3.1", "2023-04-03", "2023-04-03", "2023-05-03"),
    ("go1.x", "2024-01-08", "2024-02-08", "2027-03-03"),
    ("java8", "2024-01-08", "2024-02-08", "2027-03-03"),
    ("nodejs", "2016-08-30", "2016-09-30", "2016-10-31"),
    ("nodejs10.x", "2021-07-30", "2021-07-30", "2022-02-14"),
    ("nodejs12.x", "2023-03-31", "2023-03-31", "2023-04-30"),
    ("nodejs14.x", "2023-12-04", "2024-01-09", "2027-03-03"),
    ("nodejs16.x", "2024-06-12", "2027-02-01", "2027-03-03"),
    ("nodejs18.x", "2025-09-01", "2027-02-01", "2027-03-03"),
    ("nodejs20.x", "2026-04-30", "2027-02-01", "2027-03-03"),
    ("nodejs4.3", "2020-03-05", "2020-02-03", "2020-03-05"),
    ("nodejs4.3-edge", "2020-03-05", "2019-03-31", "2019-04-30"),
    ("nodejs6.10", "2019-08-12", "2019-07-12", "2019-08-12"),
    ("nodejs8.10", "2020-03-06", "2020-02-04", "2020-03-06"),
    ("provided", "2024-01-08", "2024-02-08", "2027-03-03"),
    ("provided.al2", "2026-07-31", "2027-02-01", "2027-03-03"),
    ("python2.7", "2021-07-15", "2021-07-15", "2022-05-30"),
    ("python3.6", "2022-07-18", "2022-07-18", "2022-08-29"),
    ("python3.7", "2023-12-04", "2024-01-09", "2027-03-03"),
    ("python3.8", "2024-10-14", "2027-02-01", "2027-03-03"),
    ("python3.9", "2025-12-15", "2027-02-01", "2027-03-03"),
    ("python3.10", "2026-10-31", "2027-02-01", "2027-03-03"),
    ("ruby2.5", "2021-07-30", "2021-07-30", "2022-03-31"),
    ("ruby2.7", "2023-12-07", "2024-01-09", "2027-03-03"),
    ("ruby3.2", "2026-03-31", "2027-02-01", "2027-03-03"),
    // Later than the table's day: announced.
    ("python3.11", "2027-06-30", "2027-07-31", "2027-08-31"),
    ("java8.al2", "2027-06-30", "2027-07-31", "2027-08-31"),
    ("java11", "2027-06-30", "2027-07-31", "2027-08-31"),
    ("nodejs22.x", "2027-04-30", "2027-06-01", "2027-07-01"),
];

/// The families, each with what one would choose today.
const FAMILIES: [(&str, &str); 6] = [
    ("nodejs", "nodejs24.x"),
    ("python", "python3.14"),
    ("java", "java25"),
    ("dotnet", "dotnet10"),
    ("ruby", "ruby3.4"),
    ("provided", "provided.al2023"),
];

/// How a runtime stands with AWS.
pub fn standing(runtime: &str) -> Standing {
    let ending = ENDING.iter().find(|(name, ..)| *name == runtime);
    if let Some((_, deprecated, create, update)) = ending {
        let days = Days {
            deprecated,
            create,
            update,
        };
        return match () {
            () if days.update <= AS_OF => Standing::Withdrawn(days),
            () if days.create <= AS_OF => Standing::NoCreate(days),
            () if days.deprecated <= AS_OF => Standing::Deprecated(days),
            () => Standing::Supported,
        };
    }
    if SUPPORTED.contains(&runtime) {
        Standing::Supported
    } else if has_form(runtime) {
        Standing::Unknown
    } else {
        Standing::Never
    }
}

/// Does it look like a version of a family?
fn has_form(runtime: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let dotted = |text: &str| {
        text.split_once('.')
            .is_some_and(|(major, minor)| number(major) && number(minor))
    };
    let system = |text: &str| text.strip_prefix(".al").is_some_and(number);
    let (bare, tail) = runtime.split_at(runtime.find(".al").unwrap_or(runtime.len()));
    let plain = tail.is_empty();
    match FAMILIES
        .iter()
        .find_map(|(family, _)| Some((*family, bare.strip_prefix(family)?)))
    {
        Some(("nodejs", rest)) => plain && rest.strip_suffix(".x").is_some_and(number),
        Some(("python" | "ruby", rest)) => plain && dotted(rest),
        Some(("java", rest)) => number(rest) && (plain || system(tail)),
        Some(("dotnet", rest)) => plain && number(rest),
        Some(("provided", "")) => system(tail),
        _ => false,
    }
}

/// A runtime of the same family that AWS supports; of no family, any.
pub fn instead_of(runtime: &str) -> &'static str {
    let (family, _) = runtime.split_at(
        runtime
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(runtime.len()),
    );
    let family = match family.to_ascii_lowercase().as_str() {
        "go" => "provided",
        "node" | "nodejs" => "nodejs",
        _ => {
            let names = FAMILIES.iter().map(|(family, _)| *family);
            crate::problem::nearest(family, names).unwrap_or("nodejs")
        }
    };
    let found = FAMILIES.iter().find(|(name, _)| *name == family);
    found.map_or("nodejs24.x", |(_, example)| example)
}

/// The runtime that a slip, or another tool's word, stands for: `nodejs22`, `NODEJS_22_X`. One
/// that AWS takes no more is never meant.
pub fn meant(given: &str) -> Option<&'static str> {
    let ending = ENDING.iter().map(|(name, ..)| *name);
    let usable = |name: &&str| {
        matches!(
            standing(name),
            Standing::Supported | Standing::Deprecated(_)
        )
    };
    let known = || SUPPORTED.into_iter().chain(ending.clone()).filter(usable);
    let plain = bare(given.trim_start_matches("Runtime."));
    let plain = match plain.strip_prefix("node") {
        Some(rest) if !rest.starts_with("js") => format!("nodejs{rest}"),
        _ => plain,
    };
    let same = |name: &&str| bare(name) == plain || bare(name) == format!("{plain}x");
    let versioned = plain.chars().any(|c| c.is_ascii_digit());
    known()
        .find(same)
        .or_else(|| slip_of(given, known()).filter(|_| versioned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_happened_is_refused() {
        assert_eq!(standing("nodejs24.x"), Standing::Supported);
        assert_eq!(standing("nodejs22.x"), Standing::Supported);
        for (runtime, is) in [
            ("python3.9", "Deprecated"),
            ("go1.x", "NoCreate"),
            ("nodejs12.x", "Withdrawn"),
        ] {
            assert!(
                format!("{:?}", standing(runtime)).starts_with(is),
                "{runtime}"
            );
        }
    }

    #[test]
    fn a_new_version_is_unknown_and_a_slip_is_none() {
        for new in [
            "nodejs28.x",
            "python3.16",
            "java29",
            "java29.al2026",
            "dotnet12",
            "ruby4.1",
            "provided.al2026",
        ] {
            assert_eq!(standing(new), Standing::Unknown, "{new}");
        }
        for slip in [
            "nodejs22",
            "node22.x",
            "python",
            "python3",
            "java",
            "dotnetcore9",
            "provided.x",
            "go2.x",
            "rust",
            "",
        ] {
            assert_eq!(standing(slip), Standing::Never, "{slip}");
        }
        assert_eq!(instead_of("node22"), "nodejs24.x");
        for (slip, runtime) in [
            ("nodejs22", "nodejs22.x"),
            ("node22.x", "nodejs22.x"),
            ("NODEJS_22_X", "nodejs22.x"),
            ("Python3.13", "python3.13"),
            ("PYTHON_3_13", "python3.13"),
            ("pyton3.13", "python3.13"),
            ("provided-al2023", "provided.al2023"),
        ] {
            assert_eq!(meant(slip), Some(runtime), "{slip}");
        }
        assert_eq!((meant("rust"), meant("python")), (None, None));
        assert_eq!(instead_of("pyton3.13"), "python3.14");
        assert_eq!(instead_of("go2.x"), "provided.al2023");
    }

    #[test]
    fn days_come_in_order() {
        for (runtime, deprecated, create, update) in ENDING {
            // Of the oldest AWS ended creating first.
            let first = deprecated.min(create);
            assert!(first <= update && create <= update, "{runtime}");
        }
    }
}
