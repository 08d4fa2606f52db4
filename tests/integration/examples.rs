//! Every example, on moto through the counter: it plans, applies, has nothing to do then,
//! changes, and goes; and each time AWS gets exactly the changing calls that the plan
//! announced.

use crate::harness::{self, Counter, Run, Sandbox, example, examples};

/// An example, and the counter before moto.
struct Story {
    sandbox: Sandbox,
    counter: Counter,
}

impl Story {
    fn of(name: &str) -> Story {
        let counter = Counter::before(harness::moto().endpoint());
        let sandbox = example(name, &format!("ex-{name}")).at(counter.endpoint());
        Story { sandbox, counter }
    }

    /// Planned, done, idle; the number of calls is what the plan said, and not none.
    fn does(&self, line: &str, plan: &str) -> Run {
        let planned = self.sandbox.slp(&format!("{plan} --exit-code")).exits(3);
        self.counter.reset();
        let run = self.sandbox.slp(line).ok();
        let calls: Vec<String> = self
            .counter
            .calls()
            .into_iter()
            .map(|call| call.op)
            .collect();
        let said = format!("{run}\n{calls:#?}");
        assert_eq!(self.counter.changing(), planned.planned_calls(), "{said}");
        assert_eq!(run.planned_calls(), planned.planned_calls(), "{said}");
        assert!(self.counter.changing() > 0, "{said}");
        self.idle(line, plan);
        run
    }

    /// The same again makes no changing call.
    fn idle(&self, line: &str, plan: &str) {
        self.counter.reset();
        let planned = self.sandbox.slp(&format!("{plan} --exit-code")).ok();
        planned.says(&["Nothing to do"]);
        self.sandbox.slp(line).ok().says(&["Nothing to do"]);
        assert_eq!(self.counter.changing(), 0);
    }

    fn life(&self, change: impl Fn(&Sandbox)) {
        self.does("apply --yes", "plan");
        change(&self.sandbox);
        self.does("apply --yes", "plan");
        self.does("destroy --yes", "plan --destroy");
        let left = harness::moto().inventory(&self.sandbox.prefix());
        assert_eq!(left, Vec::<String>::new());
    }
}

/// The examples that have a test below.
const TOLD: [&str; 5] = [
    "environments",
    "hello-world",
    "many-routes",
    "python-worker",
    "standard-and-premium",
];

#[test]
fn no_example_is_forgotten() {
    assert_eq!(examples(), TOLD);
}

#[test]
fn hello_world() {
    Story::of("hello-world").life(|sandbox| {
        let route = r#""ANY /{hello+}" = { function = "HelloWorld", credentials = "hello-world-api-gateway-role" }"#;
        sandbox
            .change_in("src/index.js", "Hello world", "Hello moon")
            .change("code = \"src\"", "code = \"src\"\nmemory = 256")
            .change(route, &route.replace("ANY /{hello+}", "GET /status"));
    });
}

#[test]
fn many_routes() {
    Story::of("many-routes").life(|sandbox| {
        sandbox
            .change("\"POST /loans\" = { function = \"Library\" }\n", "")
            .change(
                "cors = true",
                "cors = { origins = [\"https://example.com\"] }",
            )
            .change("checkip.amazonaws.com", "example.com");
    });
}

#[test]
fn standard_and_premium() {
    Story::of("standard-and-premium").life(|sandbox| {
        sandbox
            .change("\"GET /premium\" = { function = \"Premium\" }\n", "")
            .change("MAX_ITEMS = 10 }", "MAX_ITEMS = 20 }");
    });
}

#[test]
fn environments() {
    let story = Story::of("environments");
    story.does("apply --yes", "plan");
    // Both live in one account, and neither sees the other.
    story.does("apply --yes --env prod", "plan --env prod");
    story.idle("apply --yes", "plan");
    story
        .sandbox
        .change("greeting = \"Good day\"", "greeting = \"Good evening\"");
    story.idle("apply --yes", "plan");
    let run = story.does("apply --yes --env prod", "plan --env prod");
    assert_eq!(run.planned(), ["~ function.Greeter"]);
    story.does("destroy --yes", "plan --destroy");
    story.idle("apply --yes --env prod", "plan --env prod");
    story.does("destroy --yes --env prod", "plan --destroy --env prod");
    let left = harness::moto().inventory(&story.sandbox.prefix());
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn python_worker() {
    Story::of("python-worker").life(|sandbox| {
        sandbox
            .change("batch_size = 25", "batch_size = 50")
            .change("reserved_concurrency = 5\n", "")
            .change("retention_days = 14", "retention_days = 30");
    });
}
