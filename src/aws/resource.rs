//! The trait that a kind of resource is written against, and the one adapter that turns
//! it into what the engine speaks.
//!
//! **Adding a kind**: a file with a unit struct that implements [`Resource`], and a line
//! in `aws::kinds`; for deployers' rights its operations in `aws::rights::table` and its ARNs in
//! `things` beside it. The manifest's table, the schema, the diff, the plan, the state and the
//! contract tests follow. An implementation decides nothing: `lower` and `steps` are
//! pure, `read` only reads, `run` makes exactly the AWS call that its step names.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::marker::PhantomData;
use std::sync::OnceLock;

use jiff::Timestamp;
use schemars::{JsonSchema, SchemaGenerator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::calls::Who;
use super::cloud::Cloud;
use crate::addr::Addr;
use crate::cancel::Cancel;
use crate::elsewhere::{self, Here, Words, words};
use crate::event::Listener;
use crate::import::{Fields, Raising};
use crate::kind::{AnyDecl, Block, Call, Delta, Identity, Kind, Outputs, WrongShape};
use crate::manifest::{self, Guide, Shape};
use crate::problem::Problem;
use crate::provider::{Ask, Boxed, Depth, Job, Live, Made, ProviderError};
use crate::resolve::{Ctx, Wanted};
use crate::scope::{Owner, Scope};

/// A kind of resource, typed.
pub trait Resource: Send + Sync + 'static {
    /// The address without names: `function`, `function.alias`.
    const KIND: &'static str;
    /// One line for the schema and the docs.
    const ABOUT: &'static str;
    /// Outputs that a reference may name.
    const OUTPUTS: &'static [&'static str];
    /// AWS removes it together with its parent.
    const GOES_WITH_PARENT: bool = false;
    /// Only slp adds it; nobody writes it.
    const ADDED: bool = false;
    /// Several addresses may stand for one thing in AWS, and it may be there before slp is.
    const SHARED: bool = false;
    /// What other tools call what a person writes here.
    const WORDS: Words = words! {};

    /// What a person writes: `deny_unknown_fields`, sugar, raw texts.
    type Decl: DeserializeOwned + JsonSchema + Send + Sync + 'static;
    /// What AWS can hold, canonical: wanted, live and state are all a `Spec`, and equality is the diff.
    type Spec: Serialize + DeserializeOwned + PartialEq + Clone + JsonSchema + Send + Sync;
    /// What a read notes beside the spec: ids of parts, revisions, fingerprints. Never compared.
    type Facts: Serialize + DeserializeOwned + Default + Clone + Send + Sync;
    /// One AWS call of a change.
    type Step: Serialize + DeserializeOwned + Send + Sync;

    /// The id and the outputs that follow from the manifest alone.
    fn identity(decl: &Self::Decl, name: &str, scope: &Scope) -> Identity;
    /// What was written as what AWS can hold; problems and edges go to `ctx`.
    fn lower(decl: &Self::Decl, ctx: &Ctx) -> Option<Self::Spec>;
    /// The outputs of something that exists.
    fn outputs(id: &str, spec: &Self::Spec, facts: &Self::Facts, scope: &Scope) -> Outputs;
    /// The calls that lead from `before` to `after`, in the order that AWS demands.
    fn steps(delta: &Transition<Self>) -> Vec<Self::Step>;
    /// Completes a wanted spec with what follows from its parent's, of which references are
    /// holes and secrets keyed digests.
    fn complete(spec: Self::Spec, _parent: &Value) -> Self::Spec {
        spec
    }
    /// Completes what was read of one that is taken over, whose parent is as wanted, with what
    /// follows from that.
    fn adopt(_live: &mut Self::Spec, _facts: &mut Self::Facts, _wanted: &Self::Spec) {}
    /// Why this cannot be done, where that is known before anything is tried.
    fn refuses(_delta: &Transition<Self>) -> Option<String> {
        None
    }
    /// Is this the id of a thing with this spec, as the state has both?
    fn fits(id: &str, spec: &Self::Spec) -> bool;
    /// Who still uses this when its address goes, for people; see `Kind::used_by`.
    fn used_by(
        _spec: &Self::Spec,
        _facts: &Self::Facts,
        _goes: &dyn Fn(&str, &str) -> bool,
        _wanted: &BTreeMap<Addr, Wanted>,
    ) -> Option<String> {
        None
    }
    /// What is lost for ever by this change, for people.
    fn loses(_delta: &Transition<Self>) -> Option<String> {
        None
    }
    /// What stays in AWS when this goes with these children, for people.
    fn leaves(_spec: &Self::Spec, _children: &[&Addr]) -> Option<String> {
        None
    }
    /// What a person would write to have this, as far as the manifest can say it.
    fn raise(_spec: &Self::Spec, _facts: &Self::Facts, _r: &Raising) -> Fields {
        Fields::default()
    }
    /// The ARNs of what it refers to.
    fn uses(_spec: &Self::Spec) -> Vec<String> {
        Vec::new()
    }
    /// The id under which AWS knows the thing that an ARN names, if that is of this kind.
    fn id_of(_arn: &str, _scope: &Scope) -> Option<String> {
        None
    }
    /// What was found that slp leaves alone, for people.
    fn notice(_facts: &Self::Facts) -> Option<String> {
        None
    }
    /// When AWS says that it was changed last.
    fn modified(_facts: &Self::Facts) -> Option<Timestamp> {
        None
    }
    /// AWS's name of the operation; `None` for a wait.
    fn call(step: &Self::Step) -> Option<&'static str>;
    /// Why this step is made where no field differs, for people.
    fn because(_step: &Self::Step) -> Option<&'static str> {
        None
    }
    /// Outputs that an update by this step changes.
    fn unsettles(_step: &Self::Step) -> &'static [&'static str] {
        &[]
    }

    /// Reads many, one answer each, in order.
    fn read(
        cloud: &Cloud,
        asked: Vec<Asked<Self>>,
    ) -> impl Future<Output = Vec<Answer<Self>>> + Send;
    /// What stands under the thing with this id and can be written: the word of its kind, its
    /// name, its id.
    fn children(
        _cloud: &Cloud,
        _id: &str,
    ) -> impl Future<Output = Result<Vec<Child>, ProviderError>> + Send {
        async { Ok(Vec::new()) }
    }
    /// Makes the call, with the wait that belongs to it, and notes in `work` what it made.
    fn run(
        cloud: &Cloud,
        step: Self::Step,
        work: &mut Work<'_, Self>,
    ) -> impl Future<Output = Result<(), ProviderError>> + Send;
}

