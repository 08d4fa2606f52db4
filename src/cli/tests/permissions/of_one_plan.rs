//! What one plan takes.

use super::*;
use crate::aws::rights::{document, of_plan};

async fn policy(stand: &Stand) -> Value {
    let (project, aws) = stand.open().await.expect("it opens");
    let events = Printer::mute().listener();
    let snapshot = project.store.load().await.expect("a state");
    let state = plan::known(&project, snapshot, &aws, &events).await;
    let (state, part) = (state.expect("a state"), crate::cli::tests::one_by_one());
    let made = plan::make(&project, &aws, state, &part, false, &events).await;
    let made = made.expect("a plan");
    let rights = of_plan(&project.desired, &made.plan, &project.scope);
    json!(document(&rights.expect("specs")))
}

async fn changed() -> Stand {
    let stand = (HELLO_WORLD.stand)();
    settles(&stand).await.expect("it applies");
    HELLO_WORLD.changes(&stand);
    stand
}

#[tokio::test(start_paused = true)]
async fn it_takes_its_own_calls_and_what_reading_takes() {
    let new = policy(&(HELLO_WORLD.stand)()).await;
    let change = policy(&changed().await).await;
    let reading = actions(&HELLO_WORLD.policy(true).await);
    let mut tried = 0;
    for action in actions(&new).difference(&reading) {
        let stand = (HELLO_WORLD.stand)();
        enforce(&stand, &without(&new, action));
        let said = ends_well(&stand, false).await.expect_err(action);
        assert!(said.contains(action.as_str()), "without {action}: {said}");
        tried += 1;
    }
    for action in actions(&change).difference(&reading) {
        let stand = changed().await;
        enforce(&stand, &without(&change, action));
        let said = ends_well(&stand, false).await.expect_err(action);
        assert!(said.contains(action.as_str()), "without {action}: {said}");
        tried += 1;
    }
    assert!(tried > 20, "{tried}");
    eprintln!("{tried} actions of two plans taken away, one at a time: each is missed");
    let stand = (HELLO_WORLD.stand)();
    enforce(&stand, &new);
    assert_eq!(settles(&stand).await, Ok(()));
    HELLO_WORLD.changes(&stand);
    assert!(
        ends_well(&stand, false).await.is_err(),
        "it is of the other plan"
    );
    let stand = changed().await;
    enforce(&stand, &change);
    assert_eq!(settles(&stand).await, Ok(()));
}
