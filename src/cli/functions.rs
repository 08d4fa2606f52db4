//! Functions by the manifest's names, as the last apply left them.

use super::args::Global;
use super::embedded::Served;
use super::failure::Failure;
use super::open;
use super::places::Places;
use super::saved;
use crate::addr::Addr;
use crate::aws::{self, Aws};
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
}

/// The functions of a project, and the way to their cloud.
pub struct Functions {
    pub all: Vec<Applied>,
    pub aws: Aws,
    /// Where they are written.
    pub places: Places,
    /// The embedded cloud, where nobody else serves it.
    _served: Option<Served>,
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
            places: Places::of(&state, Some(&draft), &global.file.display().to_string()),
            aws: Aws::connect(&connection).await?,
            _served: served,
        })
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
        }
    };
    functions.map(one).collect()
}
