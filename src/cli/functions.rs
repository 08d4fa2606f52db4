//! Functions by the manifest's names, as the last apply left them.

use std::sync::Arc;

use super::args::Global;
use super::embedded::{Local, Served};
use super::failure::Failure;
use super::open;
use super::places::Places;
use super::printer::Printer;
use super::{runtimes, saved};
use crate::addr::Addr;
use crate::aws::{self, Aws};
use crate::local::Cloud;
use crate::manifest::{Dev, Draft};
use crate::problem::nearest;
use crate::state::{State, Stored};

/// A function that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The manifest's name.
    pub name: String,
    /// AWS's name.
    pub id: String,
    pub log_group: String,
    /// Of what is no image.
    runtime: Option<String>,
}

/// The functions of a project, and the way to their cloud.
pub struct Functions {
    pub all: Vec<Applied>,
    pub aws: Aws,
    /// Where they are written.
    pub places: Places,
    /// The embedded cloud, where nobody else serves it.
    _served: Option<Served>,
    cloud: Option<Arc<Cloud>>,
    dev: Dev,
}

impl Functions {
    pub async fn open(global: &Global) -> Result<Functions, Failure> {
        Functions::opened(global, false).await
    }

    /// The same for who runs them: where no server does, the embedded cloud is served meanwhile.
    pub async fn to_run(global: &Global) -> Result<Functions, Failure> {
        Functions::opened(global, true).await
    }

    async fn opened(global: &Global, runs: bool) -> Result<Functions, Failure> {
        let state = saved::state(global).await?;
        let draft = open::draft(global, &aws::kinds())?;
        let local = open::local(global, false).await?;
        let served = match &local {
            Some(local) if runs => local.serve().await?,
            _ => None,
        };
        let connection = open::connection(global, &draft, local.as_ref(), 4);
        Ok(Functions {
            all: applied(&state),
            places: places(global, &state, &draft),
            aws: Aws::connect(&connection).await?,
            _served: served,
            cloud: local.as_ref().and_then(Local::cloud).cloned(),
            dev: draft.dev().clone(),
        })
    }

    /// Makes ready what runs a function in this process, where one does.
    ///
    /// # Errors
    /// The manifest demands a version of its runtime that is not to be had.
    pub async fn ready(&self, function: &Applied, printer: &Printer) -> Result<(), Failure> {
        match (&self.cloud, &function.runtime) {
            (Some(cloud), Some(runtime)) => {
                runtimes::exactly(cloud, &self.dev, (&function.name, runtime), printer).await
            }
            _ => Ok(()),
        }
    }

    /// `HelloWorld` or `function.HelloWorld`.
    pub fn named(&self, name: &str) -> Result<&Applied, Failure> {
        let short = name.strip_prefix("function.").unwrap_or(name);
        let found = self.all.iter().find(|function| function.name == short);
        found.ok_or_else(|| {
            let failure = Failure::new(1, format!("no function `{short}` was applied"));
            let names = self.all.iter().map(|function| function.name.as_str());
            failure.hint(match nearest(short, names) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`slp state list` says what was".to_owned(),
            })
        })
    }
}

fn places(global: &Global, state: &State, draft: &Draft) -> Places {
    let secrets = draft.secrets();
    let secrets = secrets.map(|(name, secret)| (name.clone(), secret.clone()));
    let file = global.file.display().to_string();
    Places::of(state, Some(draft), &file).hiding(secrets.collect())
}

fn applied(state: &State) -> Vec<Applied> {
    let functions = state
        .resources
        .iter()
        .filter(|(_, stored)| stored.kind == "function");
    let one = |(addr, stored): (&Addr, &Stored)| {
        let group = stored
            .spec
            .as_ref()
            .and_then(|spec| spec.pointer("/logging/group")?.as_str());
        let default = || format!("/aws/lambda/{}", stored.id);
        Applied {
            name: addr.name().to_owned(),
            id: stored.id.clone(),
            log_group: group.map_or_else(default, str::to_owned),
            runtime: stored.spec.as_ref().and_then(|spec| {
                let runtime = spec.get("runtime")?.as_str()?;
                Some(runtime.to_owned())
            }),
        }
    };
    functions.map(one).collect()
}
