//! Mapping templates: text with references. Directives are refused.

use super::answer::Failure;
use super::call::Call;

/// A template with `$context.…`, `$stageVariables.…`, `$input.body` and `$input.params('…')`
/// filled in.
pub fn rendered(call: &Call, template: &str) -> Result<String, Failure> {
    const DIRECTIVES: [&str; 5] = ["#set", "#if", "#foreach", "#else", "#end"];
    if let Some(directive) = DIRECTIVES.iter().find(|word| template.contains(**word)) {
        return Err(refused(directive));
    }
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        rest = reference(call, after, &mut out)?;
    }
    Ok(out + rest)
}

fn refused(what: &str) -> Failure {
    Failure::internal(format!(
        "the embedded cloud does not know `{what}` in mapping templates"
    ))
}

/// Writes what a reference stands for; what follows it.
fn reference<'t>(call: &Call, text: &'t str, out: &mut String) -> Result<&'t str, Failure> {
    if let Some(after) = text.strip_prefix("input.params('") {
        let (name, after) = after
            .split_once("')")
            .ok_or_else(|| refused("$input.params"))?;
        let value = call.parameters.get(name).map(String::as_str);
        let value = value
            .or_else(|| call.query(name))
            .or_else(|| call.header(name));
        out.push_str(value.unwrap_or_default());
        return Ok(after);
    }
    let ends = |c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_');
    let end = text.find(ends).unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    match name.split_once('.') {
        Some(("stageVariables", name)) => {
            out.push_str(call.stage.variables.get(name).map_or("", String::as_str));
        }
        Some(("input", "body")) => out.push_str(&String::from_utf8_lossy(&call.body)),
        Some(("context", name)) => {
            out.push_str(&context(call, name).ok_or_else(|| refused(&format!("$context.{name}")))?);
        }
        _ if name.is_empty() => out.push('$'),
        _ => return Err(refused(&format!("${name}"))),
    }
    Ok(after)
}

fn context(call: &Call, name: &str) -> Option<String> {
    Some(match name {
        "apiId" => call.api.clone(),
        "stage" => call.stage.name.clone(),
        "requestId" => call.id.clone(),
        "extendedRequestId" => call.extended_id.clone(),
        "httpMethod" => call.verb.clone(),
        "resourcePath" => call.resource.clone(),
        "resourceId" => call.resource_id.clone(),
        "path" => format!("/{}{}", call.stage.name, call.raw_path),
        "accountId" => call.account.clone(),
        "domainName" => call.domain.clone(),
        "protocol" => "HTTP/1.1".into(),
        "requestTimeEpoch" => call.time.as_millisecond().to_string(),
        "identity.sourceIp" => "127.0.0.1".into(),
        "identity.userAgent" => call.header("user-agent").unwrap_or_default().to_owned(),
        _ => return None,
    })
}
