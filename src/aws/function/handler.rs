//! Does the package hold what the handler names? Each runtime finds it in its own way; a missing
//! one shows only when the function is called.
//!
//! Sources, one a runtime, all of them AWS's: aws-lambda-nodejs-runtime-interface-client
//! (`UserFunction.js`), aws-lambda-python-runtime-interface-client (`bootstrap.py`),
//! aws-lambda-ruby-runtime-interface-client (`lambda_handler.rb`), the Java and .NET pages of the
//! developer guide, and for `provided` its page on custom runtimes. The embedded cloud's
//! bootstraps find handlers as the first two do.

use super::decl::Decl;
use crate::package::Listing;
use crate::problem::{Guesses, Problem};
use crate::resolve::Ctx;

/// What decides whether a missing file is certain to be missing on AWS.
struct Case<'a> {
    handler: &'a str,
    listing: &'a Listing,
    /// Files may come from a layer, or the environment may move what is looked for.
    open: bool,
}

/// What is wrong with a handler.
enum Fault {
    /// Whatever is in the package.
    Form(String, &'static str),
    /// The first of these files is meant.
    Missing(Vec<String>, Option<String>),
}

/// Variables by which the runtimes look, or are started, elsewhere.
const MOVERS: [&str; 7] = [
    "AWS_LAMBDA_EXEC_WRAPPER",
    "NODE_PATH",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "RUBYLIB",
    "JAVA_TOOL_OPTIONS",
    "DOTNET_STARTUP_HOOKS",
];

/// Where Lambda unpacks the package, and where its layers.
const TASK: &str = "/var/task/";
const LAYERS: &str = "/opt/";

pub fn check(decl: &Decl, listing: &Listing, ctx: &Ctx) {
    let (Some(runtime), Some(handler)) = (&decl.runtime, &decl.handler) else {
        return;
    };
    let moved = MOVERS.iter().any(|key| decl.environment.contains_key(*key));
    let case = Case {
        handler,
        listing,
        open: moved || !decl.layers.is_empty(),
    };
    let family = runtime.split(|c: char| !c.is_ascii_alphabetic()).next();
    let fault = match family.unwrap_or_default() {
        "nodejs" => node(&case, runtime),
        "python" => python(&case),
        "ruby" => ruby(&case),
        "java" => java(&case),
        "dotnet" => dotnet(&case),
        "provided" => provided(&case, decl.zip.is_some(), ctx),
        _ => None,
    };
    match fault {
        Some(fault) => ctx.problem(told(&case, fault, &ctx.names.guesses)),
        None => file_for_handler(&case, ctx),
    }
}

/// `index.js` is found, as the function `js` of `index`: hardly anybody means that.
fn file_for_handler(case: &Case, ctx: &Ctx) {
    const ENDS: [&str; 7] = ["js", "mjs", "cjs", "ts", "py", "rb", "class"];
    let Some((file, end)) = case.handler.rsplit_once('.') else {
        return;
    };
    if ENDS.contains(&end) && case.has(case.handler) {
        let message = format!(
            "`{}` is a file; this handler is its function `{end}`",
            case.handler
        );
        let help = format!("write it as `file.function`, such as `{file}.handler`");
        ctx.problem(Problem::at(&["handler"], message).help(help).warning());
    }
}

fn told(case: &Case, fault: Fault, guesses: &Guesses) -> Problem {
    let handler = case.handler;
    let at = |message: String| Problem::at(&["handler"], message);
    let (files, why) = match fault {
        Fault::Form(message, help) => return at(message).help(help),
        Fault::Missing(files, why) => (files, why),
    };
    let first = files.first().map_or("", String::as_str);
    let message = format!("the package holds no `{first}` for the handler `{handler}`");
    let names = case.listing.files.keys().map(String::as_str);
    let elsewhere = why.or_else(|| case.in_another_folder(&files, guesses));
    let help = match (elsewhere, guesses.nearest(first, names)) {
        (Some(why), _) => why,
        (None, Some(near)) => format!("it holds `{near}`"),
        (None, None) => match case.listing.files.len() {
            1 => "it holds one other file; is `code` the right folder?".into(),
            count => format!("it holds {count} other files; is `code` the right folder?"),
        },
    };
    match case.open {
        true => at(message)
            .help("a layer or an environment variable may bring it; slp does not look there")
            .warning(),
        false => at(message).help(help),
    }
}

impl Case<'_> {
    fn has(&self, file: &str) -> bool {
        self.listing.may_have(file)
    }

