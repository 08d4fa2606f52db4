//! What a kind sees while it turns a block into a spec: names, scope, packages; and where
//! it leaves what it finds: problems, edges, and resources that slp adds by itself.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;

use super::names::Names;
use crate::addr::Addr;
use crate::elsewhere::references::{self, Foreign};
use crate::kind::Kinds;
use crate::manifest::Secret;
use crate::package::Shelf;
use crate::problem::Problem;
use crate::scope::Scope;
use crate::text::{Piece, Text, Token, scan};

/// How binding an edge is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// The text is known beforehand; only orders where nothing speaks against it.
    Soft,
    /// AWS checks that the target exists, or invents the value.
    Hard,
}

/// A resource that slp adds by itself, such as a function's log group.
#[derive(Clone, Debug)]
pub struct Added {
    pub addr: Addr,
    pub id: Option<String>,
    pub spec: Value,
    pub needs: BTreeMap<Addr, Strength>,
}

/// A function, or one of its aliases, that a field names.
#[derive(Clone, Debug)]
pub struct FunctionRef {
    /// Absent for a function that slp does not manage.
    pub addr: Option<Addr>,
    /// With the alias, where one is named.
    pub arn: Text,
    /// The function's name in AWS, without the alias.
    pub name: Text,
    pub alias: Option<String>,
}

/// The surroundings of one block while it is lowered.
pub struct Ctx<'a> {
    pub addr: &'a Addr,
    pub scope: &'a Scope,
    pub names: &'a Names,
    pub kinds: &'a Kinds,
    pub shelf: &'a Shelf,
    /// The project's tags and the resource's own.
    pub tags: &'a BTreeMap<String, String>,
    /// The values of secret variables: only to measure what they make.
    pub secrets: &'a BTreeMap<String, Secret>,
    /// The spec of the resource that this one stands under.
    pub parent: Option<&'a Value>,
    /// Is all of that what was written? Otherwise something of it is left out, which has been told.
    pub parent_is_whole: bool,
    pub(super) gathered: RefCell<Gathered>,
}

/// What a kind left in its `Ctx`.
#[derive(Default)]
pub struct Gathered {
    pub problems: Vec<Problem>,
    pub needs: BTreeMap<Addr, Strength>,
    pub added: Vec<Added>,
}

