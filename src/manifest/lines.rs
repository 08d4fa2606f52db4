//! Where something stands in the manifest, for messages long after it was read.

use super::Draft;
use crate::kind::Block;

impl Draft {
    /// The line at which something is written; of a table, its header's.
    pub fn line(&self, path: &[&str]) -> Option<usize> {
        let block = at(&self.manifest, path)?;
        Some(self.source.line(block.span().start))
    }

    /// A text as it is written: no variables are filled in.
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        at(&self.manifest, path)?.get_ref().as_str()
    }
}

fn at<'a>(block: &'a Block, path: &[&str]) -> Option<&'a Block> {
    path.iter().try_fold(block, |at, key| {
        let table = at.get_ref().as_table()?;
        table.get(*key)
    })
}

#[cfg(test)]
mod tests {
    use crate::manifest::{Options, Source, read_text};

    #[test]
    fn tables_are_at_their_headers_and_values_at_their_keys() {
        let text = "[project]\nname = \"x\"\n\n[function.A]\ncode = \"src\"\ntimeout = 3\n\n\
                    [api.b.routes]\n\"GET /\" = { function = \"A\", timeout_ms = 2000 }\n";
        let kinds = crate::aws::kinds();
        let source = Source::new("slp.toml", text);
        let draft = read_text(source, &Options::default(), &kinds).unwrap();
        assert_eq!(draft.line(&["function", "A"]), Some(4));
        assert_eq!(draft.line(&["function", "A", "timeout"]), Some(6));
        assert_eq!(
            draft.line(&["api", "b", "routes", "GET /", "timeout_ms"]),
            Some(9)
        );
        assert_eq!(draft.line(&["function", "B"]), None);
        assert_eq!(draft.text(&["function", "A", "code"]), Some("src"));
        assert_eq!(draft.text(&["function", "A", "timeout"]), None);
    }
}