    fn holds(&self, is: impl Fn(&str) -> bool) -> bool {
        self.listing.files.keys().any(|file| is(file))
    }

    /// Is there anything in this folder?
    fn has_in(&self, folder: &str) -> bool {
        let from = folder.to_owned();
        let next = self.listing.files.range(from..).next();
        next.is_some_and(|(file, _)| file.starts_with(folder))
    }

    /// The path in the package that a path of a handler stands for; `None` for one outside it.
    fn inside(&self, path: &str) -> Option<String> {
        let rest = match path.strip_prefix('/') {
            None => path,
            Some(_) => path.strip_prefix(TASK)?,
        };
        let parts = rest
            .split('/')
            .filter(|part| !part.is_empty() && *part != ".");
        Some(parts.collect::<Vec<_>>().join("/"))
    }

    /// The same file in another folder, and the handler that names it: the package begins inside
    /// `code`, which is easily forgotten.
    fn in_another_folder(&self, files: &[String], guesses: &Guesses) -> Option<String> {
        let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
        let wanted: Vec<String> = files.iter().map(|file| name(file)).collect();
        let mut same = guesses.counted(self.listing.files.keys())?.filter(|file| {
            let whole = wanted.contains(&name(file));
            whole && !file.contains("node_modules/")
        });
        let (file, None) = (same.next()?, same.next()) else {
            return None;
        };
        let (_, handler) = self.handler.rsplit_once('/').unwrap_or(("", self.handler));
        let folder = file
            .rsplit_once('/')
            .map(|(folder, _)| format!("{folder}/"));
        let handler = format!("{}{handler}", folder.unwrap_or_default());
        Some(format!(
            "it holds `{file}` (a package begins inside `code`): write handler = \"{handler}\""
        ))
    }

    fn missing(&self, files: Vec<String>) -> Option<Fault> {
        let there = files.iter().any(|file| self.has(file));
        (!there).then_some(Fault::Missing(files, None))
    }
}

/// The last part of the path at its first dot: a file before it, and after it names inside names.
fn node(case: &Case, runtime: &str) -> Option<Fault> {
    let (whole, example) = (
        case.handler,
        "write it as `file.function`, such as `index.handler`",
    );
    if whole.contains("..") {
        let message = format!("`{whole}` has two dots in a row, which Lambda refuses in a handler");
        return Some(Fault::Form(message, example));
    }
    let (folder, base) = whole.rsplit_once('/').unwrap_or(("", whole));
    let function = base
        .split_once('.')
        .filter(|(_, function)| !function.is_empty());
    let Some((file, function)) = function else {
        return Some(Fault::Form(format!("`{whole}` names no function"), example));
    };
    let joined = format!("{folder}/{file}");
    let path = if folder.is_empty() { file } else { &joined };
    if path.starts_with(LAYERS) {
        let file = vec![format!("{path}.js")];
        let why = "`/opt` is where layers are, and the function has no `layers`".to_owned();
        return (!case.open).then_some(Fault::Missing(file, Some(why)));
    }
    let path = case.inside(path)?;
    let mut ends = vec![".js", ".mjs", ".cjs", ""];
    let version = runtime.trim_start_matches("nodejs").trim_end_matches(".x");
    if version.parse::<u32>().is_ok_and(|version| version >= 24) {
        ends.extend([".ts", ".mts", ".cts"]);
    }
    let here = ends.iter().map(|end| format!("{path}{end}"));
    let files: Vec<String> = here.collect();
    // What is no file may be a package.
    let package = [String::new(), folder.trim_matches('/').to_owned() + "/"];
    let installed = |root: &String| {
        let at = format!("{}node_modules/{file}", root.trim_start_matches('/'));
        // A link to where it is installed is enough.
        case.has(&at) || case.has_in(&format!("{at}/")) || case.has(&format!("{at}.js"))
    };
    if package.iter().any(installed) {
        return None;
    }
    let last = function
        .rsplit_once('.')
        .map(|(more, _)| format!("{path}.{more}"));
    let dotted = last.filter(|name| ends.iter().any(|end| case.has(&format!("{name}{end}"))));
    let why = dotted.map(|_| {
        format!("Lambda ends the file's name at its first dot, so it looks for `{file}`: rename the file")
    });
    match case.missing(files) {
        Some(Fault::Missing(files, _)) => Some(Fault::Missing(files, why)),
        other => other,
    }
}

