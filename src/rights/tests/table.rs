use serde::Deserialize;
use serde_json::{Value, json};

use crate::rights::compare::{Delta, Policies, identity, resource};
use crate::rights::lines;

#[derive(Deserialize)]
struct Table {
    pair: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    name: String,
    #[serde(default)]
    resource: bool,
    before: Vec<Value>,
    after: Vec<Value>,
    boundary: Option<Value>,
    boundary_before: Option<Value>,
    boundary_after: Option<Value>,
    #[serde(default)]
    gained: Vec<String>,
    #[serde(default)]
    lost: Vec<String>,
}

fn pairs() -> Vec<Pair> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/rights.toml");
    let text = std::fs::read_to_string(path).expect("the table");
    toml::from_str::<Table>(&text).expect("a table").pair
}

/// A list of statements is a document of the grammar that everybody should write.
fn document(value: &Value) -> Value {
    match value {
        Value::Array(_) => json!({"Version": "2012-10-17", "Statement": value}),
        whole => whole.clone(),
    }
}

fn policies(documents: &[Value], boundary: Option<&Value>) -> Policies {
    Policies {
        documents: documents.iter().map(document).collect(),
        boundary: boundary.map(document),
    }
}

impl Pair {
    fn delta(&self, backwards: bool) -> Delta {
        let (mut before, mut after) = (
            (&self.before, self.boundary_before.as_ref()),
            (&self.after, self.boundary_after.as_ref()),
        );
        if backwards {
            std::mem::swap(&mut before, &mut after);
        }
        if self.resource {
            let one = |documents: &[Value]| documents.first().map(document);
            return resource(one(before.0).as_ref(), one(after.0).as_ref());
        }
        let side = |(documents, boundary): (&Vec<Value>, Option<&Value>)| {
            policies(documents, boundary.or(self.boundary.as_ref()))
        };
        identity(&side(before), &side(after))
    }
}

#[test]
fn the_table_is_large_and_half_of_it_is_no_change() {
    let pairs = pairs();
    let same = |pair: &&Pair| pair.gained.is_empty() && pair.lost.is_empty();
    assert!(pairs.len() >= 64, "{}", pairs.len());
    assert!(2 * pairs.iter().filter(same).count() >= pairs.len());
}

#[test]
fn each_pair_tells_what_differs_in_meaning() {
    for pair in pairs() {
        let delta = pair.delta(false);
        assert_eq!(delta.unread, 0, "{}", pair.name);
        assert_eq!(lines(&delta.gained), pair.gained, "{}: gained", pair.name);
        assert_eq!(lines(&delta.lost), pair.lost, "{}: lost", pair.name);
    }
}

#[test]
fn backwards_it_is_the_other_way_round() {
    for pair in pairs() {
        let (there, back) = (pair.delta(false), pair.delta(true));
        assert_eq!(lines(&back.lost), lines(&there.gained), "{}", pair.name);
        assert_eq!(lines(&back.gained), lines(&there.lost), "{}", pair.name);
    }
}

#[test]
fn what_is_no_document_is_counted() {
    let odd = json!({"Statement": [{"Effect": "Allow", "Action": 1}]});
    let delta = resource(None, Some(&odd));
    assert_eq!((delta.unread, delta.gained.len()), (1, 0));
}

/// As `ReadOnlyAccess`, whose actions are more than a thousand.
#[test]
fn a_policy_of_many_actions_takes_little_time() {
    let action = |at: usize| format!("service{}:Get{at}Of*", at % 100);
    let actions: Vec<String> = (0..1_200).map(action).collect();
    let large = json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}]);
    let (before, after) = (policies(&[large], None), policies(&[], None));
    let begin = std::time::Instant::now();
    assert_eq!(identity(&before, &after).lost.len(), 1_200);
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}

/// A large role on a machine that has other things to do.
#[test]
fn many_statements_take_little_time() {
    let statement = |at: usize, what: &str| {
        json!({"Effect": "Allow", "Action": [format!("s3:{what}{at}*"), format!("sqs:Do{at}")],
            "Resource": [format!("arn:aws:s3:::bucket-{at}/*"), format!("arn:aws:sqs:*:1:{at}-*")]})
    };
    let all = |what: &str| -> Value { (0..60).map(|at| statement(at, what)).collect() };
    let before = policies(&[all("Get")], None);
    let after = policies(&[all("Put")], None);
    let begin = std::time::Instant::now();
    let delta = identity(&before, &after);
    assert!(!delta.gained.is_empty() && !delta.lost.is_empty());
    assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
}
