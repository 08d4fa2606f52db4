//! What a Terraform state lists. The state is a fixture with the ids of things that the AWS CLI
//! made; `walkthrough::terraform` has one that Terraform itself wrote.

use super::{begun, hello_world};
use crate::harness::{self, root};

#[test]
fn a_terraform_state_is_taken_over_and_not_touched() {
    let endpoint = harness::ministack().endpoint();
    let sandbox = begun("imp-tf", "state").at(endpoint);
    let aws = harness::Aws::at(endpoint);
    let made = hello_world(&sandbox, &aws);
    let fixture = root().join("tests/integration/import/terraform.tfstate");
    let text = std::fs::read_to_string(fixture).expect("the fixture");
    let text = text
        .replace("PREFIX-", &sandbox.prefix())
        .replace("API", &made.api);
    sandbox.write("terraform.tfstate", &text);
    // Nothing may be forgotten by the one before the other has it.
    let dry = sandbox
        .slp("import --from-terraform terraform.tfstate")
        .ok();
    dry.says(&["left to Terraform:"])
        .never_says(&["terraform state rm"]);
    let run = sandbox
        .slp("import --from-terraform terraform.tfstate --write")
        .ok();
    run.says(&[
        "left to Terraform:\n  aws_cloudwatch_log_group.logs\n  module.queue.aws_sqs_queue.jobs[0]\n",
        "terraform state rm aws_iam_role.run aws_iam_role.gateway aws_iam_policy.invoke",
        "aws_iam_role_policy_attachment.basic",
        "6 taken over",
        "Nothing to do",
    ]);
    sandbox.slp("plan --exit-code").ok();
    assert_eq!(sandbox.read("terraform.tfstate"), text);
    // The files that Terraform keeps beside it are its own.
    let others = sandbox
        .files()
        .into_iter()
        .filter(|path| path.to_string_lossy().contains("tfstate"));
    assert_eq!(others.count(), 1);
    let again = sandbox
        .slp("import --from-terraform terraform.tfstate")
        .exits(1);
    again.says(&["is in the state already"]);
    sandbox
        .slp("import --from-terraform slp.toml")
        .exits(2)
        .says(&["not a Terraform state"]);
}
