//! Whatever AWS answers to a call, or does not, nothing is lost: at each changing call in turn
//! one of the answers below, and then another run without it.

use std::time::Duration;

use super::Stand;
use super::kill::{EXAMPLES, change_every_kind, deployed, deployed_of_every_kind, same};
use crate::local::{AwsError, Fault, Moment, What};

/// What comes instead of the answer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Answer {
    /// Four times in a row too many requests.
    Throttles,
    /// A server's error, before or after it was done.
    Internal(Moment),
    /// The connection ends, before or after it was done.
    Reset(Moment),
    /// It is done, and the answer comes when nobody waits for it any more.
    Late,
    /// The connection ends, and it is done some seconds later.
    Lands,
    /// A code that nobody has ever seen.
    Unknown,
    /// A page of some proxy, after it was done.
    Page,
    /// The credentials have run out; this one and all that follow are refused.
    Expired,
}

pub(super) const ANSWERS: [Answer; 10] = [
    Answer::Throttles,
    Answer::Internal(Moment::Before),
    Answer::Internal(Moment::After),
    Answer::Reset(Moment::Before),
    Answer::Reset(Moment::After),
    Answer::Late,
    Answer::Lands,
    Answer::Unknown,
    Answer::Page,
    Answer::Expired,
];

/// A call that takes effect when its caller has given up or, where it `kills`, is gone.
pub(super) fn lands(kills: bool) -> What {
    What::Later {
        takes: Duration::from_secs(8),
        kills,
    }
}

/// Longer than an attempt may take.
const TOO_LATE: Duration = Duration::from_secs(200);

impl Answer {
    /// What is repeated at once can be carried out twice, the first time after the second: of what
    /// puts a value in its place nobody would notice.
    fn of(self, operation: &str) -> Answer {
        match self {
            Answer::Lands if !operation.starts_with("Create") => Answer::Late,
            answer => answer,
        }
    }

    pub(super) fn faults(self, call: usize) -> Vec<Fault> {
        let (moment, what, times) = match self {
            Answer::Throttles => {
                let error = AwsError::new(429, "TooManyRequestsException", "Rate Exceeded.");
                let error = error.header("Retry-After", 1);
                (Moment::Before, What::Error(error), 4)
            }
            Answer::Internal(moment) => {
                let error = AwsError::new(500, "ServiceException", "An error occurred");
                (moment, What::Error(error), 1)
            }
            Answer::Reset(moment) => (moment, What::Reset, 1),
            Answer::Late => (Moment::After, What::Delay(TOO_LATE), 1),
            Answer::Lands => (Moment::Before, lands(false), 1),
            Answer::Unknown => {
                let error = AwsError::new(418, "TeapotException", "I am a teapot");
                (Moment::Before, What::Error(error), 1)
            }
            Answer::Page => (Moment::After, What::Page(http::StatusCode::BAD_GATEWAY), 1),
            Answer::Expired => (Moment::Before, What::Expired, 200),
        };
        let fault = |call| Fault {
            call,
            operation: None,
            changing: true,
            moment,
            what: what.clone(),
        };
        (call..call + times).map(fault).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn an_apply_is_finished_whatever_aws_answers() {
    for (turn, (example, _)) in EXAMPLES.into_iter().enumerate() {
        everywhere(example, turn, async || Stand::of(example), false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_is_finished_whatever_aws_answers() {
    for (turn, (example, change)) in EXAMPLES.into_iter().enumerate() {
        let begin = async || {
            let stand = deployed(example).await;
            change(&stand);
            stand
        };
        everywhere(example, turn + 3, begin, false).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_destroy_is_finished_whatever_aws_answers() {
    for (turn, (example, _)) in EXAMPLES.into_iter().enumerate() {
        everywhere(example, turn + 6, async || deployed(example).await, true).await;
    }
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_finished_whatever_aws_answers() {
    let changed = async || {
        let stand = deployed_of_every_kind().await;
        change_every_kind(&stand);
        stand
    };
    everywhere("every kind", 1, async || Stand::of_every_kind(), false).await;
    everywhere("every kind, changed", 4, changed, false).await;
    everywhere("every kind", 7, deployed_of_every_kind, true).await;
}

/// By then nothing is under way any more.
const ALL_LANDED: Duration = Duration::from_secs(10);

/// At each call three of the answers, others at the next; of the first example all.
async fn everywhere(example: &str, turn: usize, begin: impl AsyncFn() -> Stand, destroy: bool) {
    let undisturbed = begin().await;
    let calls = undisturbed.run(destroy).await.expect("it works");
    let end = undisturbed.picture();
    let made = undisturbed.cloud.faults().calls();
    let changing = made.iter().filter(|made| made.changing);
    let names: Vec<String> = changing.map(|made| made.operation.clone()).collect();
    let mut tried = 0;
    for call in 1..=calls {
        let tries = match example {
            "hello-world" => ANSWERS.len(),
            _ => 3,
        };
        for nth in 0..tries {
            let answer = ANSWERS[(call + turn + 3 * nth) % ANSWERS.len()].of(&names[call - 1]);
            let stand = begin().await;
            stand.cloud.faults().plan(answer.faults(call));
            let what = format!("{example}, destroy {destroy}, call {call} {answer:?}");
            // It may fail or not; what counts is what it leaves.
            let disturbed = stand.tried(destroy).await;
            tokio::time::sleep(ALL_LANDED).await;
            let again = stand.run(destroy).await;
            again.unwrap_or_else(|failure| panic!("{what}, after {disturbed:?}: {failure:?}"));
            same(&what, &end, &stand.picture());
            let idle = stand.run(destroy).await.expect("it works");
            assert_eq!(idle, 0, "{what}: the next run changes something again");
            tried += 1;
        }
    }
    eprintln!("{example}, destroy {destroy}: {tried} answers tried");
}
