//! `slp drift`: what AWS has that the last apply did not leave there. The manifest is not asked:
//! what the state says is what is wanted.

use std::collections::BTreeMap;

use super::args::{DriftArgs, Global};
use super::failure::Failure;
use super::open::{self, Project};
use super::plan::{self, MadePlan, PENDING};
use super::printer::Printer;
use crate::addr::Addr;
use crate::aws::Look;
use crate::cloud;
use crate::plan::{Action, Change, Notice, Output};
use crate::resolve::{Desired, Strength, Wanted};
use crate::state::{State, StateError, Stored};

pub async fn run(global: &Global, args: &DriftArgs, printer: &Printer) -> Result<u8, Failure> {
    args.format.form(global)?;
    let mut part = args.scope();
    let (mut project, aws) = open::unwanted(global, &part).await?;
    let events = printer.listener();
    let snapshot = open::load(&project, &events).await?;
    if snapshot.state.is_none() {
        let store = project.store.describe();
        return Err(StateError::NoState { store }.into());
    }
    let state = plan::known(&project, snapshot, &aws, &events).await?;
    project.desired = as_left(&project, &state);
    // What the last apply left of it nobody knows, so nothing is said to differ from that.
    let unknown = state
        .resources
        .iter()
        .filter(|(_, stored)| stored.spec.is_none());
    // Whose a thing is does not decide whether it drifted: that its tags are gone is told.
    part.take = state.resources.keys().cloned().collect();
    part.exclude = unknown.map(|(addr, _)| addr.clone()).collect();
    let mut made = plan::make(&project, &aws, state, &part, false, &events).await?;
    made.plan.gates.clear();
    made.plan.drift = true;
    made.plan.not_looked_at.clear();
    let strays = plan::strays(&aws, &made.state, Look::Everything, &mut made.plan);
    let looking = "looking for what is ours and in no state";
    events.during(looking, strays).await?;
    made.plan
        .notices
        .extend(part.exclude.iter().map(unfinished));
    told(&mut made);
    let drifted = made
        .plan
        .changes
        .iter()
        .any(|change| change.action != Action::Learn);
    if drifted {
        printer.err(&format!(
            "{} is not as the last apply left it; this would put it back:",
            cloud::begun()
        ));
    }
    plan::print(global, &project, &made, &args.format, printer)?;
    match drifted || !made.plan.notices.is_empty() {
        true => Ok(PENDING),
        false => Ok(0),
    }
}

/// What is wanted when all that is wanted is what was left. Nothing is ignored: drift is told
/// where the plan leaves it alone, too.
pub(super) fn as_left(project: &Project, state: &State) -> Desired {
    let wanted = state.resources.iter().filter_map(|(addr, stored)| {
        let wanted = wanted(project, addr, stored)?;
        Some((addr.clone(), wanted))
    });
    let outputs = state.outputs.iter().map(|(name, output)| {
        let Output { value, secret } = output.clone();
        (name.clone(), Output { value, secret })
    });
    Desired {
        resources: wanted.collect(),
        outputs: outputs.collect(),
        secrets: project.desired.secrets.clone(),
        ..Desired::default()
    }
}

fn wanted(project: &Project, addr: &Addr, stored: &Stored) -> Option<Wanted> {
    let needs = stored
        .needs
        .iter()
        .map(|need| (need.clone(), Strength::Soft));
    let parent = addr.parent().map(|parent| (parent, Strength::Hard));
    Some(Wanted {
        addr: addr.clone(),
        id: Some(stored.id.clone()),
        spec: stored.spec.clone()?,
        known: stored.outputs.clone(),
        needs: needs.chain(parent).collect::<BTreeMap<_, _>>(),
        protect: None,
        ignore: Vec::new(),
        added_for: None,
        line: project.lines.get(addr).copied(),
    })
}

fn unfinished(addr: &Addr) -> Notice {
    let text = "its last change did not end: `slp apply` finishes it; whether it and what needs it \
                drifted is told after that";
    Notice {
        addr: addr.clone(),
        fields: Vec::new(),
        text: Some(text.to_owned()),
    }
}

/// An API that was edited and not deployed serves what it did before: that is told apart.
fn told(made: &mut MadePlan) {
    let serves_other = |change: &&Change| change.fields.iter().any(|f| f.path == ["serves"]);
    let redeployed: Vec<Addr> = made
        .plan
        .changes
        .iter()
        .filter(serves_other)
        .filter_map(|change| change.addr.parent())
        .collect();
    let routes = |change: &&Change| {
        change
            .fields
            .iter()
            .any(|f| f.path.first().is_some_and(|p| p == "routes"))
    };
    let edited = made.plan.changes.iter().filter(routes);
    let notices = edited
        .filter(|change| !redeployed.contains(&change.addr))
        .map(|change| Notice {
            addr: change.addr.clone(),
            fields: Vec::new(),
            text: Some(
                "was edited but never deployed: its stages still serve what the last apply left"
                    .into(),
            ),
        });
    let notices: Vec<Notice> = notices.collect();
    made.plan.notices.extend(notices);
}
