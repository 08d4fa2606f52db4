//! STS: who calls. Everybody here is the account's root.

use serde_json::json;

use super::ACCOUNT;
use super::turn::Turn;
use super::wire::{Answer, Input, Operation};

pub const OPERATIONS: &[Operation] = &[Operation::action("GetCallerIdentity", get_caller_identity)];

fn get_caller_identity(turn: &mut Turn<'_>, _: &Input) -> Answer {
    Ok(json!({
        "Arn": turn.arn("sts", "root").replace(":sts:", ":iam:"),
        "UserId": ACCOUNT,
        "Account": ACCOUNT,
    })
    .into())
}

#[cfg(test)]
mod tests {
    use crate::local::testing::{cloud, query};

    #[tokio::test]
    async fn everybody_is_the_accounts_root() {
        let (status, xml) = query(&cloud(), "sts", &[("Action", "GetCallerIdentity")]).await;
        assert_eq!(status, 200);
        assert!(
            xml.contains("<Arn>arn:aws:iam::000000000000:root</Arn>"),
            "{xml}"
        );
    }

    #[tokio::test]
    async fn what_is_not_emulated_is_named() {
        let (status, xml) = query(&cloud(), "sts", &[("Action", "AssumeRole")]).await;
        assert_eq!(status, 501);
        assert!(xml.contains("does not emulate sts:AssumeRole"), "{xml}");
    }
}
