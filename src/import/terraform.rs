//! What a Terraform state lists, of which only the ids are taken: the rest is read in AWS. The
//! file is never written.
//!
//! Left out on purpose: states of other versions than 4 (Terraform since 0.12, OpenTofu), and
//! data sources, which nobody made.

use std::fmt::Write as _;

use serde::Deserialize;
use serde_json::Value;

/// What there is to take over, and what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    pub taken: Vec<Taken>,
    /// Terraform's addresses of what comes along with what is taken.
    pub along: Vec<String>,
    /// Terraform's addresses of what stays with it.
    pub left: Vec<String>,
}

/// Something that has a table of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    pub kind: &'static str,
    pub id: String,
    /// What the header may be called.
    pub name: String,
    /// Terraform's address.
    pub address: String,
}

/// Terraform's types with a table of their own: the kind, and the attribute that is its id.
const OWN: [(&str, &str, &str); 4] = [
    ("aws_iam_role", "role", "name"),
    ("aws_iam_policy", "policy", "arn"),
    ("aws_lambda_function", "function", "function_name"),
    ("aws_api_gateway_rest_api", "api", "id"),
];

/// Types that are a part of another thing: its kind, and the attribute that names it.
const PARTS: [(&str, &str, &str); 13] = [
    ("aws_iam_role_policy", "role", "role"),
    ("aws_iam_role_policy_attachment", "role", "role"),
    ("aws_lambda_permission", "function", "function_name"),
    ("aws_lambda_alias", "function", "function_name"),
    ("aws_api_gateway_resource", "api", "rest_api_id"),
    ("aws_api_gateway_method", "api", "rest_api_id"),
    ("aws_api_gateway_method_response", "api", "rest_api_id"),
    ("aws_api_gateway_method_settings", "api", "rest_api_id"),
    ("aws_api_gateway_integration", "api", "rest_api_id"),
    ("aws_api_gateway_integration_response", "api", "rest_api_id"),
    ("aws_api_gateway_rest_api_policy", "api", "rest_api_id"),
    ("aws_api_gateway_deployment", "api", "rest_api_id"),
    ("aws_api_gateway_stage", "api", "rest_api_id"),
];

const VERSION: u64 = 4;

#[derive(Deserialize)]
struct File {
    version: Option<u64>,
    terraform_version: Option<String>,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    mode: String,
    module: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    instances: Vec<Instance>,
}

#[derive(Deserialize)]
struct Instance {
    index_key: Option<Value>,
    #[serde(default)]
    attributes: Value,
}

/// Reads a state; the error says why it is none.
pub fn read(text: &str) -> Result<Listed, String> {
    let file: File = serde_json::from_str(text)
        .map_err(|error| format!("it is not a Terraform state: {error}"))?;
    match (file.version, &file.terraform_version) {
        (Some(VERSION), Some(_)) => {}
        (Some(other), Some(_)) => {
            return Err(format!(
                "it is a Terraform state of version {other}, not {VERSION}"
            ));
        }
        _ => return Err("it is JSON, but not a Terraform state".into()),
    }
    let managed = file
        .resources
        .iter()
        .filter(|resource| resource.mode == "managed");
    let all: Vec<(&Resource, &Instance)> = managed
        .flat_map(|resource| resource.instances.iter().map(move |one| (resource, one)))
        .collect();
    let mut listed = Listed::default();
    let own = |(resource, instance): &(&Resource, &Instance)| taken(resource, instance);
    listed.taken = all.iter().filter_map(own).collect();
    for (resource, instance) in all {
        let address = address(resource, instance);
        if listed.taken.iter().any(|taken| taken.address == address) {
            continue;
        }
        match is_part(resource, instance, &listed.taken) {
            true => listed.along.push(address),
            false => listed.left.push(address),
        }
    }
    Ok(listed)
}

fn taken(resource: &Resource, instance: &Instance) -> Option<Taken> {
    let (_, kind, attribute) = OWN.iter().find(|(own, ..)| *own == resource.kind)?;
    let id = attribute_of(instance, attribute)?;
    let name = match *kind {
        "api" => &resource.name,
        _ => id.rsplit('/').next().unwrap_or(id),
    };
    Some(Taken {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
        address: address(resource, instance),
    })
}

