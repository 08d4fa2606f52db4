//! What a failed run tells: each failure once, and nothing of what was never made.

use super::*;
use crate::local::{AwsError, Fault, Moment, What};

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_once_and_what_was_not_made_has_no_outputs() {
    let stand = Stand::of("hello-world");
    let text = "[project]\nname = \"told\"\n[role.run]\ntrust = \"lambda.amazonaws.com\"\n\
                [function.F]\nruntime = \"nodejs22.x\"\nhandler = \"index.helloworld\"\n\
                role = \"run\"\ncode = \"src\"\n[function.F.alias.live]\n\
                [outputs]\nrole = \"${role.run.arn}\"\nfunction = \"${function.F.arn}\"\n\
                both = \"${role.run.name} ${function.F.name}\"\n";
    std::fs::write(stand.path("slp.toml"), text).expect("written");
    let error = AwsError::new(403, "AccessDeniedException", "not today");
    stand.cloud.faults().plan([Fault {
        call: 1,
        operation: Some("CreateFunction".to_owned()),
        changing: true,
        moment: Moment::Before,
        what: What::Error(error),
    }]);
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 1, "{said}");
    assert_eq!(said.matches("not today").count(), 1, "{said}");
    assert_eq!(
        said.matches("because function.F failed").count(),
        1,
        "{said}"
    );
    let outputs = said.split("Failed: ").nth(1).expect("the summary");
    assert!(outputs.contains("role/run"), "{said}");
    assert!(!outputs.contains("function:F"), "{said}");
    assert!(!outputs.contains("both"), "{said}");
    let (code, said) = stand.with(false, &[]).await;
    assert_eq!(code, 0, "{said}");
    let outputs = said.split("Done: ").nth(1).expect("the summary");
    assert!(
        outputs.contains("function:F") && outputs.contains("both"),
        "{said}"
    );
}
