use std::collections::BTreeMap;
use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::json;

use super::super::file::{Unreadable, decode, encode};
use super::*;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("state/fixtures/v1");
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn what_an_earlier_slp_wrote_is_read_and_written_the_same() {
    let validator = jsonschema::validator_for(&state_schema()).unwrap();
    let files = fixtures();
    assert!(files.len() >= 3, "{files:?}");
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let state = decode(&bytes).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        let again = encode(&state).unwrap();
        assert_eq!(
            String::from_utf8(again),
            String::from_utf8(bytes.clone()),
            "{}",
            path.display()
        );
        let value = serde_json::from_slice(&bytes).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(&value)
            .map(|e| e.to_string())
            .collect();
        assert_eq!(wrong, Vec::<String>::new(), "{}", path.display());
    }
}

fn told(bytes: &[u8]) -> (String, String) {
    match decode(bytes) {
        Err(Unreadable::Damaged { what, at }) => (what, at),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_no_state_is_never_taken_for_an_empty_one() {
    let whole = encode(&sample(Path::new("."))).unwrap();
    let cases: [(&[u8], &str, &str); 9] = [
        (b"", "is empty (0 bytes)", ""),
        (
            b"\0\0\0\0",
            "is not JSON: expected value",
            ", line 1, column 1 (byte 0)",
        ),
        (
            b"\xEF\xBB\xBF{}",
            "starts with a byte order mark",
            ", line 1, column 1 (byte 0)",
        ),
        (b"\xFF\xFE{\0", "starts with a byte order mark", "(byte 0)"),
        (b"{\"a\": \xC3\x28}", "is not UTF-8", " (byte 6)"),
        (b"{}", "is JSON, but not a state", ""),
        (
            b"{\"version\":4,\"terraform_version\":\"1\",\"serial\":1,\"lineage\":\"x\"}",
            "is JSON, but not a state",
            "",
        ),
        (
            b"{\n\"version\":\n1",
            "ends too early",
            ", line 3, column 1 (byte 13)",
        ),
        (b"<<<<<<< HEAD\n", "is not JSON", ", line 1"),
    ];
    for (bytes, what, at) in cases {
        let (said_what, said_at) = told(bytes);
        assert!(said_what.starts_with(what), "{said_what}");
        assert!(said_at.contains(at), "{said_what}{said_at}");
    }
    let mut trailing = whole.clone();
    trailing.extend(b"}\n");
    let (what, at) = told(&trailing);
    assert_eq!(what, "is not JSON: trailing characters");
    assert!(at.ends_with(&format!("(byte {})", whole.len())), "{at}");
}

#[test]
fn a_newer_file_is_named_by_its_version() {
    let mut value: Value =
        serde_json::from_slice(&encode(&sample(Path::new("."))).unwrap()).unwrap();
    value["version"] = json!(2);
    value["resources"] = json!("in another form");
    let bytes = serde_json::to_vec(&value).unwrap();
    assert_eq!(decode(&bytes), Err(Unreadable::Newer { found: 2 }));
}

#[test]
fn a_field_that_must_be_known_is_not_made_up() {
    let whole: Value = serde_json::from_slice(&encode(&sample(Path::new("."))).unwrap()).unwrap();
    let fields = [
        "env",
        "endpoint",
        "account",
        "secret_key",
        "resources",
        "outputs",
        "packages",
    ];
    for field in fields {
        let mut value = whole.clone();
        value.as_object_mut().unwrap().remove(field);
        let (what, _) = told(&serde_json::to_vec(&value).unwrap());
        assert!(what.contains(field), "{what}");
    }
    let mut value = whole;
    value["resources"]["role.a"]
        .as_object_mut()
        .unwrap()
        .remove("spec");
    let state = decode(&serde_json::to_vec(&value).unwrap()).unwrap();
    assert_eq!(state.resources["role.a"].spec, None);
}

fn any_state() -> impl Strategy<Value = State> {
    let text = "[a-zA-Z0-9é\"\\\\ \n{}]{0,8}";
    let resource = (text, proptest::option::of(text), any::<bool>());
    let resources = proptest::collection::btree_map("[a-z]{1,3}", resource, 0..3);
    (resources, any::<u64>(), proptest::option::of("[a-z]{1,4}")).prop_map(
        |(resources, serial, env)| {
            let mut state = State::new(&scope(Path::new(".")));
            state.serial = serial;
            state.env = env;
            state.resources = resources
                .into_iter()
                .map(|(name, (id, spec, protect))| {
                    let mut stored = stored("role", &id, &["role.a"]);
                    stored.spec = spec.map(|spec| json!({ "description": spec }));
                    stored.protect = protect;
                    (Addr::root_of("role", &name), stored)
                })
                .collect::<BTreeMap<_, _>>();
            state
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn cut_anywhere_it_is_refused_or_read_whole(state in any_state()) {
        let bytes = encode(&state).unwrap();
        for end in 0..=bytes.len() {
            match decode(&bytes[..end]) {
                Ok(read) => {
                    prop_assert!(end + 1 >= bytes.len(), "cut at {end} of {}", bytes.len());
                    prop_assert_eq!(read, state.clone());
                }
                Err(error) => {
                    prop_assert!(end + 1 < bytes.len(), "{error:?}");
                    let named = matches!(&error, Unreadable::Damaged { at, .. } if end == 0 || at.contains("byte"));
                    prop_assert!(named, "cut at {}: {:?}", end, error);
                }
            }
        }
    }

    #[test]
    fn noise_is_never_a_state(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        prop_assert!(decode(&bytes).is_err());
    }
}
