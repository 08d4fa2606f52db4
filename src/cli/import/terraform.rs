//! `--from-terraform`: what a Terraform state lists; the file is only read.

use std::path::Path;

use super::{Import, Request};
use crate::addr::Addr;
use crate::cli::failure::Failure;
use crate::files;
use crate::import::header;
use crate::import::terraform::{forgetting, read};
use crate::written;

/// What slp can take over of it, and the command by which Terraform forgets that; says what is
/// left to Terraform.
pub fn requests(import: &Import, file: &Path) -> Result<(Vec<Request>, String), Failure> {
    let shown = file.display();
    let text = files::bytes(file)
        .and_then(written::text)
        .map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
    let listed = read(&text).map_err(|why| {
        Failure::usage(format!("{shown}: {why}"))
            .hint("`terraform state pull > terraform.tfstate` writes one, wherever it is kept")
    })?;
    if listed.taken.is_empty() {
        return Err(Failure::new(
            1,
            format!("{shown} lists nothing that slp could take over"),
        ));
    }
    if !listed.left.is_empty() {
        let left = listed.left.join("\n  ");
        import.printer.err(&format!("left to Terraform:\n  {left}"));
    }
    let mut requests: Vec<Request> = Vec::new();
    let project = import.project;
    for taken in &listed.taken {
        let used = |addr: &Addr| requests.iter().any(|request| request.addr == *addr);
        let prefix = &project.scope.name_prefix;
        let addr = header(taken.kind, &taken.name, prefix, used);
        let id = taken.id.clone();
        requests.push(Request { addr, id });
    }
    Ok((requests, forgetting(&listed)))
}
