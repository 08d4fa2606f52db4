//! Lambda: the action is the operation but for invocations, the resource the function's ARN, with
//! alias or version where that is what is changed.

use serde_json::Value;

use super::ask::{Ask, By, filled};

pub fn asks(by: &By<'_>) -> Vec<Ask> {
    let function = function(by);
    let mut asks = match by.operation {
        "Invoke" | "InvokeAsync" => vec![Ask::new("lambda:InvokeFunction", qualified(by))],
        "AddPermission" | "RemovePermission" | "GetPolicy" => {
            vec![Ask::new(format!("lambda:{}", by.operation), qualified(by))]
        }
        name => vec![Ask::new(format!("lambda:{name}"), &function)],
    };
    match by.operation {
        "CreateFunction" => {
            if filled(by.input, "Tags") {
                asks.push(Ask::new("lambda:TagResource", &function));
            }
            asks.extend(configured(by));
            asks.extend(code(by.input.body.get("Code").unwrap_or(&Value::Null)));
        }
        "UpdateFunctionConfiguration" => asks.extend(configured(by)),
        "UpdateFunctionCode" => asks.extend(code(&by.input.body)),
        _ => {}
    }
    asks
}

/// Tags of a function are shown to who may list them.
pub fn tags(by: &By<'_>) -> Ask {
    Ask::new("lambda:ListTags", function(by))
}

/// What a function is given, its caller must be allowed to give.
fn configured(by: &By<'_>) -> Vec<Ask> {
    let text = |member: &str| by.input.text(member).filter(|text| !text.is_empty());
    let mut asks = Vec::new();
    if let Some(role) = text("Role") {
        asks.push(Ask::passes(role, "lambda.amazonaws.com"));
    }
    let layers = by.input.body.get("Layers").and_then(Value::as_array);
    let layers = layers.into_iter().flatten().filter_map(Value::as_str);
    asks.extend(layers.map(|layer| Ask::new("lambda:GetLayerVersion", layer)));
    if let Some(key) = text("KMSKeyArn") {
        asks.extend(["kms:CreateGrant", "kms:Encrypt"].map(|action| Ask::new(action, key)));
    }
    let subnets = by.input.body.pointer("/VpcConfig/SubnetIds");
    if subnets
        .and_then(Value::as_array)
        .is_some_and(|ids| !ids.is_empty())
    {
        let looks = [
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ];
        asks.extend(looks.map(|action| Ask::new(action, "*")));
    }
    asks
}

fn code(code: &Value) -> Option<Ask> {
    let text = |member: &str| code.get(member).and_then(Value::as_str);
    let (bucket, key) = (text("S3Bucket")?, text("S3Key")?);
    let action = match text("S3ObjectVersion") {
        Some(_) => "s3:GetObjectVersion",
        None => "s3:GetObject",
    };
    Some(Ask::new(action, format!("arn:aws:s3:::{bucket}/{key}")))
}

/// The ARN of the function without alias or version.
fn function(by: &By<'_>) -> String {
    let named = match by
        .input
        .path
        .get("FunctionName")
        .or(by.input.path.get("Resource"))
    {
        Some(name) => name,
        None => by.input.text("FunctionName").unwrap_or_default(),
    };
    match (named.starts_with("arn:"), named) {
        (_, "") => "*".to_owned(),
        (true, arn) => arn.splitn(8, ':').take(7).collect::<Vec<_>>().join(":"),
        (false, name) => {
            let name = name.split(':').next().unwrap_or(name);
            by.turn.arn("lambda", &format!("function:{name}"))
        }
    }
}

fn qualified(by: &By<'_>) -> String {
    let function = function(by);
    match by.input.query("Qualifier") {
        Some(qualifier) => format!("{function}:{qualifier}"),
        None => function,
    }
}
