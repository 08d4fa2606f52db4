//! `slp import`: what exists is read, written into the manifest, and taken over.
//!
//! Without `--write` nothing is changed, neither in AWS nor in the state: a resource that the
//! state had and the manifest had not would be deleted by the next apply.

mod code;
mod find;
mod tables;
mod take;
mod terraform;

use super::args::{Global, ImportArgs};
use super::failure::Failure;
use super::format::FormatArgs;
use super::locked::{lock, under};
use super::open::{self, Project};
use super::printer::Printer;
use super::{apply, fmt, plan};
use crate::addr::Addr;
use crate::aws::Aws;
use crate::cloud;
use crate::event::Listener;
use crate::files;
use crate::state::{Session, State};
use find::Found;
use tables::Tables;

/// What takes its time.
const READING: &str = "reading what is to be imported";

/// Something that is asked for: where it shall stand, and AWS's id of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub addr: Addr,
    pub id: String,
}

pub async fn run(global: &Global, args: &ImportArgs, printer: &Printer) -> Result<u8, Failure> {
    let mut global = global.clone();
    if !global.file.exists() {
        begin(&mut global, args.write)?;
    }
    let global = &global;
    let (project, aws) = open::online(global, &args.scope()).await?;
    let events = printer.listener();
    let import = Import {
        global,
        args,
        project: &project,
        aws: &aws,
        events: &events,
        printer,
    };
    carried_out(&import).await
}

pub(super) async fn carried_out(import: &Import<'_>) -> Result<u8, Failure> {
    let Import {
        project,
        aws,
        events,
        args,
        ..
    } = *import;
    if !args.write {
        let snapshot = open::load(project, events).await?;
        let state = plan::known(project, snapshot, aws, events).await?;
        return import.show(state).await;
    }
    let session = lock(project, aws, args.lock_timeout, "import", events).await?;
    under(&*session, import.printer, import.carry_out(&*session)).await
}

/// A manifest of nothing, named after its folder; on the disk only where it is to be written.
fn begin(global: &mut Global, write: bool) -> Result<(), Failure> {
    let folder = std::path::absolute(open::folder(global)).unwrap_or_default();
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("project");
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name: String = name
        .chars()
        .map(|c| if fits(c) { c } else { '-' })
        .collect();
    let text = format!("[project]\nname = \"{name}\"\n");
    if !write {
        global.text = Some(text);
        return Ok(());
    }
    let file = &global.file;
    std::fs::write(file, text)
        .map_err(|error| Failure::usage(format!("{}: {error}", file.display())))
}

/// One run.
pub struct Import<'a> {
    pub global: &'a Global,
    pub args: &'a ImportArgs,
    pub project: &'a Project,
    pub aws: &'a Aws,
    pub events: &'a Listener,
    pub printer: &'a Printer,
}

/// What was found, and what the manifest will say of it.
struct Prepared {
    found: Vec<Found>,
    /// The tables that the manifest lacks.
    tables: Tables,
    /// The entries that take everything over.
    imports: String,
    /// The command that makes Terraform forget what it had.
    forgetting: Option<String>,
}

