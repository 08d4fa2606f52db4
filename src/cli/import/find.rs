//! What is asked for, and what stands under it or is referred to by it, read in AWS.

use std::collections::VecDeque;

use super::{Import, Request};
use crate::addr::Addr;
use crate::cli::failure::Failure;
use crate::cloud;
use crate::elsewhere::top;
use crate::import::header;
use crate::kind::Kind;
use crate::provider::{Ask, Depth, Live, Provider};
use crate::scope::Owner;
use crate::state::State;

/// Something that is to be taken over, or stands under that.
pub struct Found {
    pub addr: Addr,
    pub id: String,
    pub live: Live,
}

/// The pairs of the command line.
pub fn requests(import: &Import) -> Result<Vec<Request>, Failure> {
    let words = &import.args.what;
    if !words.len().is_multiple_of(2) {
        return Err(Failure::usage("an address or an id is missing")
            .hint("write them in pairs: `slp import function.HelloWorld HelloWorld`"));
    }
    let pair = |pair: &[String]| match pair {
        [addr, id] => request(import, addr, id),
        _ => Err(Failure::usage("an address without an id")),
    };
    words.chunks(2).map(pair).collect()
}

fn request(import: &Import, addr: &str, id: &str) -> Result<Request, Failure> {
    let project = import.project;
    let addr = Addr::parse(addr).map_err(|error| Failure::usage(error.to_string()))?;
    let kinds = || {
        project
            .kinds
            .iter()
            .map(Kind::name)
            .filter(|name| !name.contains('.'))
    };
    let Some(kind) = project.kinds.of(&addr) else {
        let names: Vec<&str> = kinds().collect();
        return Err(
            Failure::usage(format!("there is no kind `{}`", addr.kind())).hint(
                match top::kind(&addr.kind(), &names) {
                    Some(meant) => format!("did you mean {meant}.{}?", addr.name()),
                    None => format!("the kinds are `{}`", names.join("`, `")),
                },
            ),
        );
    };
    if let Some(parent) = addr.parent() {
        return Err(Failure::usage(format!("{addr} comes along with {parent}"))
            .hint(format!("`slp import {parent} ID` takes both over")));
    }
    let known = kind.id_of(id, &project.scope);
    if known.is_none() && id.starts_with("arn:") {
        let scope = &project.scope;
        let other = project
            .kinds
            .iter()
            .find(|kind| kind.id_of(id, scope).is_some());
        let message = match other {
            Some(other) => format!("{id} is a {}, not a {}", other.name(), kind.name()),
            None => format!("{id} is no {} of this account and region", kind.name()),
        };
        return Err(Failure::usage(message));
    }
    let id = known.unwrap_or_else(|| id.to_owned());
    Ok(Request { addr, id })
}

/// Reads everything; refuses what must not be taken.
pub async fn all(
    import: &Import<'_>,
    state: &State,
    requests: Vec<Request>,
) -> Result<Vec<Found>, Failure> {
    let mut open: VecDeque<Request> = requests.into();
    let mut found: Vec<Found> = Vec::new();
    while let Some(request) = open.pop_front() {
        let twice = found
            .iter()
            .any(|f| f.addr == request.addr || same(f, &request));
        if twice {
            continue;
        }
        refuse_known(state, &request)?;
        let Request { addr, id } = request;
        let Some(live) = one(import, &addr, &id).await? else {
            return Err(absent(import, &addr, &id));
        };
        refuse_owned(&addr, &live)?;
        let children = import.aws.children(&addr, &id).await?;
        let kind = import
            .project
            .kinds
            .of(&addr)
            .filter(|_| import.args.follow);
        let referred = kind.map(|kind| kind.uses(&live.spec)).unwrap_or_default();
        found.push(Found { addr, id, live });
        for (addr, id) in children {
            if let Some(live) = one(import, &addr, &id).await? {
                found.push(Found { addr, id, live });
            }
        }
        for arn in referred {
            open.extend(followed(import, &arn, &found, &open));
        }
    }
    // In the order of kinds, as the first example has them; children stay with their parents.
    let kinds: Vec<&str> = import.project.kinds.iter().map(Kind::name).collect();
    let rank = |found: &Found| {
        let root = found.addr.root().split('.').next();
        kinds.iter().position(|kind| Some(*kind) == root)
    };
    found.sort_by_key(rank);
    Ok(found)
}

fn same(found: &Found, request: &Request) -> bool {
    found.addr.kind() == request.addr.kind() && found.id == request.id
}

async fn one(import: &Import<'_>, addr: &Addr, id: &str) -> Result<Option<Live>, Failure> {
    let ask = Ask {
        addr: addr.clone(),
        id: Some(id.to_owned()),
        prior: None,
        wanted: None,
        depth: Depth::Full,
        replaced: false,
        adopts: true,
        children: Vec::new(),
    };
    let answer = import.aws.read(&[ask], import.events).await.pop();
    Ok(answer.transpose()?.flatten())
}

fn refuse_known(state: &State, request: &Request) -> Result<(), Failure> {
    let Request { addr, id } = request;
    let known = state.resources.get(addr).map(|stored| stored.id.as_str());
    if let Some(known) = known {
        return Err(Failure::new(
            1,
            format!("{addr} is in the state already: {known}"),
        ));
    }
    let mut others = state.resources.iter();
    match others.find(|(other, stored)| other.kind() == addr.kind() && stored.id == *id) {
        Some((other, _)) => {
            let message = format!("{id} is {other} in the state already");
            Err(Failure::new(1, message)
                .hint("a [[moved]] in the manifest gives it another address"))
        }
        None => Ok(()),
    }
}

fn refuse_owned(addr: &Addr, live: &Live) -> Result<(), Failure> {
    match &live.owner {
        Owner::Other(whose) => {
            Err(
                Failure::new(1, format!("{addr}: {} belongs to {whose}", live.id)).hint(format!(
                    "take it out there first, with a [[removed]] entry: that leaves it in {}",
                    cloud::name()
                )),
            )
        }
        _ => Ok(()),
    }
}

fn absent(import: &Import, addr: &Addr, id: &str) -> Failure {
    let scope = &import.project.scope;
    let place = format!("account {}, {}", scope.account, scope.region);
    Failure::new(
        1,
        format!(
            "there is no {} {id} in {} ({place})",
            addr.kind(),
            cloud::name()
        ),
    )
}

/// What an ARN names, unless the manifest has it or it is on its way.
fn followed(
    import: &Import,
    arn: &str,
    found: &[Found],
    open: &VecDeque<Request>,
) -> Option<Request> {
    let project = import.project;
    let is_arn = arn.starts_with("arn:");
    let mut kinds = project.kinds.iter().filter(|_| is_arn);
    let (kind, id) =
        kinds.find_map(|kind| Some((kind.name(), kind.id_of(arn, &project.scope)?)))?;
    let managed = project.desired.resources.values();
    let mut managed = managed.filter(|wanted| wanted.addr.kind() == kind);
    let known = managed.any(|wanted| wanted.id.as_deref() == Some(&id))
        || found.iter().any(|f| f.addr.kind() == kind && f.id == id)
        || open.iter().any(|r| r.addr.kind() == kind && r.id == id);
    if known {
        return None;
    }
    let name = id.rsplit('/').next().unwrap_or(&id);
    let taken = |addr: &Addr| {
        project.desired.resources.contains_key(addr)
            || found.iter().any(|f| f.addr == *addr)
            || open.iter().any(|r| r.addr == *addr)
    };
    let addr = header(kind, name, &project.scope.name_prefix, taken);
    Some(Request { addr, id })
}
