//! What is made by slp is what anybody else would have made.

use serde_json::{Value, json};

use super::Stand;
use crate::local::testing::rest;

impl Stand {
    /// `Environment` of the function, as Lambda shows it.
    async fn environment(&self) -> Value {
        let path = "/2015-03-31/functions/HelloWorld/configuration";
        let (status, shown) = rest(&self.cloud, "lambda", "GET", path, Value::Null).await;
        assert_eq!(status, 200, "{shown}");
        shown["Environment"].clone()
    }
}

#[tokio::test]
async fn an_environment_is_there_only_where_there_is_or_was_one() {
    let stand = Stand::of("hello-world");
    assert!(stand.run(false).await.is_ok());
    assert_eq!(stand.environment().await, Value::Null);
    let handler = "handler = \"index.helloworld\"";
    let longer = format!("{handler}\ntimeout = 9");
    stand.change("slp.toml", handler, &longer);
    assert!(stand.run(false).await.is_ok());
    assert_eq!(stand.environment().await, Value::Null);
    let with = format!("{handler}\nenvironment = {{ MODE = \"a\" }}");
    stand.change("slp.toml", &longer, &with);
    assert!(stand.run(false).await.is_ok());
    assert_eq!(
        stand.environment().await,
        json!({"Variables": {"MODE": "a"}})
    );
    stand.change("slp.toml", &with, handler);
    assert!(stand.run(false).await.is_ok());
    assert_eq!(stand.environment().await, json!({"Variables": {}}));
}
