//! The twenty calls of the AWS CLI that slp replaces.

use serde_json::Value;

use super::{node, zipped};
use crate::harness::{Aws, Local, Sandbox, get, list};

const BASIC: &str = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
    "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

/// A person with the AWS CLI, and what they have noted.
struct Person {
    sandbox: Sandbox,
    local: Local,
    aws: Aws,
}

#[test]
fn a_function_and_its_api_by_hand() {
    if !node() {
        return;
    }
    let sandbox = Sandbox::empty("walk-aws");
    let local = Local::start(&sandbox, "--ephemeral");
    let aws = Aws::at(&local.url);
    let person = Person {
        sandbox,
        local,
        aws,
    };
    person.makes_the_role();
    person.makes_the_function();
    let api = person.makes_the_api();
    person.calls_it(&api);
    person.takes_all_away(&api);
    assert_eq!(person.aws.inventory(""), Vec::<String>::new());
}

impl Person {
    fn makes_the_role(&self) {
        let aws = &self.aws;
        let make = ["iam", "create-role", "--role-name", "walk"];
        aws.with(&[&make[..], &["--assume-role-policy-document", TRUST]].concat());
        aws.run(&format!(
            "iam attach-role-policy --role-name walk --policy-arn {BASIC}"
        ));
        let role = aws.run("iam get-role --role-name walk");
        let trust = &role["Role"]["AssumeRolePolicyDocument"]["Statement"][0];
        assert_eq!(trust["Principal"]["Service"], "lambda.amazonaws.com");
        let attached = aws.run("iam list-attached-role-policies --role-name walk");
        assert_eq!(list(&attached, "AttachedPolicies")[0]["PolicyArn"], BASIC);
    }

    fn makes_the_function(&self) {
        let aws = &self.aws;
        let role = aws.run("iam get-role --role-name walk");
        let role = text(&role["Role"]["Arn"]);
        let zip = zipped(&self.sandbox, "Hello");
        let made = aws.run(&format!(
            "lambda create-function --function-name walk --runtime nodejs20.x \
             --handler index.hello --role {role} --zip-file fileb://{zip}"
        ));
        assert_eq!(made["State"], "Pending");
        aws.run("lambda wait function-active-v2 --function-name walk");
        let out = self.sandbox.path("out.json").display().to_string();
        let answer = aws.run(&format!(
            "lambda invoke --function-name walk --payload {{\"who\":\"you\"}} {out}"
        ));
        assert_eq!(answer["StatusCode"], 200);
        assert_eq!(
            self.sandbox.read("out.json"),
            r#"{"statusCode":200,"body":"Hello, you"}"#
        );
    }

    fn makes_the_api(&self) -> String {
        let aws = &self.aws;
        let api = text(&aws.run("apigateway create-rest-api --name walk")["id"]);
        let root = aws.run(&format!("apigateway get-resources --rest-api-id {api}"));
        let root = text(&list(&root, "items")[0]["id"]);
        let below = aws.run(&format!(
            "apigateway create-resource --rest-api-id {api} --parent-id {root} --path-part hello"
        ));
        let at = format!(
            "--rest-api-id {api} --resource-id {} --http-method GET",
            text(&below["id"])
        );
        aws.run(&format!(
            "apigateway put-method {at} --authorization-type NONE"
        ));
        let function =
            text(&aws.function("walk").expect("it is there")["Configuration"]["FunctionArn"]);
        aws.run(&format!(
            "apigateway put-integration {at} --type AWS_PROXY --integration-http-method POST --uri \
             arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations"
        ));
        aws.run(&format!(
            "apigateway create-deployment --rest-api-id {api} --stage-name live"
        ));
        // Nobody let the API call the function.
        assert_eq!(get(&self.url(&api)).status, 500);
        let account = function.split(':').nth(4).expect("an account");
        aws.run(&format!(
            "lambda add-permission --function-name walk --statement-id api --action \
             lambda:InvokeFunction --principal apigateway.amazonaws.com --source-arn \
             arn:aws:execute-api:us-east-1:{account}:{api}/*/GET/hello"
        ));
        api
    }

    fn calls_it(&self, api: &str) {
        let url = self.url(api);
        assert_eq!(get(&url).body, "Hello, /hello");
        let zip = zipped(&self.sandbox, "Bonjour");
        let aws = &self.aws;
        let updated = aws.run(&format!(
            "lambda update-function-code --function-name walk --zip-file fileb://{zip}"
        ));
        assert_eq!(updated["LastUpdateStatus"], "InProgress");
        aws.run("lambda wait function-updated-v2 --function-name walk");
        assert_eq!(get(&url).body, "Bonjour, /hello");
        let events = aws.run("logs filter-log-events --log-group-name /aws/lambda/walk");
        let reports = list(&events, "events").into_iter();
        let reports = reports.filter(|event| text(&event["message"]).starts_with("REPORT"));
        assert_eq!(reports.count(), 3);
    }

    fn takes_all_away(&self, api: &str) {
        let aws = &self.aws;
        let kept = aws.tried(&["iam", "delete-role", "--role-name", "walk"]);
        let kept = kept.expect_err("a policy is attached");
        assert!(kept.contains("DeleteConflict"), "{kept}");
        for line in [
            format!("apigateway delete-stage --rest-api-id {api} --stage-name live"),
            format!("apigateway delete-rest-api --rest-api-id {api}"),
            "lambda delete-function --function-name walk".to_owned(),
            format!("iam detach-role-policy --role-name walk --policy-arn {BASIC}"),
            "iam delete-role --role-name walk".to_owned(),
        ] {
            aws.run(&line);
        }
    }

    fn url(&self, api: &str) -> String {
        format!("{}/_aws/execute-api/{api}/live/hello", self.local.url)
    }
}

fn text(value: &Value) -> String {
    let text = value.as_str().unwrap_or_else(|| panic!("no text: {value}"));
    text.to_owned()
}
