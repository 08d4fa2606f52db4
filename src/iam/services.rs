//! Which services may be principals.
//!
//! AWS publishes no list; these are the services of its Service Authorization Reference whose
//! principals their own guides name. A misspelt one is refused as AWS refuses it.

use crate::problem::slip_of;

/// Before `.amazonaws.com`.
const NAMES: &[&str] = &[
    "access-analyzer",
    "acm",
    "acm-pca",
    "airflow",
    "airflow-env",
    "amplify",
    "amplifybackend",
    "aoss",
    "apigateway",
    "appconfig",
    "appfabric",
    "appflow",
    "application-autoscaling",
    "application-insights",
    "appmesh",
    "apprunner",
    "appstream",
    "appsync",
    "aps",
    "athena",
    "auditmanager",
    "autoscaling",
    "autoscaling-plans",
    "backup",
    "batch",
    "bedrock",
    "bedrock-agentcore",
    "billingconductor",
    "braket",
    "budgets",
    "bugbust",
    "cassandra",
    "chatbot",
    "cks.kms",
    "cleanrooms",
    "cloud9",
    "cloudformation",
    "cloudfront",
    "cloudhsm",
    "cloudsearch",
    "cloudtrail",
    "cloudwatch",
    "cloudwatch-crossaccount",
    "codeartifact",
    "codebuild",
    "codecommit",
    "codeconnections",
    "codedeploy",
    "codeguru-profiler",
    "codeguru-reviewer",
    "codepipeline",
    "codestar",
    "codestar-connections",
    "codestar-notifications",
    "cognito-idp",
    "cognito-identity",
    "cognito-sync",
    "comprehend",
    "compute-optimizer",
    "config",
    "config-conforms",
    "connect",
    "controltower",
    "cost-optimization-hub",
    "costalerts",
    "credentials.iot",
    "databrew",
    "dataexchange",
    "datapipeline",
    "datasync",
    "datazone",
    "dax",
    "delivery.logs",
    "detective",
    "devops-guru",
    "diode",
    "directconnect",
    "dlm",
    "dms",
    "docdb-elastic",
    "drs",
    "ds",
    "dynamodb",
    "ec2",
    "ec2-instance-connect",
    "ec2fleet",
    "ec2scheduled",
    "ecr",
    "ecs",
    "ecs-tasks",
    "edgelambda",
    "eks",
    "eks-connector",
    "eks-fargate",
    "eks-fargate-pods",
    "eks-nodegroup",
    "elasticache",
    "elasticbeanstalk",
    "elasticfilesystem",
    "elasticloadbalancing",
    "elasticmapreduce",
    "elastictranscoder",
    "emr-containers",
    "emr-serverless",
    "es",
    "events",
    "evidently",
    "export.rds",
    "finspace",
    "firehose",
    "fis",
    "fms",
    "forecast",
    "frauddetector",
    "fsx",
    "gamelift",
    "glacier",
    "globalaccelerator",
    "glue",
    "grafana",
    "greengrass",
    "groundstation",
    "guardduty",
    "health",
    "healthlake",
    "iam",
    "imagebuilder",
    "importexport",
    "inspector",
    "inspector2",
    "internetmonitor",
    "iot",
    "iotanalytics",
    "iotdeviceadvisor",
    "iotevents",
    "iotfleetwise",
    "iotsitewise",
    "iotthingsgraph",
    "iottwinmaker",
    "iotwireless",
    "ivs",
    "jellyfish",
    "kafka",
    "kafkaconnect",
    "kendra",
    "kinesis",
    "kinesisanalytics",
    "kinesisvideo",
    "kms",
    "lakeformation",
    "lambda",
    "lex",
    "lexv2",
    "license-manager",
    "lightsail",
    "logger.cloudfront",
    "logs",
    "lookoutequipment",
    "lookoutmetrics",
    "lookoutvision",
    "m2",
    "macie",
    "macie2",
    "managedblockchain",
    "mediaconnect",
    "mediaconvert",
    "medialive",
    "mediapackage",
    "mediastore",
    "mediatailor",
    "memorydb",
    "mgn",
    "migrationhub",
    "mobilehub",
    "monitoring",
    "monitoring.rds",
    "mq",
    "network-firewall",
    "networkmanager",
    "notifications",
    "oam",
    "omics",
    "opensearchservice",
    "ops.apigateway",
    "opsworks",
    "opsworks-cm",
    "organizations",
    "osis-pipelines",
    "outposts",
    "panorama",
    "partnercentral-account-management",
    "personalize",
    "pinpoint",
    "pipes",
    "polly",
    "preview-inspector",
    "profile",
    "proton",
    "purchaseorders",
    "qbusiness",
    "quicksight",
    "ram",
    "rds",
    "redshift",
    "redshift-data",
    "redshift-serverless",
    "rekognition",
    "replicator.lambda",
    "resilience-hub",
    "resource-explorer-2",
    "resource-groups",
    "robomaker",
    "rolesanywhere",
    "route53",
    "route53resolver",
    "rum",
    "s3",
    "s3-outposts",
    "sagemaker",
    "sagemaker-geospatial",
    "scheduler",
    "secretsmanager",
    "securityhub",
    "securitylake",
    "serverlessrepo",
    "servicecatalog",
    "servicediscovery",
    "servicequotas",
    "ses",
    "shield",
    "signer",
    "signin",
    "simspaceweaver",
    "sms",
    "sms-voice",
    "snowball",
    "sns",
    "spot",
    "spotfleet",
    "sqs",
    "ssm",
    "ssm-incidents",
    "ssm-quicksetup",
    "sso",
    "states",
    "storagegateway",
    "storage-lens.s3",
    "streams.metrics.cloudwatch",
    "sts",
    "support",
    "swf",
    "synthetics",
    "tagging",
    "textract",
    "timestream",
    "transcribe",
    "transfer",
    "translate",
    "trustedadvisor",
    "vmie",
    "voiceid",
    "vpc-flow-logs",
    "vpc-lattice",
    "waf",
    "waf-regional",
    "wafv2",
    "wellarchitected",
    "wisdom",
    "workdocs",
    "worklink",
    "workmail",
    "workspaces",
    "workspaces-web",
    "xray",
];

