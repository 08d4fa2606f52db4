//! Small kinds for tests: just enough to name, refer, nest, add, and to be made and
//! changed by calls. `apply`'s tests have the cloud that carries these calls out.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::PathBuf;
use std::sync::OnceLock;

use schemars::{JsonSchema, SchemaGenerator};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Added, Ctx, Desired, Strength, Wanted, resolve};
use crate::addr::Addr;
use crate::import::{Fields, Raising};
use crate::kind::{AnyDecl, Block, Call, Delta, Identity, Kind, Kinds, Outputs, WrongShape};
use crate::manifest::{Options, Report, Source, decode, read_text};
use crate::package::Shelf;
use crate::problem::Problem;
use crate::provider::Live;
use crate::scope::Scope;
use crate::text::{self, Piece, Text};

/// A kind in miniature.
trait Fake: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    const KIND: &'static str;
    const OUTPUTS: &'static [&'static str];
    const ADDED: bool = false;
    const GOES_WITH_PARENT: bool = false;
    /// Fields that AWS cannot change.
    const REPLACES: &'static [&'static str] = &[];
    /// Fields that `ignore` may name.
    const FIELDS: &'static [&'static str] = &[];
    /// The calls that make one.
    const MAKES: &'static [&'static str] = &["Create"];
    /// Whether what is made anew under its old name must be named again.
    const BINDS: bool = false;
    fn known(&self, name: &str, scope: &Scope) -> (Option<String>, Outputs);
    fn lower(&self, ctx: &Ctx) -> Value;
    fn complete(spec: Value, _parent: &Value) -> Value {
        spec
    }
}

struct Of<F> {
    kind: PhantomData<fn() -> F>,
    schema: OnceLock<Value>,
}

impl<F> Default for Of<F> {
    fn default() -> Of<F> {
        Of {
            kind: PhantomData,
            schema: OnceLock::new(),
        }
    }
}

impl<F: Fake> Kind for Of<F> {
    fn name(&self) -> &'static str {
        F::KIND
    }
    fn about(&self) -> &'static str {
        "A kind for tests."
    }
    fn outputs(&self) -> &'static [&'static str] {
        F::OUTPUTS
    }
    fn goes_with_parent(&self) -> bool {
        F::GOES_WITH_PARENT
    }
    fn decl_schema(&self, generator: &mut SchemaGenerator) -> Option<schemars::Schema> {
        (!F::ADDED).then(|| generator.subschema_for::<F>())
    }
    fn spec_schema(&self) -> &Value {
        self.schema.get_or_init(|| {
            let free = F::FIELDS.iter().map(|name| (*name, json!({})));
            let fixed = F::REPLACES.iter();
            let fixed = fixed.map(|name| (*name, json!({ "x-replace": true })));
            let fields: serde_json::Map<_, _> = free
                .chain(fixed)
                .map(|(name, field)| (name.to_owned(), field))
                .collect();
            json!({ "properties": fields })
        })
    }
    fn complete(&self, spec: Value, parent: &Value) -> Value {
        F::complete(spec, parent)
    }
    fn declare(&self, block: &Block, _also: &[&str]) -> Result<AnyDecl, Vec<Problem>> {
        decode::<F>(block).map(|decl| Box::new(decl) as AnyDecl)
    }
    fn meant(&self, _word: &str, _fields: &[String]) -> Option<&'static str> {
        None
    }
    fn identity(&self, decl: &AnyDecl, name: &str, scope: &Scope) -> Identity {
        let (id, known) = decl.downcast_ref::<F>().unwrap().known(name, scope);
        Identity { id, known }
    }
    fn lower(&self, decl: &AnyDecl, ctx: &Ctx) -> Option<Value> {
        Some(decl.downcast_ref::<F>()?.lower(ctx))
    }
    fn calls(&self, delta: &Delta) -> Result<Vec<Call>, WrongShape> {
        let mut verbs = match (delta.before, delta.after) {
            (None, Some(_)) => F::MAKES.to_vec(),
            (Some(_), None) => vec!["Delete"],
            (Some(before), Some(after)) if before != after => vec!["Update"],
            (Some(_), Some(_)) if F::BINDS && !delta.renewed.is_empty() => vec!["Update"],
            _ => Vec::new(),
        };
        if delta.moved {
            verbs.push("Tag");
        }
        let call = |verb: &str| Call {
            call: Some(format!("{verb} {}", F::KIND)),
            step: json!(verb),
        };
        Ok(verbs.into_iter().map(call).collect())
    }
    fn refuses(&self, _: &Delta) -> Result<Option<String>, WrongShape> {
        Ok(None)
    }
    fn fits(&self, _: &str, _: &Value) -> bool {
        true
    }
    fn is_shared(&self) -> bool {
        false
    }
    fn used_by(
        &self,
        _: &Live,
        _: &dyn Fn(&str, &str) -> bool,
        _: &BTreeMap<Addr, Wanted>,
    ) -> Option<String> {
        None
    }
    fn loses(&self, _: &Delta) -> Result<Option<String>, WrongShape> {
        Ok(None)
    }
    fn leaves(&self, _: &Value, _: &[&Addr]) -> Option<String> {
        None
    }

    fn notice(&self, _: &Value) -> Option<String> {
        None
    }
    fn because(&self, _: &[Call]) -> Option<&'static str> {
        None
    }
    fn unsettled(&self, _: &[Call]) -> Vec<&'static str> {
        Vec::new()
    }

    fn adopt(&self, live: &Live, _: &Value) -> (Value, Value) {
        (live.spec.clone(), live.facts.clone())
    }

    fn raise(&self, _: &Live, _: &Raising) -> Option<Fields> {
        None
    }

    fn uses(&self, _: &Value) -> Vec<String> {
        Vec::new()
    }

    fn id_of(&self, _: &str, _: &Scope) -> Option<String> {
        None
    }
}

