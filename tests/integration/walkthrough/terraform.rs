//! Terraform with its own AWS provider. Its providers come from a mirror on this machine:
//! the folder in `SLP_TF_MIRROR`, or what Terraform's own configuration names.

use std::process::{Command, Output};

use super::{node, zipped};
use crate::harness::{Aws, Local, Sandbox, get, root};

struct Terraform {
    sandbox: Sandbox,
    endpoint: String,
}

#[test]
fn an_api_by_terraform() {
    if !node() {
        return;
    }
    let sandbox = Sandbox::empty("walk-tf");
    let local = Local::start(&sandbox, "--ephemeral");
    let endpoint = local.url.clone();
    zipped(&sandbox, "${process.env.GREETING} from Terraform");
    let Some(terraform) = Terraform::ready(sandbox, endpoint) else {
        return;
    };
    let aws = Aws::at(&local.url);
    terraform.changes("apply", "Hello");
    assert_eq!(terraform.output("account"), "000000000000");
    let url = format!("{}{}", local.url, terraform.output("path"));
    assert_eq!(get(&url).body, "Hello from Terraform, /hello");
    // Nothing that it made reads otherwise than it was written.
    let plan = terraform.run("plan", &["-detailed-exitcode"], "Hello");
    assert_eq!(plan.status.code(), Some(0), "{}", said(&plan));
    terraform.changes("apply", "Bonjour");
    assert_eq!(get(&url).body, "Bonjour from Terraform, /hello");
    terraform.changes("destroy", "Bonjour");
    assert_eq!(aws.inventory(""), Vec::<String>::new());
}

/// slp takes over what Terraform manages: the plan is empty, and Terraform's files are as they were.
#[test]
fn what_terraform_made_is_imported() {
    if !node() {
        return;
    }
    let sandbox = Sandbox::empty("walk-tf-import");
    let local = Local::start(&sandbox, "--ephemeral");
    let endpoint = local.url.clone();
    zipped(&sandbox, "${process.env.GREETING} from Terraform");
    let Some(terraform) = Terraform::ready(sandbox, endpoint.clone()) else {
        return;
    };
    terraform.changes("apply", "Hello");
    let before = terraform.sandbox.read("terraform.tfstate");
    let mine = Sandbox::empty("walk-imported").at(&endpoint);
    let state = terraform.sandbox.path("terraform.tfstate");
    let line = format!("import --from-terraform {} --write", state.display());
    mine.slp(&line).ok().says(&[
        "left to Terraform:\n  aws_cloudwatch_log_group.logs\n",
        "terraform state rm",
        "Nothing to do",
    ]);
    mine.slp("plan --exit-code").ok();
    assert_eq!(terraform.sandbox.read("terraform.tfstate"), before);
    let manifest = mine.read("slp.toml");
    assert!(
        manifest.contains("\"GET /hello\" = { function = \"walk-tf\", permission = false }"),
        "{manifest}"
    );
    assert!(
        manifest.contains("source_arn = \"${api.api.execution_arn}/*/*\""),
        "{manifest}"
    );
    let url = format!("{}{}", endpoint, terraform.output("path"));
    assert_eq!(get(&url).body, "Hello from Terraform, /hello");
}

impl Terraform {
    /// `None` where there is no Terraform, or no provider that it finds.
    fn ready(sandbox: Sandbox, endpoint: String) -> Option<Terraform> {
        if Command::new("terraform").arg("version").output().is_err() {
            eprintln!("skipped: there is no terraform here");
            return None;
        }
        let main = root().join("tests/integration/walkthrough/main.tf");
        std::fs::copy(main, sandbox.path("main.tf")).expect("a copy");
        if let Some(mirror) = std::env::var_os("SLP_TF_MIRROR") {
            let mirror = mirror.to_string_lossy();
            let rc = format!(
                "provider_installation {{\n  filesystem_mirror {{\n    path = \"{mirror}\"\n  }}\n}}\n"
            );
            sandbox.write("terraform.rc", &rc);
        }
        let terraform = Terraform { sandbox, endpoint };
        let init = terraform.command("init", &[]).output().expect("it runs");
        if !init.status.success() {
            // Who names a mirror expects that it serves.
            assert!(!terraform.has_mirror(), "{}", said(&init));
            eprintln!("skipped: terraform finds no AWS provider; SLP_TF_MIRROR names a mirror");
            return None;
        }
        Some(terraform)
    }

    fn has_mirror(&self) -> bool {
        self.sandbox.path("terraform.rc").exists()
    }

    fn changes(&self, verb: &str, greeting: &str) {
        let output = self.run(verb, &["-auto-approve"], greeting);
        assert!(output.status.success(), "{verb}: {}", said(&output));
    }

    fn run(&self, verb: &str, options: &[&str], greeting: &str) -> Output {
        let mut command = self.command(verb, options);
        command
            .arg(format!("-var=endpoint={}", self.endpoint))
            .arg(format!("-var=greeting={greeting}"));
        command.output().expect("it runs")
    }

    fn output(&self, name: &str) -> String {
        let output = self.command("output", &["-raw", name]).output();
        String::from_utf8(output.expect("it runs").stdout).expect("UTF-8")
    }

    fn command(&self, verb: &str, options: &[&str]) -> Command {
        let mut command = Command::new("terraform");
        command
            .arg(verb)
            .args(match verb {
                "output" => &[][..],
                _ => &["-no-color", "-input=false"],
            })
            .args(options)
            .current_dir(self.sandbox.path(""))
            .env("TF_IN_AUTOMATION", "1")
            .env("CHECKPOINT_DISABLE", "1");
        if self.has_mirror() {
            command.env("TF_CLI_CONFIG_FILE", self.sandbox.path("terraform.rc"));
        }
        command
    }
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}\n{}", text(&output.stdout), text(&output.stderr))
}
