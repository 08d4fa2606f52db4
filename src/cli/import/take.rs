//! Taking over: the plan of it, the plan carried out, and the look whether anything is left.

use super::Import;
use super::find::Found;
use crate::addr::Addr;
use crate::apply::{self as engine, Apply};
use crate::cancel::Cancel;
use crate::cli::args::Scope as Part;
use crate::cli::failure::Failure;
use crate::cli::format::FormatArgs;
use crate::cli::open::Project;
use crate::cli::plan::MadePlan;
use crate::cli::{apply, plan};
use crate::cloud;
use crate::plan::{Action, Change, Plan};
use crate::render;
use crate::state::{Session, State};

/// What taking it over comes to, and nothing else of the manifest.
pub async fn planned(
    import: &Import<'_>,
    project: &Project,
    found: &[Found],
    state: State,
) -> Result<MadePlan, Failure> {
    let roots = found.iter().filter(|found| found.addr.parent().is_none());
    let part = Part {
        target: roots.map(|root| root.addr.clone()).collect(),
        ..Part::default()
    };
    let mut made = plan::make(project, import.aws, state, &part, false, import.events).await?;
    let under = |change: &Change| {
        part.target
            .iter()
            .any(|root: &Addr| change.addr.within(root))
    };
    made.plan.changes.retain(under);
    made.plan
        .notices
        .retain(|notice| part.target.iter().any(|root| notice.addr.within(root)));
    made.plan
        .warnings
        .retain(|warning| part.target.iter().any(|root| warning.addr.within(root)));
    made.plan.not_looked_at.clear();
    Ok(made)
}

/// Would it change anything but the ownership tags?
pub fn differs(made: &MadePlan) -> bool {
    let only_taken = |change: &Change| match change.action {
        Action::Import => change.fields.is_empty(),
        Action::Learn => true,
        _ => false,
    };
    !made.plan.changes.iter().all(only_taken)
}

pub fn tell_differences(import: &Import, made: &MadePlan) {
    if differs(made) {
        let packages = plan::packages(import.project, &made.state);
        let page = render::plan(&made.plan, &packages, &import.printer.style());
        import.printer.err(&format!(
            "{} differs from what the manifest can say of it:\n",
            cloud::begun()
        ));
        import.printer.err(&page);
    }
}

/// Writes the ownership tags, and saves the state; `None` where a part failed.
pub async fn over(
    import: &Import<'_>,
    session: &dyn Session,
    project: &Project,
    made: MadePlan,
) -> Result<Option<State>, Failure> {
    let (_tell, stop) = tokio::sync::watch::channel(false);
    let work = Apply {
        plan: &made.plan,
        desired: &project.desired,
        live: &made.live,
        provider: import.aws,
        session,
        // The list below says what was taken over.
        events: &import.printer.listener_of(|_| false),
        stop,
        cancel: Cancel::never(),
        parallelism: Part::default().parallelism,
    };
    let applied = engine::apply(&work, made.state).await?;
    let state = apply::save_applied(project, session, &applied, import.events).await?;
    let style = import.printer.style();
    import.printer.out(&taken(&made.plan));
    import
        .printer
        .err(&render::summary(&applied.outcome, "apply", false, &style));
    Ok(applied.outcome.failed.is_empty().then_some(state))
}

/// A line for each thing, with AWS's id.
fn taken(plan: &Plan) -> String {
    let taken = plan
        .changes
        .iter()
        .filter(|change| change.action == Action::Import);
    let line = |change: &Change| {
        let id = change.id.as_deref().unwrap_or_default();
        format!("  → {}  {id}", change.addr)
    };
    let lines: Vec<String> = taken.map(line).collect();
    lines.join("\n")
}

/// Plans as the next `slp plan` would, and prints that.
pub async fn check(import: &Import<'_>, project: &Project, state: State) -> Result<u8, Failure> {
    let part = Part::default();
    let made = plan::make(project, import.aws, state, &part, false, import.events).await?;
    plan::print(
        import.global,
        project,
        &made,
        &FormatArgs::default(),
        import.printer,
    )?;
    project.shelf.save();
    Ok(match made.plan.is_idle() {
        true => 0,
        false => plan::PENDING,
    })
}