/// Something under another thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// The last word of its kind: `alias`.
    pub word: &'static str,
    pub name: String,
    pub id: String,
}

/// What one resource's read gave.
pub type Answer<R> = Result<Option<Found<R>>, ProviderError>;

/// A `Delta`, typed.
pub struct Transition<R: Resource + ?Sized> {
    pub before: Option<R::Spec>,
    pub after: Option<R::Spec>,
    pub facts: R::Facts,
    /// The address changed: the ownership tags must follow.
    pub moved: bool,
    /// What it refers to and is made anew under its old name.
    pub renewed: BTreeSet<Addr>,
}

/// An `Ask`, typed.
pub struct Asked<R: Resource + ?Sized> {
    pub addr: Addr,
    pub id: Option<String>,
    /// The spec and facts in state.
    pub spec: Option<R::Spec>,
    pub facts: Option<R::Facts>,
    pub wanted: Option<R::Spec>,
    pub depth: Depth,
    pub replaced: bool,
    pub adopts: bool,
    pub children: Vec<Addr>,
}

/// A `Live`, typed.
pub struct Found<R: Resource + ?Sized> {
    pub id: String,
    pub spec: R::Spec,
    pub facts: R::Facts,
    pub owner: Owner,
}

/// A `Job`, typed: what a step may look at and add to.
pub struct Work<'a, R: Resource + ?Sized> {
    pub addr: &'a Addr,
    /// The operation id, for markers and for `slp:op`.
    pub op: &'a str,
    pub before: Option<R::Spec>,
    /// The wanted spec, with every reference and secret filled.
    pub after: Option<R::Spec>,
    /// Empty until the thing exists.
    pub id: String,
    pub facts: R::Facts,
    pub events: &'a Listener,
    pub cancel: &'a Cancel,
}

