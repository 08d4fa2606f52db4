//! Where functions live on disk: unpacked code and layers, our bootstraps, and a folder for
//! temporary files of each sandbox.
//!
//! ```text
//! code/DIGEST/var/task   a package, unpacked once; with layers, `.` and their digest behind it
//! inspect/NAME/var/task  the same of a function that is inspected
//! opt/DIGEST/opt         the layers of a function, laid over one another
//! boot-DIGEST            our bootstraps
//! bin/DIGEST             an interpreter by its names, for PATH
//! pycache                Python's compiled files
//! tmp/ID                 a sandbox's `TMPDIR`
//! ```
//!
//! Beside what is unpacked lies an empty `package.json`, at which Node.js ends its search for the
//! kind of a module, as it does on AWS at the root.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use super::ground;
use crate::package::{Goal, LARGEST, UnpackError, unpack};

/// On AWS the folder cannot be written either.
const READ_ONLY: u32 = 0o444;
/// How many packages, and how many sets of layers, are kept unpacked beside those in use.
const KEPT: usize = 24;
/// What is under way or on its way out; what is left of it by a killed run is removed.
const UNDONE: &str = ".undone-";
const BOOTSTRAPS: [(&str, &str); 3] = [
    ("node.cjs", include_str!("bootstrap/node.cjs")),
    ("python.py", include_str!("bootstrap/python.py")),
    ("watch.sh", include_str!("bootstrap/watch.sh")),
];

/// The folder of one cloud.
pub struct Folder {
    root: PathBuf,
    boot: PathBuf,
    using: Mutex<HashMap<PathBuf, Weak<Unpacked>>>,
    /// Takes the folder away in the end, where the cloud is in memory.
    _temporary: Option<TempDir>,
}

/// An unpacked package. It stays while this is held.
#[derive(Debug)]
pub struct Unpacked {
    /// Where its files are.
    pub path: PathBuf,
    /// What comes and goes as a whole.
    unit: PathBuf,
}

/// What of a unit is the package, named as on AWS.
const TASK: &str = "var/task";
const OPT: &str = "opt";

impl Folder {
    /// Opens the folder of the cloud that is kept in `home`, or one that is gone when this is
    /// dropped.
    pub fn open(home: Option<&Path>) -> io::Result<Folder> {
        let (root, temporary) = ground::of(home)?;
        // Earlier versions ran functions within the project.
        if let Some(home) = home {
            let _ = fs::remove_dir_all(home.join("runtime"));
        }
        make(&root)?;
        // Absolute, since processes are started in other folders.
        let root = fs::canonicalize(root)?;
        let _ = fs::remove_dir_all(root.join("tmp"));
        for name in ["code", "inspect", "opt", "tmp", "pycache", "bin"] {
            make(&root.join(name))?;
            forget_undone(&root.join(name))?;
        }
        let boot = bootstraps(&root)?;
        Ok(Folder {
            root,
            boot,
            using: Mutex::default(),
            _temporary: temporary,
        })
    }

    /// One of our bootstraps.
    pub fn bootstrap(&self, name: &str) -> PathBuf {
        self.boot.join(name)
    }

    pub fn pycache(&self) -> PathBuf {
        self.root.join("pycache")
    }

