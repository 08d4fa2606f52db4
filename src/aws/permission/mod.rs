//! `[function.X.permission.NAME]`: who else may invoke a function, one statement of the
//! policy on it. slp adds one by itself for an API whose route names the function.
//!
//! AWS has no update: every change is a removal and an addition, under the same Sid. It
//! cannot carry tags, so it belongs to whoever owns the function. Statements that slp did
//! not make are the function's business (`policy_of` lists them).

mod decl;
mod policy;
mod raise;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionUrlAuthType;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calls::{Who, gone};
use super::cloud::Cloud;
use super::passing::Need;
use super::resource::{Answer, Asked, Found, Resource, Transition, Work};
use super::retry::Nature;
use crate::import::{Fields, Raising};
use crate::kind::{Identity, Outputs};
use crate::provider::ProviderError;
use crate::resolve::Ctx;
use crate::scope::{Owner, Scope};
use crate::text::Text;
use futures_util::future::join_all;

pub use decl::for_api;
pub use policy::policy_of;
pub use raise::is_writable;

/// The kind.
pub struct Permission;

/// What AWS can hold of a statement on a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Spec {
    /// The function's name, or the ARN of one that slp does not manage.
    pub function: Text,
    /// The alias whose own policy it stands in.
    pub alias: Option<String>,
    pub sid: String,
    pub action: String,
    /// A service, an account, a role's or user's ARN, or `*`.
    pub principal: Text,
    pub source_arn: Option<Text>,
    pub source_account: Option<Text>,
    pub org_id: Option<Text>,
    pub event_source_token: Option<Text>,
    /// `NONE` or `AWS_IAM`: only requests through a function URL of that kind.
    pub function_url_auth_type: Option<String>,
    /// Only requests through the function's URL.
    #[serde(default)]
    pub invoked_via_function_url: bool,
}

/// One AWS call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Remove,
    Add,
}

/// Nothing beside the statement itself is noted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {}

impl Resource for Permission {
    const KIND: &'static str = "function.permission";
    const ABOUT: &'static str = "Who else may invoke a function";
    const OUTPUTS: &'static [&'static str] = &[];
    const WORDS: crate::elsewhere::Words = words::WORDS;
    const GOES_WITH_PARENT: bool = true;

    type Decl = decl::Decl;
    type Spec = Spec;
    type Facts = Facts;
    type Step = Step;

    /// `<function>[:<alias>]/<sid>`: the function's name in AWS is not known from here.
    fn identity(_: &Self::Decl, _: &str, _: &Scope) -> Identity {
        Identity::default()
    }

    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Spec> {
        decl::lower(decl, ctx)
    }

    fn outputs(_: &str, _: &Spec, _: &Facts, _: &Scope) -> Outputs {
        BTreeMap::new()
    }

    fn steps(delta: &Transition<Self>) -> Vec<Step> {
        match (&delta.before, &delta.after) {
            (None, Some(_)) => vec![Step::Add],
            (Some(before), Some(after)) if before != after => vec![Step::Remove, Step::Add],
            (Some(_), None) => vec![Step::Remove],
            _ => Vec::new(),
        }
    }

    fn call(step: &Step) -> Option<&'static str> {
        Some(match step {
            Step::Remove => "RemovePermission",
            Step::Add => "AddPermission",
        })
    }

    fn fits(id: &str, spec: &Spec) -> bool {
        Place::of(spec).is_none_or(|place| place.id() == id)
    }

    fn raise(spec: &Spec, _: &Facts, r: &Raising) -> Fields {
        raise::raise(spec, r)
    }

    async fn read(cloud: &Cloud, asked: Vec<Asked<Self>>) -> Vec<Answer<Self>> {
        let one = |asked: Asked<Self>| async move { read_one(cloud, &asked).await };
        join_all(asked.into_iter().map(one)).await
    }

    async fn run(
        cloud: &Cloud,
        step: Step,
        work: &mut Work<'_, Self>,
    ) -> Result<(), ProviderError> {
        match step {
            Step::Remove => take_away(cloud, work).await,
            Step::Add => add(cloud, work).await,
        }
    }
}

/// A statement's place: the function, the alias, the Sid.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    function: String,
    alias: Option<String>,
    sid: String,
}

impl Place {
    fn of(spec: &Spec) -> Option<Place> {
        Some(Place {
            function: spec.function.known()?.to_owned(),
            alias: spec.alias.clone(),
            sid: spec.sid.clone(),
        })
    }

