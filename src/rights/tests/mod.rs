//! The table of `tests/rights.toml`, the simulator's word on random policies, and plans.

mod gates;
mod plan;
mod simulator;
mod table;
mod world;
