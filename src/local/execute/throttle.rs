//! How many requests a stage lets through: a bucket of tokens for each method's settings.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;

use super::call::Call;
use crate::local::apigateway::MethodSetting;

/// The buckets that are in use.
#[derive(Default)]
pub struct Throttle(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttle {
    /// Takes a token, if the settings have one left.
    pub fn admits(&self, call: &Call, verb: &str) -> bool {
        let Some((key, setting)) = setting(call, verb) else {
            return true;
        };
        let (rate, burst) = (
            setting.throttling_rate_limit,
            setting.throttling_burst_limit,
        );
        // Negative is AWS's way to say that nothing is set.
        if rate < 0.0 || burst < 0 {
            return true;
        }
        let burst = burst as f64;
        let now = Instant::now();
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Bucket {
            tokens: burst,
            filled: now,
        };
        let key = format!("{}/{}/{key}", call.api, call.stage.name);
        let bucket = buckets.entry(key).or_insert_with(fresh);
        let passed = now.duration_since(bucket.filled).as_secs_f64();
        bucket.tokens = (bucket.tokens + passed * rate).min(burst);
        bucket.filled = now;
        let admits = bucket.tokens >= 1.0;
        if admits {
            bucket.tokens -= 1.0;
        }
        admits
    }
}

/// The settings of the method, else of all methods, with the key under which they stand.
fn setting<'c>(call: &'c Call, verb: &str) -> Option<(&'c str, &'c MethodSetting)> {
    let settings = &call.stage.method_settings;
    let own = settings.iter().find(|(key, _)| {
        let (path, of) = key.rsplit_once('/').unwrap_or((key, ""));
        let path = path.replace("~1", "/").replace("~0", "~");
        of == verb && path.trim_start_matches('/') == call.resource.trim_start_matches('/')
    });
    let found = own.or_else(|| settings.get_key_value("*/*"));
    found.map(|(key, setting)| (key.as_str(), setting))
}
