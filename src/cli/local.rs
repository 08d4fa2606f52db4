//! `slp local`: the embedded cloud by itself, for any client of AWS.

use super::args::{Global, ServeArgs};
use super::failure::Failure;
use super::home::Home;
use super::printer::Printer;
use super::serve::Serving;
use super::signals::Ending;
use super::{open, runtimes};
use crate::aws;

pub async fn run(global: &Global, args: &ServeArgs, printer: &Printer) -> Result<u8, Failure> {
    let mut ending = Ending::listen();
    let serving = Serving::start(&Home::of(global), args).await?;
    serving.tell_moved(printer);
    let url = &serving.front.url;
    printer.out(url);
    printer.err(&format!(
        "the embedded cloud answers there, on this machine only; Ctrl-C ends it\n\
         \n\
         slp:      every command with --local, from this folder\n\
         AWS CLI:  export AWS_ENDPOINT_URL={url} AWS_REGION=us-east-1 \\\n\
         \x20                AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local\n\
         page:     {url}/\n"
    ));
    if args.ephemeral {
        printer.err("all is in memory, and gone when it ends");
    }
    let cloud = &serving.front.cloud;
    let dev = open::draft(global, &aws::kinds()).map(|draft| draft.dev().clone());
    let dev = dev.unwrap_or_default();
    runtimes::follow(cloud, printer.clone());
    let file = global.file.display().to_string();
    let held = runtimes::held(cloud, &dev, &file, printer);
    tokio::select! {
        code = ending.wait() => return Ok(code),
        () = held => {}
    }
    Ok(ending.wait().await)
}
