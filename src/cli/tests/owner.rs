//! Whose a thing is that would be changed, replaced or taken away: for every kind, when its tags
//! are gone or another project's, when somebody made it anew under its name, and when the state
//! names somebody else's thing.

use std::io::{Cursor, Write};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::Request;
use serde_json::json;

use super::*;
use crate::cli::accept;
use crate::cli::args::Command;
use crate::local::testing::{query, rest, send};

const EVERY: [&str; 8] = [
    "role.run",
    "policy.own",
    "function.F",
    "function.F.alias.live",
    "function.F.permission.p",
    "function.F.log_group",
    "api.a",
    "api.a.stage.v1",
];
const TAGGED: [&str; 6] = [
    "role.run",
    "policy.own",
    "function.F",
    "function.F.log_group",
    "api.a",
    "api.a.stage.v1",
];

fn manifest(name: &str, ownership: &str) -> String {
    format!(
        r#"[project]
name = "{name}"
name_prefix = "{name}-"
ownership = "{ownership}"
[role.run]
trust = "lambda.amazonaws.com"
[policy.own]
[[policy.own.allow]]
actions = ["s3:GetObject"]
resources = ["*"]
[function.F]
runtime = "nodejs22.x"
handler = "index.helloworld"
role = "run"
code = "src"
logging = {{ retention_days = 7 }}
[function.F.alias.live]
[function.F.permission.p]
principal = "s3.amazonaws.com"
source_arn = "arn:aws:s3:::b"
[api.a]
[api.a.routes]
"GET /x" = {{ mock = {{ body = "ok" }} }}
[api.a.stage.v1]
"#
    )
}

impl Stand {
    /// One of every kind, deployed beside what the cloud has.
    async fn owned(cloud: Option<Arc<Cloud>>, name: &str, ownership: &str) -> Stand {
        let mut stand = Stand::of("hello-world");
        if let Some(cloud) = cloud {
            stand.cloud = cloud;
        }
        std::fs::write(stand.path("slp.toml"), manifest(name, ownership)).expect("written");
        stand.run(false).await.expect("deployed");
        stand
    }

    /// `slp apply --yes`, or destroy, with more words; its code, and all that it said.
    pub(super) async fn with(&self, destroy: bool, words: &[&str]) -> (u8, String) {
        let file = self.path("slp.toml").display().to_string();
        let line = ["slp", "apply", "--local", "--file", &file];
        let cli = Cli::parse_from(line.iter().chain(words));
        let Command::Apply(args) = &cli.command else {
            panic!("another command");
        };
        let printer = Printer::mute();
        let ended = async {
            let (mut project, aws) = self.open().await?;
            if destroy {
                project.desired = plan::nothing(&project.desired);
            }
            if args.refresh_only {
                return accept::accept(&project, &aws, args, &printer).await;
            }
            let (global, part) = (&cli.global, &args.scope);
            apply::carry_out(global, project, aws, part, true, destroy, &printer).await
        };
        let code = match ended.await {
            Ok(code) => code,
            Err(failure) => failure.print(&printer),
        };
        (code, printer.said())
    }

    /// One resource in the state.
    pub(super) fn stored(&self, addr: &str) -> Value {
        self.saved().1["resources"][addr].clone()
    }

    fn saved(&self) -> (PathBuf, Value) {
        let folder = self.path(".slp/local/state");
        let entries = std::fs::read_dir(folder).expect("states").flatten();
        let mut files = entries.map(|entry| entry.path());
        let file = files.find(|path| path.extension().is_some_and(|e| e == "json"));
        let file = file.expect("a state");
        let text = std::fs::read_to_string(&file).expect("the state");
        (file, serde_json::from_str(&text).expect("JSON"))
    }

    /// Edits the state by hand.
    pub(super) fn edit(&self, edit: impl FnOnce(&mut Value)) {
        let (file, mut state) = self.saved();
        edit(&mut state);
        std::fs::write(file, format!("{state:#}\n")).expect("written");
    }

    fn id(&self, addr: &str) -> String {
        self.stored(addr)["id"].as_str().expect("an id").to_owned()
    }

    /// Refused by every command, for this address, and nothing was changed.
    async fn refuses(&self, addr: &str, why: &str) {
        let before = rows(&self.cloud);
        let tries: [(bool, &[&str]); 6] = [
            (false, &["--refresh-only", "--yes"]),
            (true, &["--refresh", "none"]),
            (false, &[]),
            (false, &["--replace", addr]),
            (true, &[]),
            (true, &["--target", addr]),
        ];
        for (destroy, words) in tries {
            let (code, said) = self.with(destroy, words).await;
            let what = format!("{addr} {why}, destroy {destroy} {words:?}: {said}");
            assert_eq!(code, 1, "{what}");
            assert!(said.contains(&format!("--take {addr}")), "{what}");
        }
        let after = rows(&self.cloud);
        assert_eq!(before, after, "{addr} {why}: something was changed");
    }

