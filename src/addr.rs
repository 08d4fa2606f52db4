//! An address: the manifest's own header, as in `function.HelloWorld`,
//! `api.hello-world.stage.test` or `function.X.log_group`.
//!
//! Segments alternate between kind words and names; a singleton child ends in a
//! kind word. A reader can search the manifest for exactly what is printed.
//!
//! `function.X@old` stands in the state only: what had the address until another was made in
//! its place, and goes after that.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Where a resource stands in the manifest; ordered as text, so a parent sorts before its children.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addr(Arc<str>);

/// Why a text is not an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", unread(.0))]
pub struct NotAnAddr(pub String);

/// What was written, and how an address is: with the very name, where it is only a name.
fn unread(text: &str) -> String {
    let example = match is_name(text) {
        true => format!("`function.{text}` or `role.{text}`"),
        false => "`function.HelloWorld` or `api.shop.stage.test`".to_owned(),
    };
    format!("`{text}` is not an address: write it as the manifest's header, such as {example}")
}

impl Addr {
    /// Reads `kind.name`, `kind.name.child.name` or `kind.name.child`.
    pub fn parse(text: &str) -> Result<Addr, NotAnAddr> {
        let segments: Vec<&str> = text.split('.').collect();
        let sound = |(at, segment): (usize, &&str)| match segment.split_once('@') {
            Some((name, mark)) => at % 2 == 1 && is_name(name) && is_mark(mark),
            None => is_name(segment),
        };
        let fits = (2..=4).contains(&segments.len()) && segments.iter().enumerate().all(sound);
        if fits {
            Ok(Addr(text.into()))
        } else {
            Err(NotAnAddr(text.into()))
        }
    }

    /// The address of a top-level resource.
    pub fn root_of(kind: &str, name: &str) -> Addr {
        Addr(format!("{kind}.{name}").into())
    }

    /// The address of a child: `word` is its kind's last word; a singleton has no name.
    pub fn child(&self, word: &str, name: Option<&str>) -> Addr {
        Addr(match name {
            Some(name) => format!("{self}.{word}.{name}").into(),
            None => format!("{self}.{word}").into(),
        })
    }

    /// The kind's own name: `function`, `function.alias`, `function.log_group`.
    pub fn kind(&self) -> String {
        let kinds: Vec<&str> = self.0.split('.').step_by(2).collect();
        kinds.join(".")
    }

    /// The resource's own name; of a singleton child the parent's name.
    pub fn name(&self) -> &str {
        let segments: Vec<&str> = self.0.split('.').collect();
        let name = match segments.len() % 2 {
            0 => segments[segments.len() - 1],
            _ => segments[segments.len() - 2],
        };
        name.split('@').next().unwrap_or(name)
    }

    /// The `nth` address for what stands here and makes room for another.
    pub fn former(&self, nth: usize) -> Addr {
        let mark = match nth {
            0 => "old".to_owned(),
            nth => format!("old{}", nth + 1),
        };
        Addr(format!("{}@{mark}", self.origin()).into())
    }

    /// Is this, or what it stands under, something that made room for another?
    pub fn is_former(&self) -> bool {
        self.0.contains('@')
    }

    /// The address in the manifest that it had before it made room.
    pub fn origin(&self) -> Addr {
        let names = self.0.split('.').map(|s| s.split('@').next().unwrap_or(s));
        Addr(names.collect::<Vec<_>>().join(".").into())
    }

    /// The resource that this one stands under.
    pub fn parent(&self) -> Option<Addr> {
        let segments = self.0.split('.').count();
        (segments > 2).then(|| Addr(self.root().into()))
    }

    /// The first two segments: one writer at a time works under a root.
    pub fn root(&self) -> &str {
        match self.0.match_indices('.').nth(1) {
            Some((at, _)) => &self.0[..at],
            None => &self.0,
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is this `other`, or does it stand under it?
    pub fn within(&self, other: &Addr) -> bool {
        self.0
            .strip_prefix(&*other.0)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// What a header, project or environment may be called: `[A-Za-z0-9_-]+`.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn is_mark(text: &str) -> bool {
    let number = text.strip_prefix("old");
    number.is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()))
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Borrow<str> for Addr {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl Serialize for Addr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl schemars::JsonSchema for Addr {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Addr".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "The header in the manifest, such as `function.HelloWorld`" })
    }
}

impl<'de> Deserialize<'de> for Addr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Addr, D::Error> {
        let text = String::deserialize(deserializer)?;
        Addr::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_names_alternate() {
        let stage = Addr::parse("api.shop.stage.test").unwrap();
        assert_eq!(
            (stage.kind().as_str(), stage.name(), stage.root()),
            ("api.stage", "test", "api.shop")
        );
        assert_eq!(stage.parent(), Some(Addr::root_of("api", "shop")));
        let logs = Addr::parse("function.X.log_group").unwrap();
        assert_eq!(
            (logs.kind().as_str(), logs.name()),
            ("function.log_group", "X")
        );
        assert_eq!(Addr::parse("role.a").unwrap().parent(), None);
    }

    #[test]
    fn what_is_no_header_is_refused() {
        for bad in ["role", "", "role.", "role.a b", "a.b.c.d.e", ".a"] {
            assert_eq!(Addr::parse(bad), Err(NotAnAddr(bad.into())));
        }
    }

    #[test]
    fn what_makes_room_has_an_address_of_its_own() {
        let alias = Addr::parse("function.X@old2.alias.live").unwrap();
        assert_eq!(
            (alias.kind().as_str(), alias.name()),
            ("function.alias", "live")
        );
        assert_eq!(
            alias.parent(),
            Some(Addr::root_of("function", "X").former(1))
        );
        assert_eq!(alias.origin().as_str(), "function.X.alias.live");
        assert!(alias.is_former() && !alias.origin().is_former());
        let live = alias.origin().former(0);
        assert_eq!(
            (live.as_str(), live.name()),
            ("function.X.alias.live@old", "live")
        );
        for bad in [
            "function@old.X",
            "function.X@new",
            "function.@old",
            "function.X@old@old",
        ] {
            assert!(Addr::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn within_respects_segments() {
        let api = Addr::parse("api.shop").unwrap();
        assert!(Addr::parse("api.shop.stage.x").unwrap().within(&api));
        assert!(!Addr::parse("api.shop2").unwrap().within(&api));
    }
}
