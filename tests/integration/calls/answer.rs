//! What AWS's SDK for Python makes of a response: the members of the result, or `Error` with
//! code and message; and always `ResponseMetadata`.

use serde_json::{Map, Value, json};

use super::operations::{self, Operation};
use super::{Call, Response, xml};

/// The answer, or why there is none.
pub fn answer(call: &Call, response: &Response) -> Result<Value, String> {
    let text = String::from_utf8_lossy(&response.body).into_owned();
    let is_error = response.status >= 300;
    let mut answer = match (call.service.as_str(), is_error) {
        ("iam" | "sts", false) => result_of_query(call, &text)?,
        ("iam" | "sts", true) => error_of_xml(&text)?,
        ("s3", true) => error_of_s3(response, &text)?,
        (_, true) => error_of_json(response, &text)?,
        (_, false) => result_of_rest(call, response, &text)?,
    };
    answer.insert(
        "ResponseMetadata".to_owned(),
        json!({"HTTPStatusCode": response.status}),
    );
    Ok(Value::Object(answer))
}

type Members = Map<String, Value>;

fn result_of_query(call: &Call, text: &str) -> Result<Members, String> {
    let (_, all) = xml::parse(text)?;
    let result = all.get(format!("{}Result", call.operation));
    Ok(result
        .and_then(Value::as_object)
        .cloned()
        .unwrap_or_default())
}

fn error_of_xml(text: &str) -> Result<Members, String> {
    let (_, all) = xml::parse(text)?;
    let error = all.get("Error").ok_or(format!("no Error in {text}"))?;
    Ok(Map::from_iter([("Error".to_owned(), error.clone())]))
}

fn error_of_s3(response: &Response, text: &str) -> Result<Members, String> {
    // A HEAD has no body to say more in.
    let error = match text.is_empty() {
        true => json!({"Code": response.status.to_string()}),
        false => xml::parse(text)?.1,
    };
    let picked = ["Code", "Message"].map(|key| (key.to_owned(), error[key].clone()));
    let picked = Map::from_iter(picked.into_iter().filter(|(_, value)| !value.is_null()));
    Ok(Map::from_iter([("Error".to_owned(), picked.into())]))
}

/// The members of the body stay beside `Error`, for the SDK shows those that AWS's model has.
fn error_of_json(response: &Response, text: &str) -> Result<Members, String> {
    let mut body: Members =
        serde_json::from_str(text).map_err(|error| format!("{error} in {text:?}"))?;
    let header = response.headers.get("x-amzn-errortype").cloned();
    let code = header.or_else(|| {
        let code = body.get("__type").or(body.get("code"))?.as_str()?;
        code.rsplit('#').next().map(str::to_owned)
    });
    let code = code.unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let message = body.get("message").or(body.get("Message"));
    let message = message.cloned().unwrap_or(json!(""));
    body.insert(
        "Error".to_owned(),
        json!({"Code": code, "Message": message}),
    );
    Ok(body)
}

fn result_of_rest(call: &Call, response: &Response, text: &str) -> Result<Members, String> {
    let plain = Operation::default();
    let operation = operations::find(&call.service, &call.operation).unwrap_or(&plain);
    let mut members = match &operation.answer_body {
        Some(member) => Map::from_iter([(member.clone(), json!(text))]),
        None if text.is_empty() => Map::new(),
        None if call.service == "s3" => {
            let (_, content) = xml::parse(text)?;
            content.as_object().cloned().unwrap_or_default()
        }
        None => serde_json::from_str(text).map_err(|error| format!("{error} in {text:?}"))?,
    };
    members.retain(|_, value| !value.is_null());
    for (member, header) in &operation.answer {
        let value = match header.as_str() {
            ":status" => Some(json!(response.status)),
            name => response
                .headers
                .get(&name.to_ascii_lowercase())
                .map(|value| json!(value)),
        };
        if let Some(value) = value {
            members.insert(member.clone(), value);
        }
    }
    for (member, name) in &operation.rename {
        if let Some(value) = members.remove(name) {
            members.insert(member.clone(), value);
        }
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(service: &str, operation: &str, status: u16, body: &str) -> Value {
        let call = Call {
            service: service.into(),
            operation: operation.into(),
            input: Value::Null,
            region: "us-east-1".into(),
        };
        let header = ("x-amzn-errortype".to_owned(), "NotFound:x".to_owned());
        let response = Response {
            status,
            headers: [header].into(),
            body: body.to_owned().into(),
        };
        answer(&call, &response).unwrap()
    }

    #[test]
    fn results_and_errors_are_as_the_sdk_shows_them() {
        let xml = "<TagRoleResponse><ResponseMetadata/></TagRoleResponse>";
        assert_eq!(
            read("iam", "TagRole", 200, xml),
            json!({"ResponseMetadata": {"HTTPStatusCode": 200}})
        );
        let xml = "<ErrorResponse><Error><Code>C</Code></Error></ErrorResponse>";
        assert_eq!(
            read("iam", "TagRole", 400, xml)["Error"],
            json!({"Code": "C"})
        );
        let error = read(
            "lambda",
            "GetFunction",
            404,
            r#"{"Message": "m", "Type": "User"}"#,
        );
        assert_eq!(error["Error"], json!({"Code": "NotFound", "Message": "m"}));
        let invoked = read("lambda", "Invoke", 200, r#"{"a": 1}"#);
        assert_eq!(invoked["Payload"], r#"{"a": 1}"#);
        assert_eq!(invoked["StatusCode"], 200);
    }
}
