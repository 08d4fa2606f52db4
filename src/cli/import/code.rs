//! The code of a function, brought into a folder beside the manifest.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Import;
use super::find::Found;
use crate::cli::failure::Failure;
use crate::cloud;
use crate::package::{Cache, Folder, Goal, LARGEST, Listing, list, unpack};

/// What a person may read and change.
const MODE: u32 = 0o644;

/// `code` or `zip`, and the path, as the manifest says it.
pub struct Place {
    pub key: &'static str,
    pub path: String,
}

/// Brings the code; `None` where it is an image. `alone`: no other function is taken over.
pub async fn bring(
    import: &Import<'_>,
    found: &Found,
    alone: bool,
) -> Result<Option<Place>, Failure> {
    let Some(deployed) = import.aws.code(&found.id).await? else {
        return Ok(None);
    };
    let name = found.addr.name();
    let path = match &import.args.code {
        Some(folder) if alone => folder.clone(),
        Some(folder) => folder.join(name),
        None => Path::new("src").join(name),
    };
    let folder = import.project.scope.root.join(&path);
    let path = path.display().to_string();
    let why = match deployed.zip {
        Ok(zip) => return fetched(import, found, &folder, path, zip).map(Some),
        Err(why) => why,
    };
    let message = format!("the code of {} cannot be fetched: {why}", found.id);
    if import.args.code.is_none() || !is_full(&folder) {
        return Err(Failure::new(1, message).hint(format!(
            "name the folder that holds it with --code DIR: it is then taken for what {} has",
            cloud::name()
        )));
    }
    let listing = listing(&folder)?;
    import
        .project
        .shelf
        .holds(&deployed.sha256, Arc::new(listing));
    import.printer.err(&format!(
        "{message}; {path} is taken for it, and nobody has compared the two"
    ));
    Ok(Some(Place { key: "code", path }))
}

/// A folder that was there must hold the same.
fn fetched(
    import: &Import,
    found: &Found,
    folder: &Path,
    path: String,
    zip: Vec<u8>,
) -> Result<Place, Failure> {
    let broken = |why: String| Failure::new(1, format!("the code of {}: {why}", found.id));
    let name = PathBuf::from(format!("{}.zip", found.id));
    let held = import.project.shelf.fetched(&name, zip.clone());
    let held = held.map_err(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        broken(told.join("; "))
    })?;
    if is_full(folder) {
        return match listing(folder)?.digest == held.digest {
            true => Ok(Place { key: "code", path }),
            false => Err(broken(format!(
                "{path} holds other files than {} has",
                cloud::name()
            ))
            .hint("name another folder with --code DIR")),
        };
    }
    let failed = |error: std::io::Error| broken(format!("{path}: {error}"));
    let above = folder.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(above).map_err(failed)?;
    let undone = tempfile::tempdir_in(above).map_err(failed)?;
    let inner = undone.path().join("code");
    fs::create_dir(&inner).map_err(failed)?;
    // Links say what they say on AWS.
    let goal = Goal::Code {
        opt: Path::new("/opt"),
    };
    let done = unpack(&zip, &inner, goal, &mut LARGEST.clone(), MODE);
    done.map_err(|error| broken(error.to_string()))?;
    if listing(&inner)?.digest == held.digest {
        // An empty folder may stand there.
        let _ = fs::remove_dir(folder);
        fs::rename(&inner, folder).map_err(failed)?;
        return Ok(Place { key: "code", path });
    }
    // Packed anew it would be another package: links, or files that slp leaves out.
    let path = format!("{path}.zip");
    fs::write(import.project.scope.root.join(&path), zip).map_err(failed)?;
    Ok(Place { key: "zip", path })
}

fn is_full(folder: &Path) -> bool {
    fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some())
}

fn listing(root: &Path) -> Result<Listing, Failure> {
    let folder = Folder {
        root: root.to_owned(),
        ..Folder::default()
    };
    list(&folder, &Cache::none()).map_err(|errors| {
        let told: Vec<String> = errors.iter().map(ToString::to_string).collect();
        Failure::new(1, told.join("; "))
    })
}