fn is_part(resource: &Resource, instance: &Instance, all: &[Taken]) -> bool {
    let Some((_, kind, attribute)) = PARTS.iter().find(|(part, ..)| *part == resource.kind) else {
        return false;
    };
    let of = attribute_of(instance, attribute).unwrap_or_default();
    all.iter().any(|taken| {
        let by_arn = format!(":{}", taken.id);
        taken.kind == *kind && (of == taken.id || of.ends_with(&by_arn))
    })
}

fn attribute_of<'a>(instance: &'a Instance, name: &str) -> Option<&'a str> {
    let value = instance.attributes.get(name)?.as_str()?;
    Some(value).filter(|value| !value.is_empty())
}

/// `module.m.aws_iam_role.r["key"]`
fn address(resource: &Resource, instance: &Instance) -> String {
    let Resource {
        module, kind, name, ..
    } = resource;
    let mut address = match module {
        Some(module) => format!("{module}.{kind}.{name}"),
        None => format!("{kind}.{name}"),
    };
    if let Some(key) = &instance.index_key {
        // Writing to a String cannot fail.
        let _ = write!(address, "[{key}]");
    }
    address
}

/// The command that makes Terraform forget these.
pub fn forgetting(listed: &Listed) -> String {
    let own = listed.taken.iter().map(|taken| &taken.address);
    let quoted = own
        .chain(&listed.along)
        .map(|address| match address.contains('"') {
            true => format!("'{address}'"),
            false => address.clone(),
        });
    let quoted: Vec<String> = quoted.collect();
    format!("terraform state rm {}", quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn state(resources: Value) -> String {
        json!({ "version": 4, "terraform_version": "1.9.0", "resources": resources }).to_string()
    }

    fn resource(kind: &str, name: &str, attributes: Value) -> Value {
        json!({ "mode": "managed", "type": kind, "name": name, "instances": [{ "attributes": attributes }] })
    }

    #[test]
    fn what_has_a_table_is_taken_its_parts_come_along_and_the_rest_is_left() {
        let arn = "arn:aws:lambda:r:1:function:f";
        let text = state(json!([
            resource("aws_lambda_permission", "p", json!({ "function_name": arn })),
            resource("aws_lambda_function", "f", json!({ "function_name": "f" })),
            resource("aws_iam_role_policy", "elsewhere", json!({ "role": "other" })),
            resource("aws_sqs_queue", "q", json!({ "id": "q" })),
            resource("aws_api_gateway_rest_api", "api", json!({ "id": "a1", "name": "My Api" })),
            { "mode": "data", "type": "aws_iam_role", "name": "d", "instances": [{ "attributes": { "name": "d" } }] },
            { "mode": "managed", "module": "module.m", "type": "aws_iam_policy", "name": "p",
              "instances": [{ "index_key": "k", "attributes": { "arn": "arn:aws:iam::1:policy/x/p" } }] },
        ]));
        let listed = read(&text).unwrap();
        let taken: Vec<(&str, &str, &str)> = listed
            .taken
            .iter()
            .map(|taken| (taken.kind, taken.id.as_str(), taken.name.as_str()))
            .collect();
        let policy = "arn:aws:iam::1:policy/x/p";
        assert_eq!(
            taken,
            [
                ("function", "f", "f"),
                ("api", "a1", "api"),
                ("policy", policy, "p")
            ]
        );
        assert_eq!(listed.along, ["aws_lambda_permission.p"]);
        assert_eq!(
            listed.left,
            ["aws_iam_role_policy.elsewhere", "aws_sqs_queue.q"]
        );
        assert_eq!(
            forgetting(&listed),
            "terraform state rm aws_lambda_function.f aws_api_gateway_rest_api.api \
             'module.m.aws_iam_policy.p[\"k\"]' aws_lambda_permission.p"
        );
    }

    #[test]
    fn what_is_no_state_is_refused() {
        let older = json!({ "version": 3, "terraform_version": "0.11.1" }).to_string();
        for (text, why) in [
            ("{", "not a Terraform state"),
            ("{}", "not a Terraform state"),
            (r#"{"version": 1, "lineage": "x"}"#, "not a Terraform state"),
            (&older, "version 3"),
        ] {
            let error = read(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
