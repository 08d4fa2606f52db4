//! The start of a process: its code on disk, its sandbox, its first word.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::api::Line;
use super::failure::Failure;
use super::inspect::Seat;
use super::interpreter::Language;
use super::pool::{Fresh, Order, Running, Start, Unstarted};
use super::process::{Ingredients, Process, Trouble};
use super::sandbox::{Key, Sandbox};
use super::{Image, LogLine, journal};
use crate::local::error::AwsError;
use crate::local::{Cloud, StoreError};
use crate::package::UnpackError;

/// What carries out the pool's orders.
pub fn starter(cloud: &Arc<Cloud>) -> impl FnMut(Order) + use<> {
    let cloud = cloud.clone();
    move |order| {
        let cloud = cloud.clone();
        tokio::spawn(async move {
            let key = Key::of(&order.image);
            let started = start(&cloud, order).await;
            let pool = &cloud.runtime.pool;
            pool.started(&key, started, starter(&cloud));
        });
    }
}

async fn start(cloud: &Arc<Cloud>, order: Order) -> Start {
    let begun = Instant::now();
    let image = order.image.clone();
    let mut lines = Vec::new();
    let mut sandbox = order.sandbox;
    let started = bring_up(cloud, &image, &mut sandbox, &mut lines).await;
    let fresh = Fresh {
        init: begun.elapsed(),
        lines,
    };
    match (started, sandbox) {
        (Ok(process), Some(sandbox)) => Ok(Running {
            process,
            sandbox,
            fresh: Some(fresh),
        }),
        (Err(trouble), sandbox) => Err(Unstarted {
            trouble,
            fresh,
            sandbox,
        }),
        (Ok(_), None) => Err(Unstarted {
            trouble: AwsError::new(500, "ServiceException", "a process without a sandbox").into(),
            fresh,
            sandbox: None,
        }),
    }
}

/// Starts a process and waits until it takes events. One that is not ready in time is started
/// once more and then has the function's whole time for it, as on AWS.
async fn bring_up(
    cloud: &Arc<Cloud>,
    image: &Arc<Image>,
    sandbox: &mut Option<Sandbox>,
    lines: &mut Vec<LogLine>,
) -> Result<Process, Trouble> {
    let mut written = 0;
    let mut write = |text| {
        let kept = journal::fitting(&mut written, text);
        lines.extend(kept.map(|text| journal::line(cloud.clock.now(), text)));
    };
    if let Some(text) = journal::init_start(cloud.clock.now(), image, &version(image)) {
        write(text);
    }
    let mut process = spawn(cloud, image, sandbox).await?;
    let inspected = &cloud.runtime.pool.inspected;
    let limit = inspected.limit(&image.name, cloud.runtime.init_limit);
    let begun = match process.begin(limit, &mut write).await {
        Err(Trouble::Failed(failure @ Failure::TimedOut(_))) => {
            write(journal::init_failed(
                cloud.clock.now(),
                image,
                limit,
                &failure,
            ));
            process = spawn(cloud, image, sandbox).await?;
            process.begin(image.timeout, &mut write).await
        }
        begun => begun,
    };
    if let Some(agent) = begun? {
        cloud.runtime.compare(image, &agent);
    }
    Ok(process)
}

/// The runtime's version, ours in the place of AWS's.
fn version(image: &Image) -> String {
    let name = match Language::of(&image.runtime) {
        Ok(Language::Node(version)) => format!("nodejs:{version}"),
        Ok(Language::Python(version)) => format!("python:{version}"),
        _ => image.runtime.replace('.', ":"),
    };
    format!("{name}.slp")
}

