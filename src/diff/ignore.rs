//! `ignore = ["field"]`: paths such as `description` or `environment.GREETING`, at which a
//! difference is left alone.

use serde_json::Value;

/// A value without what stands at the ignored paths.
pub fn without(value: &Value, ignored: &[String]) -> Value {
    ignored.iter().fold(value.clone(), |mut value, path| {
        cut(&mut value, path);
        value
    })
}

/// What is wanted, with live's value at the ignored paths, so that no difference is left there.
pub fn keep_ignored(wanted: &Value, live: &Value, ignored: &[String]) -> Value {
    ignored.iter().fold(wanted.clone(), |mut wanted, path| {
        keep(&mut wanted, live, path);
        wanted
    })
}

fn cut(value: &mut Value, path: &str) {
    let Some(map) = value.as_object_mut() else {
        return;
    };
    map.remove(path);
    for (key, inner) in map.iter_mut() {
        if let Some(rest) = below(path, key) {
            cut(inner, rest);
        }
    }
}

fn keep(wanted: &mut Value, live: &Value, path: &str) {
    let (Some(map), Some(found)) = (wanted.as_object_mut(), live.as_object()) else {
        return;
    };
    match found.get(path) {
        Some(value) => {
            map.insert(path.to_owned(), value.clone());
        }
        None => {
            map.remove(path);
        }
    }
    for (key, inner) in map.iter_mut() {
        if let (Some(rest), Some(found)) = (below(path, key), found.get(key)) {
            keep(inner, found, rest);
        }
    }
}

/// The rest of a path under a key; a key may hold dots itself.
fn below<'p>(path: &'p str, key: &str) -> Option<&'p str> {
    path.strip_prefix(key)?.strip_prefix('.')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ignored() -> Vec<String> {
        ["description", "environment.A", "routes.GET /a.b"]
            .map(str::to_owned)
            .to_vec()
    }

    #[test]
    fn ignored_paths_are_cut_and_the_rest_stays() {
        let value = json!({"description": "x", "environment": {"A": 1, "B": 2},
                           "routes": {"GET /a.b": 1, "GET /a": 2}});
        assert_eq!(
            without(&value, &ignored()),
            json!({"environment": {"B": 2}, "routes": {"GET /a": 2}})
        );
    }

    #[test]
    fn what_is_ignored_is_as_live_has_it() {
        let wanted = json!({"description": "mine", "environment": {"B": 2}, "memory": 1});
        let live = json!({"description": "theirs", "environment": {"A": 9, "B": 3}, "memory": 2});
        assert_eq!(
            keep_ignored(&wanted, &live, &ignored()),
            json!({"description": "theirs", "environment": {"A": 9, "B": 2}, "memory": 1})
        );
    }

    #[test]
    fn what_live_lacks_is_not_put_there() {
        let wanted = json!({"environment": {"A": 1, "B": 2}});
        let live = json!({"environment": {}});
        assert_eq!(
            keep_ignored(&wanted, &live, &ignored()),
            json!({"environment": {"B": 2}})
        );
    }
}
