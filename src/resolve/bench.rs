//! For tests: the surroundings in which a kind lowers a block.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Ctx, Gathered, Names};
use crate::addr::Addr;
use crate::kind::{Identity, Kinds};
use crate::package::Shelf;
use crate::scope::Scope;

/// Everything around a block, to be filled by a test.
pub struct Bench {
    pub scope: Scope,
    pub names: Names,
    pub kinds: Kinds,
    pub tags: BTreeMap<String, String>,
    pub parent: Option<Value>,
}

impl Bench {
    /// A project `shop` in eu-central-1.
    pub fn new(kinds: Kinds) -> Bench {
        Bench {
            scope: Scope {
                project: "shop".into(),
                account: "604370441254".into(),
                region: "eu-central-1".into(),
                partition: "aws".into(),
                tagged: true,
                ..Scope::default()
            },
            names: Names::default(),
            kinds,
            tags: BTreeMap::new(),
            parent: None,
        }
    }

    /// Declares a resource with what is known of it beforehand.
    pub fn knows(&mut self, addr: &str, known: &[(&str, &str)]) {
        let known = known
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let identity = Identity {
            id: None,
            known: known.collect(),
        };
        self.names.insert(Addr::parse(addr).unwrap(), identity);
    }

    /// Reads a block and lowers it; gives the spec, and what was left in the `Ctx`.
    pub fn lower<D: DeserializeOwned, S>(
        &self,
        addr: &str,
        block: &str,
        lower: impl FnOnce(&D, &Ctx) -> S,
    ) -> (S, Gathered) {
        let declared = toml::from_str::<D>(block).unwrap_or_else(|error| panic!("{error}"));
        let addr = Addr::parse(addr).unwrap();
        let shelf = Shelf::default();
        let ctx = Ctx {
            addr: &addr,
            scope: &self.scope,
            names: &self.names,
            kinds: &self.kinds,
            shelf: &shelf,
            tags: &self.tags,
            secrets: &BTreeMap::new(),
            parent: self.parent.as_ref(),
            parent_is_whole: true,
            gathered: RefCell::default(),
        };
        let spec = lower(&declared, &ctx);
        (spec, ctx.gathered.into_inner())
    }
}
