//! The table: which IAM actions each operation of AWS takes, and on what.
//!
//! Sources: the Service Authorization Reference
//! (docs.aws.amazon.com/service-authorization/latest/reference) for actions and resources; and of
//! what it leaves out: the API references of GetFunction (tags are shown to who may list them) and
//! of CreateLogGroup, the developer guides of Lambda on VPCs, keys and images, and API Gateway's
//! refusals (a tag at the making takes PUT on `/tags`; TagResource takes PATCH on what is tagged).
//!
//! Left out on purpose: what slp does without where it may not ask (`ListFunctions`, `ListRoles`,
//! `GetAccountAuthorizationDetails`, `GetBucketVersioning`).

use On::{
    Api, Apis, Artifacts, Attaching, Exclusive, Groups, Image, Itself, Key, Layers, Network,
    Object, ObjectVersion, Passed, Published, Restricted, Tags, Versions, Within,
};

/// Of an operation of a kind: what stands for its resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The resource's own ARN; of an alias or a permission, the function's.
    Itself,
    /// The aliases and versions of a function.
    Versions,
    /// What is in a log group: all but its tags stand there.
    Within,
    /// All log groups of the region: a list cannot be narrowed.
    Groups,
    /// The list of APIs; their ids are AWS's to choose.
    Apis,
    /// The same, where an API is made with a policy on it.
    Restricted,
    /// An API and all that is in it.
    Api,
    /// Tags of what API Gateway has.
    Tags,
    /// The roles that are handed to a service.
    Passed,
    /// The roles that a policy is attached to.
    Attaching,
    /// A function that publishes versions.
    Published,
    /// A function that takes permissions of others away.
    Exclusive,
    /// The key that encrypts a function's environment.
    Key,
    Layers,
    /// The network that a function joins; looking at networks cannot be narrowed.
    Network,
    /// The code, where it lies in S3.
    Object,
    /// One version of it.
    ObjectVersion,
    /// The code, where it is an image.
    Image,
    /// Where slp puts large packages.
    Artifacts,
}

/// An operation, and what its caller must be allowed.
pub struct Operation {
    pub name: &'static str,
    pub changes: bool,
    pub needs: &'static [Need],
}

/// An action, on something.
pub type Need = (&'static str, On);

const fn reads(name: &'static str, needs: &'static [Need]) -> Operation {
    Operation {
        name,
        changes: false,
        needs,
    }
}

const fn changes(name: &'static str, needs: &'static [Need]) -> Operation {
    Operation {
        name,
        changes: true,
        needs,
    }
}

/// What slp calls for a kind of resource.
pub fn of_kind(kind: &str) -> &'static [Operation] {
    match kind {
        "role" => ROLE,
        "policy" => POLICY,
        "function" => FUNCTION,
        "function.alias" => ALIAS,
        "function.log_group" => LOG_GROUP,
        "function.permission" => PERMISSION,
        "api" => API,
        "api.stage" => STAGE,
        _ => &[],
    }
}

const ROLE: &[Operation] = &[
    reads("GetRole", &[("iam:GetRole", Itself)]),
    reads(
        "ListAttachedRolePolicies",
        &[("iam:ListAttachedRolePolicies", Itself)],
    ),
    reads("ListRolePolicies", &[("iam:ListRolePolicies", Itself)]),
    reads("GetRolePolicy", &[("iam:GetRolePolicy", Itself)]),
    changes(
        "CreateRole",
        &[("iam:CreateRole", Itself), ("iam:TagRole", Itself)],
    ),
    changes(
        "UpdateAssumeRolePolicy",
        &[("iam:UpdateAssumeRolePolicy", Itself)],
    ),
    changes("UpdateRole", &[("iam:UpdateRole", Itself)]),
    changes(
        "PutRolePermissionsBoundary",
        &[("iam:PutRolePermissionsBoundary", Itself)],
    ),
    changes(
        "DeleteRolePermissionsBoundary",
        &[("iam:DeleteRolePermissionsBoundary", Itself)],
    ),
    changes("AttachRolePolicy", &[("iam:AttachRolePolicy", Itself)]),
    changes("DetachRolePolicy", &[("iam:DetachRolePolicy", Itself)]),
    changes("PutRolePolicy", &[("iam:PutRolePolicy", Itself)]),
    changes("DeleteRolePolicy", &[("iam:DeleteRolePolicy", Itself)]),
    changes("TagRole", &[("iam:TagRole", Itself)]),
    changes("UntagRole", &[("iam:UntagRole", Itself)]),
    changes("DeleteRole", &[("iam:DeleteRole", Itself)]),
];

