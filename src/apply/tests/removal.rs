//! What goes along and what stays: `--target` and `--exclude`, protection, moves, names.

use super::*;

const SHOP: &str = r#"
[role.lambda]
trust = "lambda"
[role.gateway]
trust = "gateway"
attach = ["invoke"]
[policy.invoke]
[[policy.invoke.allow]]
actions = ["x:y"]
resources = ["${function.F.arn}"]
[function.F]
role = "lambda"
[function.F.alias.live]
[role.other]
trust = "other"
"#;

fn only(target: &[&str], exclude: &[&str]) -> Options {
    let all = |texts: &[&str]| texts.iter().map(|text| addr(text)).collect();
    Options {
        target: all(target),
        exclude: all(exclude),
        ..Options::default()
    }
}

/// Destroys part of the shop; gives the plan, and what the state lists afterwards.
fn destroyed(options: &Options) -> (Vec<String>, Vec<String>) {
    let project = Project::with(&wants(SHOP));
    let (plan, outcome) = project.try_apply(&nothing(), options, None).unwrap();
    assert_eq!(outcome.failed, []);
    assert_eq!(project.world.lock().broken, Vec::<String>::new());
    let left = project.disk.state().resources;
    assert_eq!(project.world.lock().things.len(), left.len());
    (lines(&plan), left.keys().map(Addr::to_string).collect())
}

/// Why something cannot be planned.
fn refused(project: &Project, desired: &Desired) -> Vec<String> {
    let planned = project.planned(desired, &Options::default());
    let refusals = planned.err().expect("a refusal");
    refusals.iter().map(Refusal::to_string).collect()
}

#[test]
fn what_is_destroyed_takes_along_whatever_needs_it() {
    let (gone, left) = destroyed(&only(&["role.lambda"], &[]));
    let all = [
        "- function.F",
        "- function.F.alias.live",
        "- policy.invoke",
        "- role.gateway",
        "- role.lambda",
    ];
    assert_eq!(gone, all);
    assert_eq!(left, ["role.other"]);
}

#[test]
fn what_nobody_needs_goes_alone() {
    let (gone, left) = destroyed(&only(&["role.gateway"], &[]));
    assert_eq!(gone, ["- role.gateway"]);
    assert_eq!(left.len(), 5);
}

#[test]
fn what_stays_keeps_what_it_needs() {
    let (gone, left) = destroyed(&only(&[], &["function.F"]));
    assert_eq!(gone, ["- policy.invoke", "- role.gateway", "- role.other"]);
    assert_eq!(left, ["function.F", "function.F.alias.live", "role.lambda"]);
}

#[test]
fn two_that_swap_names_are_both_made_anew() {
    let named = |a: &str, b: &str| {
        let role = "[role.r]\ntrust = \"x\"\n";
        wants(&format!(
            "{role}[function.A]\nrole = \"r\"\nname = \"{a}\"\n[function.B]\nrole = \"r\"\nname = \"{b}\"\n"
        ))
    };
    let project = Project::with(&named("one", "two"));
    let swapped = named("two", "one");
    let (plan, _) = project.applied(&swapped);
    assert_eq!(lines(&plan), ["-/+ function.A", "-/+ function.B"]);
    let at = |of: &str| plan.changes.iter().find(|c| c.addr == addr(of)).unwrap();
    assert_eq!(
        at("function.A").made_after_removal,
        [addr("function.B")].into()
    );
    assert_eq!(
        at("function.B").made_after_removal,
        [addr("function.A")].into()
    );
    assert!(project.plan(&swapped).changes.is_empty());
}

#[test]
fn a_name_that_goes_from_one_to_another_is_free_before_it_is_taken() {
    let before = wants("[role.old]\nname = \"n\"\ntrust = \"x\"\n[function.F]\nrole = \"old\"\n");
    let after = wants("[role.new]\nname = \"n\"\ntrust = \"x\"\n[function.F]\nrole = \"new\"\n");
    let project = Project::with(&before);
    let (plan, outcome) = project
        .try_apply(&after, &Options::default(), None)
        .unwrap();
    assert_eq!(outcome.failed, []);
    assert_eq!(lines(&plan)[1..], ["+ role.new", "- role.old"]);
    assert!(project.plan(&after).changes.is_empty());
}

#[test]
fn a_protected_child_holds_its_parent() {
    let alias = "[function.F.alias.live]\n";
    let kept = SHOP.replace(alias, &format!("{alias}protect = true\n"));
    let project = Project::with(&wants(&kept));
    let replaced = kept.replace("role = \"lambda\"", "role = \"lambda\"\nname = \"G\"");
    let why = refused(&project, &wants(&replaced));
    let told = "function.F.alias.live is protected and would be replaced with its parent";
    assert_eq!(why, [told]);
    let why = refused(&project, &nothing());
    assert_eq!(
        why,
        ["function.F.alias.live is protected and would be destroyed"]
    );
    // Nothing but an explicit `false` lifts it.
    assert_eq!(refused(&project, &wants(&SHOP.replace(alias, ""))).len(), 1);
    let lifted = SHOP.replace(alias, &format!("{alias}protect = false\n"));
    project.applied(&wants(&lifted));
    project.applied(&nothing());
}

