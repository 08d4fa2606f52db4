//! The query protocol (IAM, STS): parameters in a form, answers in XML.

use serde_json::{Map, Value};

use crate::local::error::AwsError;

/// Parts of a parameter's name; AWS's own have at most six. What is nested deeper would end the
/// whole process when it is read or dropped.
const DEEPEST: usize = 32;

/// `Tags.member.1.Key=a` → `{"Tags": [{"Key": "a"}]}`. A repeated or contradicting parameter
/// keeps the last form that was given.
pub fn decode(form: &[u8]) -> Result<Value, AwsError> {
    let mut root = Value::Object(Map::new());
    for (name, text) in form_urlencoded::parse(form) {
        if name.split('.').nth(DEEPEST).is_some() {
            let message = format!("the name of a parameter has more than {DEEPEST} parts");
            return Err(AwsError::new(400, "MalformedInput", message));
        }
        let mut place = &mut root;
        for step in name.split('.').filter(|step| *step != "member") {
            place = entered(place, step);
        }
        *place = Value::String(text.into_owned());
    }
    Ok(listed(root))
}

/// Steps into an object, making it where there is none.
fn entered<'a>(place: &'a mut Value, step: &str) -> &'a mut Value {
    if !place.is_object() {
        *place = Value::Object(Map::new());
    }
    match place {
        Value::Object(map) => map.entry(step.to_owned()).or_insert(Value::Null),
        _ => unreachable!("it was just made an object"),
    }
}

/// Objects whose keys are all numbers were lists. An empty parameter stands for an empty list.
fn listed(value: Value) -> Value {
    let Value::Object(map) = value else {
        return value;
    };
    let mut numbered: Vec<(usize, Value)> = Vec::new();
    for (key, item) in &map {
        match key.parse() {
            Ok(number) => numbered.push((number, item.clone())),
            Err(_) => {
                let items = map.into_iter().map(|(key, item)| (key, listed(item)));
                return Value::Object(items.collect());
            }
        }
    }
    if numbered.is_empty() {
        return Value::Object(map);
    }
    numbered.sort_by_key(|(number, _)| *number);
    numbered.into_iter().map(|(_, item)| listed(item)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_lists_and_dots_are_objects() {
        let form = "Action=CreateRole&RoleName=a%20b&Tags.member.2.Key=y&Tags.member.1.Key=x\
                    &Tags.member.1.Value=&Filter.member.10=k&Filter.member.9=j";
        assert_eq!(
            decode(form.as_bytes()).unwrap(),
            json!({
                "Action": "CreateRole",
                "RoleName": "a b",
                "Tags": [{"Key": "x", "Value": ""}, {"Key": "y"}],
                "Filter": ["j", "k"],
            })
        );
    }

    #[test]
    fn a_name_without_an_end_is_refused() {
        for name in [
            "a.".repeat(20_000),
            "1.".repeat(20_000),
            "member.".repeat(20_000),
        ] {
            let refused = decode(format!("Action=ListRoles&{name}=x").as_bytes()).unwrap_err();
            assert_eq!((refused.status, &*refused.code), (400, "MalformedInput"));
        }
        let deep = "a.".repeat(DEEPEST - 1);
        assert!(decode(format!("{deep}a=x").as_bytes()).is_ok());
    }
}
