//! `slp why ADDRESS`: where it stands in the manifest, its three values, and what brings its change.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::args::{Global, WhyArgs};
use super::failure::Failure;
use super::open;
use super::plan::{self, MadePlan};
use super::printer::Printer;
use crate::addr::Addr;
use crate::plan::Action;
use crate::problem::nearest_addr;
use crate::render::{self, Why};

pub async fn run(global: &Global, args: &WhyArgs, printer: &Printer) -> Result<u8, Failure> {
    let part = args.scope();
    let (project, aws) = open::online(global, &part).await?;
    let events = printer.listener();
    let snapshot = open::load(&project, &events).await?;
    let state = plan::known(&project, snapshot, &aws, &events).await?;
    let made = plan::make(&project, &aws, state, &part, false, &events).await?;
    let (desired, state) = (&project.desired.resources, &made.state.resources);
    let addr = &args.addr;
    if !desired.contains_key(addr) && !state.contains_key(addr) {
        let every = BTreeSet::from_iter(desired.keys().chain(state.keys()));
        let error = Failure::new(1, format!("neither manifest nor state has {addr}"));
        return Err(match nearest_addr(addr, every) {
            Some(meant) => error.hint(format!("did you mean {meant}?")),
            None => error,
        });
    }
    let file = global.file.display().to_string();
    let line = project.lines.get(addr).map(|line| format!("{file}:{line}"));
    let why = Why {
        addr,
        place: line.as_deref(),
        change: made.plan.change(addr),
        stored: state.get(addr).and_then(|stored| stored.spec.as_ref()),
        paths: &paths(&made, addr),
    };
    printer.out(&match global.json {
        true => render::why_json(&why),
        false => render::why(&why, &printer.style()),
    });
    Ok(0)
}

/// The ways through what it needs to the nearest things that change, each from it to there.
fn paths(made: &MadePlan, from: &Addr) -> Vec<Vec<Addr>> {
    let changes = |addr: &Addr| {
        let change = made.plan.change(addr);
        change.is_some_and(|change| change.action != Action::Learn)
    };
    let mut came: BTreeMap<Addr, Addr> = BTreeMap::new();
    let mut seen: BTreeSet<Addr> = BTreeSet::from([from.clone()]);
    let mut queue: VecDeque<Addr> = VecDeque::from([from.clone()]);
    let mut found = Vec::new();
    while let Some(at) = queue.pop_front() {
        for next in needs(made, &at) {
            if !seen.insert(next.clone()) {
                continue;
            }
            came.insert(next.clone(), at.clone());
            match changes(&next) {
                true => found.push(way(&came, from, next)),
                false => queue.push_back(next),
            }
        }
    }
    found
}

fn needs(made: &MadePlan, addr: &Addr) -> BTreeSet<Addr> {
    let planned = made.plan.change(addr).map(|change| change.needs.clone());
    let stored = made
        .state
        .resources
        .get(addr)
        .map(|stored| stored.needs.clone());
    let parent = addr.parent();
    let both = planned.into_iter().chain(stored).flatten();
    both.chain(parent).filter(|need| need != addr).collect()
}

fn way(came: &BTreeMap<Addr, Addr>, from: &Addr, to: Addr) -> Vec<Addr> {
    let mut way = vec![to];
    while let Some(before) = way.last().and_then(|last| came.get(last)) {
        way.push(before.clone());
        if before == from {
            break;
        }
    }
    way.reverse();
    way
}
