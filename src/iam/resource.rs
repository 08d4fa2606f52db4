//! Which resources IAM takes in the policy of a user or role; what it says of others, in its words.

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

/// Does IAM take it?
pub fn check(resource: &str) -> Result<(), String> {
    // A variable may stand for anything.
    if resource == "*" || resource.starts_with("${") {
        return Ok(());
    }
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let [start, partition, rest @ ..] = parts.as_slice() else {
        return Err(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ));
    };
    if *start != "arn" {
        return Err(format!(
            "Resource {resource} must be in ARN format or \"*\"."
        ));
    }
    if !matches!(*partition, "aws" | "*") {
        let mut rest: Vec<&str> = rest.to_vec();
        rest.resize(4, "*");
        let rest = rest.join(":");
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{rest}\"."
        ));
    }
    let Some(service) = rest.first().filter(|service| !service.contains('*')) else {
        return Err(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned(),
        );
    };
    placed(resource, service, rest.get(1).copied().unwrap_or_default())?;
    match rest.get(3) {
        Some(path) if *service == "iam" => iam(path),
        Some(_) => Ok(()),
        None => Err("The policy failed legacy parsing".to_owned()),
    }
}

/// IAM and S3 have no regions.
fn placed(resource: &str, service: &str, region: &str) -> Result<(), String> {
    match service {
        _ if region.is_empty() || region == "*" => Ok(()),
        "iam" => Err(format!(
            "IAM resource {resource} cannot contain region information."
        )),
        "s3" => Err(format!(
            "Resource {resource} can not contain region information."
        )),
        _ => Ok(()),
    }
}

fn iam(path: &str) -> Result<(), String> {
    if path == "root" || path.starts_with('*') || IAM.iter().any(|start| path.starts_with(start)) {
        return Ok(());
    }
    Err(format!(
        "IAM resource path must either be \"*\" or start with {}.",
        IAM.join(", ")
    ))
}