    fn parse(id: &str) -> Option<Place> {
        let (target, sid) = id.rsplit_once('/')?;
        // An ARN has seven parts, a name one; one more is the alias.
        let parts = match target.starts_with("arn:") {
            true => 7,
            false => 1,
        };
        let (function, alias) = match target.match_indices(':').nth(parts - 1) {
            Some((at, _)) => (&target[..at], Some(target[at + 1..].to_owned())),
            None => (target, None),
        };
        Some(Place {
            function: function.to_owned(),
            alias,
            sid: sid.to_owned(),
        })
    }

    fn id(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{}:{alias}/{}", self.function, self.sid),
            None => format!("{}/{}", self.function, self.sid),
        }
    }
}

async fn read_one(cloud: &Cloud, asked: &Asked<Permission>) -> Answer<Permission> {
    let known = || {
        asked
            .spec
            .as_ref()
            .or(asked.wanted.as_ref())
            .and_then(Place::of)
    };
    let Some(place) = asked.id.as_deref().and_then(Place::parse).or_else(known) else {
        return Ok(None);
    };
    let policy = policy_of(cloud, &place.function, place.alias.as_deref()).await?;
    Ok(policy.get(&place.sid).map(|statement| Found {
        id: place.id(),
        spec: policy::spec(&place, statement, cloud.scope()),
        facts: Facts {},
        owner: Owner::Parents,
    }))
}

/// Removes a statement of any maker; what is gone already is as good as removed.
pub async fn remove(
    cloud: &Cloud,
    function: &str,
    qualifier: Option<&str>,
    sid: &str,
    who: Who<'_>,
) -> Result<(), ProviderError> {
    let client = cloud.lambda();
    let send = || {
        let call = client.remove_permission().function_name(function);
        let qualifier = qualifier.map(str::to_owned);
        call.set_qualifier(qualifier).statement_id(sid).send()
    };
    let answer = cloud.call("RemovePermission", Nature::Put, who, send).await;
    gone(answer, policy::NOT_FOUND)
}

async fn take_away(cloud: &Cloud, work: &Work<'_, Permission>) -> Result<(), ProviderError> {
    let place = Place::parse(&work.id)
        .or_else(|| work.before.as_ref().and_then(Place::of))
        .ok_or_else(|| {
            let message = format!("`{}` is not a permission's id", work.id);
            ProviderError::new("RemovePermission", message)
        })?;
    let Place {
        function,
        alias,
        sid,
    } = &place;
    remove(cloud, function, alias.as_deref(), sid, work.who()).await
}

async fn add(cloud: &Cloud, work: &mut Work<'_, Permission>) -> Result<(), ProviderError> {
    let spec = work.wanted()?;
    let place = Place::of(spec).ok_or_else(|| {
        ProviderError::new("AddPermission", "the name of the function is not known yet")
    })?;
    let text = |text: &Option<Text>| text.as_ref().map(Text::to_string);
    let client = cloud.lambda();
    let send = || {
        client
            .add_permission()
            .function_name(&place.function)
            .set_qualifier(place.alias.clone())
            .statement_id(&place.sid)
            .action(&spec.action)
            .principal(spec.principal.to_string())
            .set_source_arn(text(&spec.source_arn))
            .set_source_account(text(&spec.source_account))
            .set_principal_org_id(text(&spec.org_id))
            .set_event_source_token(text(&spec.event_source_token))
            .set_function_url_auth_type(
                spec.function_url_auth_type
                    .as_deref()
                    .map(FunctionUrlAuthType::from),
            )
            .set_invoked_via_function_url(spec.invoked_via_function_url.then_some(true))
            .send()
    };
    let principal = spec.principal.to_string();
    let needs = [
        Need::Function {
            name: &place.function,
        },
        Need::Principal { name: &principal },
    ];
    let who = work.who().needing(&needs);
    let answer = cloud.call("AddPermission", Nature::Create, who, send).await;
    match answer {
        Err(error) if error.is("ResourceConflictException") && error.says("already exists") => {
            there_already(cloud, &place, error, work).await?;
        }
        answer => {
            answer?;
        }
    }
    work.id = place.id();
    Ok(())
}

/// A statement that is as wanted is our own, of a call whose answer was lost.
async fn there_already(
    cloud: &Cloud,
    place: &Place,
    error: ProviderError,
    work: &Work<'_, Permission>,
) -> Result<(), ProviderError> {
    let asked = policy::ask(cloud, &place.function, place.alias.as_deref(), work.who()).await;
    let Ok(policy) = asked else {
        // Nobody can say whose it is: that is for whoever looks next.
        return Err(error.unsure());
    };
    let live = policy
        .get(&place.sid)
        .map(|statement| policy::spec(place, statement, cloud.scope()));
    match live.as_ref() == Some(work.wanted()?) {
        true => Ok(()),
        false => {
            let hint = format!(
                "somebody else made a statement `{}` on the function meanwhile: plan again, or remove it",
                place.sid
            );
            Err(error.hint(hint))
        }
    }
}
