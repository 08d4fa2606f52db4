//! Whose a thing is that the state knows. Its tags say it; what cannot carry any belongs to whoever
//! owns its parent; where no tags are written (`ownership = "state"`), its id and the marks that
//! AWS gave it when it was made must be the ones that the state has.

use serde_json::Value;

use super::make::Inputs;
use crate::addr::Addr;
use crate::provider::Live;
use crate::scope::Owner;
use crate::state::Stored;

/// What AWS gives a thing when it is made and never changes, as kinds note it.
const BORN: &[(&str, &str)] = &[("unique_id", "id"), ("created", "time of making")];

/// Why what AWS has at this address is not ours, or may not be any more; `None` where it is, or
/// where the command line says that it is. `goes`: it would be taken away.
pub fn not_ours(
    inputs: &Inputs,
    addr: &Addr,
    stored: &Stored,
    live: &Live,
    goes: bool,
) -> Option<String> {
    // A taking over that was not finished may not have written the tags yet.
    let unfinished = stored.spec.is_none() && inputs.desired.adopts(addr);
    if inputs.options.takes(addr) || unfinished {
        return None;
    }
    match &live.owner {
        Owner::Other(whose) => Some(format!("it belongs to {whose}")),
        Owner::Nobody if inputs.scope.tagged => Some(
            "its ownership tags are gone: somebody took them off, or made it anew under the name"
                .to_owned(),
        ),
        Owner::Ours { addr: tagged, .. } => anothers(inputs, addr, tagged, live),
        Owner::Nobody | Owner::Parents | Owner::Borrowed => by_state(inputs, addr, stored, live)
            .or_else(|| by_code(inputs, stored, live, goes))
            .or_else(|| by_parent(inputs, addr, live, goes)),
    }
}

/// Is it the thing of another address, which the state knows there as well?
fn anothers(inputs: &Inputs, addr: &Addr, tagged: &str, live: &Live) -> Option<String> {
    let shared = inputs.kinds.of(addr).is_some_and(|kind| kind.is_shared());
    let other = inputs.state.resources.get(tagged)?;
    let same = other.kind == addr.kind() && other.id == live.id;
    (tagged != addr.as_str() && same && !shared)
        .then(|| format!("by its tags it is {tagged}, and the state knows it there as well"))
}

fn by_state(inputs: &Inputs, addr: &Addr, stored: &Stored, live: &Live) -> Option<String> {
    let kind = inputs.kinds.of(addr)?;
    let says = stored.spec.as_ref();
    let id = stored.outputs.get("id").filter(|_| addr.kind() == "api");
    if says.is_some_and(|spec| !kind.fits(&stored.id, spec))
        || id.is_some_and(|id| *id != stored.id)
    {
        return Some(format!(
            "the state contradicts itself: {} is not the id of what it describes",
            stored.id
        ));
    }
    BORN.iter().find_map(|(mark, what)| {
        let (known, found) = (fact(&stored.facts, mark)?, fact(&live.facts, mark)?);
        (known != found).then(|| {
            format!("its {what} is {found}, and the state knows {known}: somebody made it anew")
        })
    })
}

/// A function has no mark of its making: without tags only its code tells it from another one.
fn by_code(inputs: &Inputs, stored: &Stored, live: &Live, goes: bool) -> Option<String> {
    if inputs.scope.tagged || !goes || stored.spec.is_none() {
        return None;
    }
    let (known, found) = (fact(&stored.facts, "sha256")?, fact(&live.facts, "sha256")?);
    (known != found).then(|| {
        "its code is not what slp put there: it may be another one under the name".to_owned()
    })
}

/// What cannot carry tags stands or falls with its parent.
fn by_parent(inputs: &Inputs, addr: &Addr, live: &Live, goes: bool) -> Option<String> {
    if live.owner != Owner::Parents || !inputs.kinds.of(addr)?.goes_with_parent() {
        return None;
    }
    let parent = addr.parent()?;
    let stored = inputs.state.resources.get(&parent)?;
    // An import may name a function by its ARN.
    let short = stored.id.rsplit(':').next().unwrap_or_default();
    let under = |id: &str| {
        let rest = live.id.strip_prefix(id);
        rest.is_some_and(|rest| rest.starts_with([':', '/']))
    };
    if !under(&stored.id) && !under(short) {
        return Some(format!("it does not stand under {parent} ({})", stored.id));
    }
    let found = inputs.live.get(&parent)?;
    let why = not_ours(inputs, &parent, stored, found, goes)?;
    Some(format!("it stands under {parent}: {why}"))
}

/// A mark that is known.
fn fact(facts: &Value, mark: &str) -> Option<String> {
    match facts.get(mark)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
