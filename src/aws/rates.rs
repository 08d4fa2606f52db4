//! How many control-plane calls AWS takes in a time, and so how long a number of calls lasts at
//! least.
//!
//! Sources: the quota pages of Lambda (gettingstarted-limits) and of API Gateway
//! (api-gateway-execution-service-limits-table). Each holds for an account and region, and cannot
//! be raised. IAM publishes no rates, and those of CloudWatch Logs can be raised: they are not here.

/// One limit of AWS's.
#[derive(Debug, PartialEq)]
pub(super) struct Limit {
    service: &'static str,
    covers: Covers,
    /// So many calls …
    calls: u32,
    /// … in so many seconds.
    seconds: u32,
    /// How many may come at once. AWS publishes this for all of API Gateway only; elsewhere it is
    /// taken to be what a whole period allows.
    pub(super) burst: u32,
}

/// The operations that share a limit.
#[derive(Debug, PartialEq)]
enum Covers {
    One(&'static str),
    These(&'static [&'static str]),
    AllBut(&'static [&'static str]),
}

/// The operation's name for an edge-optimised API, which is made ten times as slowly as others.
pub const EDGE_API: &str = "CreateRestApi of an edge-optimised API";

/// With limits of their own beside Lambda's common one; an invocation is no control-plane call.
const APART: &[&str] = &["GetFunction", "GetPolicy", "Invoke"];

pub(super) const LIMITS: &[Limit] = &[
    each("lambda", "GetFunction", 100, 1),
    each("lambda", "GetPolicy", 15, 1),
    Limit {
        service: "lambda",
        covers: Covers::AllBut(APART),
        calls: 15,
        seconds: 1,
        burst: 15,
    },
    Limit {
        service: "apigateway",
        covers: Covers::AllBut(&[]),
        calls: 10,
        seconds: 1,
        burst: 40,
    },
    each("apigateway", "CreateRestApi", 1, 3),
    each("apigateway", EDGE_API, 1, 30),
    each("apigateway", "DeleteRestApi", 1, 30),
    each("apigateway", "PutRestApi", 1, 1),
    each("apigateway", "CreateDeployment", 1, 5),
    each("apigateway", "CreateResource", 5, 1),
    each("apigateway", "DeleteResource", 5, 1),
    each("apigateway", "GetResources", 5, 2),
    each("apigateway", "UpdateAccount", 1, 20),
    Limit {
        service: "apigateway",
        covers: Covers::These(&["CreateApiKey", "DeleteApiKey"]),
        calls: 5,
        seconds: 1,
        burst: 5,
    },
    each("apigateway", "UpdateUsagePlan", 1, 20),
    each("apigateway", "CreateDomainName", 1, 30),
    each("apigateway", "UpdateDomainName", 1, 30),
    each("apigateway", "DeleteDomainName", 1, 30),
];

const fn each(service: &'static str, operation: &'static str, calls: u32, seconds: u32) -> Limit {
    Limit {
        service,
        covers: Covers::One(operation),
        calls,
        seconds,
        burst: calls,
    }
}

/// Calls of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calls<'a> {
    /// As a signature names it: `apigateway`.
    pub service: &'a str,
    pub operation: &'a str,
    pub number: usize,
}

/// The limit that holds some calls up longest.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The time that the calls take at least.
    pub seconds: f64,
    /// `CreateRestApi: 1 in 3 s`.
    pub limit: String,
    /// The calls under this limit.
    pub calls: usize,
}

/// How long AWS's limits make these calls last at least; `None` where they hold up nothing.
pub fn least(calls: &[Calls<'_>]) -> Option<Held> {
    let held = LIMITS.iter().filter_map(|limit| limit.holds(calls));
    held.max_by(|a, b| a.seconds.total_cmp(&b.seconds))
}

impl Limit {
    fn holds(&self, calls: &[Calls<'_>]) -> Option<Held> {
        let under = calls.iter().filter(|calls| self.covers(calls));
        let calls: usize = under.map(|calls| calls.number).sum();
        let waiting = calls.saturating_sub(self.burst as usize);
        let seconds = waiting as f64 * f64::from(self.seconds) / f64::from(self.calls);
        (waiting > 0).then(|| Held {
            seconds,
            limit: self.told(),
            calls,
        })
    }

    fn covers(&self, calls: &Calls<'_>) -> bool {
        self.is_for(calls.service, calls.operation)
    }

    pub(super) fn is_for(&self, service: &str, operation: &str) -> bool {
        self.service == service
            && match self.covers {
                Covers::One(one) => one == operation,
                Covers::These(these) => these.contains(&operation),
                Covers::AllBut(others) => !others.contains(&operation),
            }
    }

    /// Does it hold for most of a service's calls together?
    pub(super) fn is_shared(&self) -> bool {
        matches!(self.covers, Covers::AllBut(_))
    }

    /// Calls a second.
    pub(super) fn rate(&self) -> f64 {
        f64::from(self.calls) / f64::from(self.seconds)
    }

    pub(super) fn told(&self) -> String {
        let what = match (&self.covers, self.service) {
            (Covers::One(one), _) => (*one).to_owned(),
            (Covers::These(these), _) => these.join(" and "),
            (Covers::AllBut(_), "lambda") => "Lambda's changes and most of its reads".to_owned(),
            (Covers::AllBut(_), _) => "all calls of API Gateway".to_owned(),
        };
        match self.seconds {
            1 => format!("{what}: {} a second", self.calls),
            seconds => format!("{what}: {} in {seconds} s", self.calls),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(service: &'static str, operation: &'static str, number: usize) -> Calls<'static> {
        Calls {
            service,
            operation,
            number,
        }
    }

    #[test]
    fn what_fits_into_the_bursts_is_held_up_by_nothing() {
        let calls = [
            of("apigateway", "CreateRestApi", 1),
            of("apigateway", "PutMethod", 30),
            of("lambda", "CreateFunction", 15),
            of("iam", "CreateRole", 500),
        ];
        assert_eq!(least(&calls), None);
    }

    #[test]
    fn the_slowest_limit_is_the_bottleneck() {
        let calls = [
            of("apigateway", "CreateRestApi", 5),
            of("apigateway", "PutMethod", 55),
            of("lambda", "CreateFunction", 20),
        ];
        let held = least(&calls).expect("held up");
        assert_eq!((held.seconds, held.calls), (12.0, 5));
        assert_eq!(held.limit, "CreateRestApi: 1 in 3 s");
        let edge = [of("apigateway", EDGE_API, 2)];
        assert_eq!(least(&edge).map(|held| held.seconds), Some(30.0));
    }

    #[test]
    fn operations_share_what_they_have_in_common() {
        let apis = [
            of("apigateway", "PutMethod", 50),
            of("apigateway", "PutIntegration", 50),
        ];
        let held = least(&apis).expect("held up");
        assert_eq!((held.seconds, held.calls), (6.0, 100));
        assert_eq!(held.limit, "all calls of API Gateway: 10 a second");
        let reads = [
            of("lambda", "GetFunction", 100),
            of("lambda", "Invoke", 1000),
            of("lambda", "CreateFunction", 10),
            of("lambda", "AddPermission", 20),
        ];
        let held = least(&reads).expect("held up");
        assert_eq!((held.seconds, held.calls), (1.0, 30));
    }
}