impl<R: Resource + ?Sized> Work<'_, R> {
    /// For whom the calls of this step are made.
    pub fn who(&self) -> Who<'_> {
        Who {
            cancel: Some(self.cancel),
            ..Who::of(self.addr, self.events)
        }
    }

    /// The wanted spec; a step that needs one on a delete is a bug in `steps`.
    pub fn wanted(&self) -> Result<&R::Spec, ProviderError> {
        self.after.as_ref().ok_or_else(|| {
            ProviderError::new(R::KIND, "a delete was asked for a value that is wanted")
        })
    }
}

/// The erased form of a [`Resource`]: the engine's `Kind`, and `Reach` for the cloud.
pub struct Of<R> {
    kind: PhantomData<fn() -> R>,
    /// Made when first asked for.
    schema: OnceLock<Value>,
    /// The tables that a person writes, for messages.
    shapes: OnceLock<Vec<Shape>>,
}

impl<R: Resource> Of<R> {
    fn shapes(&self) -> &[Shape] {
        self.shapes.get_or_init(|| {
            let schema = SchemaGenerator::default().into_root_schema_for::<R::Decl>();
            manifest::shapes(schema.as_value())
        })
    }
}

impl<R> Default for Of<R> {
    fn default() -> Of<R> {
        Of {
            kind: PhantomData,
            schema: OnceLock::new(),
            shapes: OnceLock::new(),
        }
    }
}

/// The half of a kind that talks to AWS, erased.
pub trait Reach: Send + Sync {
    fn name(&self) -> &'static str;
    fn read<'a>(
        &'a self,
        cloud: &'a Cloud,
        asks: Vec<&'a Ask>,
    ) -> Boxed<'a, Vec<Result<Option<Live>, ProviderError>>>;
    fn children<'a>(
        &'a self,
        cloud: &'a Cloud,
        id: &'a str,
    ) -> Boxed<'a, Result<Vec<Child>, ProviderError>>;
    fn run<'a>(
        &'a self,
        cloud: &'a Cloud,
        job: Job<'a>,
        made: &'a mut Made,
    ) -> Boxed<'a, Result<(), ProviderError>>;
}

/// Both halves of a kind: what the list of kinds holds.
pub trait Whole: Kind + Reach {}

impl<R: Resource> Whole for Of<R> {}

