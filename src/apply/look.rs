//! After a failure: how far it went. AWS is asked; where it cannot be asked either, what is known
//! is kept, and what may exist without anybody knowing it is left open for the next run.

use super::job::{self, Shop};
use crate::plan::{Change, Half};
use crate::provider::{Ask, Depth, Live, Made, Prior};
use crate::scope::Owner;
use crate::state::{Record, State, Stored};

/// Half of a change that ended early.
pub struct Failed<'a> {
    pub change: &'a Change,
    pub half: Half,
    /// What its calls had made by then.
    pub made: Made,
    /// Whether the call that failed may have been carried out all the same.
    pub unsure: bool,
}

impl Failed<'_> {
    /// Did this very run make it, as its own calls were told?
    fn is_new(&self) -> bool {
        self.made.id.is_some() && job::start(self.change, self.half).id.is_none()
    }
}

/// Puts into the state how it stands now. `Record::Failed`: nobody can say whether it exists.
pub async fn look_again(shop: &Shop<'_>, failed: &Failed<'_>, state: &mut State) -> Record {
    let addr = failed.change.addr.clone();
    let ask = ask(shop, failed, state);
    match shop.provider.read(&[ask], shop.events).await.pop() {
        Some(Ok(Some(live))) if failed.made.id.is_some() || mine(&live.owner, failed.change) => {
            let stored = left(failed.change, live, state.resources.get(&addr));
            state.resources.insert(addr.clone(), stored.clone());
            Record::Done { addr, stored }
        }
        // A list may not have what was made a moment ago.
        Some(Ok(None)) if failed.is_new() => known(failed, state),
        Some(Ok(_)) => {
            state.resources.remove(&addr);
            Record::Gone { addr }
        }
        _ if failed.made.id.is_some() => known(failed, state),
        _ if failed.unsure => Record::Failed { addr },
        // AWS refused it: it is as it was.
        _ => match state.resources.get(&addr).cloned() {
            Some(stored) => Record::Done { addr, stored },
            None => Record::Gone { addr },
        },
    }
}

fn ask(shop: &Shop<'_>, failed: &Failed<'_>, state: &State) -> Ask {
    let Failed { change, made, .. } = failed;
    let prior = |stored: &Stored| Prior {
        spec: stored.spec.clone(),
        facts: match made.facts.is_null() {
            true => stored.facts.clone(),
            false => made.facts.clone(),
        },
    };
    Ask {
        addr: change.addr.clone(),
        id: made.id.clone().or_else(|| change.new_id.clone()),
        prior: state.resources.get(&change.addr).map(prior),
        wanted: change.after.as_ref().map(|after| shop.filled(after)),
        depth: Depth::Full,
        replaced: false,
        adopts: false,
        children: Vec::new(),
    }
}

/// What was found, with its spec left open. Not what was read: what the last calls were for may
/// not show in it, such as a version to be published of code that is there already.
fn left(change: &Change, live: Live, stored: Option<&Stored>) -> Stored {
    // How far it went nobody says: it may still use what it used before.
    let before = stored.into_iter().flat_map(|stored| &stored.needs);
    let mut left = Stored {
        kind: change.addr.kind(),
        spec: stored.and_then(|stored| stored.spec.clone()),
        veils: stored.map_or_else(Vec::new, |stored| stored.veils.clone()),
        id: live.id,
        outputs: live.outputs,
        facts: live.facts,
        needs: before.chain(&change.needs).cloned().collect(),
        protect: change.protect,
        ignore: change.ignore.clone(),
    };
    left.leave_open(change);
    left
}

/// It exists, as far as its calls were answered; the next plan reads it.
fn known(failed: &Failed<'_>, state: &mut State) -> Record {
    let addr = failed.change.addr.clone();
    let stored = state.leave_open(&addr, failed.change, failed.made.clone());
    match stored.cloned() {
        Some(stored) => Record::Done { addr, stored },
        None => Record::Gone { addr },
    }
}

fn mine(owner: &Owner, change: &Change) -> bool {
    match owner {
        Owner::Ours { op, .. } => *op == change.op,
        Owner::Parents => true,
        _ => false,
    }
}
