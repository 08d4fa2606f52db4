//! What is wanted: the result of `resolve`, and what `plan` compares with.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Strength;
use crate::addr::Addr;
use crate::graph::Needs;
use crate::kind::Outputs;
use crate::manifest::{Found, Report, Secret};
use crate::plan::Output;

/// Everything that a manifest wants.
#[derive(Clone, Debug, Default)]
pub struct Desired {
    pub resources: BTreeMap<Addr, Wanted>,
    pub outputs: BTreeMap<String, Output>,
    /// What each output tells of.
    pub told_of: BTreeMap<String, BTreeSet<Addr>>,
    /// From, to: renamed without replacing.
    pub moved: Vec<(Addr, Addr)>,
    /// Forgotten, and left in AWS.
    pub removed: Vec<Addr>,
    /// Taken over, with what stands under it: the id under which AWS knows it.
    pub imports: BTreeMap<Addr, String>,
    /// What the manifest protects, also where nothing of it is wanted.
    pub protected: BTreeSet<Addr>,
    /// The ids that the manifest gives, also where nothing of it is wanted.
    pub ids: BTreeMap<Addr, String>,
    /// The values of secret variables, for apply and for digests.
    pub secrets: BTreeMap<String, Secret>,
    /// What is not certain to be wrong, each with the resource that it is said of.
    pub warnings: Vec<Warning>,
}

/// A doubt about one resource.
#[derive(Clone, Debug)]
pub struct Warning {
    pub addr: Addr,
    pub found: Found,
}

/// One resource that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub addr: Addr,
    /// The id under which AWS will know it, where the manifest decides it.
    pub id: Option<String>,
    /// What AWS should hold; holes where only AWS knows a value.
    pub spec: Value,
    /// Outputs that follow from the manifest.
    pub known: Outputs,
    /// What it refers to; its parent and `depends_on` are hard.
    pub needs: BTreeMap<Addr, Strength>,
    /// Absent: as the state has it; only an explicit `false` lifts protection.
    pub protect: Option<bool>,
    /// Fields whose differences are left alone.
    pub ignore: Vec<String>,
    /// What slp adds it for, where nobody wrote it.
    pub added_for: Option<Addr>,
    /// The line of its header; of what slp adds, the line of the resource it is added for.
    pub line: Option<usize>,
}

impl Desired {
    /// The warnings as they are shown to a person.
    pub fn report(&self) -> Report {
        let found = self.warnings.iter().map(|warning| warning.found.clone());
        Report::new(found.collect())
    }

    /// Is it to be taken over where the state does not know it?
    pub fn adopts(&self, addr: &Addr) -> bool {
        let above = addr.parent();
        self.imports.contains_key(addr) || above.is_some_and(|a| self.imports.contains_key(&a))
    }

    /// What each resource needs, for `graph`.
    pub fn needs(&self) -> Needs {
        let needs = |(addr, wanted): (&Addr, &Wanted)| (addr.clone(), wanted.needs.clone());
        self.resources.iter().map(needs).collect()
    }
}
