//! References as other tools write them: `!GetAtt X.Arn`, `${aws_lambda_function.x.arn}`,
//! `${self:custom.x}`, `${AWS::AccountId}`.

use crate::text::is_foreign;

/// A reference of another tool, and how it is written here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Foreign {
    /// As it stands in the text.
    pub written: String,
    pub help: String,
    /// Could it be meant as it is, for a program that reads the text later?
    pub may_be_meant: bool,
}

/// Those in a text that slp leaves as they are: with `:` inside, or CloudFormation's tags.
pub fn left_alone(raw: &str) -> Vec<Foreign> {
    let mut found = Vec::new();
    found.extend(tag(raw));
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((inside, next)) = after.split_once('}') else {
            break;
        };
        let (inside, escaped) = (inside.trim(), before.ends_with('$'));
        if let Some(help) = of_inside(inside).filter(|_| !escaped && is_foreign(inside)) {
            found.push(Foreign {
                written: format!("${{{inside}}}"),
                help,
                may_be_meant: inside.starts_with("env:"),
            });
        }
        rest = next;
    }
    found
}

/// `!Ref X` and its like: in TOML a text like any other.
fn tag(raw: &str) -> Option<Foreign> {
    let word = raw.split(' ').next()?;
    let known = [
        "!Ref",
        "!GetAtt",
        "!Sub",
        "!Join",
        "!ImportValue",
        "!FindInMap",
    ];
    let help = match word {
        _ if raw.starts_with("{{resolve:") => "declare a variable: [variables] x = { from = \"ssm:NAME\" }, or `secretsmanager:ID#KEY` with `secret = true`".to_owned(),
        _ if !known.contains(&word) => return None,
        "!ImportValue" => OF_STACK.to_owned(),
        _ => intrinsic(raw[word.len()..].trim()),
    };
    Some(Foreign {
        written: raw.to_owned(),
        help,
        may_be_meant: true,
    })
}

/// What `Ref`, `Fn::GetAtt` or `Fn::Sub` of something is here.
pub fn intrinsic(what: &str) -> String {
    if what.contains("${") || what.contains(' ') {
        return "write the text itself, with references such as `${function.X.arn}` and `${project.region}` in it".to_owned();
    }
    let (name, attribute) = what.split_once('.').unwrap_or((what, "Arn"));
    match pseudo(name) {
        Some(help) => help,
        None => format!(
            "a reference stands in a text and begins with the kind: \"${{function.{name}.{0}}}\", \"${{role.{name}.{0}}}\"",
            attribute.to_ascii_lowercase()
        ),
    }
}

const OF_STACK: &str = "what another slp project has put out: [variables] x = { from = \"state:PROJECT#OUTPUT\" }; of a stack, a value that you write out";

/// `AWS::AccountId` and its like.
fn pseudo(name: &str) -> Option<String> {
    let fact = match name.strip_prefix("AWS::")? {
        "AccountId" => "account",
        "Region" => "region",
        "Partition" => "partition",
        "StackName" => "name",
        "URLSuffix" => return Some("write `amazonaws.com`".into()),
        "NoValue" => return Some("leave the key out".into()),
        _ => return Some("write the value out, or declare it in [variables]".into()),
    };
    Some(format!("write `${{project.{fact}}}`"))
}

/// How the inside of a `${…}` of another tool is written here.
pub fn of_inside(inside: &str) -> Option<String> {
    pseudo(inside)
        .or_else(|| serverless(inside))
        .or_else(|| terraform(inside))
}

fn variable(name: &str) -> String {
    let name = name.split(['.', ',', '[']).next().unwrap_or(name).trim();
    format!("declare `{name}` in [variables], and write `${{var.{name}}}`")
}

fn serverless(inside: &str) -> Option<String> {
    if inside.starts_with("file(") {
        return Some("declare it in [variables], with a --var-file for values in files, or `from = \"file:PATH\"` for one".into());
    }
    // A default follows a comma: `${opt:stage, 'dev'}`.
    let (source, name) = inside.split(',').next()?.split_once(':')?;
    let fact = |fact: &str| Some(format!("write `${{project.{fact}}}`"));
    match (source, name.trim()) {
        ("self", "service") => fact("name"),
        ("self", "provider.stage") | ("opt" | "sls", "stage") => fact("env"),
        ("self", "provider.region") | ("opt" | "aws", "region") => fact("region"),
        ("aws", "accountId") => fact("account"),
        ("self", path) => Some(variable(path.rsplit('.').next()?)),
        ("opt" | "param", name) => Some(format!("{}; --var {name}=… sets it", variable(name))),
        ("env", name) => Some(format!(
            "for a variable of slp's own environment: [variables] {name} = {{ from = \"env:{name}\" }}, and `${{var.{name}}}`"
        )),
        ("ssm", path) if path.starts_with('/') => Some(format!(
            "declare a variable: [variables] x = {{ from = \"ssm:{path}\" }}, and write `${{var.x}}`"
        )),
        (source, _) if source == "cf" || source.starts_with("cf.") || source.starts_with("cf(") => {
            Some(OF_STACK.to_owned())
        }
        _ => None,
    }
}

