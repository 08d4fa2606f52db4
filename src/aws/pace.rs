//! Keeps every call within AWS's own rate limits, so that none is refused for coming too fast.
//!
//! A token bucket for each limit that AWS publishes (`rates`), and two for IAM, which publishes
//! none: those begin slowly, grow while nothing is refused, and halve when something is.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Queue;
use tokio::time::Instant;

use super::calls::Who;
use super::rates::{self, Limit};
use super::retry::Nature;
use crate::cancel::Cancelled;

/// Of a published rate, this much is used.
const SHARE: f64 = 0.97;
/// Two calls may arrive closer than they were sent, by so many seconds. Where AWS takes more than
/// one at once, the last of them is left alone instead.
const JITTER: f64 = 0.1;
/// IAM's first rates, calls a second. Our choice: a tenth of what others report as too much.
const IAM_READS: f64 = 14.0;
const IAM_WRITES: f64 = 4.75;
/// After so many calls without a refusal IAM gets another call a second.
const TRUST: u32 = 60;
/// IAM's rates never fall below this, calls a second.
const LEAST: f64 = 0.5;
/// Turns that come this soon are waited for also when slp is to stop.
const SOON: Duration = Duration::from_secs(1);

/// The buckets of one account and region.
pub struct Pace {
    /// In the order of `rates::LIMITS`.
    published: Vec<Bucket>,
    iam_reads: Bucket,
    iam_writes: Bucket,
}

/// Calls of one kind, in the order in which they came.
struct Bucket {
    /// Whoever is first waits for the bucket; the others wait for whoever is first.
    queue: Queue<()>,
    fill: Mutex<Fill>,
    why: String,
    /// Does AWS say nothing about it?
    adapts: bool,
}

struct Fill {
    /// Tokens a second.
    rate: f64,
    /// Tokens at most.
    burst: f64,
    tokens: f64,
    at: Instant,
    /// Calls since the rate changed.
    granted: u32,
}

impl Pace {
    pub fn new() -> Pace {
        let iam = |rate: f64, why: &str| Bucket::new(rate, rate, why.to_owned(), true);
        Pace {
            published: rates::LIMITS.iter().map(Bucket::of).collect(),
            iam_reads: iam(IAM_READS, "IAM to take another question"),
            iam_writes: iam(IAM_WRITES, "IAM to take another change"),
        }
    }

    /// Waits until the call may be made.
    ///
    /// # Errors
    /// Nobody wants to wait any more.
    pub async fn turn(
        &self,
        service: &str,
        operation: &str,
        nature: Nature,
        who: Who<'_>,
    ) -> Result<(), Cancelled> {
        let buckets = self.buckets(service, operation, nature);
        let mut first = Vec::new();
        // The narrow limit before the wide one: who waits for a rare call keeps no other from its
        // turn. Whoever is first in a queue finds the tokens that it waited for still there.
        for bucket in &buckets {
            first.push(bucket.queue.lock().await);
            let since = Instant::now();
            while let Some(pause) = bucket.missing() {
                // What ends soon is not worth leaving something half done for.
                let who = Who {
                    cancel: who.cancel.filter(|_| pause > SOON),
                    ..who
                };
                who.pause(&bucket.why, since, pause).await?;
            }
        }
        buckets.iter().for_each(|bucket| bucket.take());
        Ok(())
    }

    /// AWS refused a call for coming too fast: somebody else works in the account as well, or
    /// the rate was too bold.
    pub fn refused(&self, service: &str, operation: &str, nature: Nature) {
        for bucket in self.buckets(service, operation, nature) {
            bucket.refused();
        }
    }

    fn buckets(&self, service: &str, operation: &str, nature: Nature) -> Vec<&Bucket> {
        if service == "iam" {
            return vec![match nature {
                Nature::Read => &self.iam_reads,
                Nature::Put | Nature::Create | Nature::CreateOnce => &self.iam_writes,
            }];
        }
        let both = rates::LIMITS.iter().zip(&self.published);
        let mut under: Vec<_> = both
            .filter(|(limit, _)| limit.is_for(service, operation))
            .collect();
        under.sort_by_key(|(limit, _)| limit.is_shared());
        under.into_iter().map(|(_, bucket)| bucket).collect()
    }
}

impl Bucket {
    fn of(limit: &Limit) -> Bucket {
        let why = format!("AWS's limit ({})", limit.told());
        let rate = limit.rate() * SHARE;
        let (rate, burst) = match limit.burst {
            1 => (1.0 / (1.0 / rate + JITTER), 1.0),
            burst => (rate, f64::from(burst - 1)),
        };
        Bucket::new(rate, burst, why, false)
    }

    fn new(rate: f64, burst: f64, why: String, adapts: bool) -> Bucket {
        let fill = Fill {
            rate,
            burst,
            // Of a wide limit, an earlier run may have used a part a moment ago.
            tokens: if burst < 10.0 { burst } else { burst / 2.0 },
            at: Instant::now(),
            granted: 0,
        };
        Bucket {
            queue: Queue::new(()),
            fill: Mutex::new(fill),
            why,
            adapts,
        }
    }