    pub(super) async fn logs(&self, operation: &str, body: Value) -> Value {
        let target = format!("Logs_20140328.{operation}");
        let request = Request::builder().method("POST").uri("/");
        let request = request.header("x-amz-target", target);
        let answer = send(&self.cloud, "logs", request, body.to_string()).await;
        assert_eq!(answer.status(), 200, "{operation}: {:?}", answer.body());
        serde_json::from_slice(answer.body()).unwrap_or(Value::Null)
    }

    async fn iam(&self, words: &[(&str, &str)]) {
        let version = [("Version", "2010-05-08")];
        let words: Vec<(&str, &str)> = words.iter().chain(&version).copied().collect();
        let (status, answer) = query(&self.cloud, "iam", &words).await;
        assert_eq!(status, 200, "{answer}");
    }

    async fn rest(&self, service: &str, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = rest(&self.cloud, service, method, path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {answer}");
        answer
    }

    /// `slp:project` is another's, or is taken off.
    async fn tag(&self, addr: &str, theirs: Option<&str>) {
        let id = self.id(addr);
        let kind = addr.split('.').step_by(2).collect::<Vec<_>>().join(".");
        let of_iam = |key: &'static str, verb: &'static str| (key, verb, id.clone());
        let (key, verb, id) = match kind.as_str() {
            "role" => of_iam("RoleName", "Role"),
            "policy" => of_iam("PolicyArn", "Policy"),
            "function.log_group" => {
                let arn = format!("arn:aws:logs:us-east-1:000000000000:log-group:{id}");
                match theirs {
                    Some(theirs) => {
                        let tags = json!({"resourceArn": arn, "tags": {"slp:project": theirs}});
                        self.logs("TagResource", tags).await;
                    }
                    None => {
                        let tags = json!({"resourceArn": arn, "tagKeys": ["slp:project"]});
                        self.logs("UntagResource", tags).await;
                    }
                }
                return;
            }
            kind => {
                let (service, path, method, member) = match kind {
                    "function" => {
                        let arn = format!("arn:aws:lambda:us-east-1:000000000000:function:{id}");
                        ("lambda", format!("/2017-03-31/tags/{arn}"), "POST", "Tags")
                    }
                    _ => {
                        let path = id.replace('/', "/stages/");
                        let arn = format!("arn:aws:apigateway:us-east-1::/restapis/{path}");
                        let arn = arn.replace(':', "%3A").replace('/', "%2F");
                        ("apigateway", format!("/tags/{arn}"), "PUT", "tags")
                    }
                };
                match theirs {
                    Some(theirs) => {
                        let tags = json!({ member: { "slp:project": theirs } });
                        self.rest(service, method, &path, tags).await;
                    }
                    None => {
                        let path = format!("{path}?tagKeys=slp%3Aproject");
                        self.rest(service, "DELETE", &path, Value::Null).await;
                    }
                }
                return;
            }
        };
        match theirs {
            Some(theirs) => {
                let action = format!("Tag{verb}");
                let tag = ("Tags.member.1.Key", "slp:project");
                let value = ("Tags.member.1.Value", theirs);
                self.iam(&[("Action", &action), (key, &id), tag, value])
                    .await;
            }
            None => {
                let action = format!("Untag{verb}");
                let tag = ("TagKeys.member.1", "slp:project");
                self.iam(&[("Action", &action), (key, &id), tag]).await;
            }
        }
    }

    /// Somebody deletes it and makes one of the same name.
    async fn make_anew(&self, addr: &str) {
        let id = self.id(addr);
        tokio::time::sleep(Duration::from_secs(5)).await;
        match addr {
            "role.run" => {
                const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}]}"#;
                let name = ("RoleName", id.as_str());
                self.iam(&[("Action", "DeleteRole"), name]).await;
                let trust = ("AssumeRolePolicyDocument", TRUST);
                self.iam(&[("Action", "CreateRole"), name, trust]).await;
            }
            "policy.own" => {
                const ALLOW: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
                self.iam(&[("Action", "DeletePolicy"), ("PolicyArn", &id)])
                    .await;
                let name = ("PolicyName", id.rsplit('/').next().expect("a name"));
                let document = ("PolicyDocument", ALLOW);
                self.iam(&[("Action", "CreatePolicy"), name, document])
                    .await;
            }
            "function.F" => {
                let path = format!("/2015-03-31/functions/{id}");
                self.rest("lambda", "DELETE", &path, Value::Null).await;
                let function = json!({
                    "FunctionName": id, "Runtime": "nodejs22.x", "Handler": "index.theirs",
                    "Role": "arn:aws:iam::000000000000:role/mine-run", "Code": { "ZipFile": zip() },
                });
                self.rest("lambda", "POST", "/2015-03-31/functions", function)
                    .await;
            }
            "function.F.log_group" => {
                let name = json!({ "logGroupName": id });
                self.logs("DeleteLogGroup", name.clone()).await;
                self.logs("CreateLogGroup", name).await;
            }
            "api.a.stage.v1" => {
                let (api, name) = id.split_once('/').expect("an API's id");
                let stages = format!("/restapis/{api}/stages");
                let one = format!("{stages}/{name}");
                let stage = self.rest("apigateway", "GET", &one, Value::Null).await;
                self.rest("apigateway", "DELETE", &one, Value::Null).await;
                let same = json!({"stageName": name, "deploymentId": stage["deploymentId"]});
                self.rest("apigateway", "POST", &stages, same).await;
            }
            other => panic!("{other} cannot be made anew under its name"),
        }
    }
}

