//! What the engine knows of a kind of resource: a name, its fields' meaning, how a
//! block of the manifest becomes a spec, and which AWS calls turn one spec into another.
//!
//! Pure. Kinds are written against the typed trait in `aws::resource`; this is the
//! erased form, on JSON values, that the manifest, the plan and the schema work with.
//! Reading and changing AWS is `provider`'s.

use std::any::Any;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::addr::Addr;
use crate::import::{Fields, Raising};
use crate::problem::Problem;
use crate::provider::Live;
use crate::resolve::{Ctx, Wanted};
use crate::scope::Scope;

/// A block of the manifest, with the place of every value; variables are already in.
pub type Block = toml::Spanned<toml::de::DeValue<'static>>;

/// What `Kind::declare` read, of a type that only the kind knows.
pub type AnyDecl = Box<dyn Any + Send + Sync>;

/// Values that others may refer to, by the output's name.
pub type Outputs = BTreeMap<String, String>;

/// One AWS call that a change takes. `step` is the kind's own, complete but for the
/// values it looks up in the wanted spec.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// AWS's name of the operation, for people and for counting; absent for a wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call: Option<String>,
    pub step: Value,
}

/// What is known of a resource's name before it exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Identity {
    /// The id under which AWS knows it, where the manifest decides it.
    pub id: Option<String>,
    /// Outputs that follow from the manifest; those that AWS invents are absent.
    pub known: Outputs,
}

/// Two specs of one resource, and what it takes to go from one to the other.
pub struct Delta<'a> {
    /// What AWS has; absent: create.
    pub before: Option<&'a Value>,
    /// What is wanted; absent: delete.
    pub after: Option<&'a Value>,
    /// What the kind noted when it read the resource (ids, revisions).
    pub facts: &'a Value,
    /// The address changed, so the ownership tags must follow.
    pub moved: bool,
    /// Things that this one refers to and that are made anew under their old name: AWS
    /// binds some references (trust principals, KMS grants) to the thing, not to its name.
    pub renewed: &'a BTreeSet<Addr>,
}

/// A kind of resource. Implemented once, by `aws::resource::Of`.
pub trait Kind: Send + Sync {
    /// `function`, `function.alias`: the address without its names.
    fn name(&self) -> &'static str;
    /// One line for the schema and the docs.
    fn about(&self) -> &'static str;
    /// Outputs that a reference may name.
    fn outputs(&self) -> &'static [&'static str];
    /// AWS removes it together with its parent, so a delete takes no call of its own then.
    fn goes_with_parent(&self) -> bool;
    /// The JSON Schema of what a person writes; `None` for what only slp adds.
    fn decl_schema(&self, generator: &mut schemars::SchemaGenerator) -> Option<schemars::Schema>;
    /// The JSON Schema of the spec, with the meaning of its fields (`x-unit`, `x-replace`, …).
    fn spec_schema(&self) -> &Value;
    /// Reads a block; every problem at once. `also` are the keys that it may hold as well and that
    /// are taken out of it, for messages.
    fn declare(&self, block: &Block, also: &[&str]) -> Result<AnyDecl, Vec<Problem>>;
    /// What a word of another tool is here, among these fields.
    fn meant(&self, word: &str, fields: &[String]) -> Option<&'static str>;
    fn identity(&self, decl: &AnyDecl, name: &str, scope: &Scope) -> Identity;
    /// Turns what was written into what AWS can hold; problems and edges go to `ctx`.
    fn lower(&self, decl: &AnyDecl, ctx: &Ctx) -> Option<Value>;
    /// The calls, in order; empty where nothing need be done.
    fn calls(&self, delta: &Delta) -> Result<Vec<Call>, WrongShape>;
    /// Completes a wanted spec with what follows from its parent's; secrets are digests by now.
    fn complete(&self, spec: Value, parent: &Value) -> Value;
    /// Spec and notes of one that is taken over, whose parent is as wanted: what AWS does not
    /// tell and follows from that.
    fn adopt(&self, live: &Live, wanted: &Value) -> (Value, Value);
    /// Why this cannot be done, where that is known before anything is tried.
    fn refuses(&self, delta: &Delta) -> Result<Option<String>, WrongShape>;
    /// Is this the id of a thing with this spec, as the state has both?
    fn fits(&self, id: &str, spec: &Value) -> bool;
    /// May several addresses stand for one thing in AWS, and may it be there before slp is?
    fn is_shared(&self) -> bool;
    /// Who still uses this when its address goes, for people: then it is left in AWS. `goes` says
    /// whether the thing of this kind and id goes in the same plan.
    fn used_by(
        &self,
        live: &Live,
        goes: &dyn Fn(&str, &str) -> bool,
        wanted: &BTreeMap<Addr, Wanted>,
    ) -> Option<String>;
    /// What is lost for ever by this change, for people.
    fn loses(&self, delta: &Delta) -> Result<Option<String>, WrongShape>;
    /// What stays in AWS when this goes with these children, for people.
    fn leaves(&self, spec: &Value, children: &[&Addr]) -> Option<String>;
    /// What a person would write to have this, as far as the manifest can say it.
    fn raise(&self, live: &Live, r: &Raising) -> Option<Fields>;
    /// The ARNs of what it refers to.
    fn uses(&self, spec: &Value) -> Vec<String>;
    /// The id under which AWS knows the thing of this kind that an ARN names.
    fn id_of(&self, arn: &str, scope: &Scope) -> Option<String>;
    /// What a read found that slp leaves alone, for people.
    fn notice(&self, facts: &Value) -> Option<String>;
    /// Why these calls are made where no field differs, for people.
    fn because(&self, calls: &[Call]) -> Option<&'static str>;
    /// Outputs whose value an update by these calls will change.
    fn unsettled(&self, calls: &[Call]) -> Vec<&'static str>;
}

/// A spec that does not have its kind's shape: a state file of another version, or a bug.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {what} of a {kind} does not have the shape of one: {reason}")]
pub struct WrongShape {
    pub kind: &'static str,
    pub what: &'static str,
    pub reason: String,
}

/// The list of kinds.
#[derive(Clone)]
pub struct Kinds(Arc<Vec<Box<dyn Kind>>>);

impl Kinds {
    pub fn new(kinds: Vec<Box<dyn Kind>>) -> Kinds {
        Kinds(Arc::new(kinds))
    }

    pub fn get(&self, name: &str) -> Option<&dyn Kind> {
        self.iter().find(|kind| kind.name() == name)
    }

    pub fn of(&self, addr: &Addr) -> Option<&dyn Kind> {
        self.get(&addr.kind())
    }

    pub fn iter(&self) -> impl Iterator<Item = &dyn Kind> {
        self.0.iter().map(|kind| &**kind)
    }

    /// The kinds that stand under another: `alias`, `stage`, …
    pub fn children_of<'a>(
        &'a self,
        parent: &'a str,
    ) -> impl Iterator<Item = (&'static str, &'a dyn Kind)> {
        self.iter().filter_map(move |kind| {
            let word = kind.name().strip_prefix(parent)?.strip_prefix('.')?;
            Some((word, kind))
        })
    }
}
