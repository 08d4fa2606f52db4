//! `slp validate`: everything that is wrong with the manifest; no network. Where it has
//! environments and none is chosen, all of them are looked at.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::args::Global;
use super::failure::Failure;
use super::open;
use super::printer::Printer;
use crate::addr::Addr;
use crate::manifest::Report;
use crate::problem::Level;

pub fn run(global: &Global, printer: &Printer) -> Result<u8, Failure> {
    let environments = open::unchosen(global);
    let looked = match environments.is_empty() {
        true => one(global),
        false => every(global, environments),
    };
    let sound = match looked {
        Ok(sound) => sound,
        Err(failure) => {
            if let Some(report) = failure.report().filter(|_| global.json) {
                let (problems, warnings) = (report.only(Level::Error), report.only(Level::Warning));
                let told = json!({ "problems": problems, "warnings": warnings });
                printer.out(&format!("{told:#}"));
            }
            return Err(failure);
        }
    };
    match global.json {
        true => printer.out(&format!("{:#}", sound.json())),
        false => sound.print(&global.file.display().to_string(), printer),
    }
    Ok(0)
}

/// A manifest without errors.
struct Sound {
    resources: BTreeSet<Addr>,
    /// How many resources each has; empty where one was chosen, or there are none.
    environments: BTreeMap<String, usize>,
    warnings: Report,
}

impl Sound {
    fn json(&self) -> serde_json::Value {
        let mut told =
            json!({ "problems": [], "warnings": self.warnings, "resources": self.resources.len() });
        if !self.environments.is_empty() {
            told["environments"] = json!(self.environments);
        }
        told
    }

    fn print(&self, file: &str, printer: &Printer) {
        let mut told = match self.environments.is_empty() {
            true => format!("{file} is sound: {}", counted(self.resources.len())),
            false => {
                let of = |(name, count): (&String, &usize)| format!("{name} {}", counted(*count));
                let each: Vec<String> = self.environments.iter().map(of).collect();
                format!("{file} is sound in every environment: {}", each.join(", "))
            }
        };
        if !self.warnings.problems().is_empty() {
            printer.err(&self.warnings.render(printer.width(), printer.color()));
            told.push_str(&format!(", {}", self.warnings.count()));
        }
        printer.out(&format!("{told}."));
    }
}

fn counted(count: usize) -> String {
    let noun = if count == 1 { "resource" } else { "resources" };
    format!("{count} {noun}")
}

fn one(global: &Global) -> Result<Sound, Failure> {
    let project = open::offline(global)?;
    project.shelf.save();
    Ok(Sound {
        resources: project.desired.resources.keys().cloned().collect(),
        environments: BTreeMap::new(),
        warnings: project.desired.report(),
    })
}

fn every(global: &Global, environments: Vec<String>) -> Result<Sound, Failure> {
    let (mut resources, mut counts) = (BTreeSet::new(), BTreeMap::new());
    let mut reports = Vec::new();
    for name in environments {
        let chosen = Global {
            env: Some(name.clone()),
            ..global.clone()
        };
        match one(&chosen) {
            Ok(sound) => {
                counts.insert(name.clone(), sound.resources.len());
                resources.extend(sound.resources);
                reports.push((name, sound.warnings));
            }
            Err(failure) => match failure.report() {
                Some(report) => reports.push((name, report.clone())),
                None => return Err(failure),
            },
        }
    }
    let report = Report::across(reports);
    match report.only(Level::Error).problems().is_empty() {
        true => Ok(Sound {
            resources,
            environments: counts,
            warnings: report,
        }),
        false => Err(report.into()),
    }
}
