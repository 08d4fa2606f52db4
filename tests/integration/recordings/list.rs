//! `tests/recordings/scenarios.md`: of each recorded scenario whether it is in, and why not.

use std::fmt::Write;

use super::account::{Account, Standing};
use crate::harness::root;

/// The kept list must be the one that would be made now; `UPDATE_TRANSCRIPTS=1` writes it.
pub fn check(account: &Account) {
    let path = root().join("tests/recordings/scenarios.md");
    let made = list(account);
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(&path, &made).expect("scenarios.md");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "tests/recordings/scenarios.md is old: UPDATE_TRANSCRIPTS=1 makes it"
    );
}

fn list(account: &Account) -> String {
    let (agree, steps) = account.steps();
    let (counted, all) = (account.counted(), account.scenarios.len());
    let mut out = format!(
        "# The recorded scenarios\n\n\
         Made by the test (`UPDATE_TRANSCRIPTS=1`). Of {all} scenarios {counted} are in, the \
         check of function names\ncounted once; {agree} of their {steps} steps get the answer \
         that AWS gave.\n",
    );
    let mut service = "";
    for (id, standing) in &account.scenarios {
        if service != id.service {
            service = &id.service;
            let _ = write!(
                out,
                "\n## {service}\n\n| scenario | steps that agree | why |\n"
            );
            out.push_str("| --- | --- | --- |\n");
        }
        let (steps, why) = match standing {
            Standing::Out { why } => ("out".to_owned(), why.clone()),
            Standing::In {
                agree,
                steps,
                known,
            } => {
                let known = known.iter().map(|(step, why)| format!("`{step}`: {why}"));
                let known = known.collect::<Vec<_>>().join("; ");
                (format!("{agree} of {steps}"), known)
            }
        };
        let name = id.name.replace('|', "\\|");
        let _ = writeln!(out, "| `{name}` | {steps} | {} |", why.replace('|', "\\|"));
    }
    out
}