#[test]
fn a_move_changes_nothing_but_the_address() {
    let named = |name: &str| format!("[role.{name}]\nname = \"n\"\ntrust = \"x\"\n");
    let project = Project::with(&wants(&named("old")));
    let moved = named("new") + "[[moved]]\nfrom = \"role.old\"\nto = \"role.new\"\n";
    let (plan, _) = project.applied(&wants(&moved));
    assert_eq!(lines(&plan), ["→ role.new"]);
    assert!(project.plan(&wants(&moved)).changes.is_empty());
}

#[test]
fn a_move_that_cannot_be_done_is_refused_before_anything_is_lost() {
    let both = "[role.a]\ntrust = \"x\"\n[role.b]\ntrust = \"x\"\n";
    let project = Project::with(&wants(both));
    let moves = |from: &str, to: &str| Desired {
        moved: vec![(addr(from), addr(to))],
        ..wants(both)
    };
    let taken = refused(&project, &moves("role.a", "role.b"));
    assert!(
        taken[0].contains("role.b is in the state already"),
        "{taken:?}"
    );
    let kind = refused(&project, &moves("role.a", "policy.c"));
    assert!(
        kind[0].contains("one is a role, the other a policy"),
        "{kind:?}"
    );
    // What was moved already is no mistake.
    assert!(
        project
            .plan(&moves("role.gone", "role.c"))
            .changes
            .is_empty()
    );
}

/// An environment variable that holds a secret, and what is ignored.
fn secret(value: &str, ignore: &str) -> Desired {
    wants(&format!(
        "[variables]\nt = {{ default = \"{value}\", secret = true }}\n[role.r]\ntrust = \"x\"\n\
         [function.F]\nrole = \"r\"\nenvironment = {{ T = \"a-${{var.t}}\" }}\nignore = [{ignore}]\n"
    ))
}

fn environment(project: &Project) -> String {
    let inner = project.world.lock();
    let key = ("function".to_owned(), "F".to_owned());
    inner.things[&key].spec["environment"].to_string()
}

#[test]
fn a_rotated_secret_is_a_change_that_shows_no_secret() {
    let project = Project::with(&secret("hush-1", ""));
    assert_eq!(environment(&project), r#"{"T":"a-hush-1"}"#);
    let (plan, _) = project.applied(&secret("hush-2", ""));
    assert_eq!(lines(&plan), ["~ function.F"]);
    assert!(!serde_json::to_string(&plan).unwrap().contains("hush"));
    assert!(!format!("{:?}", project.disk.state()).contains("hush"));
    assert_eq!(environment(&project), r#"{"T":"a-hush-2"}"#);
    assert!(project.plan(&secret("hush-2", "")).changes.is_empty());
}

#[test]
fn an_ignored_secret_is_left_as_it_is() {
    let ignored = "\"environment.T\"";
    let project = Project::with(&secret("hush-1", ignored));
    let plan = project.plan(&secret("hush-2", ignored));
    assert_eq!(lines(&plan), Vec::<String>::new());
    assert!(project.world.lock().broken.is_empty());
    assert_eq!(environment(&project), r#"{"T":"a-hush-1"}"#);
}

#[test]
fn what_a_target_takes_along_says_why() {
    let project = Project::default();
    let made = project.planned(&wants(SHOP), &only(&["policy.invoke"], &[]));
    let made = made.unwrap_or_else(|refusals| panic!("{refusals:?}"));
    let told = |plan: &Plan| -> Vec<String> {
        let along = plan.along.iter();
        along.map(|(addr, why)| format!("{addr}: {why}")).collect()
    };
    assert_eq!(
        told(&made.plan),
        [
            "function.F: policy.invoke needs it",
            "role.lambda: function.F needs it"
        ]
    );
    let project = Project::with(&wants(SHOP));
    let gone = project.planned(&nothing(), &only(&["role.gateway"], &[]));
    let gone = gone.unwrap_or_else(|refusals| panic!("{refusals:?}"));
    assert_eq!(told(&gone.plan), [""; 0]);
    let gone = project.planned(&nothing(), &only(&["policy.invoke"], &[]));
    let gone = gone.unwrap_or_else(|refusals| panic!("{refusals:?}"));
    assert_eq!(told(&gone.plan), ["role.gateway: it needs policy.invoke"]);
}
