use std::collections::BTreeMap;

use super::*;
use crate::package::Entry;

fn listing(files: &[&str]) -> Listing {
    let entry = Entry {
        size: 1,
        executable: false,
        digest: "0".repeat(32),
        link: None,
    };
    let files = files.iter().map(|file| ((*file).to_owned(), entry.clone()));
    Listing::of(files.collect::<BTreeMap<_, _>>())
}

type Rule = fn(&Case) -> Option<Fault>;

/// `-`, the form's fault, or the file that is missing.
fn judged(rule: Rule, handler: &str, files: &[&str], open: bool) -> String {
    let listing = listing(files);
    let case = Case {
        handler,
        listing: &listing,
        open,
    };
    match rule(&case) {
        None => "-".to_owned(),
        Some(Fault::Form(message, _)) => message,
        Some(Fault::Missing(files, _)) => files[0].clone(),
    }
}

fn node22(case: &Case) -> Option<Fault> {
    node(case, "nodejs22.x")
}

fn node24(case: &Case) -> Option<Fault> {
    node(case, "nodejs24.x")
}

#[test]
fn each_runtime_finds_what_aws_finds() {
    let table: [(Rule, &str, &str); 28] = [
        (node22, "index.handler", "index.js"),
        (node22, "index.handler", "index.mjs"),
        (node22, "index.handler", "index"),
        (node22, "index.users.list", "index.js"),
        (node22, "src/index.handler", "src/index.cjs"),
        (node22, "./src/index.handler", "src/index.js"),
        (node22, "a.b/index.handler", "a.b/index.js"),
        (node22, "/var/task/index.handler", "index.js"),
        (
            node22,
            "wrapper.handler",
            "node_modules/wrapper/package.json",
        ),
        (
            node22,
            "src/wrapper.handler",
            "src/node_modules/wrapper/index.js",
        ),
        (node24, "index.handler", "index.ts"),
        (python, "app.handler", "app.py"),
        (python, "pkg.app.handler", "pkg/app.py"),
        (python, "pkg/app.handler", "pkg/app.py"),
        (python, "pkg.handler", "pkg/__init__.py"),
        (
            python,
            "fast.handler",
            "fast.cpython-313-x86_64-linux-gnu.so",
        ),
        (python, "fast.handler", "fast.abi3.so"),
        (python, "old.handler", "old.pyc"),
        (ruby, "app.handler", "app.rb"),
        (ruby, "app.Users.list", "app.rb"),
        (ruby, "lib/app.Shop::Users.list", "lib/app.rb"),
        (java, "shop.Handler::handle", "shop/Handler.class"),
        (java, "shop.Handler", "shop/Handler.class"),
        (java, "shop.Outer$Inner", "shop/Outer$Inner.class"),
        (java, "shop.Handler::handle", "lib/shop.jar"),
        (dotnet, "Shop::Shop.Functions::Handle", "Shop.dll"),
        (dotnet, "Shop", "Shop.dll"),
        (
            dotnet,
            "Shop.Api::Shop.Api.Functions::Handle",
            "Shop.Api.dll",
        ),
    ];
    for (rule, handler, file) in table {
        assert_eq!(
            judged(rule, handler, &[file], false),
            "-",
            "{handler} in {file}"
        );
        // And not without it.
        assert_ne!(
            judged(rule, handler, &["other.txt"], false),
            "-",
            "{handler}"
        );
    }
}

#[test]
fn what_never_runs_is_certain() {
    let table: [(Rule, &str, &[&str], &str); 13] = [
        (node22, "users.list.handler", &["users.list.js"], "users.js"),
        (node22, "index", &["index.js"], "`index` names no function"),
        (
            node22,
            "index.",
            &["index.js"],
            "`index.` names no function",
        ),
        (
            node22,
            "../index.handler",
            &["index.js"],
            "`../index.handler` has two dots in a row, which Lambda refuses in a handler",
        ),
        (node22, "index.handler", &["index.ts"], "index.js"),
        (
            python,
            "handler",
            &["handler.py"],
            "`handler` names no function",
        ),
        (
            python,
            "./app.handler",
            &["app.py"],
            "Python can import no module by the handler `./app.handler`",
        ),
        (python, "app.handler", &["src/app.py"], "app.py"),
        (ruby, "app", &["app.rb"], "`app` is no handler of Ruby's"),
        (
            ruby,
            "a.b.c.d",
            &["a.rb"],
            "`a.b.c.d` is no handler of Ruby's",
        ),
        (
            java,
            "shop.Handler::",
            &["shop/Handler.class"],
            "`shop.Handler::` is no handler of Java's",
        ),
        (
            dotnet,
            "Shop::Handle",
            &["Shop.dll"],
            "`Shop::Handle` is no handler of .NET's",
        ),
        (dotnet, "Shop::A::B", &["bin/Shop.dll"], "Shop.dll"),
    ];
    for (rule, handler, files, told) in table {
        assert_eq!(judged(rule, handler, files, false), told, "{handler}");
    }
}

#[test]
fn what_a_layer_may_bring_is_open() {
    let wrapper = "/opt/nodejs/node_modules/wrapper/handler.handler";
    assert_eq!(judged(node22, wrapper, &["index.js"], true), "-");
    assert_eq!(
        judged(node22, wrapper, &["index.js"], false),
        "/opt/nodejs/node_modules/wrapper/handler.js"
    );
    let listing = listing(&["app.py"]);
    let case = |open| Case {
        handler: "datadog_lambda.handler.handler",
        listing: &listing,
        open,
    };
    for open in [true, false] {
        let fault = python(&case(open)).expect("not in the package");
        let told = told(&case(open), fault, &Guesses::default());
        assert_eq!(told.is_error(), !open);
    }
}