impl Ctx<'_> {
    /// Reports a problem at a path inside the block.
    pub fn problem(&self, problem: Problem) {
        self.gathered.borrow_mut().problems.push(problem);
    }

    /// Notes that this resource refers to another; the stronger edge wins.
    pub fn needs(&self, addr: &Addr, strength: Strength) {
        if addr == self.addr {
            return;
        }
        let mut gathered = self.gathered.borrow_mut();
        let edge = gathered.needs.entry(addr.clone()).or_insert(strength);
        *edge = strength.max(*edge);
    }

    /// Adds a resource of slp's own; adding an address again keeps the first.
    pub fn add(&self, added: Added) {
        let mut gathered = self.gathered.borrow_mut();
        if !gathered.added.iter().any(|a| a.addr == added.addr) {
            gathered.added.push(added);
        }
    }

    /// This resource's name in AWS: what stands in `name`, or the header's own after `name_prefix`.
    pub fn aws_name(&self, written: &Option<String>) -> String {
        match written {
            Some(name) => self.plain(&["name"], name),
            None => format!("{}{}", self.scope.name_prefix, self.addr.name()),
        }
    }

    /// Reads a text. A reference whose value AWS invents is a hard edge and stays a hole;
    /// one whose value is known beforehand is a soft edge and is put in.
    pub fn text(&self, path: &[&str], raw: &str) -> Text {
        self.text_with(path, raw, Strength::Soft)
    }

    /// Reads a text of a field whose targets AWS checks, such as a trust policy's principals.
    pub fn text_with(&self, path: &[&str], raw: &str, strength: Strength) -> Text {
        self.of_other_tools(path, raw);
        if !raw.contains("${") {
            return Text::Known(raw.into());
        }
        let pieces: Vec<Piece> = scan(raw)
            .into_iter()
            .filter_map(|token| self.piece(path, token, strength))
            .collect();
        Text::from_pieces(pieces)
    }

    /// A text as long as it will be at least: its secrets filled in, without what only AWS knows.
    /// Never to be shown.
    pub fn measurable(&self, text: &Text) -> String {
        let Text::Template(pieces) = text else {
            return text.known().unwrap_or_default().to_owned();
        };
        let piece = |piece: &Piece| match piece {
            Piece::Lit(text) => Some(text.clone()),
            Piece::Secret(name) => Some(self.secrets.get(name)?.reveal().to_owned()),
            Piece::Ref { .. } => None,
        };
        pieces.iter().filter_map(piece).collect()
    }

    /// A reference in another tool's way would be taken for a text as it is.
    fn of_other_tools(&self, path: &[&str], raw: &str) {
        for Foreign {
            written,
            help,
            may_be_meant,
        } in references::left_alone(raw)
        {
            let problem = Problem::at(path, format!("`{written}` is no reference of slp's"));
            let help = self.of_tag(&written).unwrap_or(help);
            self.problem(match may_be_meant {
                true => problem.help(help).warning(),
                false => problem.help(format!("{help}; or `$${{` for a literal `${{`")),
            });
        }
    }

    /// What `!Ref X` or `!GetAtt X.Arn` means where there is such an X.
    fn of_tag(&self, written: &str) -> Option<String> {
        let name = written
            .strip_prefix("!Ref ")
            .or(written.strip_prefix("!GetAtt "))?;
        let addr = self.names.meant(name.split('.').next()?.trim())?;
        Some(format!("did you mean `${{{addr}.arn}}`?"))
    }

    fn piece(&self, path: &[&str], token: Token<'_>, strength: Strength) -> Option<Piece> {
        match token {
            Token::Lit(text) => Some(Piece::Lit(text.into_owned())),
            Token::Open(rest) => {
                self.problem(
                    Problem::at(
                        path,
                        format!("`{rest}` opens a reference that nothing closes"),
                    )
                    .help("close it with `}`, or write `$${` for a literal `${`"),
                );
                Some(self.nothing(rest))
            }
            Token::Inside(inside) => match inside.strip_prefix("var.") {
                Some(secret) => Some(Piece::Secret(secret.into())),
                None => self.reference(path, inside, strength),
            },
        }
    }

    fn reference(&self, path: &[&str], inside: &str, strength: Strength) -> Option<Piece> {
        match self.names.find(self.kinds, inside) {
            Ok((addr, _, Some(value))) => {
                self.needs(&addr, strength);
                Some(Piece::Lit(value))
            }
            Ok((addr, output, None)) => {
                self.needs(&addr, Strength::Hard);
                Some(Piece::Ref { addr, output })
            }
            Err(unknown) => {
                self.problem(Problem {
                    path: path.iter().map(|s| (*s).to_owned()).collect(),
                    ..unknown
                });
                Some(self.nothing(inside))
            }
        }
    }

    /// A hole in place of what could not be read, so that nobody judges the text without it.
    fn nothing(&self, raw: &str) -> Piece {
        Piece::Ref {
            addr: self.addr.clone(),
            output: raw.to_owned(),
        }
    }

    /// Reads an identity field (`name`, `path`), in which no reference may stand.
    pub fn plain(&self, path: &[&str], raw: &str) -> String {
        let mut plain = String::new();
        for token in scan(raw) {
            match token {
                Token::Lit(text) => plain.push_str(&text),
                Token::Inside(inside) | Token::Open(inside) => self.problem(
                    Problem::at(path, format!("`{inside}` cannot stand here: names must be known before anything exists"))
                        .help("only `${var.…}` of a variable that is not secret, and `${project.…}`, can stand here"),
                ),
            }
        }
        plain
    }

    /// A field that names another thing: a header name, `${kind.name.arn}`, or the ARN of
    /// something that slp does not manage. Gives its ARN; a hard edge.
    pub fn arn_of(&self, path: &[&str], kind: &str, raw: &str) -> Text {
        self.output_of(path, kind, raw, "arn", Strength::Hard)
    }

    /// As `arn_of`, for any output and strength.
    pub fn output_of(
        &self,
        path: &[&str],
        kind: &str,
        raw: &str,
        output: &str,
        strength: Strength,
    ) -> Text {
        if raw.starts_with("arn:") || raw.contains("${") {
            return self.text_with(path, raw, strength);
        }
        let target = Addr::parse(&format!("{kind}.{raw}")).ok();
        match target.and_then(|addr| self.names.get(&addr).map(|identity| (addr, identity))) {
            Some((addr, identity)) => match identity.known.get(output) {
                Some(value) => {
                    self.needs(&addr, strength);
                    Text::Known(value.clone())
                }
                None => {
                    self.needs(&addr, Strength::Hard);
                    Text::Template(vec![Piece::Ref {
                        addr,
                        output: output.into(),
                    }])
                }
            },
            None => {
                self.unknown(path, kind, raw);
                Text::Known(raw.into())
            }
        }
    }

    fn unknown(&self, path: &[&str], kind: &str, raw: &str) {
        let addr = Addr::parse(&format!("{kind}.{raw}")).ok();
        if addr.is_some_and(|addr| self.names.is_misplaced(&addr)) {
            return;
        }
        let reference = references::left_alone(raw).pop();
        // A whole header where its last word belongs.
        let short = raw.strip_prefix(&format!("{kind}."));
        let short = short.filter(|name| self.names.get(&Addr::root_of(kind, name)).is_some());
        let near = || {
            let names = self.names.of_kind(kind).map(|addr| addr.name());
            self.names.guesses.nearest(raw, names)
        };
        let problem = Problem::at(path, format!("there is no [{kind}.{raw}]"));
        self.problem(match (reference, short.or_else(near)) {
            (_, Some(name)) => problem.help(format!("did you mean `{name}`?")),
            (Some(Foreign { written, help, .. }), None) => {
                let help = self.of_tag(&written).unwrap_or(help);
                Problem::at(path, format!("`{written}` is no reference of slp's")).help(help)
            }
            (None, None) => problem.help(format!(
                "write a [{kind}.{raw}] table, or the ARN of one that slp does not manage"
            )),
        });
    }

    /// A field that names a function: `X`, `X:live`, an ARN, or a reference. A soft edge, unless hard is asked.
    pub fn function(&self, path: &[&str], raw: &str, strength: Strength) -> FunctionRef {
        if raw.starts_with("arn:") || raw.contains("${") {
            return self.function_by_arn(path, raw, strength);
        }
        let (name, alias) = match raw.split_once(':') {
            Some((name, alias)) => (name, Some(alias.to_owned())),
            None => (raw, None),
        };
        let function = Addr::root_of("function", name);
        let known = self.names.get(&function).cloned().unwrap_or_default();
        if self.names.get(&function).is_none() {
            self.unknown(path, "function", name);
        }
        let output = |key: &str| Text::Known(known.known.get(key).cloned().unwrap_or_default());
        let Some(alias) = alias else {
            self.needs(&function, strength);
            return FunctionRef {
                arn: output("arn"),
                name: output("name"),
                addr: Some(function),
                alias: None,
            };
        };
        let addr = function.child("alias", Some(&alias));
        let is_there = self.names.get(&addr).is_some() || self.names.is_misplaced(&addr);
        if !is_there && self.names.get(&function).is_some() {
            let near = self.names.children(&function, "alias").map(Addr::name);
            let near = self.names.guesses.nearest(&alias, near);
            self.problem(
                Problem::at(path, format!("function.{name} has no alias `{alias}`")).help(
                    match near {
                        Some(near) => format!("did you mean `{name}:{near}`?"),
                        None => format!("write [function.{name}.alias.{alias}]"),
                    },
                ),
            );
        }
        self.needs(&addr, strength);
        FunctionRef {
            arn: Text::Known(format!(
                "{}:{alias}",
                known.known.get("arn").cloned().unwrap_or_default()
            )),
            name: output("name"),
            addr: Some(addr),
            alias: Some(alias),
        }
    }

    fn function_by_arn(&self, path: &[&str], raw: &str, strength: Strength) -> FunctionRef {
        let arn = self.text_with(path, raw, strength);
        let text = arn.to_string();
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]
        let mut tail = text.splitn(6, ':').nth(5).unwrap_or("").split(':').skip(1);
        let name = tail.next().unwrap_or_default().to_owned();
        let alias = tail.next().map(str::to_owned);
        let managed = match raw.contains("${") {
            true => self.names.by_name("function", &name),
            false => None,
        };
        let addr = managed.map(|function| match &alias {
            Some(alias) => function.child("alias", Some(alias)),
            None => function.clone(),
        });
        FunctionRef {
            addr,
            arn,
            name: Text::Known(name),
            alias,
        }
    }
}