fn zip() -> String {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    zip.start_file("index.js", options).expect("a zip");
    zip.write_all(b"exports.theirs = async () => 1")
        .expect("a zip");
    BASE64_STANDARD.encode(zip.finish().expect("a zip").into_inner())
}

#[tokio::test(start_paused = true)]
async fn what_lost_its_tags_is_refused_until_it_is_taken() {
    for addr in TAGGED {
        let stand = Stand::owned(None, "mine", "tags").await;
        stand.tag(addr, None).await;
        stand.refuses(addr, "lost its tags").await;
        let (code, said) = stand.with(false, &["--take", addr]).await;
        assert_eq!(code, 0, "{addr}: {said}");
        assert!(said.contains("tags"), "{addr}: {said}");
        let (code, said) = stand.with(false, &[]).await;
        assert_eq!(code, 0, "{addr} is ours again: {said}");
        assert!(said.contains("Nothing to do"), "{addr}: {said}");
        stand.tag(addr, None).await;
        let (code, said) = stand.with(true, &["--take", addr]).await;
        assert_eq!(code, 0, "{addr}: {said}");
        let (code, said) = stand.with(true, &[]).await;
        assert_eq!(
            (code, said.contains("nothing of mine")),
            (0, true),
            "{said}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_has_another_projects_tags_is_refused() {
    for addr in TAGGED {
        let stand = Stand::owned(None, "mine", "tags").await;
        stand.tag(addr, Some("theirs")).await;
        stand.refuses(addr, "is another project's").await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_made_anew_is_refused() {
    for ownership in ["tags", "state"] {
        for addr in TAGGED {
            // Under an API's id nobody can make another.
            if addr == "api.a" {
                continue;
            }
            let stand = Stand::owned(None, "mine", ownership).await;
            stand.make_anew(addr).await;
            if (addr, ownership) == ("function.F", "state") {
                // Its code alone tells: whoever changes it does no harm, who deletes it does.
                let (code, said) = stand.with(true, &[]).await;
                assert_eq!(code, 1, "{said}");
                assert!(said.contains("--take function.F"), "{said}");
                continue;
            }
            stand.refuses(addr, "was made anew").await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_state_names_wrongly_is_refused() {
    for (ownership, theirs) in [("tags", "tags"), ("tags", "state"), ("state", "state")] {
        for addr in EVERY {
            let stand = Stand::owned(None, "mine", ownership).await;
            let other = Stand::owned(Some(stand.cloud.clone()), "theirs", theirs).await;
            let id = other.id(addr);
            stand.edit(|state| state["resources"][addr]["id"] = id.clone().into());
            let before = rows(&stand.cloud);
            for (destroy, words) in [(true, &[][..]), (true, &["--target", addr][..])] {
                let (code, said) = stand.with(destroy, words).await;
                assert_eq!(code, 1, "{addr} {ownership}/{theirs}: {said}");
                assert!(said.contains(&id), "{addr}: {said}");
            }
            assert_eq!(before, rows(&stand.cloud), "{addr}");
            let (code, said) = stand.with(false, &["--replace", addr]).await;
            // The manifest says which log group it is: that one is replaced.
            if addr == "function.F.log_group" {
                assert!(said.contains(&format!("{id} stays in AWS")), "{said}");
                continue;
            }
            assert!(matches!(code, 1 | 4), "{addr} {ownership}/{theirs}: {said}");
            assert_eq!(before, rows(&stand.cloud), "{addr}: {said}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn children_stand_or_fall_with_their_parent() {
    let stand = Stand::owned(None, "mine", "tags").await;
    stand.tag("function.F", None).await;
    for child in ["function.F.alias.live", "function.F.permission.p"] {
        let before = rows(&stand.cloud);
        let (code, said) = stand.with(true, &["--target", child]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("it stands under function.F"), "{said}");
        assert_eq!(before, rows(&stand.cloud));
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_names_one_thing_twice_is_refused() {
    let stand = Stand::owned(None, "mine", "tags").await;
    let text = manifest("mine", "tags") + "[role.other]\ntrust = \"lambda.amazonaws.com\"\n";
    std::fs::write(stand.path("slp.toml"), text).expect("written");
    stand.run(false).await.expect("applied");
    let id = stand.id("role.run");
    stand.edit(|state| state["resources"]["role.other"]["id"] = id.into());
    let before = rows(&stand.cloud);
    let (code, said) = stand.with(true, &["--target", "role.other"]).await;
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("by its tags it is role.run"), "{said}");
    assert_eq!(before, rows(&stand.cloud));
}
