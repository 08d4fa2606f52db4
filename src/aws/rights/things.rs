//! From a resource's spec to the ARNs that rights on it name.

use serde::Deserialize;
use serde_json::Value;

use super::Only;
use super::table::On;
use crate::aws::api::{self, Api};
use crate::aws::log_group::{self, LogGroup};
use crate::aws::permission::{self, Permission};
use crate::aws::policy::{self, Policy};
use crate::aws::resource::Resource;
use crate::aws::role::{self, Role};
use crate::aws::stage::Stage;
use crate::aws::{alias, alias::Alias, function, function::Function};
use crate::kind::WrongShape;
use crate::scope::Scope;
use crate::text::Text;

/// What an `On` stands for, and under which condition.
pub type Thing = (On, String, Only);

/// Everything that rights on a resource can be about; `roles` are those of the project that
/// attach it, where it is a policy.
pub fn of(
    kind: &str,
    spec: &Value,
    roles: &[String],
    scope: &Scope,
) -> Result<Vec<Thing>, WrongShape> {
    Ok(match kind {
        Role::KIND => role(&read::<Role>(spec)?, scope),
        Policy::KIND => policy(&read::<Policy>(spec)?, roles, scope),
        Function::KIND => function(&read::<Function>(spec)?, scope),
        Alias::KIND => alias(&read::<Alias>(spec)?, scope),
        LogGroup::KIND => log_group(&read::<LogGroup>(spec)?, scope),
        Permission::KIND => permission(&read::<Permission>(spec)?, scope),
        Api::KIND => api(&read::<Api>(spec)?, scope),
        Stage::KIND => gateway(scope),
        _ => Vec::new(),
    })
}

fn read<R: Resource>(spec: &Value) -> Result<R::Spec, WrongShape> {
    R::Spec::deserialize(spec).map_err(|error| WrongShape {
        kind: R::KIND,
        what: "spec",
        reason: error.to_string(),
    })
}

fn plain(on: On, resource: impl Into<String>) -> Thing {
    (on, resource.into(), Only::Always)
}

/// A role as a policy's document names it, where a text is its ARN.
pub fn role_arn(spec: &Value, scope: &Scope) -> Result<String, WrongShape> {
    let role::Spec { path, name, .. } = read::<Role>(spec)?;
    Ok(scope.arn("iam", &format!("role{path}{name}")))
}

/// The policies that a role attaches, by ARN.
pub fn attached(spec: &Value) -> Result<Vec<String>, WrongShape> {
    let spec = read::<Role>(spec)?;
    Ok(spec.attach.iter().map(Text::to_string).collect())
}

fn role(spec: &role::Spec, scope: &Scope) -> Vec<Thing> {
    let role::Spec { path, name, .. } = spec;
    vec![plain(
        On::Itself,
        scope.arn("iam", &format!("role{path}{name}")),
    )]
}

fn policy(spec: &policy::Spec, roles: &[String], scope: &Scope) -> Vec<Thing> {
    let policy::Spec { path, name, .. } = spec;
    let itself = scope.arn("iam", &format!("policy{path}{name}"));
    let roles = roles.iter().map(|arn| plain(On::Attaching, arn));
    roles.chain([plain(On::Itself, itself)]).collect()
}

fn function(spec: &function::Spec, scope: &Scope) -> Vec<Thing> {
    let arn = scope.arn("lambda", &format!("function:{}", spec.name));
    let mut things = vec![plain(On::Itself, &arn)];
    if spec.publish {
        things.push(plain(On::Published, &arn));
    }
    if spec.exclusive {
        things.push(plain(On::Exclusive, &arn));
    }
    things.push(passed(&spec.role, "lambda.amazonaws.com"));
    things.extend(
        spec.layers
            .iter()
            .map(|layer| plain(On::Layers, layer.to_string())),
    );
    things.extend(
        spec.kms_key
            .iter()
            .map(|key| plain(On::Key, key.to_string())),
    );
    if spec.vpc.is_some() {
        things.push(plain(On::Network, "*"));
    }
    things.extend(code(&spec.code, scope));
    things
}

fn passed(role: &Text, service: &'static str) -> Thing {
    (On::Passed, role.to_string(), Only::PassedTo(service))
}

fn code(code: &function::Code, scope: &Scope) -> Option<Thing> {
    let Scope { partition, .. } = scope;
    if let Some(object) = &code.s3 {
        let arn = format!("arn:{partition}:s3:::{}/{}", object.bucket, object.key);
        let on = match object.version {
            Some(_) => On::ObjectVersion,
            None => On::Object,
        };
        return Some(plain(on, arn));
    }
    if let Some(image) = &code.image {
        return Some(plain(On::Image, repository(&image.to_string(), partition)));
    }
    let place = scope.artifacts.as_deref()?.strip_prefix("s3://")?;
    let place = place.trim_end_matches('/');
    let arn = format!("arn:{partition}:s3:::{place}/*.zip");
    code.through_s3.then(|| plain(On::Artifacts, arn))
}

/// `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` as its repository's ARN.
fn repository(image: &str, partition: &str) -> String {
    let (host, path) = image.split_once('/').unwrap_or((image, "*"));
    let name = path.split(['@', ':']).next().unwrap_or(path);
    let mut parts = host.split('.');
    let (account, region) = (parts.next().unwrap_or("*"), parts.nth(2).unwrap_or("*"));
    format!("arn:{partition}:ecr:{region}:{account}:repository/{name}")
}

fn alias(spec: &alias::Spec, scope: &Scope) -> Vec<Thing> {
    let arn = scope.arn("lambda", &format!("function:{}", spec.function));
    vec![
        plain(On::Versions, format!("{arn}:*")),
        plain(On::Itself, arn),
    ]
}

fn log_group(spec: &log_group::Spec, scope: &Scope) -> Vec<Thing> {
    let arn = scope.arn("logs", &format!("log-group:{}", spec.name));
    vec![
        plain(On::Within, format!("{arn}:*")),
        plain(On::Itself, arn),
        plain(On::Groups, scope.arn("logs", "log-group:*")),
    ]
}

/// The function is named by its ARN where it is another project's.
fn permission(spec: &permission::Spec, scope: &Scope) -> Vec<Thing> {
    let function = spec.function.to_string();
    let arn = match function.starts_with("arn:") {
        true => function,
        false => scope.arn("lambda", &format!("function:{function}")),
    };
    match &spec.alias {
        Some(alias) => vec![plain(On::Versions, format!("{arn}:{alias}"))],
        None => vec![plain(On::Itself, arn)],
    }
}

fn api(spec: &api::Spec, scope: &Scope) -> Vec<Thing> {
    let credentials = spec
        .routes
        .values()
        .filter_map(|route| route.credentials.as_ref());
    // `arn:aws:iam::*:user/*` means the caller's own: no role is passed.
    let roles = credentials.filter(|arn| arn.to_string().contains(":role/"));
    let passed = roles.map(|role| passed(role, "apigateway.amazonaws.com"));
    let mut things = gateway(scope);
    things.extend(passed);
    if spec.policy.is_some() {
        things.push(plain(On::Restricted, scope.arn("apigateway", "/restapis")));
    }
    things
}

fn gateway(scope: &Scope) -> Vec<Thing> {
    let arn = |path: &str| scope.arn("apigateway", path);
    vec![
        plain(On::Apis, arn("/restapis")),
        plain(On::Api, arn("/restapis/*")),
        plain(On::Tags, arn("/tags/*")),
    ]
}