const POLICY: &[Operation] = &[
    reads("GetPolicy", &[("iam:GetPolicy", Itself)]),
    reads("GetPolicyVersion", &[("iam:GetPolicyVersion", Itself)]),
    reads("ListPolicyVersions", &[("iam:ListPolicyVersions", Itself)]),
    reads(
        "ListEntitiesForPolicy",
        &[("iam:ListEntitiesForPolicy", Itself)],
    ),
    changes(
        "CreatePolicy",
        &[("iam:CreatePolicy", Itself), ("iam:TagPolicy", Itself)],
    ),
    changes(
        "CreatePolicyVersion",
        &[("iam:CreatePolicyVersion", Itself)],
    ),
    changes(
        "DeletePolicyVersion",
        &[("iam:DeletePolicyVersion", Itself)],
    ),
    changes("AttachRolePolicy", &[("iam:AttachRolePolicy", Attaching)]),
    changes("DetachRolePolicy", &[("iam:DetachRolePolicy", Attaching)]),
    changes("TagPolicy", &[("iam:TagPolicy", Itself)]),
    changes("UntagPolicy", &[("iam:UntagPolicy", Itself)]),
    changes("DeletePolicy", &[("iam:DeletePolicy", Itself)]),
];

const FUNCTION: &[Operation] = &[
    reads(
        "GetFunction",
        &[
            ("lambda:GetFunction", Itself),
            ("lambda:ListTags", Itself),
            ("kms:Decrypt", Key),
        ],
    ),
    reads("GetPolicy", &[("lambda:GetPolicy", Itself)]),
    reads(
        "ListVersionsByFunction",
        &[("lambda:ListVersionsByFunction", Published)],
    ),
    changes("PutObject", &[("s3:PutObject", Artifacts)]),
    changes(
        "CreateFunction",
        &[
            ("lambda:CreateFunction", Itself),
            ("lambda:TagResource", Itself),
            ("iam:PassRole", Passed),
            ("lambda:GetLayerVersion", Layers),
            ("kms:CreateGrant", Key),
            ("kms:Encrypt", Key),
            ("ec2:DescribeSecurityGroups", Network),
            ("ec2:DescribeSubnets", Network),
            ("ec2:DescribeVpcs", Network),
            ("s3:GetObject", Object),
            ("s3:GetObjectVersion", ObjectVersion),
            ("s3:GetObject", Artifacts),
            ("ecr:BatchGetImage", Image),
            ("ecr:GetDownloadUrlForLayer", Image),
            ("ecr:GetRepositoryPolicy", Image),
            ("ecr:SetRepositoryPolicy", Image),
        ],
    ),
    changes(
        "UpdateFunctionConfiguration",
        &[
            ("lambda:UpdateFunctionConfiguration", Itself),
            ("iam:PassRole", Passed),
            ("lambda:GetLayerVersion", Layers),
            ("kms:CreateGrant", Key),
            ("kms:Encrypt", Key),
            ("ec2:DescribeSecurityGroups", Network),
            ("ec2:DescribeSubnets", Network),
            ("ec2:DescribeVpcs", Network),
        ],
    ),
    changes(
        "UpdateFunctionCode",
        &[
            ("lambda:UpdateFunctionCode", Itself),
            ("s3:GetObject", Object),
            ("s3:GetObjectVersion", ObjectVersion),
            ("s3:GetObject", Artifacts),
            ("ecr:BatchGetImage", Image),
            ("ecr:GetDownloadUrlForLayer", Image),
            ("ecr:GetRepositoryPolicy", Image),
            ("ecr:SetRepositoryPolicy", Image),
        ],
    ),
    changes(
        "PutFunctionConcurrency",
        &[("lambda:PutFunctionConcurrency", Itself)],
    ),
    changes(
        "DeleteFunctionConcurrency",
        &[("lambda:DeleteFunctionConcurrency", Itself)],
    ),
    changes("PublishVersion", &[("lambda:PublishVersion", Published)]),
    changes(
        "RemovePermission",
        &[("lambda:RemovePermission", Exclusive)],
    ),
    changes("TagResource", &[("lambda:TagResource", Itself)]),
    changes("UntagResource", &[("lambda:UntagResource", Itself)]),
    changes("DeleteFunction", &[("lambda:DeleteFunction", Itself)]),
];

