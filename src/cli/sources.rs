//! The values of variables that AWS holds, or another project's state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::args::Global;
use super::failure::Failure;
use super::home::Home;
use super::repository::{self, Found, Stack};
use super::{open, place, sealing};
use crate::aws::{self, Aws};
use crate::event::Phase;
use crate::manifest::{Answer, Backend, Draft, Origin, StatePlace};
use crate::scope::Scope;
use crate::state::{LocalStore, Store};

/// Asks every source that the manifest's variables name and that nothing else has valued.
pub async fn ask(
    global: &Global,
    draft: &mut Draft,
    scope: &Scope,
    aws: &Aws,
) -> Result<(), Failure> {
    let asked = draft.asked();
    if asked.is_empty() {
        return Ok(());
    }
    let origins: BTreeSet<Origin> = asked.iter().map(|(_, origin)| origin.clone()).collect();
    let _asking = global
        .events
        .begin(Phase::Named("asking for the variables' values".into()));
    let mut answers = match global.local {
        true => absent(&origins),
        false => aws.answers(&origins).await,
    };
    for origin in origins {
        if let Origin::Output { project, output } = &origin {
            let answer = output_of(global, draft, scope, aws, project, output).await;
            answers.insert(origin, answer);
        }
    }
    let silent = || Err("nobody could be asked".to_owned());
    let by_name = asked.into_iter().map(|(name, origin)| {
        let answer = answers.get(&origin).cloned();
        (name, answer.unwrap_or_else(silent))
    });
    draft.answer(by_name.collect());
    Ok(())
}

/// The embedded cloud has neither parameters nor secrets: a default has to do, or a `--var`.
fn absent(origins: &BTreeSet<Origin>) -> BTreeMap<Origin, Result<Answer, String>> {
    let none = Answer {
        text: None,
        secret: false,
    };
    let origins = origins.iter().cloned();
    origins.map(|origin| (origin, Ok(none.clone()))).collect()
}

async fn output_of(
    global: &Global,
    draft: &Draft,
    scope: &Scope,
    aws: &Aws,
    project: &str,
    output: &str,
) -> Result<Answer, String> {
    let origin = format!("state:{project}#{output}");
    let store = store_of(global, draft, scope, aws, project).await?;
    let place = store.describe();
    let snapshot = store.load().await;
    let state = snapshot
        .map_err(|error| format!("{origin}: {error}"))?
        .state
        .ok_or_else(|| format!("{origin}: {project} was not applied yet: there is no {place}"))?;
    if state.project != project {
        return Err(format!(
            "{origin}: {place} is of the project {}",
            state.project
        ));
    }
    let Some(found) = state.outputs.get(output) else {
        return Ok(Answer {
            text: None,
            secret: false,
        });
    };
    match (found.secret, found.value.known()) {
        (true, _) => Err(format!(
            "{origin} is a secret, and no state holds one: read it from where it comes from"
        )),
        (false, Some(text)) => Ok(Answer {
            text: Some(text.to_owned()),
            secret: false,
        }),
        (false, None) => Err(format!("{origin} is not known yet: apply {project} first")),
    }
}

/// The place of another project's state and its key there, without asking AWS; `None` where
/// nobody can tell.
pub fn place_of(global: &Global, draft: &Draft, project: &str) -> Option<(StatePlace, String)> {
    match stacks_of(&found(global), project).as_slice() {
        [stack] => {
            let theirs = draft_of(global, stack, draft.env())?;
            let key = theirs.place().key(theirs.project(), theirs.env());
            Some((theirs.place().clone(), key))
        }
        [] => place_beside(draft, project),
        _ => None,
    }
}

/// The manifests in this repository.
fn found(global: &Global) -> Found {
    repository::stacks(&repository::root(global), global)
}

/// Those that are of a project.
fn stacks_of(found: &Found, project: &str) -> Vec<Stack> {
    let theirs = |stack: &&Stack| stack.project == project;
    found.stacks.iter().filter(theirs).cloned().collect()
}

/// Where another project keeps its state: as its own manifest says if this repository has it,
/// else beside ours.
async fn store_of(
    global: &Global,
    draft: &Draft,
    scope: &Scope,
    aws: &Aws,
    project: &str,
) -> Result<Arc<dyn Store>, String> {
    let found = found(global);
    match stacks_of(&found, project).as_slice() {
        [stack] => store_at(global, stack, scope, aws).await,
        [] => beside(draft, scope, aws, project).unwrap_or_else(|| {
            let root = repository::root(global);
            let root = root.display();
            let unread = found.unreadable.iter();
            let unread: String = unread.map(|why| format!("; not read: {why}")).collect();
            Err(format!(
                "no manifest below {root} is of the project {project}{unread}"
            ))
        }),
        many => {
            let paths: Vec<String> = many.iter().map(|s| s.path.display().to_string()).collect();
            Err(format!(
                "several manifests are of the project {project}: {}",
                paths.join(", ")
            ))
        }
    }
}

async fn store_at(
    global: &Global,
    stack: &Stack,
    scope: &Scope,
    aws: &Aws,
) -> Result<Arc<dyn Store>, String> {
    let draft = draft_of(global, stack, scope.env.as_deref()).ok_or_else(|| {
        let path = stack.path.display();
        format!("{path} cannot be read: `slp validate -f {path}` says why")
    })?;
    let own = draft.scope(&scope.region, None, scope.endpoint.clone());
    if global.local {
        let states = Home::of(&of_stack(global, stack, None)).states();
        return Ok(Arc::new(LocalStore::in_folder(&states, &own)));
    }
    let path = stack.path.display();
    place::store(&draft, &own, aws)
        .map_err(|_| format!("the key of its state is not there: `slp output -f {path}` says why"))
}

fn of_stack(global: &Global, stack: &Stack, env: Option<&str>) -> Global {
    Global {
        file: stack.path.clone(),
        text: None,
        env: env.map(str::to_owned),
        vars: Vec::new(),
        var_files: Vec::new(),
        ..global.clone()
    }
}

/// Its manifest; one without environments has the same state in all of them.
fn draft_of(global: &Global, stack: &Stack, env: Option<&str>) -> Option<Draft> {
    let kinds = aws::kinds();
    let read = |env| open::draft(&of_stack(global, stack, env), &kinds);
    read(env).or_else(|_| read(None)).ok()
}

/// In our own bucket, under the key that a project has by itself.
fn beside(
    draft: &Draft,
    scope: &Scope,
    aws: &Aws,
    project: &str,
) -> Option<Result<Arc<dyn Store>, String>> {
    let (place, key) = place_beside(draft, project)?;
    let store = place::remote(&place, key, &scope.root, aws);
    let seal = sealing::seal(&place, &scope.root, Some(aws));
    let sealed = seal.map(|seal| Arc::new(store.sealed(seal)) as Arc<dyn Store>);
    Some(
        sealed.map_err(|_| {
            format!("the key of {project}'s state is not there; `slp output` says why")
        }),
    )
}

fn place_beside(draft: &Draft, project: &str) -> Option<(StatePlace, String)> {
    let ours = draft.place();
    if ours.backend != Backend::S3 {
        return None;
    }
    let place = StatePlace {
        key: None,
        ..ours.clone()
    };
    let named = crate::manifest::Project {
        name: project.to_owned(),
        ..draft.project().clone()
    };
    let key = place.key(&named, draft.env());
    Some((place, key))
}
