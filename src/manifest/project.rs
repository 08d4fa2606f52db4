//! `[project]`: what a run is about.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::decode::decode_in_part_guided;
use super::guide::Guide;
use super::substitute::plain;
use super::tree;
use crate::addr::is_name;
use crate::elsewhere::Here::{Key, Way};
use crate::elsewhere::{Words, references};
use crate::kind::Block;
use crate::problem::Problem;

/// Where it stands whose a resource is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ownership {
    /// In tags on the resource, and in state.
    #[default]
    Tags,
    /// In state alone, for accounts that forbid tagging.
    State,
}

/// `[project]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// What this project is called in state files and ownership tags.
    pub name: String,
    /// The AWS region; without it, that of the environment or profile.
    pub region: Option<String>,
    /// Twelve digits: nothing is done in any other account.
    pub account: Option<String>,
    /// The profile of the AWS configuration.
    pub profile: Option<String>,
    /// Tags on everything that can be tagged.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Tag keys, or prefixes ending in `*`, that are never compared.
    #[serde(default)]
    pub ignore_tags: Vec<String>,
    /// Stands before every AWS name that follows from a header.
    #[serde(default)]
    pub name_prefix: String,
    /// The environment where none is asked for.
    pub default_env: Option<String>,
    /// The versions of slp that can read this manifest, such as `>=0.3`.
    pub requires: Option<String>,
    /// `s3://bucket/prefix`, for packages over 50 MB.
    pub artifacts: Option<String>,
    /// Where it stands whose a resource is.
    #[serde(default)]
    pub ownership: Ownership,
}

const OF_FUNCTIONS: &str = "what every function has stands in [defaults.function]";

/// What other tools say of a whole project.
const WORDS: Words = &[
    ("service", Key("name")),
    ("stackname", Key("name")),
    ("appname", Key("name")),
    ("projectname", Key("name")),
    ("accountid", Key("account")),
    ("allowedaccountids", Key("account")),
    ("awsregion", Key("region")),
    ("location", Key("region")),
    ("awsprofile", Key("profile")),
    ("defaulttags", Key("tags")),
    ("stacktags", Key("tags")),
    ("prefix", Key("name_prefix")),
    ("resourceprefix", Key("name_prefix")),
    ("stage", Key("default_env")),
    ("environment", Key("default_env")),
    ("env", Key("default_env")),
    ("requiredversion", Key("requires")),
    ("version", Key("requires")),
    ("deploymentbucket", Key("artifacts")),
    ("s3bucket", Key("artifacts")),
    ("runtime", Way(OF_FUNCTIONS)),
    ("memory", Way(OF_FUNCTIONS)),
    ("memorysize", Way(OF_FUNCTIONS)),
    ("timeout", Way(OF_FUNCTIONS)),
    ("architecture", Way(OF_FUNCTIONS)),
    (
        "backend",
        Way("a state's place stands in [state]: backend = \"s3\""),
    ),
    (
        "description",
        Way("leave it out; functions, roles and APIs have a `description`"),
    ),
];

/// Reads `[project]`, texts filled; a project that is wrong comes with what could be read.
pub fn read(block: Option<Block>, problems: &mut Vec<Problem>) -> Project {
    let Some(block) = block else {
        problems.push(
            Problem::at(&[], "there is no [project] table")
                .help("write [project] and, under it, name = \"…\""),
        );
        return Project::default();
    };
    let guide = || Guide {
        words: WORDS,
        ..Guide::default()
    };
    let Some(mut project) = decode_in_part_guided::<Project>(&block, &guide, problems) else {
        return salvage(&block);
    };
    let mut complain = |key: &str, problem: Problem| {
        let path: Vec<String> = [key.to_owned()]
            .into_iter()
            .chain(problem.path.clone())
            .collect();
        let span = Some(match problem.of_key {
            true => tree::key_place(&block, &path),
            false => tree::place(&block, &path),
        });
        problems.push(Problem { span, ..problem });
    };
    let texts = [
        ("name", Some(&mut project.name)),
        ("name_prefix", Some(&mut project.name_prefix)),
        ("region", project.region.as_mut()),
        ("account", project.account.as_mut()),
        ("profile", project.profile.as_mut()),
        ("artifacts", project.artifacts.as_mut()),
    ];
    for (key, text) in texts {
        settle(key, text, &mut complain);
    }
    for text in project.tags.values_mut() {
        settle("tags", Some(text), &mut complain);
    }
    check(&project, &mut complain);
    project
}