impl<R: Resource> Kind for Of<R> {
    fn name(&self) -> &'static str {
        R::KIND
    }

    fn about(&self) -> &'static str {
        R::ABOUT
    }

    fn outputs(&self) -> &'static [&'static str] {
        R::OUTPUTS
    }

    fn goes_with_parent(&self) -> bool {
        R::GOES_WITH_PARENT
    }

    fn decl_schema(&self, generator: &mut SchemaGenerator) -> Option<schemars::Schema> {
        (!R::ADDED).then(|| generator.subschema_for::<R::Decl>())
    }

    fn spec_schema(&self) -> &Value {
        self.schema.get_or_init(|| {
            let generator = SchemaGenerator::default();
            generator.into_root_schema_for::<R::Spec>().to_value()
        })
    }

    fn complete(&self, spec: Value, parent: &Value) -> Value {
        match R::Spec::deserialize(&spec) {
            Ok(typed) => serde_json::to_value(R::complete(typed, parent)).unwrap_or(spec),
            Err(_) => spec,
        }
    }

    fn adopt(&self, live: &Live, wanted: &Value) -> (Value, Value) {
        let as_read = || (live.spec.clone(), live.facts.clone());
        let Some((mut spec, mut facts, wanted)) = R::Spec::deserialize(&live.spec)
            .ok()
            .zip(R::Facts::deserialize(&live.facts).ok())
            .zip(R::Spec::deserialize(wanted).ok())
            .map(|((spec, facts), wanted)| (spec, facts, wanted))
        else {
            return as_read();
        };
        R::adopt(&mut spec, &mut facts, &wanted);
        let spec = serde_json::to_value(spec).ok();
        let facts = serde_json::to_value(facts).ok();
        spec.zip(facts).unwrap_or_else(as_read)
    }

    fn declare(&self, block: &Block, also: &[&str]) -> Result<AnyDecl, Vec<Problem>> {
        let guide = || Guide {
            also,
            words: R::WORDS,
            shapes: self.shapes(),
            ..Guide::default()
        };
        let decl = manifest::decode_guided::<R::Decl>(block, &guide)?;
        Ok(Box::new(decl))
    }

    fn meant(&self, word: &str, fields: &[String]) -> Option<&'static str> {
        match elsewhere::find(R::WORDS, word, fields)? {
            Here::Key(key) => Some(key),
            Here::Way(_) | Here::Around(_) => None,
        }
    }

    fn identity(&self, decl: &AnyDecl, name: &str, scope: &Scope) -> Identity {
        decl.downcast_ref::<R::Decl>()
            .map(|decl| R::identity(decl, name, scope))
            .unwrap_or_default()
    }

    fn lower(&self, decl: &AnyDecl, ctx: &Ctx) -> Option<Value> {
        let spec = R::lower(decl.downcast_ref::<R::Decl>()?, ctx)?;
        serde_json::to_value(spec).ok()
    }

    fn calls(&self, delta: &Delta) -> Result<Vec<Call>, WrongShape> {
        let change = transition::<R>(delta)?;
        let step = |step: R::Step| {
            let call = R::call(&step).map(str::to_owned);
            Ok(Call {
                call,
                step: to_value::<R>(&step, "step")?,
            })
        };
        R::steps(&change).into_iter().map(step).collect()
    }

    fn refuses(&self, delta: &Delta) -> Result<Option<String>, WrongShape> {
        transition::<R>(delta).map(|change| R::refuses(&change))
    }

    fn fits(&self, id: &str, spec: &Value) -> bool {
        R::Spec::deserialize(spec).map_or(true, |spec| R::fits(id, &spec))
    }

    fn is_shared(&self) -> bool {
        R::SHARED
    }

    fn used_by(
        &self,
        live: &Live,
        goes: &dyn Fn(&str, &str) -> bool,
        wanted: &BTreeMap<Addr, Wanted>,
    ) -> Option<String> {
        let spec = R::Spec::deserialize(&live.spec).ok()?;
        R::used_by(&spec, &facts::<R>(&live.facts).ok()?, goes, wanted)
    }

    fn loses(&self, delta: &Delta) -> Result<Option<String>, WrongShape> {
        transition::<R>(delta).map(|change| R::loses(&change))
    }

    fn leaves(&self, spec: &Value, children: &[&Addr]) -> Option<String> {
        R::leaves(&R::Spec::deserialize(spec).ok()?, children)
    }

    fn raise(&self, live: &Live, r: &Raising) -> Option<Fields> {
        let spec = R::Spec::deserialize(&live.spec).ok()?;
        Some(R::raise(&spec, &facts::<R>(&live.facts).ok()?, r))
    }

    fn uses(&self, spec: &Value) -> Vec<String> {
        R::Spec::deserialize(spec)
            .map(|spec| R::uses(&spec))
            .unwrap_or_default()
    }

    fn id_of(&self, arn: &str, scope: &Scope) -> Option<String> {
        R::id_of(arn, scope)
    }

    fn notice(&self, facts: &Value) -> Option<String> {
        R::notice(&R::Facts::deserialize(facts).ok()?)
    }

    fn because(&self, calls: &[Call]) -> Option<&'static str> {
        steps::<R>(calls).find_map(|step| R::because(&step))
    }

    fn unsettled(&self, calls: &[Call]) -> Vec<&'static str> {
        steps::<R>(calls)
            .flat_map(|step| R::unsettles(&step))
            .copied()
            .collect()
    }
}

