//! Canonical spacing of a manifest.
use super::Report;
/// todo
pub fn format(text: &str) -> Result<String, Report> {
    Ok(text.to_owned())
}
