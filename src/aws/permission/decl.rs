//! What a person writes of a permission, and the one that slp adds for an API.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Place, Spec};
use crate::addr::Addr;
use crate::aws::api::permission_name;
use crate::aws::limits;
use crate::problem::Problem;
use crate::resolve::{Added, Ctx, FunctionRef, Strength};
use crate::text::Text;

pub const INVOKE: &str = "lambda:InvokeFunction";
/// How the names of those begin that slp adds by itself.
pub const RESERVED: &str = "api-";
/// AWS's limit on a Sid.
const SID: usize = 100;

/// `[function.X.permission.NAME]`; the header's name is the Sid.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decl {
    /// A service (`s3.amazonaws.com`), an account, an ARN, or `*`.
    pub principal: String,
    /// What may be done.
    #[serde(default = "invoke")]
    #[schemars(default = "invoke")]
    pub action: String,
    /// Only on behalf of this thing, such as a bucket's ARN; `*` and `?` match.
    pub source_arn: Option<String>,
    /// Only on behalf of things of this account.
    pub source_account: Option<String>,
    /// Only callers of this organization, with `principal = "*"`.
    pub org_id: Option<String>,
    /// What an Alexa skill must send.
    pub event_source_token: Option<String>,
    /// `NONE` or `AWS_IAM`: only through a function URL of that kind, with `lambda:InvokeFunctionUrl`.
    pub function_url_auth_type: Option<String>,
    /// Only through the function's URL.
    #[serde(default)]
    pub invoked_via_function_url: bool,
    /// The alias that it is for; absent: the function itself.
    pub alias: Option<String>,
}

fn invoke() -> String {
    INVOKE.into()
}

pub fn lower(decl: &Decl, ctx: &Ctx) -> Option<Spec> {
    let parent = ctx.addr.parent()?;
    let function = match &decl.alias {
        Some(alias) => ctx.function(
            &["alias"],
            &format!("{}:{alias}", parent.name()),
            Strength::Hard,
        ),
        None => ctx.function(&[], parent.name(), Strength::Hard),
    };
    check(decl, ctx);
    let text =
        |key: &'static str, raw: &Option<String>| raw.as_deref().map(|raw| ctx.text(&[key], raw));
    Some(Spec {
        function: function.name,
        alias: decl.alias.clone(),
        sid: ctx.addr.name().to_owned(),
        action: decl.action.clone(),
        principal: ctx.text_with(&["principal"], &decl.principal, Strength::Hard),
        source_arn: text("source_arn", &decl.source_arn),
        source_account: text("source_account", &decl.source_account),
        org_id: text("org_id", &decl.org_id),
        event_source_token: text("event_source_token", &decl.event_source_token),
        function_url_auth_type: decl.function_url_auth_type.clone(),
        invoked_via_function_url: decl.invoked_via_function_url,
    })
}

fn check(decl: &Decl, ctx: &Ctx) {
    let sid = ctx.addr.name();
    if sid.len() > SID {
        let message = format!(
            "the name `{sid}` has {} characters; AWS takes {SID} in a Sid",
            sid.len()
        );
        ctx.problem(Problem::at(&[], message));
    }
    if decl.action != "lambda:*" && !decl.action.starts_with("lambda:") {
        ctx.problem(
            Problem::at(
                &["action"],
                format!("`{}` is not an action of Lambda", decl.action),
            )
            .help(format!("such as `{INVOKE}`")),
        );
    }
    if let Some(kind) = &decl.function_url_auth_type
        && !["NONE", "AWS_IAM"].contains(&kind.as_str())
    {
        ctx.problem(
            Problem::at(
                &["function_url_auth_type"],
                format!("`{kind}` is not a kind of function URL"),
            )
            .help("it is `NONE` or `AWS_IAM`"),
        );
    }
    if !is_principal(&decl.principal) {
        let message = format!("`{}` is not a principal", decl.principal);
        ctx.problem(Problem::at(&["principal"], message).help(
            "a service such as `events.amazonaws.com`, an account's twelve digits, an ARN, or `*`",
        ));
    }
    if let Some(arn) = decl.source_arn.as_deref().filter(|arn| !arn.contains('*')) {
        limits::arn(&["source_arn"], arn, "arn:aws:s3:::BUCKET", ctx);
    }
}

/// A service has a dot in its name; a reference is judged by what it refers to.
fn is_principal(text: &str) -> bool {
    let account = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    account || text == "*" || text.contains("${") || text.starts_with("arn:") || text.contains('.')
}

/// The permission that lets one API, and no other, invoke a function: one a function (or
/// alias) and API, whatever the number of routes.
pub fn for_api(function: &FunctionRef, api: &Addr, sid: &str, source: Text) -> Added {
    // Of another's function the ARN is needed: it may stand in another account.
    let name = match &function.addr {
        Some(_) => function.name.clone(),
        None => unqualified(&function.arn),
    };
    let root = match &function.addr {
        Some(addr) => addr.parent().unwrap_or_else(|| addr.clone()),
        None => Addr::root_of("function", &function.name.to_string()),
    };
    let spec = Spec {
        function: name,
        alias: function.alias.clone(),
        sid: within(sid, SID),
        action: INVOKE.into(),
        principal: "apigateway.amazonaws.com".into(),
        source_arn: Some(source),
        source_account: None,
        org_id: None,
        event_source_token: None,
        function_url_auth_type: None,
        invoked_via_function_url: false,
    };
    let mut needs = BTreeMap::from([(api.clone(), Strength::Hard)]);
    needs.extend(function.addr.clone().map(|addr| (addr, Strength::Hard)));
    let name = permission_name(api, function.alias.as_deref());
    Added {
        addr: root.child("permission", Some(&name)),
        id: Place::of(&spec).map(|place| place.id()),
        spec: serde_json::to_value(spec).unwrap_or_default(),
        needs,
    }
}

/// An ARN without its alias or version.
fn unqualified(arn: &Text) -> Text {
    match arn {
        Text::Known(arn) => {
            let parts: Vec<&str> = arn.splitn(8, ':').take(7).collect();
            parts.join(":").into()
        }
        other => other.clone(),
    }
}

/// A text within AWS's limit: a long one ends in a digest of the whole.
fn within(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let hash = Sha256::digest(text.as_bytes());
    let mut short: String = text.chars().take(most - 17).collect();
    short.push('-');
    for byte in hash.iter().take(8) {
        let _ = write!(short, "{byte:02x}");
    }
    short
}
