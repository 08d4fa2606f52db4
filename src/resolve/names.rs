//! Every declared address with what is known of it beforehand; looks up references.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Bound;

use crate::addr::Addr;
use crate::elsewhere::references;
use crate::kind::{Identity, Kinds};
use crate::problem::{Guesses, Problem, nearest};

/// Address → identity.
#[derive(Clone, Debug, Default)]
pub struct Names {
    identities: BTreeMap<Addr, Identity>,
    /// Kind, then name in AWS, of what stands at the top: many routes look up their function by it.
    named: HashMap<(String, String), Addr>,
    /// Kind and name of what stands where it cannot, which has been said.
    misplaced: BTreeSet<(String, String)>,
    /// What all guesses at wrong references may cost.
    pub guesses: Guesses,
}

impl Names {
    /// Names, and what has been said to stand in a wrong place.
    pub fn beside(misplaced: &BTreeSet<(String, String)>) -> Names {
        Names {
            misplaced: misplaced.clone(),
            ..Names::default()
        }
    }

    /// Is this written in a wrong place, which has been said?
    pub fn is_misplaced(&self, addr: &Addr) -> bool {
        !self.misplaced.is_empty()
            && self
                .misplaced
                .contains(&(addr.kind(), addr.name().to_owned()))
    }

    /// What a text that names something is meant to be, among all addresses.
    pub fn meant(&self, text: &str) -> Option<&Addr> {
        self.guesses.meant_addr(text, self.identities.keys())
    }

    pub fn insert(&mut self, addr: Addr, identity: Identity) {
        if let (None, Some(name)) = (addr.parent(), identity.known.get("name")) {
            self.named.insert((addr.kind(), name.clone()), addr.clone());
        }
        self.identities.insert(addr, identity);
    }

    pub fn get(&self, addr: &Addr) -> Option<&Identity> {
        self.identities.get(addr)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&Addr, &Identity)> {
        self.identities.iter()
    }

    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Addr> {
        let start = match kind.split_once('.') {
            Some((root, _)) => format!("{root}."),
            None => format!("{kind}."),
        };
        self.starting_with(start)
            .filter(move |addr| addr.kind() == kind)
    }

    /// The resource of a kind that has this name in AWS.
    pub fn by_name(&self, kind: &str, name: &str) -> Option<&Addr> {
        self.named.get(&(kind.to_owned(), name.to_owned()))
    }

    /// Children of a kind's word under an address, such as a function's aliases.
    pub fn children<'a>(
        &'a self,
        parent: &'a Addr,
        word: &'a str,
    ) -> impl Iterator<Item = &'a Addr> {
        let kind = format!("{}.{word}", parent.kind());
        self.starting_with(format!("{parent}.{word}"))
            .filter(move |addr| addr.kind() == kind)
    }

    fn starting_with(&self, start: String) -> impl Iterator<Item = &Addr> {
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        let from = self.identities.range::<str, _>(from);
        from.map(|(addr, _)| addr)
            .take_while(move |addr| addr.as_str().starts_with(&start))
    }

    /// Looks up the inside of a `${…}`: the address, the output's name, and its value if known beforehand.
    pub fn find(
        &self,
        kinds: &Kinds,
        inside: &str,
    ) -> Result<(Addr, String, Option<String>), Problem> {
        let escape = "`$${` for a literal `${`";
        let split = inside
            .rsplit_once('.')
            .and_then(|(head, output)| Some((Addr::parse(head).ok()?, output)));
        let Some((addr, output)) = split else {
            return Err(self.no_reference(kinds, inside));
        };
        let Some(identity) = self.get(&addr) else {
            if self.is_misplaced(&addr) {
                return Ok((addr, output.to_owned(), None));
            }
            if let Some(help) = references::of_inside(inside) {
                let problem = Problem::at(&[], format!("`${{{inside}}}` is not a reference"));
                return Err(problem.help(help));
            }
            let meant = self.guesses.nearest_addr(&addr, self.identities.keys());
            return Err(
                Problem::at(&[], format!("there is no [{addr}]")).help(match meant {
                    Some(meant) => format!("did you mean `${{{meant}.{output}}}`?"),
                    None => format!("write its table, or {escape}"),
                }),
            );
        };
        let outputs = kinds
            .of(&addr)
            .map(|kind| kind.outputs())
            .unwrap_or_default();
        if !outputs.contains(&output) {
            let problem = Problem::at(&[], format!("{addr} has no output `{output}`"));
            return Err(match (nearest(output, outputs.iter().copied()), outputs) {
                (Some(meant), _) => problem.help(format!("did you mean `{meant}`?")),
                (None, []) => problem.help("it has none"),
                (None, _) => problem.help(format!("it has `{}`", outputs.join("`, `"))),
            });
        }
        Ok((addr, output.to_owned(), identity.known.get(output).cloned()))
    }

    /// What has not even the form of a reference.
    fn no_reference(&self, kinds: &Kinds, inside: &str) -> Problem {
        let problem = Problem::at(&[], format!("`${{{inside}}}` is not a reference"));
        if let Some(help) = references::of_inside(inside) {
            return problem.help(help);
        }
        // A name alone, or a whole address without an output: `${X}`, `${X.Arn}`, `${role.x}`.
        let (head, output) = inside.rsplit_once('.').unwrap_or((inside, "arn"));
        let whole = Addr::parse(inside)
            .ok()
            .filter(|addr| self.get(addr).is_some());
        let meant = whole.or_else(|| self.meant(head).cloned());
        let output_of = |addr: &Addr| {
            let outputs = kinds
                .of(addr)
                .map(|kind| kind.outputs())
                .unwrap_or_default();
            let near = nearest(output, outputs.iter().copied());
            near.or_else(|| outputs.first().copied())
        };
        match meant.and_then(|addr| output_of(&addr).map(|output| (addr, output))) {
            Some((addr, output)) => problem.help(format!("did you mean `${{{addr}.{output}}}`?")),
            None => problem.help(
                "references look like `${function.X.arn}` or `${var.x}`; write `$${` for a literal `${`",
            ),
        }
    }
}
