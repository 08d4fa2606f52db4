//! Node.js from npm's registry: the package for this machine, checked, unpacked, tried, kept.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_LENGTH, LOCATION};
use http::{Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;

use super::keep::{Keep, kept};
use super::machine::{Machine, Platform};
use super::release::{self, Release};
use super::{Tell, Unavailable, archive, download};
use crate::local::execute::Client;
use crate::local::runtime::interpreter::{matches, version_of};

/// Node.js's metadata has some 500 KB, or a few MB where the registry knows no short form.
const METADATA: u64 = 8 << 20;
/// A package of Node.js has 50 MB.
const PACKAGE: u64 = 256 << 20;
const REDIRECTS: usize = 5;
/// Without descriptions, readmes and the like.
const SHORT: &str = "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8";

/// Fetches the newest release of a major version, unless another process just did.
pub async fn fetch(
    version: &str,
    machine: &Machine,
    tell: Tell<'_>,
) -> Result<PathBuf, Unavailable> {
    let registry = &machine.registry;
    let proxy = machine.proxy.map_or_else(String::new, |variable| {
        format!("slp does not go through the proxy of {variable}; ")
    });
    let failed = |why: String| Unavailable {
        why: format!("Node.js {version} is not on this machine, and {why}"),
        help: format!(
            "{proxy}connect to a network that reaches the registry (npm_config_registry names another), \
             install Node.js {version} yourself (`nvm install {version}`), or take \
             `runtimes = \"exact\"` out of [dev] to run with the Node.js that is here"
        ),
    };
    let platform = machine.platform.ok_or_else(|| {
        failed("npm's registry has no Node.js for this kind of machine".to_owned())
    })?;
    let cache = machine.cache.clone().ok_or_else(|| {
        failed("there is no folder to keep it in: set HOME or SLP_CACHE".to_owned())
    })?;
    let place = cache.clone();
    let keep = blocking(move || Keep::open(&place)).await;
    let keep = keep.map_err(|error| failed(format!("{} {error}", unwritable(&cache))))?;
    if let Some(there) = kept(&cache, &platform, version) {
        return Ok(there);
    }
    let release = release(registry, &platform, version)
        .await
        .map_err(failed)?;
    let package = package(&release, registry, tell).await.map_err(failed)?;
    let added = blocking(move || add(&keep, &release, &platform, &package));
    added
        .await
        .map_err(|error| failed(format!("{} {error}", unwritable(&cache))))
}

fn unwritable(cache: &Path) -> String {
    format!("it cannot be kept in {}:", cache.join("runtimes").display())
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(io::Error::other)?
}

async fn release(registry: &str, platform: &Platform, version: &str) -> Result<Release, String> {
    let url = format!("{registry}/{}", platform.package);
    let failed = |why: String| format!("{url} cannot be read: {why}");
    let response = get(&url, true).await.map_err(failed)?;
    let metadata = download::whole(response.into_body(), METADATA, |_| {});
    let metadata = metadata.await.map_err(failed)?;
    release::newest(&metadata, version, registry)
        .map_err(|why| format!("{url} does not offer it: {why}"))
}

/// The package's bytes, which are those that the registry names.
async fn package(release: &Release, registry: &str, tell: Tell<'_>) -> Result<Bytes, String> {
    let url = &release.tarball;
    let failed = |why: String| format!("{url} cannot be fetched: {why}");
    if !url.starts_with("https://") && !url.starts_with(&format!("{registry}/")) {
        return Err(failed("a package is not fetched without https".to_owned()));
    }
    let response = get(url, false).await.map_err(failed)?;
    let size = response.headers().get(CONTENT_LENGTH);
    let size = size.and_then(|size| size.to_str().ok()?.parse::<u64>().ok());
    let most = size.or(release.size).unwrap_or(PACKAGE);
    if most > PACKAGE {
        return Err(failed(format!("{} is no size of Node.js", megabytes(most))));
    }
    let version = &release.version;
    let once = size.map_or_else(String::new, |size| format!(", {}", megabytes(size)));
    tell(&format!(
        "fetching Node.js {version} from {registry} (once{once})"
    ));
    let of = size.map_or_else(String::new, |size| format!(" of {}", megabytes(size)));
    let so_far = |bytes| {
        let got = megabytes(bytes);
        tell(&format!("still fetching Node.js {version}: {got}{of}"));
    };
    let bytes = download::whole(response.into_body(), most, so_far);
    let bytes = bytes.await.map_err(failed)?;
    match archive::fits(&bytes, &release.integrity) {
        true => Ok(bytes),
        false => Err(format!(
            "{url} is not what the registry says it is: its digest differs, and nothing was kept"
        )),
    }
}

/// Puts a package into the cache, once its program runs.
fn add(keep: &Keep, release: &Release, platform: &Platform, package: &[u8]) -> io::Result<PathBuf> {
    keep.add(&release.version, platform, |folder| {
        archive::unpack(package, folder)?;
        let wanted = release.version.to_string();
        match version_of(&folder.join("bin/node")) {
            Some(found) if matches(&wanted, &found) => Ok(()),
            _ => Err(io::Error::other("what was fetched does not run here")),
        }
    })
}

/// Asks, and follows to where the answer is.
async fn get(url: &str, is_metadata: bool) -> Result<Response<Incoming>, String> {
    let client = Client::default();
    let mut uri: Uri = url.parse().map_err(|_| "it is not a URL".to_owned())?;
    for _ in 0..=REDIRECTS {
        let request = Request::get(&uri).header("user-agent", "slp");
        let request = match is_metadata {
            true => request.header(ACCEPT, SHORT),
            false => request,
        };
        let request = request
            .body(Full::default())
            .map_err(|error| error.to_string())?;
        let asked = tokio::time::timeout(download::SILENCE, client.ask(request)).await;
        let response = asked
            .map_err(|_| download::silent())?
            .map_err(|failure| failure.why.to_string())?;
        if response.status().is_success() {
            return Ok(response);
        }
        if !response.status().is_redirection() {
            return Err(answered(response.status()));
        }
        uri = elsewhere(&uri, &response)?;
    }
    Err("it leads from one place to the next".to_owned())
}

/// Where a redirection leads; never out of https.
fn elsewhere(from: &Uri, response: &Response<Incoming>) -> Result<Uri, String> {
    let place = response.headers().get(LOCATION);
    let place = place.and_then(|place| place.to_str().ok());
    let place = place.ok_or("it leads nowhere")?;
    let absolute = match (place.starts_with('/'), from.scheme_str(), from.authority()) {
        (true, Some(scheme), Some(host)) => format!("{scheme}://{host}{place}"),
        _ => place.to_owned(),
    };
    let to: Uri = absolute
        .parse()
        .map_err(|_| format!("it leads to `{place}`"))?;
    match (from.scheme_str(), to.scheme_str()) {
        (Some("https"), Some("https")) | (Some("http"), Some(_)) => Ok(to),
        _ => Err("it leads out of https".to_owned()),
    }
}

fn answered(status: StatusCode) -> String {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            format!("it answered {status}, and slp sends none of npm's credentials")
        }
        _ => format!("it answered {status}"),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{} MB", bytes.div_ceil(1_000_000))
}
