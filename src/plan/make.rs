//! Desired × State × Live → Plan.

use std::collections::{BTreeMap, BTreeSet};

use super::adopt;
use super::judge::judge;
use super::moves::successor;
use super::removal::{self, removals};
use super::{Change, FORMAT, Notice, Output, Plan, Refusal, select, work};
use crate::addr::Addr;
use crate::graph;
use crate::kind::{Kinds, Outputs};
use crate::problem::nearest_addr;
use crate::provider::Live;
use crate::resolve::Desired;
use crate::scope::Scope;
use crate::state::State;
use crate::text::Piece;

/// What a plan is made from.
pub struct Inputs<'a> {
    pub desired: &'a Desired,
    /// After `moved`.
    pub state: &'a State,
    /// New address → old address.
    pub came_from: &'a BTreeMap<Addr, Addr>,
    pub live: &'a BTreeMap<Addr, Live>,
    pub scope: &'a Scope,
    pub kinds: &'a Kinds,
    pub options: &'a Options,
}

/// What the command line adds.
#[derive(Clone, Debug, Default)]
pub struct Options {
    pub destroy: bool,
    /// Replace these even where nothing forces it.
    pub replace: BTreeSet<Addr>,
    /// Only these, and what they need.
    pub target: Vec<Addr>,
    /// All but these, and what needs them.
    pub exclude: Vec<Addr>,
    /// These, and what stands under them, are this project's whatever AWS says.
    pub take: Vec<Addr>,
    /// What the refresh left out, for people.
    pub not_looked_at: Vec<String>,
}

impl Options {
    /// Does the command line say that this is ours?
    pub fn takes(&self, addr: &Addr) -> bool {
        self.take.iter().any(|taken| addr.within(taken))
    }
}

/// What is known while the plan is made, dependencies first.
#[derive(Default)]
pub(super) struct Progress {
    /// Outputs whose value is certain.
    pub settled: BTreeMap<Addr, Outputs>,
    /// What is wanted, its references holes and its secrets digests: children follow from it.
    pub wanted: BTreeMap<Addr, serde_json::Value>,
    /// Made anew by this plan.
    pub fresh: BTreeSet<Addr>,
    /// The same name, but another thing than state knew.
    pub renewed: BTreeSet<Addr>,
    pub changes: Vec<Change>,
    pub notices: Vec<Notice>,
    pub refusals: Vec<Refusal>,
    /// Changes that `--target` or `--exclude` left out.
    pub left_out: usize,
    /// What `--target` takes along, and why.
    pub along: BTreeMap<Addr, String>,
}

impl Progress {
    pub fn lookup(&self, piece: &Piece) -> Option<String> {
        match piece {
            Piece::Ref { addr, output } => self.settled.get(addr)?.get(output).cloned(),
            _ => None,
        }
    }
}

/// Makes the plan, or says everything that stands in its way.
pub fn make(inputs: &Inputs) -> Result<Plan, Vec<Refusal>> {
    if inputs.desired.imports.is_empty() {
        return made(inputs);
    }
    let live = &adopt::completed(inputs);
    made(&Inputs { live, ..*inputs })
}

fn made(inputs: &Inputs) -> Result<Plan, Vec<Refusal>> {
    let mut progress = Progress::default();
    check_addresses(inputs, &mut progress);
    let needs = inputs.desired.needs();
    let circle = |cycle: graph::Cycle| vec![Refusal::Circle(cycle.to_string())];
    let effective = graph::effective(&needs).map_err(circle)?;
    for addr in graph::order(&needs).map_err(circle)? {
        if let Some(wanted) = inputs.desired.resources.get(&addr) {
            judge(inputs, wanted, &effective, &mut progress);
        }
    }
    removals(inputs, &mut progress);
    select::keep_selected(inputs, &effective, &mut progress);
    removal::keep_used(inputs, &mut progress);
    order_work(inputs, &effective, &mut progress.changes);
    work::untie(&mut progress.changes);
    match progress.refusals.is_empty() {
        true => Ok(finish(inputs, progress)),
        false => Err(progress.refusals),
    }
}

fn check_addresses(inputs: &Inputs, progress: &mut Progress) {
    let options = inputs.options;
    for addr in options
        .replace
        .iter()
        .chain(&options.target)
        .chain(&options.exclude)
        .chain(&options.take)
    {
        let known = || {
            let wanted = inputs.desired.resources.keys();
            wanted.chain(inputs.state.resources.keys())
        };
        if !known().any(|known| known.within(addr)) {
            progress.refusals.push(Refusal::Unknown {
                addr: addr.clone(),
                meant: nearest_addr(addr, BTreeSet::from_iter(known())).cloned(),
            });
        }
    }
}

