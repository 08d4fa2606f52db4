//! The table of `tests/rights.toml`, the simulator's word on random policies, and plans.

mod plan;
mod simulator;
mod table;
