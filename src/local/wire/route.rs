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

/// A path of S3 with its bucket: it may stand in the host, `bucket.s3.localhost`. A slash behind
/// a bucket means the bucket.
pub fn in_path(parts: &http::request::Parts) -> String {
    let header = parts.headers.get(http::header::HOST);
    let host = header
        .and_then(|host| host.to_str().ok())
        .or_else(|| parts.uri.host())
        .unwrap_or_default();
    let path = parts.uri.path();
    let path = match host.split_once(".s3.") {
        Some((bucket, _)) => format!("/{bucket}{path}"),
        None => path.to_owned(),
    };
    match path.strip_suffix('/') {
        Some(bucket) if bucket.matches('/').count() == 1 => bucket.to_owned(),
        _ => path,
    }
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
    fn a_bucket_may_stand_in_the_host() {
        for (host, uri, path) in [
            ("b.s3.localhost:4566", "/k/x", "/b/k/x"),
            ("b.s3.us-east-1.amazonaws.com", "/", "/b"),
            ("s3.localhost:4566", "/b/", "/b"),
            ("127.0.0.1:4566", "/", "/"),
            ("127.0.0.1:4566", "/b/folder/", "/b/folder/"),
        ] {
            let request = http::Request::builder().uri(uri).header("host", host);
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(in_path(&parts), path, "{host} {uri}");
        }
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