/// The fake kinds, `function` and `api` with children.
pub fn kinds() -> Kinds {
    Kinds::new(vec![
        Box::new(Of::<Role>::default()),
        Box::new(Of::<Policy>::default()),
        Box::new(Of::<Function>::default()),
        Box::new(Of::<Alias>::default()),
        Box::new(Of::<Permission>::default()),
        Box::new(Of::<LogGroup>::default()),
        Box::new(Of::<Api>::default()),
        Box::new(Of::<Stage>::default()),
    ])
}

/// Where the fake projects are deployed.
pub fn scope() -> Scope {
    Scope {
        project: "shop".into(),
        account: "604370441254".into(),
        region: "eu-central-1".into(),
        partition: "aws".into(),
        name_prefix: "p-".into(),
        tagged: true,
        ..Scope::default()
    }
}

/// What a manifest of these kinds wants; three lines of `[project]` are put above it.
pub fn desired(text: &str) -> Result<Desired, Report> {
    let options = Options {
        file: PathBuf::from("slp.toml"),
        ..Options::default()
    };
    let text = format!("[project]\nname = \"shop\"\nname_prefix = \"p-\"\n{text}");
    let draft = read_text(Source::new("slp.toml", text), &options, &kinds())?;
    let manifest = draft.declare(&scope(), &kinds());
    resolve(&manifest, &scope(), &kinds(), &Shelf::default())
}

fn iam(
    kind: &str,
    written: &Option<String>,
    name: &str,
    scope: &Scope,
) -> (Option<String>, Outputs) {
    let name = written
        .clone()
        .unwrap_or_else(|| format!("{}{name}", scope.name_prefix));
    let arn = scope.arn("iam", &format!("{kind}/{name}"));
    (Some(arn.clone()), outputs([("arn", arn), ("name", name)]))
}