/// `lambda.amazonaws.com`, or with a region: `logs.eu-west-1.amazonaws.com`.
pub fn is_one(principal: &str) -> bool {
    let Some(name) = principal
        .strip_suffix(".amazonaws.com")
        .or_else(|| principal.strip_suffix(".amazonaws.com.cn"))
    else {
        // Alexa's skills, and the older names of a few.
        return matches!(
            principal,
            "alexa-appkit.amazon.com" | "alexa-connectedhome.amazon.com"
        );
    };
    NAMES.contains(&name)
        || name
            .rsplit_once('.')
            .is_some_and(|(name, region)| is_region(region) && NAMES.contains(&name))
}

/// `us-gov-west-1`
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let (Some(first), Some(last)) = (parts.first(), parts.last()) else {
        return false;
    };
    matches!(parts.len(), 3 | 4) && first.len() == 2 && last.bytes().all(|b| b.is_ascii_digit())
}

/// What the names of services end with.
const ENDINGS: [&str; 3] = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];

/// Is a service meant, rather than an account or a role?
pub fn is_meant(principal: &str) -> bool {
    ENDINGS.iter().any(|end| principal.ends_with(end))
}

/// The service that a text certainly stands for: `lambda`, `lamda.amazonaws.com`.
pub fn guess(text: &str) -> Option<String> {
    let bare = ENDINGS.iter().find_map(|end| text.strip_suffix(end));
    let named = |name: &str| format!("{name}.amazonaws.com");
    if let Some(name) = bare.and_then(|bare| slip_of(bare, NAMES.iter().copied())) {
        return Some(named(name));
    }
    if bare.is_some() {
        return None;
    }
    // `lambda.aws.com`, `lambda.amazonaws`
    let first = text.split('.').next().unwrap_or(text).to_ascii_lowercase();
    let exact = NAMES.iter().find(|name| **name == first || **name == text);
    exact.map(|name| named(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_ones_are_none() {
        for good in [
            "lambda.amazonaws.com",
            "logs.eu-west-1.amazonaws.com",
            "ec2.amazonaws.com.cn",
            "delivery.logs.amazonaws.com",
        ] {
            assert!(is_one(good), "{good}");
        }
        for bad in [
            "lamda.amazonaws.com",
            "lambda",
            "lambda.x.amazonaws.com",
            "amazonaws.com",
        ] {
            assert!(!is_one(bad), "{bad}");
        }
    }
}