impl<R: Resource> Reach for Of<R> {
    fn name(&self) -> &'static str {
        R::KIND
    }

    fn read<'a>(
        &'a self,
        cloud: &'a Cloud,
        asks: Vec<&'a Ask>,
    ) -> Boxed<'a, Vec<Result<Option<Live>, ProviderError>>> {
        Box::pin(async move {
            let asked = asks.into_iter().map(typed::<R>).collect();
            let answers = R::read(cloud, asked).await;
            answers
                .into_iter()
                .map(|answer| erase::<R>(answer, cloud.scope()))
                .collect()
        })
    }

    fn children<'a>(
        &'a self,
        cloud: &'a Cloud,
        id: &'a str,
    ) -> Boxed<'a, Result<Vec<Child>, ProviderError>> {
        Box::pin(R::children(cloud, id))
    }

    fn run<'a>(
        &'a self,
        cloud: &'a Cloud,
        job: Job<'a>,
        made: &'a mut Made,
    ) -> Boxed<'a, Result<(), ProviderError>> {
        Box::pin(async move {
            let step: R::Step = parse::<R, _>(job.step, "step")?;
            let mut work = Work::<R> {
                addr: job.addr,
                op: job.op,
                before: optional::<R, _>(job.before, "spec")?,
                after: optional::<R, _>(job.after, "spec")?,
                id: made.id.clone().unwrap_or_default(),
                facts: facts::<R>(&made.facts)?,
                events: job.events,
                cancel: job.cancel,
            };
            let ran = R::run(cloud, step, &mut work).await;
            let outputs = match work.after.as_ref().filter(|_| !work.id.is_empty()) {
                Some(spec) => R::outputs(&work.id, spec, &work.facts, cloud.scope()),
                None => Outputs::new(),
            };
            let facts = to_value::<R>(&work.facts, "facts")?;
            *made = Made {
                id: Some(work.id).filter(|id| !id.is_empty()),
                outputs,
                facts,
            };
            ran
        })
    }
}

fn steps<R: Resource>(calls: &[Call]) -> impl Iterator<Item = R::Step> {
    calls
        .iter()
        .filter_map(|call| R::Step::deserialize(&call.step).ok())
}

fn transition<R: Resource>(delta: &Delta) -> Result<Transition<R>, WrongShape> {
    Ok(Transition {
        before: optional::<R, _>(delta.before, "spec")?,
        after: optional::<R, _>(delta.after, "spec")?,
        facts: facts::<R>(delta.facts)?,
        moved: delta.moved,
        renewed: delta.renewed.clone(),
    })
}

/// What state holds in another shape is as good as unknown: the read then takes nothing over from it.
fn typed<R: Resource>(ask: &Ask) -> Asked<R> {
    let prior = ask.prior.as_ref();
    Asked {
        addr: ask.addr.clone(),
        id: ask.id.clone(),
        spec: prior
            .and_then(|p| p.spec.as_ref())
            .and_then(|v| R::Spec::deserialize(v).ok()),
        facts: prior.and_then(|p| R::Facts::deserialize(&p.facts).ok()),
        wanted: ask
            .wanted
            .as_ref()
            .and_then(|v| R::Spec::deserialize(v).ok()),
        depth: ask.depth,
        replaced: ask.replaced,
        adopts: ask.adopts,
        children: ask.children.clone(),
    }
}

fn erase<R: Resource>(answer: Answer<R>, scope: &Scope) -> Result<Option<Live>, ProviderError> {
    let Some(found) = answer? else {
        return Ok(None);
    };
    Ok(Some(Live {
        outputs: R::outputs(&found.id, &found.spec, &found.facts, scope),
        modified: R::modified(&found.facts),
        spec: to_value::<R>(&found.spec, "spec")?,
        facts: to_value::<R>(&found.facts, "facts")?,
        id: found.id,
        owner: found.owner,
    }))
}

fn facts<R: Resource>(value: &Value) -> Result<R::Facts, WrongShape> {
    match value {
        Value::Null => Ok(R::Facts::default()),
        value => parse::<R, _>(value, "facts"),
    }
}

fn optional<R: Resource, T: DeserializeOwned>(
    value: Option<&Value>,
    what: &'static str,
) -> Result<Option<T>, WrongShape> {
    value.map(|value| parse::<R, T>(value, what)).transpose()
}

fn parse<R: Resource, T: DeserializeOwned>(
    value: &Value,
    what: &'static str,
) -> Result<T, WrongShape> {
    T::deserialize(value).map_err(|error| wrong::<R>(what, error))
}

fn to_value<R: Resource>(value: &impl Serialize, what: &'static str) -> Result<Value, WrongShape> {
    serde_json::to_value(value).map_err(|error| wrong::<R>(what, error))
}

fn wrong<R: Resource>(what: &'static str, error: serde_json::Error) -> WrongShape {
    WrongShape {
        kind: R::KIND,
        what,
        reason: error.to_string(),
    }
}

impl From<WrongShape> for ProviderError {
    fn from(error: WrongShape) -> ProviderError {
        ProviderError::new(error.kind, error.to_string())
    }
}
