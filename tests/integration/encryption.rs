//! A state that is encrypted before it is written: on a disk and in a bucket, by a passphrase, a
//! file and KMS; what stands there shows nothing, and a plain one is refused.

use std::fs;

use crate::harness::{Aws, Emulator, Sandbox, example};

const PHRASE: &str = "correct horse battery staple";

fn sandbox(moto: &Emulator, name: &str, encryption: &str) -> Sandbox {
    let sandbox = example("hello-world", name).at(moto.endpoint());
    let text = sandbox.read("slp.toml");
    sandbox.write(
        "slp.toml",
        &format!("{text}\n[state.encryption]\n{encryption}\n"),
    );
    sandbox
        .env("PHRASE", PHRASE)
        .env("OTHER", "quite another one")
}

/// Everything under `state/` but the lock and git's file.
fn kept(sandbox: &Sandbox) -> Vec<String> {
    let files = sandbox.files().into_iter().filter(|file| {
        let name = file
            .file_name()
            .and_then(|name| name.to_str())
            .unwrap_or_default();
        file.starts_with(sandbox.path("state"))
            && name.contains(".json")
            && !name.ends_with(".lock")
    });
    files
        .map(|file| fs::read_to_string(file).expect("a text"))
        .collect()
}

fn is_hidden(sandbox: &Sandbox) {
    let kept = kept(sandbox);
    assert!(kept.len() >= 2, "the state and its backup");
    for text in kept {
        assert!(text.starts_with("{\"slp_sealed\":1,"), "{text}");
        assert!(
            !text.contains("HelloWorld") && !text.contains("secret_key"),
            "{text}"
        );
    }
}

#[test]
fn a_passphrase_hides_a_state_from_its_first_byte_to_its_last_change() {
    let moto = Emulator::moto();
    let sandbox = sandbox(&moto, "sealed", "passphrase = \"env:PHRASE\"");
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox.slp("apply --yes").ok().says(&["1 updated"]);
    is_hidden(&sandbox);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    sandbox
        .slp("state list")
        .ok()
        .says(&["function.HelloWorld"]);
    sandbox.slp("output url").ok();
    // Without the key, or with another: told, and nothing is done.
    sandbox.change("env:PHRASE", "env:NOT_SET");
    let none = sandbox.slp("apply --yes").exits(4);
    none.says(&["NOT_SET is not set"]);
    sandbox.change("env:NOT_SET", "env:OTHER");
    let other = sandbox.slp("destroy --yes").exits(4);
    other
        .says(&["another key", "sealed.json"])
        .never_says(&[PHRASE]);
    assert!(moto.aws().function(&sandbox.named("HelloWorld")).is_some());
    // Turned: the old key opens, the new one is written.
    sandbox.change(
        "passphrase = \"env:OTHER\"",
        "passphrase = \"env:OTHER\"\nprevious = [{ passphrase = \"env:PHRASE\" }]",
    );
    sandbox.slp("state rekey").ok();
    sandbox.change("\nprevious = [{ passphrase = \"env:PHRASE\" }]", "");
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    is_hidden(&sandbox);
    let pulled = sandbox.slp("state pull").ok().stdout;
    assert!(pulled.contains("HelloWorld"));
    sandbox.write("pulled.json", &pulled);
    sandbox.slp("state push pulled.json").ok();
    sandbox.slp("destroy --yes").ok();
    assert_eq!(moto.inventory(&sandbox.prefix()), Vec::<String>::new());
}

#[test]
fn a_plain_state_is_refused_until_it_is_encrypted() {
    let moto = Emulator::moto();
    let sandbox = sandbox(&moto, "turned-on", "key_file = \"state.key\"");
    let (plain, encrypted) = {
        let text = sandbox.read("slp.toml");
        (
            text.split_once("\n[state.enc")
                .expect("a table")
                .0
                .to_owned(),
            text,
        )
    };
    sandbox.write("slp.toml", &plain);
    sandbox.slp("apply --yes").ok();
    sandbox.write("slp.toml", &encrypted);
    sandbox
        .slp("plan")
        .exits(4)
        .says(&["state.key", "No such file"]);
    sandbox.write("state.key", "too short");
    sandbox.slp("plan").exits(4).says(&["9 bytes"]);
    sandbox.write("state.key", "0123456789abcdef0123456789abcdef");
    let refused = sandbox.slp("apply --yes").exits(4);
    refused.says(&["it is not encrypted", "slp state rekey"]);
    sandbox.slp("state rekey").ok();
    sandbox.slp("plan --exit-code").ok();
    // Off again, by naming the key as one that was.
    let off = "[state.encryption]\nprevious = [{ key_file = \"state.key\" }]\n";
    sandbox.write("slp.toml", &format!("{plain}\n{off}"));
    sandbox.slp("state rekey").ok();
    sandbox.write("slp.toml", &plain);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    // And what is sealed is not taken for damage where nothing is said about it.
    sandbox.write("slp.toml", &encrypted);
    sandbox.slp("state rekey").ok();
    sandbox.write("slp.toml", &plain);
    sandbox
        .slp("plan")
        .exits(4)
        .says(&["encrypted with a key file", "[state.encryption]"]);
}

#[test]
fn a_key_of_kms_hides_a_state_in_a_bucket() {
    let moto = Emulator::moto();
    let aws = Aws::at(moto.endpoint());
    aws.run("s3api create-bucket --bucket kms-states");
    aws.run("kms create-key");
    let key = aws.run("kms list-keys")["Keys"][0]["KeyId"]
        .as_str()
        .expect("a key")
        .to_owned();
    let sandbox = sandbox(&moto, "kms", &format!("kms_key = \"{key}\""));
    sandbox.change(
        "[state.encryption]",
        "[state]\nbackend = \"s3\"\nbucket = \"kms-states\"\n[state.encryption]",
    );
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox.slp("apply --yes").ok();
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
    let copy = sandbox.path("bucket");
    let copy = copy.to_str().expect("a path");
    aws.with(&["s3", "sync", "s3://kms-states", copy, "--quiet"]);
    let files: Vec<_> = sandbox
        .files()
        .into_iter()
        .filter(|f| f.starts_with(copy))
        .collect();
    assert!(files.len() >= 3, "the state and its history: {files:?}");
    for file in files {
        let text = fs::read_to_string(&file).expect("a text");
        assert!(
            text.starts_with("{\"slp_sealed\":1,\"by\":{\"kms\":"),
            "{}",
            file.display()
        );
    }
    sandbox
        .slp("state history")
        .ok()
        .says(&["0\n1\n2 (in place)"]);
    sandbox.slp("state rollback 1").ok();
    sandbox.change(&key, "alias/nobody-has-it");
    let refused = sandbox.slp("plan").exits(1);
    refused.says(&["alias/nobody-has-it", "kms:Decrypt"]);
}
