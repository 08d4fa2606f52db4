//! Every declared address with what is known of it beforehand; looks up references.

use std::collections::BTreeMap;

use crate::addr::Addr;
use crate::kind::{Identity, Kinds};
use crate::problem::{Problem, nearest};

/// Address → identity.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<Addr, Identity>);

impl Names {
    pub fn insert(&mut self, addr: Addr, identity: Identity) {
        self.0.insert(addr, identity);
    }

    pub fn get(&self, addr: &Addr) -> Option<&Identity> {
        self.0.get(addr)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Addr, &Identity)> {
        self.0.iter()
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Addr> {
        self.0.keys().filter(move |addr| addr.kind() == kind)
    }

    /// Children of a kind's word under an address, such as a function's aliases.
    pub fn children<'a>(
        &'a self,
        parent: &'a Addr,
        word: &'a str,
    ) -> impl Iterator<Item = &'a Addr> {
        let kind = format!("{}.{word}", parent.kind());
        self.0
            .keys()
            .filter(move |addr| addr.within(parent) && addr.kind() == kind)
    }

    /// Looks up the inside of a `${…}`: the address, the output's name, and its value if known beforehand.
    pub fn find(
        &self,
        kinds: &Kinds,
        inside: &str,
    ) -> Result<(Addr, String, Option<String>), Problem> {
        let escape = "write `$${` for a literal `${`";
        let split = inside
            .rsplit_once('.')
            .and_then(|(head, output)| Some((Addr::parse(head).ok()?, output)));
        let Some((addr, output)) = split else {
            return Err(
                Problem::at(&[], format!("`${{{inside}}}` is not a reference")).help(format!(
                    "references look like `${{function.X.arn}}` or `${{var.x}}`; {escape}"
                )),
            );
        };
        let Some(identity) = self.get(&addr) else {
            let meant = nearest(addr.as_str(), self.0.keys().map(Addr::as_str));
            return Err(
                Problem::at(&[], format!("there is no [{addr}]")).help(match meant {
                    Some(meant) => format!("did you mean `${{{meant}.{output}}}`? ({escape})"),
                    None => escape.to_owned(),
                }),
            );
        };
        let outputs = kinds
            .of(&addr)
            .map(|kind| kind.outputs())
            .unwrap_or_default();
        if !outputs.contains(&output) {
            let list = outputs.join("`, `");
            return Err(Problem::at(&[], format!("{addr} has no output `{output}`"))
                .help(format!("it has `{list}`")));
        }
        Ok((addr, output.to_owned(), identity.known.get(output).cloned()))
    }
}
