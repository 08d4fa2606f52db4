//! The manifests that live, and what changes in them: every field that has a call of its own.

use super::Case;
use crate::cli::tests::Stand;

/// In a region that stands in the policy.
pub fn placed(stand: Stand) -> Stand {
    stand.change(
        "slp.toml",
        "[project]\n",
        "[project]\nregion = \"us-east-1\"\n",
    );
    stand
}

pub const HELLO_WORLD: Case = Case {
    stand: || placed(Stand::of("hello-world")),
    changes: &[
        (
            "slp.toml",
            "name = \"hello-world\"\n",
            "name = \"hello-world\"\ntags = { stage = \"a\" }\n",
        ),
        ("src/index.js", "Hello world", "Hello moon"),
        (
            "slp.toml",
            "trust = \"lambda.amazonaws.com\"\n",
            "trust = [\"lambda.amazonaws.com\", \"edgelambda.amazonaws.com\"]\n\
             description = \"runs\"\n\
             boundary = \"arn:aws:iam::aws:policy/AWSLambdaExecute\"\n\
             allow = [{ actions = [\"s3:GetObject\"], resources = [\"*\"] }]\n",
        ),
        (
            "slp.toml",
            "attach = [\"hello-world-invoke-lambda-policy\"]",
            "attach = [\"hello-world-invoke-lambda-policy\", \
             \"arn:aws:iam::aws:policy/AWSLambdaExecute\"]",
        ),
        (
            "slp.toml",
            "actions = [\"lambda:InvokeFunction\"]",
            "actions = [\"lambda:InvokeFunction\", \"lambda:InvokeAsync\"]",
        ),
        (
            "slp.toml",
            "code = \"src\"",
            "code = \"src\"\nmemory = 256\nreserved_concurrency = 3",
        ),
        (
            "slp.toml",
            "name = \"Hello World Api\"\n",
            "name = \"Hello World Api\"\n\
             policy = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", \
             Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"*\" }] }\n",
        ),
        (
            "slp.toml",
            "[api.hello-world.routes]\n",
            "[api.hello-world.routes]\n\"GET /status\" = { mock = { status = 204 } }\n",
        ),
        (
            "slp.toml",
            "[api.hello-world.stage.test]\n",
            "[api.hello-world.stage.test]\nvariables = { colour = \"red\" }\n",
        ),
    ],
};

pub const EVERY_KIND: Case = Case {
    stand: || placed(Stand::of_every_kind()),
    changes: &[
        (
            "slp.toml",
            "tags = { team = \"shop\" }",
            "tags = { team = \"shop\", stage = \"a\" }",
        ),
        ("src/index.js", "Hello world", "Hello moon"),
        (
            "slp.toml",
            "description = \"runs\"\ntrust = \"lambda.amazonaws.com\"",
            "description = \"runs it\"\n\
             trust = [\"lambda.amazonaws.com\", \"edgelambda.amazonaws.com\"]",
        ),
        (
            "slp.toml",
            "LambdaBasicExecutionRole\", \"own\"]",
            "LambdaBasicExecutionRole\"]",
        ),
        (
            "slp.toml",
            "[[role.run.allow]]\nactions = [\"s3:GetObject\"]\n\
             resources = [\"arn:aws:s3:::assets/*\"]\n",
            "[role.run.inline.other]\nVersion = \"2012-10-17\"\n\
             Statement = [{ Effect = \"Allow\", Action = \"s3:GetObject\", Resource = \"*\" }]\n",
        ),
        (
            "slp.toml",
            "boundary = \"limits\"",
            "description = \"unbound\"",
        ),
        (
            "slp.toml",
            "actions = [\"s3:*\"]",
            "actions = [\"s3:Get*\"]",
        ),
        ("slp.toml", "reserved_concurrency = 3", "memory = 256"),
        ("slp.toml", "retention_days = 7", "retention_days = 14"),
        (
            "slp.toml",
            "[function.Front.alias.live]\n",
            "[function.Front.alias.live]\n[function.Front.alias.next]\n",
        ),
        (
            "slp.toml",
            "source_arn = \"arn:aws:s3:::assets\"",
            "source_arn = \"arn:aws:s3:::goods\"",
        ),
        (
            "slp.toml",
            "binary_media_types = [\"image/png\"]\n",
            "policy = { Version = \"2012-10-17\", Statement = [{ Effect = \"Allow\", \
             Principal = \"*\", Action = \"execute-api:Invoke\", Resource = \"*\" }] }\n",
        ),
        ("slp.toml", "\"POST /mock\"", "\"POST /mocked\""),
        ("slp.toml", "colour = \"red\"", "colour = \"blue\""),
    ],
};
