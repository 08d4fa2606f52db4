//! TODO

use super::store::{Part, Rows};
use super::wire::Operation;

pub const OPERATIONS: &[Operation] = &[];

#[derive(Default)]
pub struct S3 {}

impl Part for S3 {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![]
    }
}