fn outputs<const N: usize>(pairs: [(&str, String); N]) -> Outputs {
    pairs
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Role {
    name: Option<String>,
    trust: String,
    #[serde(default)]
    attach: Vec<String>,
}

impl Fake for Role {
    const KIND: &'static str = "role";
    const OUTPUTS: &'static [&'static str] = &["arn", "name"];
    const REPLACES: &'static [&'static str] = &["name"];
    fn known(&self, name: &str, scope: &Scope) -> (Option<String>, Outputs) {
        iam("role", &self.name, name, scope)
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let attach: Vec<_> = (self.attach.iter().enumerate())
            .map(|(at, raw)| ctx.arn_of(&["attach", &at.to_string()], "policy", raw))
            .collect();
        json!({
            "name": ctx.aws_name(&self.name), "trust": ctx.text(&["trust"], &self.trust),
            "attach": attach, "tags": ctx.tags,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Policy {
    name: Option<String>,
    #[serde(default)]
    allow: Vec<Allow>,
    path: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Allow {
    actions: Vec<String>,
    resources: Vec<String>,
}

impl Fake for Policy {
    const KIND: &'static str = "policy";
    const OUTPUTS: &'static [&'static str] = &["arn", "name"];
    const REPLACES: &'static [&'static str] = &["name", "path"];
    fn known(&self, name: &str, scope: &Scope) -> (Option<String>, Outputs) {
        iam("policy", &self.name, name, scope)
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let mut statements = Vec::new();
        for (at, allow) in self.allow.iter().enumerate() {
            let path = ["allow", &at.to_string(), "resources"];
            let resources: Vec<_> = allow
                .resources
                .iter()
                .map(|raw| ctx.text(&path, raw))
                .collect();
            statements.push(json!({ "actions": allow.actions, "resources": resources }));
        }
        json!({ "name": ctx.aws_name(&self.name), "allow": statements, "path": self.path })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Function {
    name: Option<String>,
    role: String,
    memory: Option<u32>,
    timeout: Option<u32>,
    publish: Option<bool>,
    code: Option<String>,
    zip: Option<String>,
    architecture: Option<Architecture>,
    #[serde(default)]
    environment: BTreeMap<String, String>,
    retention_days: Option<u32>,
    #[serde(default)]
    subnets: Vec<String>,
}

#[derive(Clone, Copy, Deserialize, serde::Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Architecture {
    Arm64,
    X86_64,
}

impl Fake for Function {
    const KIND: &'static str = "function";
    const OUTPUTS: &'static [&'static str] = &["arn", "name", "version"];
    const REPLACES: &'static [&'static str] = &["name", "architecture"];
    const FIELDS: &'static [&'static str] = &["environment"];
    const MAKES: &'static [&'static str] = &["Create", "Configure"];
    const BINDS: bool = true;
    fn known(&self, name: &str, scope: &Scope) -> (Option<String>, Outputs) {
        let name = self.name.clone().unwrap_or_else(|| name.to_owned());
        let arn = scope.arn("lambda", &format!("function:{name}"));
        (Some(name.clone()), outputs([("arn", arn), ("name", name)]))
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let mut environment = BTreeMap::new();
        for (key, raw) in &self.environment {
            environment.insert(key, ctx.text(&["environment", key], raw));
        }
        if self.memory.is_some_and(|memory| memory < 128) {
            ctx.problem(Problem::at(&["memory"], "memory is at least 128 MB"));
        }
        if let Some(days) = self.retention_days {
            ctx.add(Added {
                addr: ctx.addr.child("log_group", None),
                id: Some(format!("/aws/lambda/{}", ctx.addr.name())),
                spec: json!({ "retention_days": days }),
                needs: BTreeMap::new(),
            });
        }
        let name = match &self.name {
            Some(_) => ctx.aws_name(&self.name),
            None => ctx.addr.name().to_owned(),
        };
        json!({
            "name": name, "role": ctx.arn_of(&["role"], "role", &self.role),
            "memory": self.memory, "timeout": self.timeout, "publish": self.publish,
            "code": self.code, "zip": self.zip, "architecture": self.architecture,
            "environment": environment, "subnets": self.subnets,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Alias {}

impl Fake for Alias {
    const KIND: &'static str = "function.alias";
    const OUTPUTS: &'static [&'static str] = &["arn"];
    const GOES_WITH_PARENT: bool = true;
    const REPLACES: &'static [&'static str] = &["of"];
    fn known(&self, _: &str, _: &Scope) -> (Option<String>, Outputs) {
        Default::default()
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        json!({ "of": ctx.parent.and_then(|parent| parent.get("name")) })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Permission {
    principal: String,
}

impl Fake for Permission {
    const KIND: &'static str = "function.permission";
    const OUTPUTS: &'static [&'static str] = &[];
    const GOES_WITH_PARENT: bool = true;
    const REPLACES: &'static [&'static str] = &["of"];
    fn known(&self, _: &str, _: &Scope) -> (Option<String>, Outputs) {
        Default::default()
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let of = ctx.parent.and_then(|parent| parent.get("name"));
        json!({ "of": of, "principal": self.principal })
    }
}

#[derive(Deserialize, JsonSchema)]
struct LogGroup {}

impl Fake for LogGroup {
    const KIND: &'static str = "function.log_group";
    const OUTPUTS: &'static [&'static str] = &[];
    const ADDED: bool = true;
    fn known(&self, _: &str, _: &Scope) -> (Option<String>, Outputs) {
        Default::default()
    }
    fn lower(&self, _: &Ctx) -> Value {
        Value::Null
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Api {
    description: Option<String>,
    #[serde(default)]
    routes: BTreeMap<String, Route>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Route {
    function: Option<String>,
    http: Option<String>,
    credentials: Option<String>,
}

impl Fake for Api {
    const KIND: &'static str = "api";
    const OUTPUTS: &'static [&'static str] = &["id", "arn"];
    const MAKES: &'static [&'static str] = &["Create", "Configure"];
    fn known(&self, _: &str, _: &Scope) -> (Option<String>, Outputs) {
        Default::default()
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let mut routes = serde_json::Map::new();
        for (key, route) in &self.routes {
            let mut target = json!(route.http);
            if let Some(raw) = &route.function {
                let function = ctx.function(&["routes", key, "function"], raw, Strength::Soft);
                if let (None, Some(addr)) = (&route.credentials, &function.addr) {
                    permit(ctx, addr);
                }
                target = json!(function.arn);
            }
            routes.insert(key.clone(), target);
        }
        json!({ "description": self.description, "routes": routes })
    }
}

/// The id that AWS will invent for an API.
fn id_of(api: &Addr) -> Value {
    let piece = Piece::Ref {
        addr: api.clone(),
        output: "id".into(),
    };
    text::to_value(&Text::Template(vec![piece]))
}

fn permit(ctx: &Ctx, function: &Addr) {
    let root = Addr::parse(function.root()).unwrap();
    let name = ctx
        .names
        .get(&root)
        .and_then(|known| known.known.get("name"));
    ctx.add(Added {
        addr: root.child("permission", Some(&format!("api-{}", ctx.addr.name()))),
        id: None,
        spec: json!({ "of": name, "api": id_of(ctx.addr) }),
        needs: BTreeMap::from([(ctx.addr.clone(), Strength::Hard)]),
    });
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Stage {
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

impl Fake for Stage {
    const KIND: &'static str = "api.stage";
    const OUTPUTS: &'static [&'static str] = &["url"];
    const GOES_WITH_PARENT: bool = true;
    const REPLACES: &'static [&'static str] = &["api", "name"];
    fn known(&self, _: &str, _: &Scope) -> (Option<String>, Outputs) {
        Default::default()
    }
    fn lower(&self, ctx: &Ctx) -> Value {
        let mut variables = BTreeMap::new();
        for (key, raw) in &self.variables {
            variables.insert(key, ctx.text(&["variables", key], raw));
        }
        let api = ctx.addr.parent().map(|api| id_of(&api));
        json!({ "api": api, "name": ctx.addr.name(), "variables": variables, "serves": null })
    }
    fn complete(mut spec: Value, parent: &Value) -> Value {
        spec["serves"] = json!(parent["routes"].to_string());
        spec
    }
}