    /// How long until there is a token; `None` where there is one.
    fn missing(&self) -> Option<Duration> {
        let mut fill = self.fill();
        fill.pour();
        // What lacks less than a sleep can tell is not lacking.
        (fill.tokens < 0.9999)
            .then(|| Duration::from_secs_f64((1.0 - fill.tokens) / fill.rate + 0.001))
    }

    fn take(&self) {
        let mut fill = self.fill();
        fill.pour();
        fill.tokens -= 1.0;
        fill.granted += 1;
        if self.adapts && fill.granted >= TRUST {
            fill.rate += 1.0;
            fill.burst += 1.0;
            fill.granted = 0;
        }
    }

    fn refused(&self) {
        let mut fill = self.fill();
        fill.pour();
        fill.tokens = fill.tokens.min(0.0);
        // Calls that were under way together count as one refusal.
        if self.adapts && fill.granted > 0 {
            fill.rate = (fill.rate / 2.0).max(LEAST);
            fill.burst = fill.rate.max(1.0);
            fill.granted = 0;
        }
    }

    fn fill(&self) -> std::sync::MutexGuard<'_, Fill> {
        self.fill.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fill {
    fn pour(&mut self) {
        let now = Instant::now();
        let since = now.duration_since(self.at).as_secs_f64();
        self.tokens = (self.tokens + since * self.rate).min(self.burst);
        self.at = now;
    }
}

/// The service whose error this is, by the crate that it comes from: `lambda`. The SDK has one
/// crate a service, and nothing else that is at hand at a call tells it.
pub fn service<E>() -> &'static str {
    let path = std::any::type_name::<E>();
    let path = path.strip_prefix("aws_sdk_").unwrap_or_default();
    path.split("::").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::EDGE_API;

    async fn took(pace: &Pace, service: &str, operation: &str, nature: Nature, calls: u32) -> f64 {
        let since = Instant::now();
        for _ in 0..calls {
            let turn = pace.turn(service, operation, nature, Who::NOBODY);
            turn.await.unwrap();
        }
        since.elapsed().as_secs_f64()
    }

    #[test]
    fn a_service_is_told_by_the_crate_of_its_errors() {
        use aws_sdk_apigateway::operation::tag_resource::TagResourceError as OfApi;
        use aws_sdk_iam::operation::create_role::CreateRoleError;
        use aws_sdk_lambda::operation::tag_resource::TagResourceError as OfLambda;
        assert_eq!(service::<OfApi>(), "apigateway");
        assert_eq!(service::<OfLambda>(), "lambda");
        assert_eq!(service::<CreateRoleError>(), "iam");
        assert_eq!(service::<std::io::Error>(), "");
    }

    #[tokio::test(start_paused = true)]
    async fn rare_calls_come_as_rarely_as_aws_takes_them() {
        let pace = Pace::new();
        let seconds = took(
            &pace,
            "apigateway",
            "CreateDeployment",
            Nature::CreateOnce,
            8,
        )
        .await;
        assert!((35.0..40.0).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn edge_optimised_apis_are_made_more_rarely_than_others() {
        let pace = Pace::new();
        let edge = took(&pace, "apigateway", EDGE_API, Nature::CreateOnce, 2).await;
        assert!((30.0..33.0).contains(&edge), "{edge}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_rare_call_holds_up_no_other() {
        let pace = Pace::new();
        let rare = took(&pace, "apigateway", "DeleteRestApi", Nature::Put, 3);
        let common = took(&pace, "apigateway", "PutMethod", Nature::Put, 20);
        let (rare, common) = tokio::join!(rare, common);
        assert!(rare >= 60.0, "{rare}");
        assert!(common < 1.0, "{common}");
    }

    #[tokio::test(start_paused = true)]
    async fn all_calls_of_a_service_share_its_limit() {
        let pace = Pace::new();
        let put = took(&pace, "apigateway", "PutMethod", Nature::Put, 60);
        let read = took(&pace, "apigateway", "GetResource", Nature::Read, 60);
        let (put, read) = tokio::join!(put, read);
        // 19 at once, then 9.7 a second.
        assert!((10.0..11.0).contains(&put.max(read)), "{put} {read}");
        let free = took(&pace, "logs", "CreateLogGroup", Nature::Create, 1000).await;
        assert_eq!(free, 0.0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_iam_refuses_comes_at_half_the_rate_and_faster_again_in_time() {
        let pace = Pace::new();
        let before = took(&pace, "iam", "CreateRole", Nature::Create, 30).await;
        pace.refused("iam", "CreateRole", Nature::Create);
        pace.refused("iam", "PutRolePolicy", Nature::Put);
        let after = took(&pace, "iam", "CreateRole", Nature::Create, 30).await;
        assert!(
            after > 1.9 * before && after < 3.0 * before,
            "{before} {after}"
        );
        took(&pace, "iam", "CreateRole", Nature::Create, 300).await;
        let later = took(&pace, "iam", "CreateRole", Nature::Create, 30).await;
        assert!(later < before, "{before} {later}");
    }
}
