//! slp, a declarative deployer for serverless applications on AWS.

pub mod addr;
pub mod apply;
pub mod aws;
pub mod cli;
pub mod diff;
pub mod event;
pub mod graph;
pub mod kind;
pub mod manifest;
pub mod package;
pub mod plan;
pub mod problem;
pub mod provider;
pub mod refresh;
pub mod render;
pub mod resolve;
pub mod scope;
pub mod state;
pub mod text;
