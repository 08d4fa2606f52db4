//! The table of `tests/rights.toml`, and the simulator's word on random policies.

mod simulator;
mod table;
