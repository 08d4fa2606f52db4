//! `slp output`: the outputs of the last apply, from the state.

use super::args::{Global, OutputArgs};
use super::failure::Failure;
use super::printer::Printer;
use super::saved;
use crate::problem::nearest;
use crate::render;

pub async fn run(global: &Global, args: &OutputArgs, printer: &Printer) -> Result<u8, Failure> {
    let mut outputs = saved::state(global).await?.outputs;
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
            printer.out(&raw);
            return Ok(0);
        }
        outputs = [(name.clone(), output)].into_iter().collect();
    }
    printer.out(&match global.json {
        true => render::outputs_json(&outputs),
        false => render::outputs(&outputs, &printer.style()),
    });
    Ok(0)
}