/// Unpacks what is not unpacked, and starts a process with it.
async fn spawn(
    cloud: &Arc<Cloud>,
    image: &Arc<Image>,
    sandbox: &mut Option<Sandbox>,
) -> Result<Process, Trouble> {
    let line = Line::open().await.map_err(|error| {
        let message = format!("the Runtime API cannot listen on 127.0.0.1: {error}");
        Trouble::from(AwsError::new(500, "ServiceException", message))
    })?;
    // What cannot be run is told before anything is unpacked.
    let language = Language::of(&image.runtime)?;
    let program = cloud.interpreter(&language).await;
    let program = program.map_err(AwsError::from)?;
    let seat = cloud.seat(image, &language, program.as_deref()).await;
    let chosen = Chosen {
        language,
        program,
        seat,
    };
    let (keep, image) = (cloud.clone(), image.clone());
    let taken = sandbox.take();
    let blocking = tokio::task::spawn_blocking(move || {
        let mut sandbox = taken;
        let process = spawn_blocking(&keep, &image, &mut sandbox, line, chosen);
        (process, sandbox)
    });
    let (process, made) = blocking.await.map_err(|error| service(&error))?;
    *sandbox = made;
    process
}

/// With what a process is started.
struct Chosen {
    language: Language,
    program: Option<PathBuf>,
    seat: Option<Seat>,
}

fn spawn_blocking(
    cloud: &Cloud,
    image: &Image,
    sandbox: &mut Option<Sandbox>,
    line: Line,
    chosen: Chosen,
) -> Result<Process, Trouble> {
    let runtime = &cloud.runtime;
    let folder = runtime.folder().map_err(|error| service(&error))?;
    let blob = |digest: &str| match cloud.store.blob(digest)? {
        Some(bytes) => Ok(bytes),
        None => Err(Unpackable::Lost),
    };
    let layers = match image.layers.is_empty() {
        true => None,
        false => Some(folder.layers(&image.layers, || {
            let zips = image.layers.iter().map(|digest| blob(digest));
            zips.collect()
        })?),
    };
    let zip = || blob(&image.code);
    let code = match &chosen.seat {
        Some(seat) => {
            let code = folder.own_code(&image.name, layers.as_deref(), zip)?;
            let inspected = &runtime.pool.inspected;
            inspected.listening(image, &chosen.language, seat, &code.path);
            code
        }
        None => folder.code(&image.code, layers.as_deref(), zip)?,
    };
    let made = match sandbox.take() {
        Some(sandbox) => sandbox,
        None => Sandbox::new(folder, &image.version, cloud.clock.now())
            .map_err(|error| service(&error))?,
    };
    let ingredients = Ingredients {
        image,
        language: chosen.language,
        interpreter: chosen.program,
        seat: chosen.seat,
        folder,
        sandbox: sandbox.insert(made),
        code,
        layers,
        endpoint: runtime.endpoint(),
    };
    Process::start(ingredients, line)
}

/// Why a package is not on disk.
enum Unpackable {
    Store(StoreError),
    Zip(UnpackError),
    /// The store has no such blob.
    Lost,
}

impl From<StoreError> for Unpackable {
    fn from(error: StoreError) -> Unpackable {
        Unpackable::Store(error)
    }
}

impl From<UnpackError> for Unpackable {
    fn from(error: UnpackError) -> Unpackable {
        Unpackable::Zip(error)
    }
}

impl From<Unpackable> for Trouble {
    fn from(why: Unpackable) -> Trouble {
        let message = match why {
            Unpackable::Store(error) => return Trouble::Refused(error.into()),
            Unpackable::Zip(UnpackError::Write(name, error)) => {
                return service(&format!("`{name}` cannot be written: {error}"));
            }
            Unpackable::Zip(error) => error.to_string(),
            Unpackable::Lost => "the package is not there any more".to_owned(),
        };
        let message = format!("Lambda could not unzip the deployment package: {message}");
        AwsError::new(502, "InvalidZipFileException", message).into()
    }
}

fn service(error: &dyn std::fmt::Display) -> Trouble {
    let message = format!("the function cannot be run: {error}");
    AwsError::new(500, "ServiceException", message).into()
}
