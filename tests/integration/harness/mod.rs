//! What every test stands on: emulators, the counter before them, a folder to work in, and
//! the AWS CLI as the witness. `Sandbox` is the way in. Nothing here knows slp's insides: the
//! tests run the real binary as a process and read what it prints.

mod aws;
mod browser;
mod counter;
mod emulator;
mod http;
mod inspector;
mod inventory;
mod local;
mod run;
mod running;
mod sandbox;
mod service;
mod terminal;
mod transcript;

pub use aws::{Aws, CREDENTIALS, list};
pub use browser::Browser;
pub use counter::{Counter, When};
pub use emulator::{Emulator, ministack, moto};
pub use http::{Answer, exchanged, get, request};
pub use inspector::{DebugAdapter, Inspector};
pub use local::{Local, SIGNED};
pub use run::Run;
pub use running::Running;
pub use sandbox::{Sandbox, example, examples};
pub use terminal::Terminal;
pub use transcript::{told, transcript};

use std::path::PathBuf;

/// The repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
