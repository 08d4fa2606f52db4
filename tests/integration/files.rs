//! Files: who may read what slp writes, where links lead, what is no file, and a full one.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;

use crate::harness::{Run, Sandbox, example, moto};

fn mode(path: &Path) -> u32 {
    let meta = fs::symlink_metadata(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    meta.permissions().mode() & 0o777
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("chmod");
}

#[test]
fn only_the_owner_reads_the_embedded_clouds_data() {
    let sandbox = Sandbox::empty("private-local");
    sandbox.slp("init .").ok();
    sandbox.slp("apply --local --yes").ok();
    let (folder, data) = (
        sandbox.path(".slp/local"),
        sandbox.path(".slp/local/cloud.redb"),
    );
    assert_eq!((mode(&folder), mode(&data)), (0o700, 0o600));
    // As an earlier slp left them.
    allow(&folder, 0o755);
    allow(&data, 0o644);
    sandbox.slp("plan --local").ok();
    assert_eq!((mode(&folder), mode(&data)), (0o700, 0o600));
}

#[test]
fn only_the_owner_reads_what_may_hold_secrets() {
    let sandbox = example("hello-world", "private").at(moto().endpoint());
    sandbox.slp("plan --out all.plan").ok();
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox.slp("apply --yes").ok();
    sandbox.slp("package --out zips").ok();
    let run = sandbox.slp("package --out slp.toml").exits(1);
    run.says(&["slp.toml is a file", "--out names a folder"]);
    let own = |path: &&std::path::PathBuf| {
        let path = path.to_string_lossy();
        let parts = [".slp/", "/state/", ".plan", "/zips/"];
        !path.ends_with(".gitignore") && parts.iter().any(|part| path.contains(part))
    };
    let files = sandbox.files();
    let own: Vec<&std::path::PathBuf> = files.iter().filter(own).collect();
    assert!(own.len() >= 5, "{own:?}");
    for path in own {
        assert_eq!(mode(path) & 0o077, 0, "{}", path.display());
    }
}

#[test]
fn a_state_behind_a_link_is_shared_with_one_lock() {
    let sandbox = example("hello-world", "linked").at(moto().endpoint());
    sandbox.slp("apply --yes").ok();
    let (state, shared) = (sandbox.state(), sandbox.path("shared"));
    fs::create_dir(&shared).expect("a folder");
    let target = shared.join("real.json");
    fs::rename(&state, &target).expect("moved");
    for left in ["backup", "lock"] {
        drop(fs::remove_file(
            state.with_extension(format!("json.{left}")),
        ));
    }
    symlink(&target, &state).expect("a link");
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    sandbox.slp("apply --yes").ok();
    assert!(fs::symlink_metadata(&state).expect("the link").is_symlink());
    let text = fs::read_to_string(&target).expect("the state");
    assert!(text.contains("\"memory\": 256"), "{text}");
    assert!(shared.join("real.json.lock").exists());
    sandbox.slp("plan --exit-code").ok();
    // A disk that is not there is no empty state.
    fs::rename(&target, shared.join("away.json")).expect("moved");
    for line in ["plan", "apply --yes", "show"] {
        let run = sandbox.slp(line);
        assert_ne!(run.code, 0, "{run}");
        run.says(&["a symbolic link to"]);
    }
}

#[test]
fn what_a_link_leads_to_is_not_written_over() {
    let sandbox = example("hello-world", "links").at(moto().endpoint());
    sandbox.slp("apply --yes").ok();
    sandbox.change("code = \"src\"", "code = \"src\"\nmemory = 256");
    let (state, theirs) = (sandbox.state(), sandbox.path("theirs"));
    for end in ["lock", "journal", "backup"] {
        fs::write(&theirs, "{}").expect("a file");
        let path = state.with_extension(format!("json.{end}"));
        drop(fs::remove_file(&path));
        symlink(&theirs, &path).expect("a link");
        let run = sandbox.slp("apply --yes");
        assert_ne!(run.code, 0, "{end}: {run}");
        assert_eq!(fs::read(&theirs).expect("a file"), b"{}", "{end}");
        assert!(
            fs::symlink_metadata(&path).expect("it").is_symlink(),
            "{end}"
        );
        if end != "journal" {
            run.says(&["it is a symbolic link to", "theirs"]);
        }
        fs::remove_file(&path).expect("removed");
    }
    symlink(&theirs, sandbox.path("all.plan")).expect("a link");
    let run = sandbox.slp("plan --out all.plan").exits(1);
    run.says(&["it is a symbolic link to"]);
    assert_eq!(fs::read(&theirs).expect("a file"), b"{}");
    sandbox.slp("apply --yes").ok();
}

#[test]
fn a_manifest_behind_a_link_is_formatted_where_it_is() {
    let sandbox = Sandbox::empty("linked-manifest");
    sandbox.write("real.toml", "[project]\nname   =   \"x\"\n");
    symlink("real.toml", sandbox.path("slp.toml")).expect("a link");
    sandbox.slp("fmt").ok();
    assert!(
        fs::symlink_metadata(sandbox.path("slp.toml"))
            .expect("it")
            .is_symlink()
    );
    assert!(sandbox.read("real.toml").contains("name = \"x\""));
}

/// A run that is ended from outside where it would go on for ever.
fn ends(sandbox: &Sandbox, line: &str) -> Run {
    let slp = sandbox.command(line);
    let mut command = Command::new("timeout");
    command
        .arg("100")
        .arg(slp.get_program())
        .args(slp.get_args());
    command.current_dir(slp.get_current_dir().expect("a folder"));
    command.env_clear();
    command.envs(
        slp.get_envs()
            .filter_map(|(key, value)| Some((key, value?))),
    );
    let output = command.stdin(std::process::Stdio::null()).output();
    let run = Run::of(line, output.expect("timeout runs slp"));
    assert_ne!(run.code, 124, "it goes on: {run}");
    run
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.expect("mkfifo runs").success());
}