/// Terraform's types of resources, and the kinds that they are here.
const TYPES: &[(&str, &str)] = &[
    ("aws_lambda_function", "function"),
    ("aws_iam_role", "role"),
    ("aws_iam_policy", "policy"),
    ("aws_api_gateway_rest_api", "api"),
];

/// The kind that a type of another tool is here.
pub fn kind_of_type(kind: &str) -> Option<&'static str> {
    let of_terraform = TYPES.iter().find(|(name, _)| *name == kind);
    let of_cloudformation = match kind {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => Some("function"),
        "AWS::Serverless::Api" | "AWS::ApiGateway::RestApi" => Some("api"),
        "AWS::IAM::Role" => Some("role"),
        "AWS::IAM::ManagedPolicy" | "AWS::IAM::Policy" => Some("policy"),
        _ => None,
    };
    of_terraform.map(|(_, kind)| *kind).or(of_cloudformation)
}

fn terraform(inside: &str) -> Option<String> {
    let mut parts = inside.split('.');
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next());
    if let Some(kind) = kind_of_type(first) {
        let output = match third.unwrap_or("arn") {
            "function_name" => "name",
            "arn" | "qualified_arn" => "arn",
            other => other,
        };
        return Some(format!(
            "write `${{{kind}.{second}.{output}}}`, with the name in its header here"
        ));
    }
    match (first, second) {
        ("data", "aws_caller_identity") => Some("write `${project.account}`".into()),
        ("data", "aws_region") => Some("write `${project.region}`".into()),
        ("data", "aws_partition") => Some("write `${project.partition}`".into()),
        ("data", _) => Some("write the value out, or declare a variable that is asked: [variables] x = { from = \"ssm:NAME\" }".into()),
        ("local" | "locals" | "vars" | "variable" | "variables", name) => Some(variable(name)),
        ("terraform", "workspace") => Some("write `${project.env}`".into()),
        ("path", "module" | "root" | "cwd") => Some("leave it out: paths start at the manifest's folder".into()),
        ("module", _) => Some(OF_STACK.to_owned()),
        ("each" | "count", _) => Some("each resource has a table of its own: write the value out".into()),
        (other, _) if other.starts_with("aws_") => Some("slp has no kind for it: write its ARN or name out, or declare it in [variables]".into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tools_references_are_told_from_what_is_meant() {
        let help = |raw: &str| {
            left_alone(raw)
                .into_iter()
                .map(|found| found.help)
                .collect::<String>()
        };
        assert_eq!(
            help("arn:aws:s3:::x-${AWS::AccountId}"),
            "write `${project.account}`"
        );
        assert_eq!(help("${opt:stage, 'dev'}"), "write `${project.env}`");
        assert_eq!(
            help("${self:custom.table}"),
            "declare `table` in [variables], and write `${var.table}`"
        );
        assert!(help("!GetAtt Table.Arn").contains("\"${function.Table.arn}\""));
        assert_eq!(help("!Ref AWS::Region"), "write `${project.region}`");
        for meant in [
            "${aws:username}",
            "${*}",
            "$${AWS::AccountId}",
            "${stageVariables.x}",
            "${s3:prefix}",
            "!important",
            "${HOME:-/root}",
            "Hi!",
            "${AWS::AccountId",
            "${ssm:resourceTag/x}",
        ] {
            assert_eq!(help(meant), "", "{meant}");
        }
        assert!(left_alone("${env:HOME}")[0].may_be_meant);
        let of = |inside: &str| of_inside(inside).unwrap_or_default();
        assert!(
            of("aws_lambda_function.hello.function_name")
                .starts_with("write `${function.hello.name}`")
        );
        assert_eq!(
            of("local.stage"),
            "declare `stage` in [variables], and write `${var.stage}`"
        );
        assert_eq!(
            of("data.aws_caller_identity.current.account_id"),
            "write `${project.account}`"
        );
    }
}
