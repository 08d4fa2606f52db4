//! Which resources IAM takes in the policy of a user or role.

use super::asked::malformed;
use crate::iam::grammar::Statement;
use crate::local::error::AwsError;

/// What an ARN of IAM may begin with.
const IAM: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

pub fn check(statement: &Statement) -> Result<(), AwsError> {
    let none = || malformed("Policy statement must contain resources.");
    let resources = statement.resources.as_ref().ok_or_else(none)?;
    if resources.listed.is_empty() {
        return Err(none());
    }
    resources
        .listed
        .iter()
        .try_for_each(|resource| one(resource))
}

fn one(resource: &str) -> Result<(), AwsError> {
    // A variable may stand for anything.
    if resource == "*" || resource.starts_with("${") {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [start, partition, rest @ ..] = parts.as_slice() else {
        return Err(malformed(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        )));
    };
    if *start != "arn" {
        return Err(malformed(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        )));
    }
    if !matches!(*partition, "aws" | "*") {
        let mut rest: Vec<&str> = rest.to_vec();
        rest.resize(4, "*");
        let rest = rest.join(":");
        return Err(malformed(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{rest}\"."
        )));
    }
    let Some(service) = rest.first().filter(|service| !service.contains('*')) else {
        return Err(malformed(
            "Resource vendor must be fully qualified and cannot contain regexes.",
        ));
    };
    placed(resource, service, rest.get(1).copied().unwrap_or_default())?;
    match rest.get(3) {
        Some(path) if *service == "iam" => iam(path),
        Some(_) => Ok(()),
        None => Err(malformed("The policy failed legacy parsing")),
    }
}

/// IAM and S3 have no regions.
fn placed(resource: &str, service: &str, region: &str) -> Result<(), AwsError> {
    match service {
        _ if region.is_empty() || region == "*" => Ok(()),
        "iam" => Err(malformed(format!(
            "IAM resource {resource} cannot contain region information."
        ))),
        "s3" => Err(malformed(format!(
            "Resource {resource} can not contain region information."
        ))),
        _ => Ok(()),
    }
}

fn iam(path: &str) -> Result<(), AwsError> {
    if path == "root" || path.starts_with('*') || IAM.iter().any(|start| path.starts_with(start)) {
        return Ok(());
    }
    Err(malformed(format!(
        "IAM resource path must either be \"*\" or start with {}.",
        IAM.join(", ")
    )))
}
