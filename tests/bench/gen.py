#!/usr/bin/env python3
"""Write projects of a chosen size, the same one for slp and for Terraform.

    gen.py N DIR [--tf]      N units: slp.toml, or main.tf with --tf
    gen.py hello DIR [--tf]  the hello-world example
    gen.py flat:N:M DIR      N functions sharing M code folders and one role (slp only)

A unit is a role with one attached policy, a function, and an API with one route and one
stage. Every unit is written out, and all share one code folder, DIR/src. gen.py is used by
bench.py as a module too: `write` makes a project, `change_code` changes the code of it all.
"""
import argparse
import shutil
import zipfile
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "hello-world"
CODE = """exports.helloworld = async () => ({ statusCode: 200, body: "Hello %s" });\n"""
LOGGING = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"

SLP_UNIT = """
[role.unit-%(i)d]
trust = ["lambda.amazonaws.com", "apigateway.amazonaws.com"]
attach = ["%(logging)s"]

[function.unit-%(i)d]
runtime = "nodejs20.x"
handler = "index.helloworld"
role = "unit-%(i)d"
code = "src"

[api.unit-%(i)d.routes]
"ANY /{hello+}" = { function = "unit-%(i)d", credentials = "unit-%(i)d" }

[api.unit-%(i)d.stage.test]
"""

SLP_FLAT = """
[function.f-%d]
code = "code-%d"
"""

TF_HEAD = """terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {
  type = string
}

# With a bucket the functions take their code from there. From a local file the provider
# makes functions one after another, five seconds each.
variable "bucket" {
  type    = string
  default = ""
}

provider "aws" {
  region                  = "us-east-1"
  access_key              = "test"
  secret_key              = "test"
  skip_metadata_api_check = true
  endpoints {
    apigateway = var.endpoint
    iam        = var.endpoint
    lambda     = var.endpoint
    sts        = var.endpoint
  }
}
"""


def block(kind, label, **fields):
    """One Terraform resource; values are expressions, written as they are."""
    wide = max(map(len, fields))
    lines = [f"  {name:{wide}} = {value}" for name, value in fields.items()]
    return "\n".join([f'\nresource "{kind}" "{label}" {{', *lines, "}"]) + "\n"


def tf_role(label, name, services):
    principals = ", ".join(f'"{s}.amazonaws.com"' for s in services)
    trust = (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
        f'Action = "sts:AssumeRole", Principal = {{ Service = [{principals}] }} }}] }})'
    )
    return block("aws_iam_role", label, name=f'"{name}"', assume_role_policy=trust)


def tf_attach(label, role, arn):
    return block("aws_iam_role_policy_attachment", label, role=f"aws_iam_role.{role}.name", policy_arn=arn)


def tf_function(label, name, role):
    return block("aws_lambda_function", label, function_name=f'"{name}"', role=f"aws_iam_role.{role}.arn",
                 runtime='"nodejs20.x"', handler='"index.helloworld"',
                 filename='var.bucket == "" ? "${path.module}/code.zip" : null',
                 s3_bucket='var.bucket == "" ? null : var.bucket',
                 s3_key='var.bucket == "" ? null : "code.zip"',
                 source_code_hash='filebase64sha256("${path.module}/code.zip")')


def tf_api(label, name, function, role):
    """What slp writes as one route and one stage: six resources and a trigger by hand."""
    api = f"aws_api_gateway_rest_api.{label}"
    part, verb, call = (f"aws_api_gateway_{kind}.{label}" for kind in ("resource", "method", "integration"))
    # Of the whole resources the hash would change at the first refresh, when null becomes {}.
    served = f"{part}.id, {verb}.id, {call}.id, {call}.uri, {call}.credentials"
    triggers = f"{{ served = sha1(jsonencode([{served}])) }}\n  lifecycle {{\n    create_before_destroy = true\n  }}"
    return "".join([
        block("aws_api_gateway_rest_api", label, name=f'"{name}"'),
        block("aws_api_gateway_resource", label, rest_api_id=f"{api}.id",
              parent_id=f"{api}.root_resource_id", path_part='"{hello+}"'),
        block("aws_api_gateway_method", label, rest_api_id=f"{api}.id", resource_id=f"{part}.id",
              http_method='"ANY"', authorization='"NONE"'),
        block("aws_api_gateway_integration", label, rest_api_id=f"{api}.id", resource_id=f"{part}.id",
              http_method=f"{verb}.http_method", type='"AWS_PROXY"', integration_http_method='"POST"',
              uri=f"aws_lambda_function.{function}.invoke_arn", credentials=f"aws_iam_role.{role}.arn"),
        block("aws_api_gateway_deployment", label, rest_api_id=f"{api}.id", triggers=triggers),
        block("aws_api_gateway_stage", label, rest_api_id=f"{api}.id",
              deployment_id=f"aws_api_gateway_deployment.{label}.id", stage_name='"test"'),
    ])


