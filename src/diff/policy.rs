//! stub
use crate::problem::Problem;
use serde_json::Value;
pub fn canonical(v: &Value) -> Value {
    v.clone()
}
pub fn check(_: &Value, _: usize, _: bool) -> Vec<Problem> {
    vec![]
}
