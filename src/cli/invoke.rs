//! `slp invoke`: a function called by hand; its answer on stdout, the rest on stderr.

use std::io::Read;
use std::path::Path;

use super::args::{Global, InvokeArgs};
use super::failure::Failure;
use super::functions::{Applied, Functions};
use super::printer::Printer;
use crate::files;
use crate::local::Manifested as _;
use crate::render;
use crate::trace::Trace;
use crate::written;

/// Lambda takes 6 MB.
const LARGEST: u64 = 6 << 20;

pub async fn run(global: &Global, args: &InvokeArgs, printer: &Printer) -> Result<u8, Failure> {
    let given = args.given.as_deref().or(args.payload.as_deref());
    let payload = payload(given.unwrap_or("{}"))?;
    let (name, qualifier) = match args.name.split_once(':') {
        Some((name, alias)) => (name, Some(alias)),
        None => (args.name.as_str(), None),
    };
    let qualifier = match (qualifier, args.qualifier.as_deref()) {
        (Some(_), Some(_)) => {
            return Err(Failure::usage("a qualifier is given twice")
                .hint("write NAME:ALIAS or --qualifier ALIAS"));
        }
        (one, other) => one.or(other),
    };
    let functions = Functions::to_run(global).await?;
    let function = functions.named(name)?;
    functions.ready(function, printer).await?;
    let ran = functions
        .aws
        .invoke(&function.id, qualifier, payload, args.tail)
        .await?;
    if let Some(log) = &ran.log {
        let log = functions.places.hidden(log);
        printer.err(&render::log_line(&function.name, &log, &printer.style()));
    }
    let payload = String::from_utf8_lossy(&ran.payload);
    printer.out(&match &ran.error {
        // What was thrown is no answer that somebody meant to give.
        Some(_) => functions.places.hidden(&payload),
        None => payload.into_owned(),
    });
    match &ran.error {
        Some(error) => {
            let failure = Failure::new(
                1,
                told(&functions, function, error, &ran.payload, global.verbose),
            );
            Err(match args.tail {
                true => failure,
                false => failure.hint("--tail shows the end of its log"),
            })
        }
        None => Ok(0),
    }
}

/// That a function failed, with its error where it is in Lambda's form.
fn told(
    functions: &Functions,
    function: &Applied,
    error: &str,
    payload: &[u8],
    whole: bool,
) -> String {
    let (places, name) = (&functions.places, &function.name);
    let Some(trace) = Trace::of_answer(payload) else {
        return format!("{name} failed ({error})");
    };
    if let Some(late) = places.late(&function.id, &trace) {
        return format!("{name} failed: it {late}");
    }
    let lines = render::trace(&trace, &places.sources(&function.id), whole);
    format!("{name} failed: {}", places.hidden(&lines.join("\n")))
}

/// JSON, checked here: AWS's own error for it does not say where it is wrong.
fn payload(text: &str) -> Result<Vec<u8>, Failure> {
    let wrong = |what: String| Failure::usage(format!("the payload: {what}"));
    let mut bytes = Vec::new();
    match text.strip_prefix('@') {
        Some(path) => {
            let text = files::text(Path::new(path))
                .map_err(|error| wrong(format!("{path} cannot be read: {error}")))?;
            text.as_bytes().read_to_end(&mut bytes)
        }
        None if text == "-" => std::io::stdin()
            .lock()
            .take(LARGEST + 1)
            .read_to_end(&mut bytes),
        None => text.as_bytes().read_to_end(&mut bytes),
    }
    .map_err(|error| wrong(error.to_string()))?;
    if bytes.len() as u64 > LARGEST {
        return Err(wrong("Lambda takes at most 6 MB".into()));
    }
    let bytes = written::unmarked(bytes).map_err(|error| wrong(error.to_string()))?;
    match serde_json::from_slice::<serde::de::IgnoredAny>(&bytes) {
        Ok(_) => Ok(bytes),
        Err(error) => Err(wrong(format!("this is not JSON: {error}"))
            .hint("a text needs quotes of its own: '\"text\"'")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_json_from_the_line_or_a_file() {
        assert_eq!(payload("{\"a\": 1}").ok().unwrap(), b"{\"a\": 1}");
        assert!(payload("text").is_err());
        assert!(payload("").is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[1]").unwrap();
        let path = format!("@{}", file.path().display());
        assert_eq!(payload(&path).ok().unwrap(), b"[1]");
        std::fs::write(file.path(), b"\xEF\xBB\xBF[2]\r\n").unwrap();
        assert_eq!(payload(&path).ok().unwrap(), b"[2]\n");
        assert!(payload("@/nowhere/at/all").is_err());
    }
}
