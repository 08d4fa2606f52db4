//! Values that come from outside, and texts that come from other systems.

use super::wide;
use crate::harness::Sandbox;

const SECRET: &str = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n[variables]\n";
const USE: &str = "[role.r]\ntrust = \"lambda.amazonaws.com\"\n[function.F]\nrole = \"r\"\nruntime = \"nodejs22.x\"\nhandler = \"index.handler\"\ncode = \"src\"\nenvironment = { TOKEN = \"${var.token}\" }\n";

fn secret(variable: &str) -> Sandbox {
    let sandbox = wide();
    sandbox
        .write("slp.toml", &format!("{SECRET}token = {variable}\n{USE}"))
        .write(
            "src/index.js",
            "exports.handler = async () => process.env.TOKEN;\n",
        )
        .write("empty.txt", "\r\n")
        .write("values.toml", "token = \"\"\n");
    sandbox
}

/// `TOKEN= slp plan` is how a pipeline hands over a secret that is not there.
#[test]
fn an_empty_secret_is_refused() {
    let told = [
        "the secret `token` is empty",
        "`allow_empty = true`",
        "slp.toml:5:",
    ];
    let env = "{ from = \"env:TOKEN\", secret = true }";
    for command in ["validate", "--local plan", "--local apply --yes"] {
        let sandbox = secret(env).env("TOKEN", "");
        sandbox.slp(command).exits(2).says(&told);
    }
    let plain = "{ secret = true }";
    for (variable, command) in [
        ("{ from = \"file:empty.txt\", secret = true }", "validate"),
        ("{ secret = true, default = \"\" }", "validate"),
        ("{ secret = true, required = false }", "validate"),
        (plain, "validate --var token="),
        (plain, "validate --var-file values.toml"),
    ] {
        secret(variable).slp(command).exits(2).says(&told);
    }
    // An empty `SLP_VAR_…` is not set.
    let unset = secret(plain).env("SLP_VAR_token", "");
    unset
        .slp("validate")
        .exits(2)
        .says(&["variable `token` has no value"]);
    let allowed = "{ from = \"env:TOKEN\", secret = true, allow_empty = true }";
    secret(allowed).env("TOKEN", "").slp("--local plan").ok();
    let open = "{ from = \"env:TOKEN\" }";
    secret(open).env("TOKEN", "").slp("validate").ok();
    let odd = "{ from = \"env:TOKEN\", allow_empty = true }";
    secret(odd)
        .env("TOKEN", "x")
        .slp("validate")
        .exits(2)
        .says(&["`allow_empty` is for secrets"]);
}

/// What git does on Windows changes no text of the manifest, nor of what it reads.
#[test]
fn crlf_text() {
    let sandbox = wide();
    let manifest = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n\n[variables]\nnote = { from = \"file:note.txt\" }\n\n[role.r]\ntrust = \"lambda.amazonaws.com\"\ndescription = \"\"\"\nOne line,\nand ${var.note}.\"\"\"\n[role.r.inline.read]\nfile = \"read.json\"\n\n[api.a.routes]\n\"GET /\" = { mock = { body = '''\n{\n  \"ok\": true\n}\n''' } }\n[api.a.stage.live]\n";
    let policy = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"s3:GetObject\",\n    \"Resource\": \"*\"}]\n}\n";
    let files = [
        ("slp.toml", manifest),
        ("note.txt", "two\nlines\n"),
        ("read.json", policy),
    ];
    for (file, text) in files {
        sandbox.write(file, text);
    }
    sandbox.slp("fmt").ok();
    sandbox.slp("--local apply --yes").ok();
    for (file, _) in files {
        let text = sandbox.read(file);
        sandbox.write(file, &text.replace('\n', "\r\n"));
    }
    sandbox
        .slp("--local plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    // Problems still stand where an editor shows them, and the file keeps its line ends.
    sandbox.slp("fmt --check").ok();
    assert!(sandbox.read("slp.toml").contains("\r\n"));
    let wrong = sandbox
        .read("slp.toml")
        .replace("[role.r]\r\n", "[role.r]\r\nodd = 1\r\n");
    sandbox.write("slp.toml", &wrong);
    sandbox
        .slp("validate")
        .exits(2)
        .says(&["unknown key `odd`", ":1]"]);
}

#[test]
fn policy_file_bom() {
    let sandbox = wide();
    let manifest = "[project]\nname = \"case\"\nregion = \"eu-central-1\"\n[policy.read]\nfile = \"read.json\"\n";
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
    sandbox.write("slp.toml", &format!("\u{FEFF}{manifest}"));
    sandbox.write("read.json", &format!("\u{FEFF}{policy}"));
    sandbox.slp("validate").ok();
    let utf16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [0xFF, 0xFE].into_iter().chain(units).collect()
    };
    std::fs::write(sandbox.path("read.json"), utf16(policy)).expect("a file");
    let told = "it is UTF-16: save it as UTF-8";
    sandbox
        .slp("validate")
        .exits(2)
        .says(&["`read.json` cannot be read", told]);
    std::fs::write(sandbox.path("slp.toml"), utf16(manifest)).expect("a file");
    let wrong = sandbox.slp("validate").exits(2);
    wrong
        .says(&[told])
        .never_says(&["name the manifest with -f"]);
}