/// A module, with dots or slashes, before the last dot; a file, a package or something compiled.
fn python(case: &Case) -> Option<Fault> {
    let Some((module, function)) = case.handler.rsplit_once('.') else {
        let message = format!("`{}` names no function", case.handler);
        let help = "write it as `module.function`, such as `app.handler`";
        return Some(Fault::Form(message, help));
    };
    if function.is_empty() || module.starts_with(['/', '.']) {
        let message = format!(
            "Python can import no module by the handler `{}`",
            case.handler
        );
        let help = "write it as `module.function`, from the package's root, such as `app.handler`";
        return Some(Fault::Form(message, help));
    }
    let path = module.replace('.', "/");
    let compiled = |file: &str| {
        let rest = file.strip_prefix(&path);
        rest.is_some_and(|rest| rest.starts_with('.') && (rest.ends_with(".so") || rest == ".pyc"))
    };
    if case.holds(compiled) {
        return None;
    }
    let ends = [".py", "/__init__.py", "/__init__.pyc"];
    case.missing(ends.iter().map(|end| format!("{path}{end}")).collect())
}

/// `file.method` or `file.Class.method`.
fn ruby(case: &Case) -> Option<Fault> {
    let parts: Vec<&str> = case.handler.split('.').collect();
    let whole = parts.iter().all(|part| !part.is_empty());
    let ([file, _] | [file, _, _]) = parts[..] else {
        let message = format!("`{}` is no handler of Ruby's", case.handler);
        let help = "write it as `file.method` or `file.Class.method`";
        return Some(Fault::Form(message, help));
    };
    if !whole {
        let message = format!("`{}` names no method", case.handler);
        return Some(Fault::Form(message, "write it as `file.method`"));
    }
    let path = case.inside(file)?;
    case.missing(vec![format!("{path}.rb"), format!("{path}.so")])
}

/// `package.Class` or `package.Class::method`: a class file, or in a jar below `lib/`, into which
/// slp does not look.
fn java(case: &Case) -> Option<Fault> {
    let mut parts = case.handler.split("::");
    let class = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    if class.is_empty() || rest.len() > 1 || rest.iter().any(|method| method.is_empty()) {
        let message = format!("`{}` is no handler of Java's", case.handler);
        let help = "write it as `package.Class::method`, or `package.Class`";
        return Some(Fault::Form(message, help));
    }
    if case.holds(|file| file.ends_with(".jar")) {
        return None;
    }
    let path = class.replace('.', "/");
    case.missing(vec![format!("{path}.class")])
}

/// `Assembly::Namespace.Class::Method`, or the assembly of a program.
fn dotnet(case: &Case) -> Option<Fault> {
    let parts: Vec<&str> = case.handler.split("::").collect();
    let whole = parts.iter().all(|part| !part.is_empty());
    if !whole || !matches!(parts.len(), 1 | 3) {
        let message = format!("`{}` is no handler of .NET's", case.handler);
        let help = "write it as `Assembly::Namespace.Class::Method`, or as the name of an executable assembly";
        return Some(Fault::Form(message, help));
    }
    case.missing(vec![format!("{}.dll", parts[0])])
}

/// The handler is the program's own affair; what is started is `bootstrap`.
fn provided(case: &Case, zipped: bool, ctx: &Ctx) -> Option<Fault> {
    let Some(entry) = case.listing.files.get("bootstrap") else {
        return case.missing(vec!["bootstrap".to_owned()]);
    };
    // Of a link the mode is no matter.
    if !entry.executable && entry.link.is_none() {
        let key = if zipped { "zip" } else { "code" };
        let problem = Problem::at(
            &[key],
            "`bootstrap` in the package is not executable, so Lambda cannot start it",
        )
        .help("run `chmod +x bootstrap` where it is built");
        // A zip that was made elsewhere may hold no modes at all.
        ctx.problem(if zipped { problem.warning() } else { problem });
    }
    None
}

#[cfg(test)]
#[path = "handler_tests.rs"]
mod tests;
