//! A folder becomes a zip that is the same to the byte on any machine.

/// The packages of one run.
#[derive(Default)]
pub struct Shelf {}
