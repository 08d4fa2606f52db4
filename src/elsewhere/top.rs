//! What stands at the top of other tools' files.

use toml::de::DeValue;

use super::references::kind_of_type;
use crate::problem::{bare, nearest};

/// What a table or key at the top is here.
pub enum Top {
    /// One of the kinds, or another table of a manifest.
    Table(&'static str),
    /// The way out in words.
    Way(String),
}

const TABLES: &[(&str, &str)] = &[
    ("functions", "function"),
    ("lambda", "function"),
    ("lambdas", "function"),
    ("lambdafunction", "function"),
    ("awslambdafunction", "function"),
    ("roles", "role"),
    ("iamrole", "role"),
    ("iamroles", "role"),
    ("awsiamrole", "role"),
    ("policies", "policy"),
    ("iampolicy", "policy"),
    ("awsiampolicy", "policy"),
    ("apis", "api"),
    ("restapi", "api"),
    ("apigateway", "api"),
    ("awsapigatewayrestapi", "api"),
    ("variable", "variables"),
    ("vars", "variables"),
    ("locals", "variables"),
    ("params", "variables"),
    ("parameters", "variables"),
    ("custom", "variables"),
    ("output", "outputs"),
    ("environments", "env"),
    ("backend", "state"),
    ("default", "defaults"),
    ("imports", "import"),
];

const WAYS: &[(&str, &str)] = &[
    (
        "globals",
        "what every function has stands in [defaults.function]",
    ),
    (
        "provider",
        "`region`, `account` and `profile` stand in [project]; what every function has, such as `runtime`, in [defaults.function]",
    ),
    (
        "service",
        "a project's name stands in [project]: name = \"…\"",
    ),
    (
        "package",
        "each function says what is packed: code = { path = \"src\", exclude = [\"…\"] }",
    ),
    ("plugins", "leave it out: there are no plugins"),
    (
        "frameworkversion",
        "write `requires = \">=0.3\"` in [project] for the slp that it needs",
    ),
    (
        "terraform",
        "a state's place stands in [state], and the slp that it needs in [project] as `requires`",
    ),
    (
        "data",
        "what exists is named by its ARN; what has to be asked is a variable: [variables] x = { from = \"ssm:NAME\" }",
    ),
    (
        "module",
        "a manifest is one file; another project's outputs are variables: { from = \"state:PROJECT#OUTPUT\" }",
    ),
    (
        "conditions",
        "what only some environments have is left out in the others: `omit` under [env.NAME]",
    ),
    (
        "mappings",
        "what differs between environments stands in [env.NAME]",
    ),
    (
        "stages",
        "an API's stages stand under it: [api.NAME.stage.live]; environments in [env.NAME]",
    ),
    (
        "transform",
        "leave it out: a manifest is no template of CloudFormation's",
    ),
    (
        "awstemplateformatversion",
        "leave it out: a manifest is no template of CloudFormation's",
    ),
    ("metadata", "leave it out"),
    (
        "description",
        "leave it out; functions, roles and APIs have a `description`",
    ),
    (
        "tags",
        "tags on everything stand in [project]: tags = { team = \"…\" }",
    ),
    ("region", "`region` stands in [project]"),
    ("profile", "`profile` stands in [project]"),
    ("name", "`name` stands in [project]"),
    ("routes", "routes stand in their API: [api.NAME.routes]"),
    ("route", "routes stand in their API: [api.NAME.routes]"),
    ("events", "routes stand in their API: [api.NAME.routes]"),
];

/// The kind that a word stands for: another tool's, or a slip.
pub fn kind<'a>(word: &str, kinds: &[&'a str]) -> Option<&'a str> {
    let plain = bare(word);
    let said = TABLES.iter().find(|(name, _)| *name == plain);
    let said = said.map(|(_, table)| *table).or_else(|| kind_of_type(word));
    let known = |meant: &str| kinds.iter().copied().find(|kind| *kind == meant);
    said.and_then(known)
        .or_else(|| nearest(word, kinds.iter().copied()))
}

/// What a word at the top of another tool's file is here. `value` is what it holds.
pub fn find(word: &str, value: &DeValue<'_>) -> Option<Top> {
    let plain = bare(word);
    if ["resource", "resources"].contains(&plain.as_str()) {
        return Some(Top::Way(resources(value)));
    }
    let table = TABLES.iter().find(|(name, _)| *name == plain);
    let way = WAYS.iter().find(|(name, _)| *name == plain);
    table
        .map(|(_, table)| Top::Table(table))
        .or_else(|| way.map(|(_, way)| Top::Way((*way).to_owned())))
}

/// Terraform's `[resource.TYPE.NAME]`, CloudFormation's `[Resources.NAME]` with its `Type`.
fn resources(value: &DeValue<'_>) -> String {
    let every = "each resource has a table of its kind, such as [function.NAME] or [role.NAME]";
    let declared = declared(value);
    let one = |(of, kind, name): &(String, &str, String)| format!("`{of}` is [{kind}.{name}]");
    let few: Vec<String> = declared.iter().take(3).map(one).collect();
    match declared.first() {
        Some((of, ..)) if of.starts_with("aws_") => format!(
            "here {}; `slp import --from-terraform STATE` writes the tables",
            few.join(", ")
        ),
        Some(_) => format!("here {}", few.join(", ")),
        None => every.to_owned(),
    }
}

/// The resources that a table of another tool declares: its type, the kind here, the name.
pub fn declared(value: &DeValue<'_>) -> Vec<(String, &'static str, String)> {
    let mut found = Vec::new();
    for (key, inner) in value.as_table().into_iter().flat_map(|table| table.iter()) {
        let (key, Some(table)) = (key.get_ref().to_string(), inner.get_ref().as_table()) else {
            continue;
        };
        let own = table.get("Type").and_then(|of| of.get_ref().as_str());
        if let Some((of, kind)) = own.and_then(|of| Some((of, kind_of_type(of)?))) {
            found.push((of.to_owned(), kind, key));
        } else if let Some(kind) = kind_of_type(&key) {
            let names = table.keys().map(|name| name.get_ref().to_string());
            found.extend(names.map(|name| (key.clone(), kind, name)));
        }
    }
    found
}