fn settle(key: &str, text: Option<&mut String>, complain: &mut dyn FnMut(&str, Problem)) {
    let Some(text) = text else {
        return;
    };
    match plain(text) {
        Ok(settled) => *text = settled,
        Err(reference) => complain(
            key,
            Problem::at(&[], format!("`{reference}` cannot stand in [project]")).help(
                "only variables that are not secret, `${project.name}` and `${project.env}` can",
            ),
        ),
    }
}

/// The name, so that what stands on it need not be reported as well.
fn salvage(block: &Block) -> Project {
    let name = tree::table(block)
        .and_then(|table| table.get("name"))
        .and_then(|name| name.get_ref().as_str());
    Project {
        name: name.unwrap_or_default().to_owned(),
        ..Project::default()
    }
}

fn check(project: &Project, complain: &mut dyn FnMut(&str, Problem)) {
    let says = |message: String| Problem::at(&[], message);
    if !is_name(&project.name) {
        let message = format!("`{}` cannot be a project's name", project.name);
        complain(
            "name",
            says(message).help(match references::left_alone(&project.name).pop() {
                Some(foreign) => foreign.help,
                None => "use letters, digits, `_` and `-`".to_owned(),
            }),
        );
    }
    let digits = |account: &str| account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit());
    if let Some(account) = project.account.as_ref().filter(|account| !digits(account)) {
        let message = format!("`{account}` is not an account");
        complain(
            "account",
            says(message).help("an account is twelve digits, in quotes"),
        );
    }
    if let Some(region) = project.region.as_ref().filter(|region| !is_region(region)) {
        let message = format!("`{region}` is not a region");
        complain("region", says(message).help("such as `eu-central-1`"));
    }
    if let Some(place) = &project.artifacts
        && place.strip_prefix("s3://").is_none_or(str::is_empty)
    {
        let message = format!("`{place}` is not a place in S3");
        complain("artifacts", says(message).help("write s3://bucket/prefix"));
    }
    if let Some(problem) = project.requires.as_deref().and_then(version_problem) {
        complain("requires", problem);
    }
    for problem in tag_problems(&project.tags) {
        complain("tags", problem);
    }
}

/// Words and a number, such as `us-gov-west-1`; which regions there are, AWS knows.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let word = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            words.len() >= 2 && words.iter().all(word) && number.parse::<u8>().is_ok()
        }
        None => false,
    }
}

fn version_problem(requires: &str) -> Option<Problem> {
    let own = env!("CARGO_PKG_VERSION");
    let Ok(wanted) = semver::VersionReq::parse(requires) else {
        let message = format!("`{requires}` is not a version requirement");
        return Some(Problem::at(&[], message).help("write, for example, requires = \">=0.3\""));
    };
    let version = semver::Version::parse(own).ok()?;
    let message = format!("this manifest needs slp {requires}, and this is slp {own}");
    (!wanted.matches(&version))
        .then(|| Problem::at(&[], message).help("install a version of slp that fits"))
}

/// AWS's limits for tags: 50, keys of up to 128 characters, values of up to 256, `aws:` is its own.
pub fn tag_problems(tags: &BTreeMap<String, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    // slp's own five tags count as well.
    if tags.len() > 45 {
        let message = format!("{} tags are too many", tags.len());
        problems.push(
            Problem::at(&[], message).help("AWS allows 50 a resource, and slp needs five of them"),
        );
    }
    for (key, value) in tags {
        // AWS keeps its start in any case.
        let starts = [
            ("aws:", "AWS", key.to_ascii_lowercase()),
            ("slp:", "slp", key.clone()),
        ];
        for (start, owner, key_of) in starts {
            if key_of.starts_with(start) {
                let message = format!("tags that start with `{start}` are {owner}'s own");
                problems.push(Problem::of_key(&[key], message));
            }
        }
        if key.is_empty() || key.chars().count() > 128 {
            problems.push(Problem::of_key(
                &[key],
                "a tag's key has 1 to 128 characters",
            ));
        }
        if value.chars().count() > 256 {
            problems.push(Problem::at(
                &[key],
                "a tag's value has at most 256 characters",
            ));
        }
    }
    problems
}
