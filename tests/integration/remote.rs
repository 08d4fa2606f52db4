//! A state in a bucket, on emulators that honour conditional writes: machines that share it,
//! races, kills, a holder that is paused past its lease.

use crate::harness::{Aws, Counter, Emulator, Run, Sandbox, When, example, ministack, moto};

const SIGKILL: i32 = -9;

/// A machine with its own copy of hello-world, its state in the bucket.
fn machine(name: &str, endpoint: &str) -> Sandbox {
    let sandbox = example("hello-world", name).at(endpoint);
    let place =
        format!("\n[state]\nbackend = \"s3\"\nbucket = \"{name}-states\"\nlease_seconds = 30\n");
    let text = sandbox.read("slp.toml");
    sandbox.write("slp.toml", &format!("{text}{place}"));
    sandbox
}

fn bucket(aws: &Aws, name: &str) {
    aws.run(&format!("s3api create-bucket --bucket {name}-states"));
}

/// The keys in the bucket.
fn keys(aws: &Aws, name: &str) -> Vec<String> {
    let all = aws.run(&format!("s3api list-objects-v2 --bucket {name}-states"));
    let objects = crate::harness::list(&all, "Contents").into_iter();
    let keys = objects.map(|object| object["Key"].as_str().expect("a key").to_owned());
    keys.collect()
}

#[test]
fn two_machines_share_a_state_on_moto() {
    shared("remote-moto", moto());
}

#[test]
fn two_machines_share_a_state_on_ministack() {
    shared("remote-mini", ministack());
}

fn shared(name: &str, emulator: &Emulator) {
    let aws = Aws::at(emulator.endpoint());
    let (one, other) = (
        machine(name, emulator.endpoint()),
        machine(name, emulator.endpoint()),
    );
    one.slp("apply --yes")
        .exits(1)
        .says(&["NoSuchBucket", "Make the bucket"]);
    bucket(&aws, name);
    one.slp("apply --yes").ok().says(&["6 created"]);
    assert!(!one.path("state").exists());
    other.slp("plan --exit-code").ok().says(&["Nothing to do"]);
    other.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    other.slp("apply --yes").ok().says(&["1 updated"]);
    one.slp("plan --exit-code").exits(3).says(&["256 → 128 MB"]);
    one.slp("state history").ok().says(&["0\n1\n2 (in place)"]);
    one.slp("state rollback 1").ok().says(&["as serial 3"]);
    one.slp("state rollback 9").exits(1).says(&["was not kept"]);
    let pulled = one.slp("state pull").ok().stdout;
    one.write("pulled.json", &pulled);
    other.slp("apply --yes").ok();
    one.slp("state push pulled.json")
        .exits(4)
        .says(&["serial 3"]);
    let project = format!("\"project\": \"{name}\"");
    let foreign = pulled.replace(&project, "\"project\": \"theirs\"");
    assert_ne!(foreign, pulled);
    one.write("foreign.json", &foreign);
    let refused = one.slp("state push foreign.json").exits(4);
    refused.says(&["foreign.json is the state of theirs"]);
    other.slp("recover").ok().says(&["Nothing was open"]);
    let state = format!("slp/{name}.json");
    assert!(!keys(&aws, name).contains(&format!("{state}.lock")));
    migrated(&other, &format!("s3://{name}-states/{state}"));
    other.slp("destroy --yes").ok();
    assert_eq!(emulator.inventory(&other.prefix()), Vec::<String>::new());
}

/// From the bucket to this machine.
fn migrated(sandbox: &Sandbox, from: &str) {
    let text = sandbox.read("slp.toml");
    let (before, _) = text.split_once("\n[state]").expect("a place");
    sandbox.write("slp.toml", before);
    let line = format!("state migrate --from {from}");
    sandbox.slp(&line).ok().says(&["the old one stays"]);
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}

#[test]
fn of_many_at_once_one_works_and_the_others_find_it_done() {
    race_in_a_bucket("remote-race-8", ministack(), 8);
    race_in_a_bucket("remote-race-2", ministack(), 2);
}

/// Few: moto's threads look at a condition, and write, without keeping each other out in between.
#[test]
fn of_a_few_at_once_on_moto_as_well() {
    race_in_a_bucket("remote-race-3", moto(), 3);
}

fn race_in_a_bucket(name: &str, emulator: &Emulator, number: usize) {
    bucket(&Aws::at(emulator.endpoint()), name);
    let machines: Vec<Sandbox> = (0..number)
        .map(|_| machine(name, emulator.endpoint()))
        .collect();
    race(&machines.iter().collect::<Vec<_>>(), emulator);
}

/// The same folder: the lock is a file.
#[test]
fn of_many_in_one_folder_one_works() {
    for number in [2, 8] {
        let emulator = moto();
        let sandbox = example("hello-world", "local-race").at(emulator.endpoint());
        race(&vec![&sandbox; number], emulator);
    }
}

