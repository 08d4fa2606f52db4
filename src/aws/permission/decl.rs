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
use crate::bounds::texts;
use crate::diff::policy;
use crate::iam::principal;
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
        principal: principal_of(decl, ctx),
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
    let name = decl.action.strip_prefix("lambda:").unwrap_or_default();
    let letters = |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphabetic());
    if !letters(name) && !["lambda:*", "*"].contains(&decl.action.as_str()) {
        ctx.problem(
            Problem::at(
                &["action"],
                format!("`{}` is not an action of Lambda", decl.action),
            )
            .help(match decl.action.contains(':') || !letters(&decl.action) {
                true => format!("such as `{INVOKE}`"),
                false => format!("did you mean `lambda:{}`?", decl.action),
            }),
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
    if let Some(arn) = decl.source_arn.as_deref() {
        let is_one = texts::is_source_arn;
        limits::arn(&["source_arn"], arn, is_one, "arn:aws:s3:::BUCKET", ctx);
    }
    let digits = |text: &str| text.contains("${") || principal::is_account(text);
    if let Some(account) = decl.source_account.as_deref().filter(|text| !digits(text)) {
        let message = format!("`{account}` is not an account");
        ctx.problem(Problem::at(&["source_account"], message).help("an account is twelve digits"));
    }
    callers(decl, ctx);
}

/// What Lambda's API reference says of `PrincipalOrgID` and `EventSourceToken`.
fn callers(decl: &Decl, ctx: &Ctx) {
    let written = |text: &&str| !text.contains("${");
    if let Some(org) = decl.org_id.as_deref().filter(written)
        && !texts::is_organization(org)
    {
        let message = format!("`{org}` is not the id of an organization");
        ctx.problem(Problem::at(&["org_id"], message).help("such as `o-a1b2c3d4e5`"));
    }
    if let Some(token) = decl.event_source_token.as_deref().filter(written)
        && !texts::is_event_source_token(token)
    {
        let message = format!("`{token}` is not a token of an event source");
        let help = "up to 256 letters, digits and `. _ -`, such as an Alexa skill's id";
        ctx.problem(Problem::at(&["event_source_token"], message).help(help));
    }
}

/// Who may invoke: a service, an account, somebody of IAM, everybody.
fn principal_of(decl: &Decl, ctx: &Ctx) -> Text {
    let at = ["principal"];
    let name = ctx.text_with(&at, &decl.principal, Strength::Hard);
    let by_arn = decl.principal.starts_with("arn:") || decl.principal.contains("${");
    let aws = by_arn || decl.principal == "*" || principal::is_account(&decl.principal);
    let kind = if aws { "AWS" } else { "Service" };
    if let Some(problem) = policy::whom(kind, &name, &at) {
        ctx.problem(problem);
    }
    name
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