/// Which work waits for which.
fn order_work(inputs: &Inputs, effective: &BTreeMap<Addr, BTreeSet<Addr>>, changes: &mut [Change]) {
    let which = |changes: &[Change], fits: fn(&Change) -> bool| -> BTreeSet<Addr> {
        changes
            .iter()
            .filter(|change| fits(change))
            .map(|change| change.addr.clone())
            .collect()
    };
    let makes = which(changes, Change::makes);
    let removes = which(changes, Change::removes);
    let dependants = dependants(inputs);
    for change in changes.iter_mut() {
        let addr = change.addr.clone();
        if let Some(needs) = effective.get(&addr) {
            change.needs = needs.clone();
        }
        if !change.removes() {
            continue;
        }
        let follower = successor(inputs.desired, &addr).filter(|addr| makes.contains(addr));
        change.removed_after_making.extend(follower);
        for dependant in dependants.get(&addr).into_iter().flatten().copied() {
            let needed_now = effective
                .get(dependant)
                .is_some_and(|needs| needs.contains(&addr));
            if removes.contains(dependant) {
                change.removed_after_removal.insert(dependant.clone());
            } else if makes.contains(dependant) && !needed_now {
                change.removed_after_making.insert(dependant.clone());
            }
        }
    }
}

/// By the state: what depends on each thing, or stands under it.
fn dependants<'a>(inputs: &'a Inputs) -> BTreeMap<Addr, Vec<&'a Addr>> {
    let mut dependants: BTreeMap<Addr, Vec<&Addr>> = BTreeMap::new();
    for (addr, stored) in &inputs.state.resources {
        let parent = addr
            .parent()
            .filter(|parent| !stored.needs.contains(parent));
        for need in stored
            .needs
            .iter()
            .cloned()
            .chain(parent)
            .filter(|need| need != addr)
        {
            dependants.entry(need).or_default().push(addr);
        }
    }
    dependants
}

/// What the manifest leaves in doubt.
fn warnings(inputs: &Inputs) -> Vec<Notice> {
    let told = inputs.desired.warnings.iter().map(|warning| {
        let problem = &warning.found.problem;
        let help = problem.help.iter().map(|help| format!("; {help}"));
        Notice {
            addr: warning.addr.clone(),
            fields: Vec::new(),
            text: Some(problem.message.clone() + &help.collect::<String>()),
        }
    });
    told.collect()
}

fn finish(inputs: &Inputs, mut progress: Progress) -> Plan {
    progress.changes.sort_by(|a, b| a.addr.cmp(&b.addr));
    let filled = |output: &Output| Output {
        value: output.value.fill(&|piece| progress.lookup(piece)),
        ..output.clone()
    };
    let outputs = inputs
        .desired
        .outputs
        .iter()
        .map(|(name, output)| (name.clone(), filled(output)));
    let arns = inputs
        .desired
        .resources
        .values()
        .filter_map(|wanted| Some((wanted.known.get("arn")?.clone(), wanted.addr.clone())));
    let names = arns.collect();
    let mut not_looked_at = inputs.options.not_looked_at.clone();
    if progress.left_out > 0 {
        let what = match progress.left_out {
            1 => "a change to 1 resource".to_owned(),
            n => format!("changes to {n} resources"),
        };
        not_looked_at.push(format!("what --target or --exclude leaves out: {what}"));
    }
    let Scope {
        project,
        env,
        account,
        region,
        endpoint,
        ..
    } = inputs.scope.clone();
    Plan {
        format: FORMAT,
        outputs: outputs.collect(),
        project,
        env,
        account,
        region,
        endpoint,
        lineage: inputs.state.lineage.clone(),
        serial: inputs.state.serial,
        drift: false,
        destroy: inputs.options.destroy,
        changes: progress.changes,
        former: inputs
            .came_from
            .iter()
            .filter(|(addr, _)| addr.is_former())
            .map(|(addr, from)| (addr.clone(), from.clone()))
            .collect(),
        notices: progress.notices,
        warnings: warnings(inputs),
        names,
        along: progress.along,
        not_looked_at,
        least: None,
        bound: None,
        gates: Vec::new(),
        rights: Vec::new(),
        rehearsal: None,
    }
}