fn race(machines: &[&Sandbox], emulator: &Emulator) {
    let running: Vec<_> = machines
        .iter()
        .map(|machine| machine.begin("apply --yes --lock-timeout 2m"))
        .collect();
    let runs: Vec<Run> = running.into_iter().map(|run| run.end().ok()).collect();
    let made: Vec<_> = runs
        .iter()
        .filter(|run| run.stderr.contains("6 created"))
        .collect();
    assert_eq!(made.len(), 1);
    let idle = runs
        .iter()
        .filter(|run| run.stdout.contains("Nothing to do"));
    assert_eq!(idle.count(), machines.len() - 1);
    let apis = Aws::at(emulator.endpoint()).apis(&machines[0].named("Hello World Api"));
    assert_eq!(apis.len(), 1);
    machines[0].slp("destroy --yes --lock-timeout 2m").ok();
    assert_eq!(
        emulator.inventory(&machines[0].prefix()),
        Vec::<String>::new()
    );
}

#[test]
fn a_run_that_is_killed_anywhere_is_finished_by_another_machine() {
    let name = "remote-kill";
    let emulator = Emulator::moto();
    let counter = Counter::before(emulator.endpoint());
    let aws = Aws::at(emulator.endpoint());
    for n in 1.. {
        emulator.reset();
        bucket(&aws, name);
        let (one, other) = (
            machine(name, counter.endpoint()),
            machine(name, counter.endpoint()),
        );
        counter.reset();
        counter.kill_at(n, When::After);
        let run = one.slp("apply --yes");
        let killed = counter.has_killed();
        counter.reset();
        if !killed {
            assert!(n > 12, "there were no calls to die at:\n{run}");
            let left = keys(&aws, name);
            assert!(left.iter().all(|key| key.ends_with(".json")), "{left:?}");
            return;
        }
        run.exits(SIGKILL);
        // The dead one's lease has not run out.
        let locked = other.slp("apply --yes");
        let next = match locked.code {
            4 => {
                let id = locked.stderr.split("lock id ").nth(1).expect("an id");
                let id = id.split([',', '\n']).next().expect("an id");
                let line = format!("state unlock {id}");
                other.slp(&line).ok().says(&["cleared the lock"]);
                other.slp("apply --yes")
            }
            _ => locked,
        };
        eprintln!("killed at call {n}");
        next.ok();
        other.slp("plan --exit-code").ok().says(&["Nothing to do"]);
        let apis = aws.apis(&other.named("Hello World Api"));
        assert_eq!(apis.len(), 1, "the one name that AWS does not keep unique");
    }
}

#[test]
fn who_is_stopped_while_it_only_looks_leaves_no_lock_behind() {
    let name = "remote-stop";
    let emulator = Emulator::moto();
    let counter = Counter::before(emulator.endpoint());
    let aws = Aws::at(emulator.endpoint());
    bucket(&aws, name);
    let machine = machine(name, counter.endpoint());
    counter.hold("GetRole");
    let run = machine.begin("apply --yes");
    counter.held();
    run.signal("TERM");
    let run = run.end().exits(143);
    counter.release();
    run.says(&["stopped before it was done"]);
    let left = keys(&aws, name);
    assert!(!left.iter().any(|key| key.ends_with(".lock")), "{left:?}");
    machine.slp("apply --yes").ok();
}

#[test]
fn a_holder_that_is_paused_past_its_lease_does_nothing_more() {
    let name = "remote-pause";
    let emulator = Emulator::moto();
    let counter = Counter::before(emulator.endpoint());
    bucket(&Aws::at(emulator.endpoint()), name);
    let (one, other) = (
        machine(name, counter.endpoint()),
        machine(name, counter.endpoint()),
    );
    counter.hold("CreateFunction");
    let paused = one.begin("apply --yes --parallelism 1");
    counter.held();
    paused.signal("STOP");
    counter.release();
    let next = other.slp("apply --yes --lock-timeout 3m").ok();
    assert!(next.stderr.contains("its lease has run out"), "{next}");
    assert!(next.stderr.contains("it was taken over"), "{next}");
    let calls = |counter: &Counter| {
        let calls = counter.calls().into_iter().map(|call| call.op);
        let changes = ["Create", "Put", "Update", "Delete", "Attach", "Add", "Tag"];
        calls
            .filter(|op| changes.iter().any(|word| op.starts_with(word)))
            .filter(|op| !op.ends_with("Object"))
            .count()
    };
    let before = calls(&counter);
    let state = Aws::at(emulator.endpoint()).run(&format!(
        "s3api head-object --bucket {name}-states --key slp/{name}.json"
    ));
    paused.signal("CONT");
    let woken = paused.end();
    assert_eq!(woken.code, 1, "{woken}");
    assert!(woken.stderr.contains("lock"), "{woken}");
    assert_eq!(calls(&counter), before, "{woken}");
    let after = Aws::at(emulator.endpoint()).run(&format!(
        "s3api head-object --bucket {name}-states --key slp/{name}.json"
    ));
    assert_eq!(after["ETag"], state["ETag"], "{woken}");
    other.slp("plan --exit-code").ok().says(&["Nothing to do"]);
}
