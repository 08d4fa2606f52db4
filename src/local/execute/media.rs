//! Which bodies are bytes and which are text.

use super::call::Call;

impl Call {
    /// Is the request's body bytes to this API?
    pub fn is_binary(&self) -> bool {
        let kind = self.header("content-type").unwrap_or("application/json");
        self.listed(kind)
    }

    /// May the answer be bytes? AWS goes by the first type that the caller accepts.
    pub fn accepts_binary(&self) -> bool {
        let accepted = self.header("accept").unwrap_or_default();
        self.listed(accepted.split(',').next().unwrap_or_default())
    }

    /// Is a type among the API's binary media types?
    pub fn listed(&self, kind: &str) -> bool {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let mut listed = self.snapshot.binary_media_types.iter();
        listed.any(|pattern| {
            pattern == "*/*"
                || pattern.eq_ignore_ascii_case(kind)
                || pattern
                    .strip_suffix("/*")
                    .is_some_and(|main| kind.split('/').next() == Some(main))
        })
    }
}
