//! TODO

use super::store::{Part, Rows};
use super::wire::Operation;

pub const OPERATIONS: &[Operation] = &[];

#[derive(Default)]
pub struct Lambda {}

impl Part for Lambda {
    fn tables(&mut self) -> Vec<(&'static str, &mut dyn Rows)> {
        vec![]
    }
}
