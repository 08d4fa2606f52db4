//! A process's environment: what AWS sets, and what leads to the embedded cloud. Nothing of this
//! process's own environment gets in.

use std::ffi::{OsStr, OsString};
use std::net::SocketAddr;
use std::path::Path;

use super::interpreter::Language;
use super::{Image, LogFormat};

/// Where a process finds itself.
pub struct Surroundings<'a> {
    pub language: &'a Language,
    pub task: &'a Path,
    /// The layers; `/opt` on AWS.
    pub opt: Option<&'a Path>,
    /// Stands in for `/tmp` through `TMPDIR`.
    pub temporary: &'a Path,
    /// The folder of our bootstraps.
    pub runtime: &'a Path,
    /// The folder that is first on PATH; `None` for a package's own `bootstrap`.
    pub programs: Option<&'a Path>,
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub api: SocketAddr,
    /// What no other process has in its environment.
    pub mark: &'a str,
    pub log_stream: &'a str,
    /// Where the embedded cloud is served, if it is. Else the SDKs are led to the Runtime API, which
    /// tells them so: none may ask AWS. Those that are too old to know `AWS_ENDPOINT_URL` do
    /// (docs/local.md names them), with keys that AWS refuses.
    pub endpoint: Option<&'a str>,
}

/// What the process is given; the function's own variables last, so that they win.
///
/// `LAMBDA_OPT_ROOT` is ours: where the layers are, since `/opt` is not ours to write. So is
/// `SLP_PROCESS`, by which what a process leaves behind is found.
pub fn of(image: &Image, around: &Surroundings<'_>) -> Vec<(OsString, OsString)> {
    let (memory, api) = (image.memory_mb.to_string(), around.api.to_string());
    let unserved = format!("http://{api}");
    let mut all: Vec<(OsString, OsString)> = Vec::new();
    let mut set = |name: &str, value: &OsStr| all.push((name.into(), value.to_owned()));
    for (name, value) in [
        ("AWS_LAMBDA_FUNCTION_NAME", image.name.as_str()),
        ("AWS_LAMBDA_FUNCTION_VERSION", &image.version),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &image.log_group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", around.log_stream),
        ("AWS_LAMBDA_RUNTIME_API", &api),
        ("AWS_ENDPOINT_URL", around.endpoint.unwrap_or(&unserved)),
        ("SLP_PROCESS", around.mark),
        ("AWS_REGION", &image.region),
        ("AWS_DEFAULT_REGION", &image.region),
        ("AWS_ACCESS_KEY_ID", "slp-local"),
        ("AWS_SECRET_ACCESS_KEY", "slp-local"),
        ("AWS_SESSION_TOKEN", "slp-local"),
        // Clients must not look for an instance's credentials, nor for a daemon of X-Ray.
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR"),
        ("_HANDLER", &image.handler),
        ("TZ", ":UTC"),
        ("LANG", "en_US.UTF-8"),
        ("SHLVL", "0"),
    ] {
        set(name, OsStr::new(value));
    }
    for (name, path) in [
        ("LAMBDA_TASK_ROOT", around.task),
        ("LAMBDA_RUNTIME_DIR", around.runtime),
        ("PWD", around.task),
        ("TMPDIR", around.temporary),
        // The user's own, with AWS's credentials in it, stays out of reach.
        ("HOME", around.temporary),
    ] {
        set(name, path.as_os_str());
    }
    if *around.language != Language::Provided {
        let value = format!("AWS_Lambda_{}", image.runtime);
        set("AWS_EXECUTION_ENV", OsStr::new(&value));
    }
    if let Some(opt) = around.opt {
        set("LAMBDA_OPT_ROOT", opt.as_os_str());
    }
    if let LogFormat::Json { application, .. } = &image.log_format {
        set("AWS_LAMBDA_LOG_FORMAT", OsStr::new("JSON"));
        set("AWS_LAMBDA_LOG_LEVEL", OsStr::new(application));
    }
    for (name, value) in search_paths(around) {
        set(name, &value);
    }
    for (name, value) in &image.environment {
        set(name, OsStr::new(value));
    }
    all
}

/// The lists of folders, with those of the layers where AWS has them.
fn search_paths(around: &Surroundings<'_>) -> Vec<(&'static str, OsString)> {
    let opt = |below: &str| around.opt.map(|opt| opt.join(below));
    let system = ["/usr/local/bin", "/usr/bin", "/bin"].map(|path| Path::new(path).to_owned());
    let programs = around.programs.map(Path::to_owned).into_iter();
    let programs = programs.chain(system).chain(opt("bin"));
    let libraries = [around.task.to_owned(), around.task.join("lib")];
    let libraries = libraries.into_iter().chain(opt("lib"));
    let mut lists = vec![
        ("PATH", joined(programs)),
        ("LD_LIBRARY_PATH", joined(libraries)),
    ];
    match around.language {
        Language::Node(version) => {
            let own = opt(&format!("nodejs/node{version}/node_modules"));
            let modules = own.into_iter().chain(opt("nodejs/node_modules"));
            let modules = modules.chain([around.task.to_owned()]);
            lists.push(("NODE_PATH", joined(modules)));
        }
        Language::Python(version) => {
            let own = opt(&format!("python/lib/python{version}/site-packages"));
            let modules = own.into_iter().chain(opt("python"));
            lists.push(("PYTHONPATH", joined(modules)));
        }
        Language::Provided => {}
    }
    lists.retain(|(_, value)| !value.is_empty());
    lists
}

fn joined(paths: impl Iterator<Item = std::path::PathBuf>) -> OsString {
    // A folder whose name holds a colon cannot be in a list of folders.
    let fits = paths.filter(|path| !path.as_os_str().as_encoded_bytes().contains(&b':'));
    std::env::join_paths(fits).unwrap_or_default()
}
