//! Why there is no plan: what must be settled by a person first.

use crate::addr::Addr;
use crate::cloud;

/// Whose a thing is that nobody has marked.
pub const NOBODYS: &str = "it carries no tags of slp's";

/// One reason; all are told at once.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("{addr}: there is already something named {id} in {cloud}, and it is not ours ({whose})", cloud = cloud::name())]
    NotOurs {
        addr: Addr,
        id: String,
        whose: String,
    },
    #[error(
        "{addr}: {id} exists and is ours by its tags, but the state does not know it: the state is missing or another one"
    )]
    StateMissing { addr: Addr, id: String },
    #[error("{addr}: {id} in {cloud} may not be ours ({whose})", cloud = cloud::name())]
    Estranged {
        addr: Addr,
        id: String,
        whose: String,
    },
    #[error("{addr} is protected and would be {what}")]
    Protected { addr: Addr, what: &'static str },
    #[error("{addr} cannot be {what}: {why}")]
    Impossible {
        addr: Addr,
        what: &'static str,
        why: String,
    },
    #[error("{addr}: {reason}")]
    Shape { addr: Addr, reason: String },
    #[error("{addr}: the [[moved]] cannot be done: {why}")]
    Move { addr: Addr, why: String },
    #[error("{addr} cannot be taken over: {why}")]
    Import { addr: Addr, why: String },
    #[error("{addr} is neither in the manifest nor in the state")]
    Unknown {
        addr: Addr,
        /// What was meant, if anything is near.
        meant: Option<Addr>,
    },
    #[error("the order of work would be a circle: {0}")]
    Circle(String),
}

impl Refusal {
    /// What to do about it.
    pub fn hint(&self) -> String {
        match self {
            Refusal::NotOurs { addr, id, whose } => match (addr.parent(), whose.as_str()) {
                (None, NOBODYS) => format!("give yours another `name`, or take over what is there: `slp import {addr} {id} --write`"),
                (_, whose) if whose.contains(", environment ") => {
                    "environments of one account need names of their own: a `name_prefix` in [env.NAME.project]. What was applied before there were environments goes over to one with `slp state adopt --env NAME`".into()
                }
                _ => "give yours another `name`, or remove the other one first".into(),
            },
            Refusal::Estranged { addr, id, .. } => format!(
                "look at {id}: if it is yours, run this again with `--take {addr}`; else `slp state rm {addr}` forgets it and leaves it in {}",
                cloud::name()
            ),
            Refusal::StateMissing { .. } => {
                "bring back the state (look for a .backup beside it), or make it again with `slp state rebuild`".into()
            }
            Refusal::Protected { .. } => "write `protect = false`, apply that, then run this again".into(),
            Refusal::Impossible { .. } => "then run the same command again".into(),
            Refusal::Shape { .. } => "use the slp that wrote the state, or a newer one".into(),
            Refusal::Move { .. } => {
                "mend the [[moved]] entry, or the state with `slp state mv` and `slp state rm`".into()
            }
            Refusal::Import { .. } => "mend the [[import]] entry, or take it out".into(),
            Refusal::Unknown {
                meant: Some(meant), ..
            } => format!("did you mean {meant}?"),
            Refusal::Unknown { .. } => {
                "`slp state list` and the manifest's headers name what there is".into()
            }
            Refusal::Circle(_) => "apply part of it first with --target".into(),
        }
    }

    /// Whom it is about, where it is about one resource's change.
    pub fn about(&self) -> Option<&Addr> {
        match self {
            Refusal::NotOurs { addr, .. }
            | Refusal::StateMissing { addr, .. }
            | Refusal::Estranged { addr, .. }
            | Refusal::Protected { addr, .. }
            | Refusal::Impossible { addr, .. }
            | Refusal::Import { addr, .. }
            | Refusal::Shape { addr, .. } => Some(addr),
            Refusal::Move { .. } | Refusal::Unknown { .. } | Refusal::Circle(_) => None,
        }
    }

    /// 4 where state and AWS do not fit together, else 1.
    pub fn exit_code(&self) -> u8 {
        match self {
            Refusal::StateMissing { .. } => 4,
            Refusal::Unknown { .. } => 2,
            _ => 1,
        }
    }
}
