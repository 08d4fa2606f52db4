//! `slp permissions`: what AWS must allow whoever deploys this, as the policy of a role, and whose
//! jobs may have the role.

use std::collections::BTreeSet;

use super::args::{Global, PermissionsArgs, Scope as Working};
use super::failure::Failure;
use super::open::{self, Project};
use super::printer::Printer;
use super::{plan, sources};
use crate::aws;
use crate::aws::rights::{self, Part, Policy, Rights};
use crate::kind::WrongShape;
use crate::local;
use crate::manifest::{Draft, Origin};
use crate::provider::Caller;
use crate::scope::Scope;

pub async fn run(
    global: &Global,
    args: &PermissionsArgs,
    printer: &Printer,
) -> Result<u8, Failure> {
    let kinds = aws::kinds();
    let draft = open::draft(global, &kinds)?;
    let scope = scope(global, &draft).await;
    let notes = match &args.trust {
        Some(who) => {
            printer.out(&rights::trust(who, &scope).to_string());
            trust_notes(who, &scope)
        }
        None => {
            let rights = match (args.for_plan, args.plan) {
                (true, _) => of_plan(global, printer).await?,
                (false, true) => of_manifest(global, draft, &scope, Part::Plan)?,
                (false, false) => of_manifest(global, draft, &scope, Part::Life)?,
            };
            let policy = rights::document(&rights);
            printer.out(&policy.to_string());
            notes(&scope, &policy)
        }
    };
    for note in notes {
        printer.err(&note);
    }
    Ok(0)
}

/// Where it is deployed: as the manifest says, else as AWS says if there are credentials.
async fn scope(global: &Global, draft: &Draft) -> Scope {
    let named =
        |region: &str, caller: Option<&Caller>| draft.scope(region, caller, open::endpoint(global));
    if global.local {
        let caller = Caller {
            account: local::ACCOUNT.into(),
            arn: String::new(),
            partition: "aws".into(),
        };
        return named(&open::region_or_hole(draft), Some(&caller));
    }
    let asks = draft.project().account.is_none() && has_credentials(draft);
    let connection = open::connection(global, draft, None, 1);
    match asks {
        true => match open::connect(&connection, &global.events).await {
            Ok((aws, caller)) => named(&aws.region(), Some(&caller)),
            Err(_) => named(&open::region_or_hole(draft), None),
        },
        false => named(&open::region_or_hole(draft), None),
    }
}

/// Is there a sign of credentials? The SDK would else look for them in the network.
fn has_credentials(draft: &Draft) -> bool {
    const SIGNS: [&str; 5] = [
        "AWS_ACCESS_KEY_ID",
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ];
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let file = std::env::home_dir().is_some_and(|home| home.join(".aws/credentials").exists());
    draft.project().profile.is_some() || file || SIGNS.iter().any(|sign| set(sign))
}

/// What the manifest takes, without asking anyone.
pub fn of_manifest(
    global: &Global,
    draft: Draft,
    scope: &Scope,
    part: Part,
) -> Result<Rights, Failure> {
    let mut rights = beside(global, &draft, scope, part);
    let Project { desired, .. } = open::within(global, draft, scope.clone(), aws::kinds())?;
    let resources = rights::of_resources(&desired, scope, part);
    rights.extend(resources.map_err(mistake)?);
    Ok(rights)
}

/// What the plan of now takes.
async fn of_plan(global: &Global, printer: &Printer) -> Result<Rights, Failure> {
    let part = Working::default();
    let (project, aws) = open::online(global, &part).await?;
    let events = printer.listener();
    let snapshot = open::load(&project, &events).await?;
    let state = plan::known(&project, snapshot, &aws, &events).await?;
    let made = plan::make(&project, &aws, state, &part, false, &events).await?;
    let draft = open::draft(global, &project.kinds)?;
    let mut rights = beside(global, &draft, &project.scope, Part::Life);
    let of_plan = rights::of_plan(&project.desired, &made.plan, &project.scope);
    rights.extend(of_plan.map_err(mistake)?);
    Ok(rights)
}

fn mistake(error: WrongShape) -> Failure {
    Failure::new(1, error.to_string())
}

/// The state and the variables; with `--local` both are on this machine.
fn beside(global: &Global, draft: &Draft, scope: &Scope, part: Part) -> Rights {
    if global.local {
        return Rights::new();
    }
    let key = draft.place().key(draft.project(), draft.env());
    let mut rights = rights::of_state(draft.place(), &key, scope, part);
    let origins: BTreeSet<Origin> = draft
        .asked()
        .into_iter()
        .map(|(_, origin)| origin)
        .collect();
    for origin in &origins {
        if let Origin::Output { project, .. } = origin
            && let Some((place, key)) = sources::place_of(global, draft, project)
        {
            rights.extend(rights::of_state(&place, &key, scope, Part::Plan));
        }
    }
    rights.extend(rights::of_sources(&origins, scope));
    rights
}

const WITHOUT_ACCOUNT: &str =
    "write `account` in [project], or run this with credentials, to name it";

/// What a person should know about the policy.
fn notes(scope: &Scope, policy: &Policy) -> Vec<String> {
    let mut notes = Vec::new();
    if scope.account.starts_with('<') {
        notes.push(format!(
            "the account is not known and stands as *: {WITHOUT_ACCOUNT}"
        ));
    }
    if scope.region.starts_with('<') {
        notes.push("the region is not known and stands as *: write `region` in [project], or set AWS_REGION".into());
    }
    let characters = policy.characters();
    if characters > rights::MOST {
        notes.push(format!(
            "this policy has {characters} characters, and AWS takes {} in a managed policy: use it \
             as an inline policy of the role, which takes 10240, or split its statements",
            rights::MOST
        ));
    }
    notes
}

fn trust_notes(who: &rights::Trusted, scope: &Scope) -> Vec<String> {
    let mut notes = Vec::new();
    if scope.account.starts_with('<') {
        notes.push(format!(
            "the account is not known, put it in: {WITHOUT_ACCOUNT}"
        ));
    }
    if who.is_any() {
        notes.push(format!(
            "any branch of {who} may have this role, pull requests among them: write @BRANCH behind \
             it to trust one alone"
        ));
    }
    notes
}