def tf_units(n):
    for i in range(n):
        unit = f"unit-{i}"
        yield tf_role(unit, unit, ["lambda", "apigateway"])
        yield tf_attach(unit, unit, f'"{LOGGING}"')
        yield tf_function(unit, unit, unit)
        yield tf_api(unit, unit, unit, unit)


def tf_hello():
    policy = (
        'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
        'Action = "lambda:InvokeFunction", Resource = aws_lambda_function.hello.arn }] })'
    )
    yield tf_role("logging", "basic-lambda-logging", ["lambda"])
    yield tf_attach("logging", "logging", f'"{LOGGING}"')
    yield tf_role("gateway", "hello-world-api-gateway-role", ["apigateway"])
    yield block("aws_iam_policy", "invoke", name='"hello-world-invoke-lambda-policy"', policy=policy)
    yield tf_attach("gateway", "gateway", "aws_iam_policy.invoke.arn")
    yield tf_function("hello", "HelloWorld", "logging")
    yield tf_api("hello", "Hello World Api", "hello", "gateway")
    yield '\noutput "url" {\n  value = "${aws_api_gateway_stage.hello.invoke_url}/hello"\n}\n'


def slp_units(n):
    return "".join(SLP_UNIT % {"i": i, "logging": LOGGING} for i in range(n))


def slp_flat(functions, folders):
    head = '\n[role.all]\ntrust = "lambda.amazonaws.com"\n'
    head += '\n[defaults.function]\nruntime = "nodejs20.x"\nhandler = "index.helloworld"\nrole = "all"\n'
    return head + "".join(SLP_FLAT % (i, i % folders) for i in range(functions))


def write(what, folder, tf=False):
    """Makes the project `what` ("hello", "flat:N:M" or a number of units) in a new folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    if what == "hello" and not tf:
        shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("state", ".slp"))
        return
    if tf:
        body = tf_hello() if what == "hello" else tf_units(int(what))
        (folder / "main.tf").write_text(TF_HEAD + "".join(body))
    elif what.startswith("flat:"):
        functions, folders = map(int, what.split(":")[1:])
        (folder / "slp.toml").write_text('[project]\nname = "bench"\n' + slp_flat(functions, folders))
        for i in range(folders):  # a few files each, so that there is something to walk
            write_code(folder / f"code-{i}", "world", also=9)
        return
    else:
        (folder / "slp.toml").write_text('[project]\nname = "bench"\n' + slp_units(int(what)))
    write_code(folder / "src", "world")
    if tf:
        pack(folder)


def write_code(folder, whom, also=0):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.js").write_text(CODE % whom)
    for i in range(also):
        (folder / f"part{i}.js").write_text(f"exports.part = {i};\n")


def pack(folder):
    """Terraform takes a zip; the time in it is fixed, so that only the code changes it."""
    with zipfile.ZipFile(folder / "code.zip", "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(zipfile.ZipInfo("index.js", (2020, 1, 1, 0, 0, 0)), (folder / "src" / "index.js").read_bytes())


def change_code(folder, whom):
    folder = Path(folder)
    write_code(folder / "src", whom)
    if (folder / "main.tf").exists():
        pack(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", metavar="N|hello|flat:N:M")
    parser.add_argument("dir")
    parser.add_argument("--tf", action="store_true", help="for Terraform")
    args = parser.parse_args()
    write(args.what, args.dir, args.tf)


if __name__ == "__main__":
    main()
