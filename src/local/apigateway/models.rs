//! Models: the schemas that methods may name. Without request validators they check nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::error::{bad_request, conflict};
use super::find::{self, API, gateway, no_model};
use super::snapshot::key;
use super::{members, page, patch};
use crate::local::error::AwsError;
use crate::local::turn::{LOWER, Turn, random};
use crate::local::wire::{Answer, Input, Reply};

const NAME: &str = "model_name";
const EMPTY_SCHEMA: &str = "Model schema must have at least 1 property or array items defined";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    pub id: String,
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON, as it came.
    pub schema: String,
    pub content_type: String,
}

/// Those that every API is born with.
pub fn defaults() -> [Model; 2] {
    let schema = |title: &str, properties: &str| {
        format!(
            "{{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \
             \"{title} Schema\",\n  \"type\" : \"object\"{properties}\n}}"
        )
    };
    let model = |name: &str, properties: &str| Model {
        id: random(LOWER, 6),
        name: name.to_owned(),
        description: Some(format!(
            "This is a default {} schema model",
            name.to_lowercase()
        )),
        schema: schema(name, properties),
        content_type: "application/json".into(),
    };
    let message = ",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }";
    [model("Empty", ""), model("Error", message)]
}

pub fn create_model(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let api = find::api(turn, input)?.id.clone();
    let name = members::text(&input.body, "name")?.unwrap_or_default();
    if name.is_empty() {
        return Err(bad_request("Model name must be non-empty"));
    }
    let schema = members::text(&input.body, "schema")?.unwrap_or_default();
    let model = Model {
        id: random(LOWER, 6),
        schema: checked(schema)?,
        description: members::text(&input.body, "description")?.filter(|text| !text.is_empty()),
        content_type: members::text(&input.body, "contentType")?.unwrap_or_default(),
        name,
    };
    let row = key(&api, &model.name);
    if gateway(turn).models.contains(&row) {
        return Err(conflict("Model name already exists for this REST API"));
    }
    let answer = json!(model);
    gateway(turn).models.insert(row, model);
    Ok(answer.into())
}

fn checked(schema: String) -> Result<String, AwsError> {
    match serde_json::from_str::<Value>(&schema) {
        Ok(Value::Object(_)) => Ok(schema),
        _ if schema.is_empty() => Err(bad_request(EMPTY_SCHEMA)),
        _ => Err(bad_request("Invalid model schema specified")),
    }
}

pub fn get_model(turn: &mut Turn<'_>, input: &Input) -> Answer {
    Ok(json!(model(turn, input)?).into())
}

pub fn get_models(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let own = key(&find::api(turn, input)?.id, "");
    let models = gateway(turn).models.under(&own);
    page::page(input, models, |model| json!(model))
}

pub fn update_model(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let patches = patch::plain(input, "updateModelInput")?;
    model(turn, input)?;
    let row = key(input.path(API), input.path(NAME));
    let found = gateway(turn).models.get_mut(&row);
    let model = found.ok_or_else(|| no_model(input.path(NAME)))?;
    for patch in &patches {
        match (patch.op, &patch.parts()[..]) {
            (patch::Op::Replace, ["description"]) => model.description = patch.filled(),
            (patch::Op::Replace, ["schema"]) => {
                model.schema = checked(patch.text().to_owned())?;
            }
            _ => return Err(patch.unknown_of(&["/description", "/schema"])),
        }
    }
    Ok(json!(model).into())
}

pub fn delete_model(turn: &mut Turn<'_>, input: &Input) -> Answer {
    let name = model(turn, input)?.name.clone();
    let own = key(input.path(API), "");
    for (_, resource) in gateway(turn).resources.under(&own) {
        let mut methods = resource.methods.values();
        if let Some(method) = methods.find(|m| m.request_models.values().any(|used| *used == name))
        {
            return Err(conflict(format!(
                "Cannot delete model '{name}', is referenced in method request: {}/{}",
                resource.path, method.http_method
            )));
        }
    }
    gateway(turn).models.remove(&key(input.path(API), &name));
    Ok(Reply::empty())
}

fn model<'t>(turn: &'t mut Turn<'_>, input: &Input) -> Result<&'t Model, AwsError> {
    let name = input.path(NAME);
    let found = gateway(turn).models.get(&key(input.path(API), name));
    found.ok_or_else(|| no_model(name))
}
