//! The two emulators. One of each serves every test that uses names of its own; a test that
//! counts everything, or resets, starts its own.

use std::ops::Deref;
use std::sync::OnceLock;

use super::aws::Aws;
use super::http;
use super::inventory;
use super::service::Service;

pub struct Emulator(Service);

impl Emulator {
    pub fn moto() -> Emulator {
        Emulator(Service::start("emulator.py", &["moto"]))
    }

    pub fn ministack() -> Emulator {
        Emulator(Service::start("emulator.py", &["ministack"]))
    }

    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// The AWS CLI, pointed here.
    pub fn aws(&self) -> Aws {
        Aws::at(self.endpoint())
    }

    /// Everything whose name begins so, each as `role x`, `function y`, …, sorted.
    pub fn inventory(&self, prefix: &str) -> Vec<String> {
        inventory::inventory(self.endpoint(), prefix)
    }

    /// The ids of an API's deployments.
    pub fn deployments(&self, api: &str) -> Vec<String> {
        inventory::deployments(self.endpoint(), api)
    }

    /// moto forgets everything.
    pub fn reset(&self) {
        let answer = http::post(&format!("{}/moto-api/reset", self.endpoint()));
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
}

/// An emulator that serves the whole test binary, and ends with it.
pub struct Shared(OnceLock<Emulator>, fn() -> Emulator);

impl Deref for Shared {
    type Target = Emulator;
    fn deref(&self) -> &Emulator {
        self.0.get_or_init(self.1)
    }
}

pub fn moto() -> &'static Emulator {
    static SHARED: Shared = Shared(OnceLock::new(), Emulator::moto);
    &SHARED
}

pub fn ministack() -> &'static Emulator {
    static SHARED: Shared = Shared(OnceLock::new(), Emulator::ministack);
    &SHARED
}