    /// A folder that holds an interpreter by its names and nothing else: beside the real one lie
    /// the developer's own tools.
    pub fn programs(&self, interpreter: &Path) -> io::Result<PathBuf> {
        let digest = hex(interpreter.as_os_str().as_encoded_bytes());
        let folder = self.root.join("bin").join(&digest[..16]);
        make(&folder)?;
        let own = interpreter.file_name().unwrap_or_default();
        let names: &[&str] = match own.as_encoded_bytes().starts_with(b"python") {
            true => &["python3", "python"],
            false => &["node"],
        };
        for name in names.iter().map(OsStr::new).chain([own]) {
            match symlink(interpreter, folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
        }
        Ok(folder)
    }

    /// A folder for temporary files, which goes when it is dropped.
    pub fn temporary(&self) -> io::Result<TempDir> {
        tempfile::tempdir_in(self.root.join("tmp"))
    }

    /// A function's package, unpacked. `zip` is asked for only if it is not there yet. Its links
    /// into layers lead to these `layers`.
    pub fn code<E: From<UnpackError>>(
        &self,
        digest: &str,
        layers: Option<&Unpacked>,
        zip: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Arc<Unpacked>, E> {
        // Nothing is there, in place of what this machine may have at `/opt`.
        let none = self.root.join("opt").join("none");
        let opt = layers.map_or(none.as_path(), |layers| &layers.path);
        let name = match layers.and_then(|layers| layers.unit.file_name()) {
            Some(layers) => format!("{digest}.{}", layers.display()),
            None => digest.to_owned(),
        };
        let path = self.root.join("code").join(name);
        self.unpacked(path, TASK, Goal::Code { opt }, || Ok(vec![zip()?]))
    }

    /// The same at a place that is always this function's, so that a debugger finds its files again
    /// after a change. What an earlier process of it ran from is gone.
    pub fn own_code<E: From<UnpackError>>(
        &self,
        function: &str,
        layers: Option<&Unpacked>,
        zip: impl FnOnce() -> Result<Bytes, E>,
    ) -> Result<Arc<Unpacked>, E> {
        let none = self.root.join("opt").join("none");
        let opt = layers.map_or(none.as_path(), |layers| &layers.path);
        let path = self.root.join("inspect").join(function);
        let _ = fs::remove_dir_all(&path);
        self.unpacked(path, TASK, Goal::Code { opt }, || Ok(vec![zip()?]))
    }

    /// Layers in their order, later ones over earlier ones.
    pub fn layers<E: From<UnpackError>>(
        &self,
        digests: &[String],
        zips: impl FnOnce() -> Result<Vec<Bytes>, E>,
    ) -> Result<Arc<Unpacked>, E> {
        let path = self
            .root
            .join("opt")
            .join(hex(digests.join(" ").as_bytes()));
        self.unpacked(path, OPT, Goal::Layer, zips)
    }

    fn unpacked<E: From<UnpackError>>(
        &self,
        path: PathBuf,
        inner: &str,
        goal: Goal<'_>,
        zips: impl FnOnce() -> Result<Vec<Bytes>, E>,
    ) -> Result<Arc<Unpacked>, E> {
        let held = self.hold(&path, inner);
        if path.is_dir() {
            return Ok(held);
        }
        let zips = zips()?;
        let parent = path.parent().unwrap_or(&self.root);
        let failed = |error| UnpackError::Write(path.display().to_string(), error);
        // Seen under its name only when it is whole.
        let undone = undone(parent);
        let filled = undone.join(inner);
        make(&filled).map_err(failed)?;
        fs::write(undone.join("package.json"), "{}").map_err(failed)?;
        let mut room = LARGEST;
        let result = zips
            .iter()
            .try_for_each(|zip| unpack(zip, &filled, goal, &mut room, READ_ONLY))
            .and_then(|()| match fs::rename(&undone, &path) {
                // Another start was faster with the same package.
                Err(_) if path.is_dir() => Ok(()),
                renamed => renamed.map_err(failed),
            });
        // Gone by now, unless it failed or came second.
        let _ = fs::remove_dir_all(&undone);
        result?;
        self.evict(parent);
        Ok(held)
    }

    fn hold(&self, path: &Path, inner: &str) -> Arc<Unpacked> {
        let mut using = self.using.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = using.get(path).and_then(Weak::upgrade) {
            return held;
        }
        using.retain(|_, held| held.strong_count() > 0);
        let held = Arc::new(Unpacked {
            path: path.join(inner),
            unit: path.to_owned(),
        });
        using.insert(path.to_owned(), Arc::downgrade(&held));
        held
    }

    /// Removes the oldest packages that nobody uses, above the number that is kept.
    fn evict(&self, parent: &Path) {
        let using = self.using.lock().unwrap_or_else(PoisonError::into_inner);
        let idle = |path: &PathBuf| using.get(path).is_none_or(|held| held.strong_count() == 0);
        let Ok(entries) = fs::read_dir(parent) else {
            return;
        };
        let mut old: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .filter(|(_, path)| idle(path))
            .collect();
        old.sort();
        let surplus = old.len().saturating_sub(KEPT);
        for (_, path) in old.into_iter().take(surplus) {
            let gone = undone(parent);
            // What cannot be removed now is removed when the folder is opened again.
            if fs::rename(&path, &gone).is_ok() {
                let _ = fs::remove_dir_all(gone);
            }
        }
    }
}

fn make(path: &Path) -> io::Result<()> {
    // Nobody else on this machine has to see a function's code.
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn undone(parent: &Path) -> PathBuf {
    parent.join(format!("{UNDONE}{}", uuid::Uuid::new_v4().simple()))
}

fn forget_undone(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(UNDONE) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Writes our bootstraps, if this version of them is not there yet.
fn bootstraps(root: &Path) -> io::Result<PathBuf> {
    let texts: String = BOOTSTRAPS.iter().map(|(_, text)| *text).collect();
    let folder = root.join(format!("boot-{}", &hex(texts.as_bytes())[..16]));
    make(&folder)?;
    for (name, text) in BOOTSTRAPS {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == text.as_bytes()) {
            continue;
        }
        fs::write(path, text)?;
    }
    Ok(folder)
}

fn hex(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