const ALIAS: &[Operation] = &[
    reads(
        "GetAlias",
        &[("lambda:GetAlias", Itself), ("lambda:GetAlias", Versions)],
    ),
    changes(
        "CreateAlias",
        &[
            ("lambda:CreateAlias", Itself),
            ("lambda:CreateAlias", Versions),
        ],
    ),
    changes(
        "UpdateAlias",
        &[
            ("lambda:UpdateAlias", Itself),
            ("lambda:UpdateAlias", Versions),
        ],
    ),
    changes(
        "DeleteAlias",
        &[
            ("lambda:DeleteAlias", Itself),
            ("lambda:DeleteAlias", Versions),
        ],
    ),
];

/// `DeleteRetentionPolicy` is never called: without `retention_days` a group is not slp's.
const LOG_GROUP: &[Operation] = &[
    reads("DescribeLogGroups", &[("logs:DescribeLogGroups", Groups)]),
    reads(
        "ListTagsForResource",
        &[("logs:ListTagsForResource", Itself)],
    ),
    changes(
        "CreateLogGroup",
        &[
            ("logs:CreateLogGroup", Within),
            ("logs:TagResource", Itself),
        ],
    ),
    changes("PutRetentionPolicy", &[("logs:PutRetentionPolicy", Within)]),
    changes("TagResource", &[("logs:TagResource", Itself)]),
    changes("UntagResource", &[("logs:UntagResource", Itself)]),
    changes("DeleteLogGroup", &[("logs:DeleteLogGroup", Within)]),
];

/// `Versions` only where the permission is on an alias.
const PERMISSION: &[Operation] = &[
    reads(
        "GetPolicy",
        &[("lambda:GetPolicy", Itself), ("lambda:GetPolicy", Versions)],
    ),
    changes(
        "AddPermission",
        &[
            ("lambda:AddPermission", Itself),
            ("lambda:AddPermission", Versions),
        ],
    ),
    changes(
        "RemovePermission",
        &[
            ("lambda:RemovePermission", Itself),
            ("lambda:RemovePermission", Versions),
        ],
    ),
];

const API: &[Operation] = &[
    reads("GetRestApis", &[("apigateway:GET", Apis)]),
    reads("GetRestApi", &[("apigateway:GET", Api)]),
    reads("GetResources", &[("apigateway:GET", Api)]),
    reads("GetStages", &[("apigateway:GET", Api)]),
    changes(
        "CreateRestApi",
        &[
            ("apigateway:POST", Apis),
            ("apigateway:PUT", Tags),
            ("apigateway:UpdateRestApiPolicy", Restricted),
        ],
    ),
    changes(
        "UpdateRestApi",
        &[
            ("apigateway:PATCH", Api),
            ("apigateway:UpdateRestApiPolicy", Api),
        ],
    ),
    changes("CreateResource", &[("apigateway:POST", Api)]),
    changes("DeleteResource", &[("apigateway:DELETE", Api)]),
    changes("PutMethod", &[("apigateway:PUT", Api)]),
    changes("DeleteMethod", &[("apigateway:DELETE", Api)]),
    changes(
        "PutIntegration",
        &[("apigateway:PUT", Api), ("iam:PassRole", Passed)],
    ),
    changes("PutMethodResponse", &[("apigateway:PUT", Api)]),
    changes("PutIntegrationResponse", &[("apigateway:PUT", Api)]),
    changes(
        "TagResource",
        &[("apigateway:PUT", Tags), ("apigateway:PATCH", Api)],
    ),
    changes("UntagResource", &[("apigateway:DELETE", Tags)]),
    changes("DeleteRestApi", &[("apigateway:DELETE", Api)]),
];

const STAGE: &[Operation] = &[
    reads("GetStages", &[("apigateway:GET", Api)]),
    reads("GetStage", &[("apigateway:GET", Api)]),
    reads("GetDeployment", &[("apigateway:GET", Api)]),
    reads("GetDeployments", &[("apigateway:GET", Api)]),
    changes("CreateDeployment", &[("apigateway:POST", Api)]),
    changes(
        "CreateStage",
        &[("apigateway:POST", Api), ("apigateway:PUT", Tags)],
    ),
    changes("UpdateStage", &[("apigateway:PATCH", Api)]),
    changes(
        "TagResource",
        &[("apigateway:PUT", Tags), ("apigateway:PATCH", Api)],
    ),
    changes("UntagResource", &[("apigateway:DELETE", Tags)]),
    changes("DeleteStage", &[("apigateway:DELETE", Api)]),
    changes("DeleteDeployment", &[("apigateway:DELETE", Api)]),
];
