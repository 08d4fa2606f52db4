//! What a copy of another cloud takes over as it is, since no call makes it: ids that AWS made
//! up, and what AWS itself or another account has.
//!
//! Nothing of it is kept: a copy lives in memory. All else in a copy is made by the calls that
//! any client makes.

use super::lambda;
use super::turn::Turn;
use super::{AwsError, Cloud, Place};

impl Cloud {
    /// Gives this id to the API that is made next in `region`.
    pub fn next_api(&self, region: &str, id: &str) -> Result<(), AwsError> {
        self.copied(region, |turn| {
            turn.region().apigateway.next = Some(id.to_owned());
            Ok(())
        })
    }

    /// Publishes what a function is now under this number, whatever was published before.
    pub fn publish_as(&self, region: &str, function: &str, number: u64) -> Result<(), AwsError> {
        self.copied(region, |turn| lambda::publish_as(turn, function, number))
    }

    /// A managed policy that can be attached, whoever has it.
    pub fn outside_policy(&self, arn: &str, document: &str) -> Result<(), AwsError> {
        self.copied("", |turn| {
            let now = turn.now;
            turn.world.global.iam.add_outside(arn, document, now);
            Ok(())
        })
    }

    /// A principal that policies may name: a user, an identity provider, an id.
    pub fn outside_principal(&self, name: &str) -> Result<(), AwsError> {
        self.copied("", |turn| {
            turn.world.global.iam.principals.insert(name.to_owned());
            Ok(())
        })
    }

    /// A layer version that functions in `region` may use; nothing is in it.
    pub fn outside_layer(&self, region: &str, arn: &str) -> Result<(), AwsError> {
        self.copied(region, |turn| {
            turn.region().lambda.outside.insert(arn.to_owned());
            Ok(())
        })
    }

    fn copied<T>(
        &self,
        region: &str,
        step: impl FnOnce(&mut Turn<'_>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let place = Place {
            region: region.to_owned(),
            url: String::new(),
        };
        self.turn(place, step)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::local::testing::{query, rest};

    const REGION: &str = "us-east-1";

    fn copy() -> Arc<Cloud> {
        Arc::new(Cloud::of_account("111122223333").expect("memory"))
    }

    #[tokio::test]
    async fn everything_is_of_the_account_that_is_copied() {
        let cloud = copy();
        let (_, xml) = query(&cloud, "sts", &[("Action", "GetCallerIdentity")]).await;
        assert!(xml.contains("<Account>111122223333</Account>"), "{xml}");
        let (status, error) =
            rest(&cloud, "apigateway", "GET", "/restapis/none", Value::Null).await;
        let message = "Invalid API identifier specified 111122223333:none";
        assert_eq!((status, &error["message"]), (404, &json!(message)));
    }

    #[tokio::test]
    async fn an_api_has_the_id_that_it_is_given_once() {
        let cloud = copy();
        cloud.next_api(REGION, "abcdefghij").expect("noted");
        let create = async || {
            let body = json!({"name": "a"});
            let (_, api) = rest(&cloud, "apigateway", "POST", "/restapis", body).await;
            api["id"].clone()
        };
        assert_eq!(create().await, "abcdefghij");
        assert_ne!(create().await, "abcdefghij");
    }

    #[tokio::test]
    async fn what_is_outside_can_be_named_and_attached() {
        let cloud = copy();
        let (user, policy) = (
            "arn:aws:iam::111122223333:user/ann",
            "arn:aws:iam::aws:policy/job-function/Rare",
        );
        let trust = json!({"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": user},
        }]})
        .to_string();
        let create = [
            ("Action", "CreateRole"),
            ("RoleName", "r"),
            ("AssumeRolePolicyDocument", &trust),
        ];
        let attach = [
            ("Action", "AttachRolePolicy"),
            ("RoleName", "r"),
            ("PolicyArn", policy),
        ];
        assert_eq!(query(&cloud, "iam", &create).await.0, 400);
        cloud.outside_principal(user).expect("noted");
        assert_eq!(query(&cloud, "iam", &create).await.0, 200);
        assert_eq!(query(&cloud, "iam", &attach).await.0, 404);
        cloud.outside_policy(policy, &trust).expect("noted");
        assert_eq!(query(&cloud, "iam", &attach).await.0, 200);
        let read = [("Action", "GetPolicy"), ("PolicyArn", policy)];
        let (_, xml) = query(&cloud, "iam", &read).await;
        assert!(xml.contains("<Path>/job-function/</Path>"), "{xml}");
    }
}
