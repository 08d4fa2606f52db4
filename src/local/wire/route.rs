//! Which operation of a REST service a method and path mean.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;

use super::operation::Operation;

/// The operation, and the variables of its path.
pub type Found = (&'static Operation, BTreeMap<&'static str, String>);

/// Finds it; of several, the one that asks for the most query parameters.
pub fn find(
    operations: &'static [Operation],
    method: &str,
    path: &str,
    query: &[(String, String)],
) -> Option<Found> {
    let fitting = operations.iter().filter_map(|operation| {
        let (wanted, pattern) = operation.route?;
        let (pattern, flag) = match pattern.split_once('?') {
            Some((pattern, flag)) => (pattern, Some(flag)),
            None => (pattern, None),
        };
        let flagged = flag.is_none_or(|flag| query.iter().any(|(key, _)| key == flag));
        let path = (wanted == method && flagged).then(|| matches(pattern, path))??;
        Some((flag.is_some(), (operation, path)))
    });
    fitting
        .max_by_key(|(flagged, _)| *flagged)
        .map(|(_, found)| found)
}

fn matches(pattern: &'static str, path: &str) -> Option<BTreeMap<&'static str, String>> {
    let mut variables = BTreeMap::new();
    let mut given = path.strip_prefix('/')?.split('/');
    for wanted in pattern.strip_prefix('/')?.split('/') {
        let variable = wanted
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match variable {
            None if given.next() == Some(wanted) => {}
            None => return None,
            Some(name) => match name.strip_suffix('+') {
                Some(name) => {
                    let rest: Vec<&str> = given.by_ref().collect();
                    variables.insert(name, decoded(&rest.join("/"))?);
                }
                None => {
                    variables.insert(name, decoded(given.next()?)?);
                }
            },
        }
    }
    given.next().is_none().then_some(variables)
}

/// A variable is never empty: `/restapis/` is not an API without a name.
fn decoded(text: &str) -> Option<String> {
    let text = percent_decode_str(text).decode_utf8().ok()?;
    (!text.is_empty()).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::wire::Reply;

    const fn made(method: &'static str, path: &'static str, name: &'static str) -> Operation {
        Operation::rest(name, method, path, 200, |_, _| Ok(Reply::empty()))
    }

    static OPERATIONS: [Operation; 4] = [
        made("GET", "/f", "List"),
        made("GET", "/f/{Name}", "Get"),
        made("GET", "/{Bucket}/{Key+}", "GetObject"),
        made("GET", "/f/{Name}?policy", "GetPolicy"),
    ];

    fn name(method: &str, path: &str, query: &str) -> Option<&'static str> {
        let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        find(&OPERATIONS[..], method, path, &query).map(|(operation, _)| operation.name)
    }

    #[test]
    fn method_path_and_flags_choose() {
        assert_eq!(name("GET", "/f", ""), Some("List"));
        assert_eq!(name("GET", "/f/a", "policy"), Some("GetPolicy"));
        assert_eq!(name("POST", "/f/a", ""), None);
        assert_eq!(name("GET", "/g", ""), None);
    }

    #[test]
    fn variables_are_decoded_and_greedy_ones_take_the_rest() {
        let (_, path) = find(&OPERATIONS[2..3], "GET", "/b/x/y%20z", &[]).unwrap();
        assert_eq!(
            (path["Bucket"].as_str(), path["Key"].as_str()),
            ("b", "x/y z")
        );
    }
}
