//! `slp output`: the outputs of the last apply, from the state.

use super::args::{Global, OutputArgs};
use super::failure::Failure;
use super::printer::Printer;
use super::saved;
use crate::problem::nearest;
use crate::render;

/// At the end of what a person would open in a browser.
const UNSERVED: &str =
    "nobody answers there now: `slp dev` and `slp local` serve it, and say at which port";

pub async fn run(global: &Global, args: &OutputArgs, printer: &Printer) -> Result<u8, Failure> {
    let state = saved::state(global).await?;
    let unserved = global.local && !saved::is_served(global).await;
    let endpoint = state.endpoint.filter(|_| unserved);
    let mut outputs = state.outputs;
    if let Some(name) = &args.name {
        let Some(output) = outputs.remove(name) else {
            let failure = Failure::new(1, format!("there is no output `{name}`"));
            let near = nearest(name, outputs.keys().map(String::as_str));
            return Err(failure.hint(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`slp output` lists them".to_owned(),
            }));
        };
        if args.raw {
            let raw = render::raw(&output).ok_or_else(|| match output.secret {
                true => Failure::new(1, format!("`{name}` is a secret, and slp keeps no secrets"))
                    .hint("read it where it comes from"),
                false => {
                    Failure::new(1, format!("`{name}` is not known yet")).hint("run `slp apply`")
                }
            })?;
            printer.raw(&raw);
            if endpoint.is_some_and(|endpoint| raw.contains(&endpoint)) {
                printer.err(UNSERVED);
            }
            return Ok(0);
        }
        outputs = [(name.clone(), output)].into_iter().collect();
    }
    let text = match global.json {
        true => render::outputs_json(&outputs),
        false => render::outputs(&outputs, &printer.style()),
    };
    printer.out(&text);
    if endpoint.is_some_and(|endpoint| text.contains(&endpoint)) {
        printer.err(UNSERVED);
    }
    Ok(0)
}
