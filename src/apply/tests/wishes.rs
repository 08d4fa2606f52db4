//! Manifests at random: every reference names something that is there.

use std::fmt::Write as _;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

/// What a manifest asks for, in numbers; a number that names something counts what there is.
#[derive(Clone, Debug)]
pub struct Wishes {
    policies: Vec<Option<Policy>>,
    roles: Vec<Option<Role>>,
    functions: Vec<Option<Function>>,
    apis: Vec<Option<Api>>,
}

#[derive(Clone, Debug)]
struct Policy {
    /// AWS cannot change it.
    path: bool,
    functions: Vec<usize>,
}

#[derive(Clone, Debug)]
struct Role {
    trust: usize,
    attach: Vec<usize>,
    named: bool,
}

#[derive(Clone, Debug)]
struct Function {
    role: usize,
    memory: u32,
    /// AWS cannot change it.
    arm: bool,
    named: bool,
    other: Option<usize>,
    alias: bool,
    logs: Option<u32>,
}

#[derive(Clone, Debug)]
struct Api {
    description: usize,
    routes: Vec<(usize, Option<usize>)>,
    /// With the function that a variable names.
    stage: Option<Option<usize>>,
}

pub fn wishes() -> impl Strategy<Value = Wishes> {
    let one = 0..9_usize;
    let policy = (any::<bool>(), vec(one.clone(), 0..3));
    let policy = policy.prop_map(|(path, functions)| Policy { path, functions });
    let role = (
        0..2_usize,
        vec(one.clone(), 0..3),
        prop::bool::weighted(0.2),
    );
    let role = role.prop_map(|(trust, attach, named)| Role {
        trust,
        attach,
        named,
    });
    let memory = prop::sample::select(vec![128_u32, 256]);
    let function = (
        one.clone(),
        memory,
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.2),
        of(one.clone()),
        any::<bool>(),
        of(1..3_u32),
    );
    let function = function.prop_map(|(role, memory, arm, named, other, alias, logs)| Function {
        role,
        memory,
        arm,
        named,
        other,
        alias,
        logs,
    });
    let route = (one.clone(), of(one.clone()));
    let api = (0..2_usize, vec(route, 0..3), of(of(one)));
    let api = api.prop_map(|(description, routes, stage)| Api {
        description,
        routes,
        stage,
    });
    let each = (
        vec(of(policy), 2),
        vec(of(role), 3),
        vec(of(function), 3),
        vec(of(api), 2),
    );
    each.prop_map(|(policies, roles, functions, apis)| Wishes {
        policies,
        roles,
        functions,
        apis,
    })
}

impl Wishes {
    pub fn manifest(&self) -> String {
        let mut out = String::new();
        for (name, policy) in there(&self.policies) {
            self.policy(name, policy, &mut out);
        }
        for (name, role) in there(&self.roles) {
            self.role(name, role, &mut out);
        }
        for (name, function) in there(&self.functions) {
            self.function(name, function, &mut out);
        }
        for (name, api) in there(&self.apis) {
            self.api(name, api, &mut out);
        }
        out
    }

    fn policy(&self, name: usize, policy: &Policy, out: &mut String) {
        let path = if policy.path { "path = \"/x/\"\n" } else { "" };
        let functions = policy.functions.iter().filter_map(|n| self.a_function(*n));
        let arns: Vec<String> = functions
            .map(|name| format!("\"${{function.f{name}.arn}}\""))
            .collect();
        let _ = write!(
            out,
            "[policy.p{name}]\n{path}[[policy.p{name}.allow]]\nactions = [\"x:y\"]\nresources = [{}]\n",
            arns.join(", ")
        );
    }

    fn role(&self, name: usize, role: &Role, out: &mut String) {
        let attached = role.attach.iter();
        let mut names: Vec<usize> = attached.filter_map(|n| pick(&self.policies, *n)).collect();
        names.sort_unstable();
        names.dedup();
        let names: Vec<String> = names.iter().map(|name| format!("\"p{name}\"")).collect();
        let _ = write!(
            out,
            "[role.r{name}]\n{}trust = \"t{}\"\nattach = [{}]\n",
            named(role.named, 'r', name),
            role.trust,
            names.join(", ")
        );
    }

    fn function(&self, name: usize, function: &Function, out: &mut String) {
        let Some(role) = pick(&self.roles, function.role) else {
            return;
        };
        let _ = write!(
            out,
            "[function.f{name}]\n{}role = \"r{role}\"\nmemory = {}\narchitecture = \"{}\"\n",
            named(function.named, 'f', name),
            function.memory,
            if function.arm { "arm64" } else { "x86_64" },
        );
        if let Some(other) = function.other.and_then(|n| self.a_function(n)) {
            let _ = writeln!(
                out,
                "environment = {{ OTHER = \"${{function.f{other}.arn}}\" }}"
            );
        }
        if let Some(days) = function.logs {
            let _ = writeln!(out, "retention_days = {days}");
        }
        if function.alias {
            let _ = writeln!(out, "[function.f{name}.alias.live]");
        }
    }

    fn api(&self, name: usize, api: &Api, out: &mut String) {
        let _ = write!(
            out,
            "[api.a{name}]\ndescription = \"{}\"\n[api.a{name}.routes]\n",
            api.description
        );
        for (at, (function, role)) in api.routes.iter().enumerate() {
            let Some(function) = self.a_function(*function) else {
                continue;
            };
            let role = role.and_then(|n| pick(&self.roles, n));
            let role = role.map(|role| format!(", credentials = \"r{role}\""));
            let role = role.unwrap_or_default();
            let _ = writeln!(
                out,
                "\"GET /{at}\" = {{ function = \"f{function}\"{role} }}"
            );
        }
        if let Some(variable) = &api.stage {
            let _ = writeln!(out, "[api.a{name}.stage.s]");
            if let Some(function) = variable.and_then(|n| self.a_function(n)) {
                let _ = writeln!(
                    out,
                    "variables = {{ f = \"${{function.f{function}.arn}}\" }}"
                );
            }
        }
    }

    /// A function needs a role.
    fn a_function(&self, number: usize) -> Option<usize> {
        pick(&self.roles, 0).and_then(|_| pick(&self.functions, number))
    }
}

fn named(own: bool, letter: char, name: usize) -> String {
    match own {
        true => format!("name = \"own-{letter}{name}\"\n"),
        false => String::new(),
    }
}

fn there<T>(list: &[Option<T>]) -> impl Iterator<Item = (usize, &T)> {
    let numbered = list.iter().enumerate();
    numbered.filter_map(|(name, wish)| Some((name, wish.as_ref()?)))
}

/// One of those that are there.
fn pick<T>(list: &[Option<T>], number: usize) -> Option<usize> {
    let names: Vec<usize> = there(list).map(|(name, _)| name).collect();
    names.get(number % names.len().max(1)).copied()
}