impl Import<'_> {
    async fn show(&self, state: State) -> Result<u8, Failure> {
        let prepared = self.prepare(&state);
        let prepared = self.events.during(READING, prepared).await?;
        let project = self.project(&prepared, &self.manifest(&prepared, true)?)?;
        let made = take::planned(self, &project, &prepared.found, state).await?;
        let begun = self.global.text.as_deref().unwrap_or_default();
        let parts = [begun, &prepared.tables.text, &prepared.imports];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        self.printer.out(&parts.join("\n"));
        self.tell_secrets(&prepared);
        take::tell_differences(self, &made);
        self.printer.err(&format!(
            "nothing was changed: put this into {}, or run it again with --write",
            self.project.file
        ));
        Ok(0)
    }

    async fn carry_out(&self, session: &dyn Session) -> Result<u8, Failure> {
        let state = apply::settled(self.project, session, self.aws, self.events).await?;
        let prepared = self.prepare(&state);
        let prepared = self.events.during(READING, prepared).await?;
        let with_imports = self.manifest(&prepared, true)?;
        let manifest = self.manifest(&prepared, false)?;
        let project = self.project(&prepared, &with_imports)?;
        let made = take::planned(self, &project, &prepared.found, state).await?;
        // Before the state: what only that had would be deleted. With its entries, so that
        // `slp apply` goes on where this ends early.
        self.save(&with_imports)?;
        if take::differs(&made) {
            plan::print(
                self.global,
                self.project,
                &made,
                &FormatArgs::default(),
                self.printer,
            )?;
            self.printer.err(&format!(
                "nothing was taken over yet: {} differs from what the manifest can say of it. `slp apply` takes it over with the changes above",
                cloud::name()
            ));
            self.tell_forgetting(&prepared, "once that is done");
            return Ok(plan::PENDING);
        }
        let taken = take::over(self, session, &project, made).await?;
        let Some(state) = taken else {
            return Ok(1);
        };
        self.save(&manifest)?;
        self.tell_secrets(&prepared);
        self.tell_forgetting(&prepared, "slp has these now");
        take::check(self, &self.project(&prepared, &manifest)?, state).await
    }

    async fn prepare(&self, state: &State) -> Result<Prepared, Failure> {
        let (requests, forgetting) = match &self.args.from_terraform {
            Some(file) => {
                let (requests, forgetting) = terraform::requests(self, file)?;
                (requests, Some(forgetting))
            }
            None => (find::requests(self)?, None),
        };
        let found = find::all(self, state, requests).await?;
        let tables = tables::written(self, state, &found).await?;
        let roots = found.iter().filter(|found| found.addr.parent().is_none());
        let entries: Vec<(Addr, String)> = roots
            .map(|root| (root.addr.clone(), root.id.clone()))
            .collect();
        Ok(Prepared {
            found,
            tables,
            imports: crate::import::imports(&entries),
            forgetting,
        })
    }

    /// The manifest as it will be.
    fn manifest(&self, prepared: &Prepared, imports: bool) -> Result<String, Failure> {
        let mut text = self.text()?;
        let imports = Some(&prepared.imports).filter(|_| imports);
        for part in [Some(&prepared.tables.text), imports].into_iter().flatten() {
            if !part.is_empty() {
                text = format!("{}\n\n{part}", text.trim_end());
            }
        }
        Ok(text)
    }

    /// The manifest as it is.
    fn text(&self) -> Result<String, Failure> {
        let file = &self.global.file;
        match &self.global.text {
            Some(text) => Ok(text.clone()),
            None => files::text(file)
                .map_err(|error| Failure::usage(format!("{}: {error}", file.display()))),
        }
    }

    /// The project by that manifest, its new variables valued.
    fn project(&self, prepared: &Prepared, manifest: &str) -> Result<Project, Failure> {
        let mut global = self.global.clone();
        let secrets = prepared.tables.secrets.iter();
        let values = secrets.map(|secret| (secret.variable.clone(), secret.value.clone()));
        global.vars.extend(values);
        open::again(&global, self.project, manifest)
    }

    fn tell_secrets(&self, prepared: &Prepared) {
        let secrets = prepared.tables.secrets.iter();
        let names: Vec<String> = secrets
            .map(|secret| format!("SLP_VAR_{}", secret.variable))
            .collect();
        if !names.is_empty() {
            self.printer.err(&format!(
                "environment variables that are called like secrets are variables of the manifest \
                 now; set {} before the next run, to what the function has",
                names.join(", ")
            ));
        }
    }

    /// Two tools that manage the same things would undo each other's work.
    fn tell_forgetting(&self, prepared: &Prepared, when: &str) {
        if let Some(command) = &prepared.forgetting {
            self.printer.err(&format!(
                "{when}; before Terraform runs again, make it forget them (or write `removed` \
                 blocks with `destroy = false`):\n  {command}"
            ));
        }
    }

    fn save(&self, text: &str) -> Result<(), Failure> {
        let file = &self.global.file;
        fmt::replace(file, text)
            .map_err(|error| Failure::new(1, format!("{}: {error}", file.display())))
    }
}