#[test]
fn what_is_no_file_is_refused_and_not_waited_for() {
    let sandbox = example("hello-world", "pipes").at(moto().endpoint());
    fifo(&sandbox.path("pipe"));
    let manifest = sandbox.read("slp.toml");
    let refused = |line: &str| {
        let run = ends(&sandbox, line);
        assert_ne!(run.code, 0, "{run}");
        run.says(&["not a file"]);
    };
    for path in ["pipe", "/dev/zero"] {
        refused(&format!("validate -f {path}"));
        refused(&format!("fmt -f {path}"));
        refused(&format!("validate --var-file {path}"));
        refused(&format!("apply {path} --yes"));
        refused(&format!("show {path}"));
        refused(&format!("import --from-terraform {path}"));
        refused(&format!("state push {path}"));
        let source = format!("[variables]\nx = {{ from = \"file:{path}\" }}\n\n{manifest}");
        sandbox.write("slp.toml", &source);
        refused("validate");
        let policy = format!("{manifest}\n[policy.p]\nfile = \"{path}\"\n");
        sandbox.write("slp.toml", &policy);
        refused("validate");
        sandbox.write("slp.toml", &manifest);
    }
}

#[test]
fn a_pipe_in_the_place_of_a_state_is_refused() {
    let sandbox = example("hello-world", "pipe-state").at(moto().endpoint());
    sandbox.slp("apply --yes").ok();
    let state = sandbox.state();
    for end in ["json.journal", "json.lock", "json.backup", "json"] {
        let path = state.with_extension(end);
        let kept = state.with_extension("kept");
        let there = fs::rename(&path, &kept).is_ok();
        fifo(&path);
        let run = ends(&sandbox, "apply --yes");
        assert_ne!(run.code, 0, "{end}: {run}");
        run.says(&["not a file"]);
        fs::remove_file(&path).expect("removed");
        if there {
            fs::rename(&kept, &path).expect("moved back");
        }
    }
    sandbox.slp("plan --exit-code").ok();
}

/// What slp keeps for itself is made again, and nobody else may enter it.
#[test]
fn a_pipe_in_the_place_of_a_cache_is_passed_over() {
    let sandbox = example("hello-world", "pipe-cache").at(moto().endpoint());
    sandbox.slp("package").ok();
    let cache = sandbox.path(".slp/cache");
    let mode = fs::metadata(&cache).expect("it is there").permissions();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777,
        0o700
    );
    let blobs = fs::read_dir(cache.join("blobs")).expect("it is there");
    let kept = blobs.map(|entry| entry.expect("read").path());
    for path in kept.chain([cache.join("index2")]) {
        fs::remove_file(&path).expect("removed");
        fifo(&path);
    }
    ends(&sandbox, "plan").ok();
    let note = sandbox.path(".slp/local/server.json");
    fs::create_dir_all(note.parent().expect("a folder")).expect("made");
    fifo(&note);
    ends(&sandbox, "plan --local").ok();
}

#[test]
fn a_pipe_of_the_shell_is_read() {
    let sandbox = Sandbox::empty("shell-pipe");
    sandbox.write(
        "slp.toml",
        "[project]\nname = \"x\"\n\n[variables]\na = {}\n",
    );
    let slp = sandbox.command("");
    let script = format!(
        "{} validate --var-file <(echo 'a = \"b\"')",
        slp.get_program().to_string_lossy()
    );
    let mut command = Command::new("bash");
    command.args(["-c", &script]).current_dir(sandbox.path("."));
    Run::of(&script, command.output().expect("bash runs")).ok();
}

#[test]
fn a_file_that_may_not_grow_is_an_error_that_is_told() {
    let sandbox = example("hello-world", "full-file").at(moto().endpoint());
    let slp = sandbox.command("apply --yes");
    let program = slp.get_program().to_string_lossy().into_owned();
    let limited = |blocks: usize| {
        let script = format!("ulimit -f {blocks}; exec {program} apply --yes");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).env_clear();
        command.envs(
            slp.get_envs()
                .filter_map(|(key, value)| Some((key, value?))),
        );
        command.current_dir(slp.get_current_dir().expect("a folder"));
        let output = command.stdin(std::process::Stdio::null()).output();
        Run::of(&script, output.expect("sh runs slp"))
    };
    let run = limited(8);
    assert_eq!(run.code, 1, "{run}");
    run.says(&["File too large"]);
    // What was done is known, and the next run goes on from there.
    sandbox.slp("apply --yes").ok();
    sandbox
        .slp("plan --exit-code")
        .ok()
        .says(&["Nothing to do"]);
}
