//! What runs functions on this machine, said once for each runtime and before anything runs: which
//! other version it is, and how to get the declared one; or that there is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use tokio::sync::broadcast::error::RecvError;

use super::failure::Failure;
use super::open::Project;
use super::printer::Printer;
use crate::local::{Cloud, FunctionEvent, Ready, Unavailable};
use crate::manifest::{Dev, Runtimes};

/// What was said already, by runtime.
#[derive(Default)]
pub struct Told(Mutex<BTreeSet<String>>);

/// Who declares a runtime: functions, with the lines of their headers.
type Users = BTreeMap<String, Vec<(String, Option<usize>)>>;

/// Makes ready what the functions of a project run with.
///
/// # Errors
/// With `runtimes = "exact"`: a version that is not to be had.
pub async fn ready(
    cloud: &Cloud,
    project: &Project,
    told: &Told,
    printer: &Printer,
) -> Result<(), Failure> {
    let is_exact = demand(cloud, &project.dev);
    for (runtime, users) in users(project) {
        match cloud.ready(&runtime, &|text| printer.err(text)).await {
            Ready::Declared => {}
            Ready::Other(difference) if told.first(&runtime) => {
                printer.err(&other(&difference, &runtime, &project.file));
            }
            Ready::Other(_) => {}
            Ready::Missing(why) if is_exact && is_fetched(&runtime) => {
                return Err(refused(&why, &runtime, &users, &project.file));
            }
            Ready::Missing(why) if told.first(&runtime) => printer.err(&missing(&why, &runtime)),
            Ready::Missing(_) => {}
        }
    }
    Ok(())
}

/// The same for the functions that a cloud holds already; none is refused.
pub async fn held(cloud: &Cloud, dev: &Dev, file: &str, printer: &Printer) {
    demand(cloud, dev);
    for runtime in cloud.runtimes() {
        match cloud.ready(&runtime, &|text| printer.err(text)).await {
            Ready::Declared => {}
            Ready::Other(difference) => printer.err(&other(&difference, &runtime, file)),
            Ready::Missing(why) => printer.err(&missing(&why, &runtime)),
        }
    }
}

/// Makes ready what one function of a cloud runs with, where exactly that is asked for.
///
/// # Errors
/// That version is not to be had.
pub async fn exactly(
    cloud: &Cloud,
    dev: &Dev,
    (name, runtime): (&str, &str),
    printer: &Printer,
) -> Result<(), Failure> {
    if !demand(cloud, dev) || !is_fetched(runtime) {
        return Ok(());
    }
    match cloud.ready(runtime, &|text| printer.err(text)).await {
        Ready::Missing(why) => {
            let text = format!("{runtime} of function.{name}: {}", why.why);
            Err(Failure::new(1, text).hint(&why.help))
        }
        Ready::Declared | Ready::Other(_) => Ok(()),
    }
}

/// Prints what is to be said of runtimes that functions turn out to need later, until the cloud has
/// gone.
pub fn follow(cloud: &Cloud, printer: Printer) {
    let mut events = cloud.functions();
    std::thread::spawn(move || {
        loop {
            match events.blocking_recv() {
                Ok(FunctionEvent::Warning(text)) => printer.err(&format!("warning: {text}")),
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    });
}

fn demand(cloud: &Cloud, dev: &Dev) -> bool {
    let is_exact = dev.runtimes == Runtimes::Exact;
    cloud.demand_exact_runtimes(is_exact);
    is_exact
}

/// Is it one of those of which `exact` chooses the version?
fn is_fetched(runtime: &str) -> bool {
    runtime.starts_with("nodejs") || runtime.starts_with("python")
}

fn users(project: &Project) -> Users {
    let mut users = Users::new();
    for wanted in project.desired.resources.values() {
        let runtime = wanted
            .spec
            .get("runtime")
            .and_then(|runtime| runtime.as_str());
        if let (Some(runtime), "function") = (runtime, wanted.addr.kind().as_str()) {
            let user = (wanted.addr.to_string(), wanted.line);
            users.entry(runtime.to_owned()).or_default().push(user);
        }
    }
    users
}

fn other(difference: &str, runtime: &str, file: &str) -> String {
    format!(
        "{runtime}: {difference}\n  help: for that version write `runtimes = \"exact\"` under [dev] in \
         {file}"
    )
}

fn missing(why: &Unavailable, runtime: &str) -> String {
    format!(
        "{runtime}: calls of its functions fail: {}\n  help: {}",
        why.why, why.help
    )
}

fn refused(
    why: &Unavailable,
    runtime: &str,
    users: &[(String, Option<usize>)],
    file: &str,
) -> Failure {
    let places = users.iter().map(|(addr, line)| match line {
        Some(line) => format!("{addr} ({file}:{line})"),
        None => addr.clone(),
    });
    let places: Vec<String> = places.take(3).collect();
    let more = match users.len().saturating_sub(3) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let who = format!("{}{more}", places.join(", "));
    Failure::new(1, format!("{runtime} of {who}: {}", why.why)).hint(&why.help)
}

impl Told {
    fn first(&self, runtime: &str) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.insert(runtime.to_owned())
    }
}
