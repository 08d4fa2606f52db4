//! Functions as they run here and on AWS.

use std::process::Command;
use std::thread;

use crate::harness::{Running, Sandbox, get};

/// Is there such a program? Says so if not.
pub fn has(program: &str) -> bool {
    let found = Command::new(program).arg("--version").output().is_ok();
    if !found {
        eprintln!("skipped: there is no {program} here");
    }
    found
}

/// A project of one function `F` with its code in `src`; `more` are lines of its table.
pub fn function(name: &str, runtime: &str, more: &str) -> Sandbox {
    let sandbox = Sandbox::empty(name);
    let manifest = format!(
        "[project]\nname = \"{name}\"\nname_prefix = \"{name}-\"\nregion = \"eu-central-1\"\n\n\
         [role.run]\ntrust = \"lambda.amazonaws.com\"\n\n\
         [function.F]\nruntime = \"{runtime}\"\nhandler = \"index.handler\"\nrole = \"run\"\n\
         code = \"src\"\n{more}"
    );
    sandbox.write("slp.toml", &manifest);
    sandbox
}

/// `slp dev`, ready, in a cloud of its own.
fn dev(sandbox: &Sandbox) -> Running {
    let mut running = sandbox.begin("dev --port 0");
    running.hears("page: http://127.0.0.1:");
    running
}

#[test]
fn nested_calls_deadlock() {
    if !has("node") {
        return;
    }
    let sandbox = function("nested-calls-deadlock", "nodejs20.x", "timeout = 30\n");
    let manifest = sandbox.read("slp.toml");
    let more = "[function.G]\nruntime = \"nodejs20.x\"\nhandler = \"index.inner\"\nrole = \"run\"\ncode = \"src\"\n\n\
                [api.A.routes]\n\"GET /outer\" = { function = \"F\" }\n\"GET /inner\" = { function = \"G\" }\n\n\
                [api.A.stage.live]\n\n[outputs]\nurl = \"${api.A.stage.live.url}\"\n";
    sandbox.write("slp.toml", &format!("{manifest}\n{more}"));
    sandbox.write(
        "src/index.js",
        "exports.inner = async () => ({ statusCode: 200, body: 'inner' });\n\
         exports.handler = async (event) => {\n\
           const { apiId, stage } = event.requestContext;\n\
           const answer = await fetch(`${process.env.AWS_ENDPOINT_URL}/_aws/execute-api/${apiId}/${stage}/inner`);\n\
           return { statusCode: answer.status, body: `outer, ${await answer.text()}` };\n\
         };\n",
    );
    let running = dev(&sandbox);
    let url = sandbox.slp("output url --raw --local").ok().stdout;
    let url = format!("{}/outer", url.trim().trim_end_matches('/'));
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let url = url.clone();
            thread::spawn(move || get(&url))
        })
        .collect();
    for call in calls {
        let answer = call.join().expect("an answer");
        assert_eq!((answer.status, answer.body.as_str()), (200, "outer, inner"));
    }
    running.signal("INT");
    running.end().exits(130);
}

#[test]
fn json_log_format() {
    if !has("node") {
        return;
    }
    let logging = "logging = { format = \"json\", application_level = \"WARN\" }\n";
    let sandbox = function("json-log-format", "nodejs20.x", logging);
    sandbox.write(
        "src/index.js",
        "exports.handler = async () => {\n\
           console.log('said'); console.warn('warned');\n\
           return [process.env.AWS_LAMBDA_LOG_FORMAT, process.env.AWS_LAMBDA_LOG_LEVEL];\n\
         };\n",
    );
    sandbox.slp("--local apply --yes").ok();
    let run = sandbox.slp("--local invoke F --tail").ok();
    assert_eq!(run.stdout, "[\"JSON\",\"WARN\"]\n");
    let run = run.says(&[
        "\"level\":\"WARN\"",
        "\"message\":\"warned\"",
        "\"type\":\"platform.report\"",
    ]);
    run.never_says(&["said", "REPORT RequestId"]);
}

/// What a project has and its packages have not is not found here either.
#[test]
fn packages_of_the_project_and_of_python_are_not_found() {
    if !(has("node") && has("python3")) {
        return;
    }
    let sandbox = function("not-packed", "nodejs20.x", "");
    let manifest = sandbox.read("slp.toml");
    let python = manifest
        .split_once("[function.F]")
        .expect("a function")
        .1
        .replace("nodejs20.x", "python3.11");
    sandbox.write("slp.toml", &format!("{manifest}\n[function.P]{python}"));
    sandbox
        .write("package.json", "{ \"type\": \"module\" }\n")
        .write("node_modules/theirs/index.js", "module.exports = 1;\n")
        .write(
            "src/index.js",
            "exports.handler = async () => require('theirs');\n",
        )
        .write(
            "src/index.py",
            "def handler(event, context):\n    import only_here\n",
        );
    // An environment that is first on PATH, with a package in it.
    let venv = sandbox.path("venv");
    let made = Command::new("python3")
        .args(["-m", "venv", "--without-pip"])
        .arg(&venv)
        .status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: python3 makes no environments here");
        return;
    }
    let site = Command::new(venv.join("bin/python"))
        .args(["-c", "import site; print(site.getsitepackages()[0])"])
        .output()
        .expect("python runs");
    let site = String::from_utf8(site.stdout).expect("UTF-8");
    std::fs::write(format!("{}/only_here.py", site.trim()), "").expect("a module");
    let path = std::env::var("PATH").unwrap_or_default();
    let sandbox = sandbox.env("PATH", &format!("{}/bin:{path}", venv.display()));
    sandbox.slp("--local apply --yes").ok();
    let node = sandbox.slp("--local invoke F").exits(1);
    node.says(&["Cannot find module 'theirs'", "/var/task/index.js"]);
    let python = sandbox.slp("--local invoke P").exits(1);
    python.says(&["No module named 'only_here'", "/var/task/index.py"]);
}

/// Without `dev` or `local`, what a function asks of AWS is answered by the embedded cloud.
#[test]
fn invoke_without_a_server_asks_nobody_else() {
    if !has("node") {
        return;
    }
    let sandbox = function("asks-nobody-else", "nodejs20.x", "");
    sandbox.write(
        "src/index.js",
        "exports.handler = async () => {\n\
           const answer = await fetch(process.env.AWS_ENDPOINT_URL, { method: 'POST',\n\
             headers: { 'content-type': 'application/x-www-form-urlencoded',\n\
               authorization: 'AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sts/aws4_request, SignedHeaders=host, Signature=x' },\n\
             body: 'Action=GetCallerIdentity&Version=2011-06-15' });\n\
           return [new URL(process.env.AWS_ENDPOINT_URL).hostname, answer.status, await answer.text()];\n\
         };\n",
    );
    sandbox.slp("--local apply --yes").ok();
    let run = sandbox.slp("--local invoke F").ok();
    run.says(&["[\"127.0.0.1\",200,", "<Account>000000000000</Account>"]);
}
