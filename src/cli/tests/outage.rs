//! From a call on everything fails for good (the credentials have run out, the network is gone),
//! and then works again: one run ends it, nothing was made twice, `destroy` leaves nothing.

use bytes::Bytes;
use http::Request;

use super::Stand;
use super::kill::{Change, EXAMPLES, change_every_kind, same};
use super::picture::without_made_up;
use crate::addr::Addr;
use crate::cli::args::{RecoverArgs, Scope};
use crate::cli::printer::Printer;
use crate::cli::{locked, recover};
use crate::event::Listener;
use crate::local::testing::{rows, send, twin};
use crate::local::{Made, Moment, Outage, What};
use crate::state::encode_state;

/// What has happened to the way to AWS.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Cut {
    /// Everything is refused.
    Expired,
    /// Nothing gets through.
    Network,
    /// The same, and the first call has got through, but not its answer.
    Answers,
}

/// Where the state is, and whether that place is out of reach as well.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kept {
    Disk,
    Bucket,
    Unreachable,
}

const CUTS: [Cut; 3] = [Cut::Answers, Cut::Expired, Cut::Network];
const KEPT: [Kept; 3] = [Kept::Disk, Kept::Bucket, Kept::Unreachable];
/// So many after a finished run another one is made, which has nothing to do, and a destroy.
const LOOK_ON: usize = 5;

/// A run that is to be disturbed, from what is there before it.
struct Scene {
    name: &'static str,
    /// With the state on the disk, and in the bucket.
    before: [Stand; 2],
    part: Scope,
    destroy: bool,
}

impl Scene {
    async fn of(name: &'static str, stand: impl Fn() -> Stand, prepare: Option<Change>) -> Scene {
        let (disk, mut bucket) = (stand(), stand());
        bucket.in_bucket = true;
        let make = Request::builder().method("PUT").uri("/states");
        let made = send(&bucket.cloud, "s3", make, Bytes::new()).await;
        assert_eq!(made.status(), 200);
        for stand in [&disk, &bucket] {
            if let Some(prepare) = prepare {
                stand.run(false).await.expect("it applies");
                prepare(stand);
            }
        }
        Scene {
            name,
            before: [disk, bucket],
            part: super::one_by_one(),
            destroy: false,
        }
    }

    async fn every_kind(name: &'static str, prepare: Option<Change>) -> Scene {
        Scene::of(name, Stand::of_every_kind, prepare).await
    }

    /// The cloud and the folder once more.
    fn begin(&self, kept: Kept) -> Stand {
        let before = &self.before[usize::from(kept != Kept::Disk)];
        let stand = Stand {
            cloud: twin(&before.cloud),
            folder: tempfile::tempdir().expect("a temporary folder"),
            in_bucket: before.in_bucket,
        };
        stand.cloud.faults().settle_in(std::time::Duration::ZERO);
        super::copy(before.folder.path(), stand.folder.path());
        stand
    }

    /// The calls of a run without an outage, from its first change on, and what it leaves.
    async fn undisturbed(&self, kept: Kept) -> (std::ops::RangeInclusive<usize>, Vec<String>) {
        let stand = self.begin(kept);
        stand.cloud.faults().plan([]);
        let printer = Printer::mute();
        let ended = stand.part(&self.part, self.destroy, &printer).await;
        let said = printer.said();
        assert!(matches!(ended, Ok(0)), "{}: {ended:?}\n{said}", self.name);
        let mut calls = stand.cloud.faults().calls();
        if kept == Kept::Bucket {
            calls.retain(|call| !is_s3(&call.operation));
        }
        let first = calls
            .iter()
            .position(changes)
            .expect("it changes something");
        (first + 1..=calls.len(), held(&stand).await)
    }

    /// At every call one of the cuts and places, each another than at the next; `SLP_OUTAGES` says
    /// how many, up to all nine.
    async fn everywhere(&self, turn: usize) {
        let each = std::env::var("SLP_OUTAGES").ok();
        let each = each.and_then(|text| text.parse().ok()).unwrap_or(1);
        let mut ends = Vec::new();
        for kept in KEPT {
            ends.push(self.undisturbed(kept).await);
        }
        let most = ends.iter().map(|(calls, _)| *calls.end()).max();
        let mut tried = 0;
        for call in 1..=most.unwrap_or_default() {
            for nth in 0..each {
                let which = call + turn + nth * 4;
                let (cut, place) = (CUTS[which / 3 % 3], which % 3);
                let (calls, end) = &ends[place];
                if calls.contains(&call) {
                    self.cut(call, cut, KEPT[place], end).await;
                    tried += 1;
                }
            }
        }
        eprintln!("{}: {tried} outages", self.name);
    }

    async fn cut(&self, call: usize, cut: Cut, kept: Kept, end: &[String]) {
        let what = format!("{}, call {call} {cut:?} {kept:?}", self.name);
        let stand = self.begin(kept);
        stand.cloud.faults().fail_from(cut.outage(call, kept));
        let printer = Printer::mute();
        let ended = stand.part(&self.part, self.destroy, &printer).await;
        let what = format!("{what}, after {ended:?}\n{}", printer.said());
        stand.cloud.faults().plan([]);
        if kept == Kept::Unreachable {
            unlock(&stand).await;
        }
        if kept == Kept::Unreachable && call.is_multiple_of(2) {
            let recovered = recovered(&stand).await;
            recovered.unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
        }
        let again = stand.run(self.destroy).await;
        again.unwrap_or_else(|failure| panic!("{what}: {failure:?}"));
        same(&what, end, &held(&stand).await);
        assert!(!holds_a_rescued_file(&stand), "{what}");
        if call.is_multiple_of(LOOK_ON) {
            stand.run(self.destroy).await.expect("it works");
            let again = stand.cloud.faults().calls().into_iter().find(changes);
            assert_eq!(again, None, "{what}: the next run changes something again");
            stand.run(true).await.expect("it goes");
            nothing_is_left(&what, &stand).await;
        }
    }
}

fn is_s3(operation: &str) -> bool {
    operation.contains("Object") || operation.contains("Bucket")
}

/// Does it change anything but what is in the bucket?
fn changes(call: &Made) -> bool {
    call.changing && !is_s3(&call.operation)
}

impl Cut {
    fn outage(self, from: usize, kept: Kept) -> Outage {
        Outage {
            from,
            first: match self {
                Cut::Answers => Moment::After,
                Cut::Expired | Cut::Network => Moment::Before,
            },
            what: match self {
                Cut::Expired => What::Expired,
                Cut::Network | Cut::Answers => What::Reset,
            },
            spares: (kept == Kept::Bucket).then_some("s3"),
        }
    }
}

fn holds_a_rescued_file(stand: &Stand) -> bool {
    let entries = std::fs::read_dir(stand.folder.path()).expect("the folder");
    let mut names = entries.flatten().map(|entry| entry.file_name());
    names.any(|name| name.to_string_lossy().contains("emergency"))
}

/// What the cloud holds, but for the bucket, and what the state lists.
async fn held(stand: &Stand) -> Vec<String> {
    let (project, _) = stand.open().await.expect("it opens");
    let snapshot = project.store.load().await.expect("a sound state");
    assert!(snapshot.replay.is_none(), "something is open");
    let state = snapshot.state.expect("a state");
    let state: serde_json::Value =
        serde_json::from_str(&encode_state(&state).expect("JSON")).expect("JSON");
    let listed = state["resources"].as_object().expect("resources").iter();
    let mut lines: Vec<String> = listed
        .map(|(addr, stored)| format!("state {addr} {stored}"))
        .collect();
    let in_bucket = |row: &String| row.split(' ').nth(1).is_some_and(|t| t.starts_with("s3."));
    lines.extend(rows(&stand.cloud).into_iter().filter(|row| !in_bucket(row)));
    without_made_up(lines)
}

async fn nothing_is_left(what: &str, stand: &Stand) {
    // A number that Lambda has given is never given again.
    let rest = held(stand)
        .await
        .into_iter()
        .filter(|row| !row.contains(".numbers "));
    let fresh = without_made_up(rows(&crate::local::testing::cloud()));
    let rest: Vec<String> = rest.filter(|row| !fresh.contains(row)).collect();
    assert_eq!(rest, Vec::<String>::new(), "{what}");
}

/// As it goes by itself once the lease has run out.
async fn unlock(stand: &Stand) {
    let (project, _) = stand.open().await.expect("it opens");
    let request = crate::state::LockRequest {
        holder: crate::state::Holder::this_process("test"),
        timeout: std::time::Duration::ZERO,
    };
    match project.store.lock(request, &Listener::deaf()).await {
        Ok(session) => session.release().await.expect("released"),
        Err(crate::state::StateError::Locked { holder, .. }) => {
            let holder = holder.expect("somebody");
            project.store.unlock(&holder.id).await.expect("unlocked");
        }
        Err(error) => panic!("{error}"),
    }
}

/// `slp recover`.
async fn recovered(stand: &Stand) -> Result<Vec<String>, super::Failure> {
    let (project, aws) = stand.open().await?;
    let args = RecoverArgs {
        emergency: None,
        lock_timeout: std::time::Duration::ZERO,
    };
    let events = Listener::deaf();
    let session = locked::lock(&project, &aws, args.lock_timeout, "recover", &events).await?;
    let told = recover::recovered(&project, &aws, &*session, &args, &events).await;
    locked::released(&*session, told, &events).await
}

/// Other names for what has one of its own choice; policies are replaced in `change_every_kind`.
fn rename_every_kind(stand: &Stand) {
    let to = |from: &str, to: &str| stand.change("slp.toml", from, to);
    to("[role.run]\n", "[role.run]\nname = \"walk\"\n");
    to("path = \"/teams/\"", "path = \"/team/\"");
    to("[function.Front]\n", "[function.Front]\nname = \"Face\"\n");
    to("[function.Back]\n", "[function.Back]\nname = \"Rear\"\n");
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_made_after_an_outage_at_any_call() {
    let scene = Scene::every_kind("every kind", None).await;
    scene.everywhere(0).await;
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_changed_after_an_outage_at_any_call() {
    let scene = Scene::every_kind("every kind, changed", Some(change_every_kind)).await;
    scene.everywhere(1).await;
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_replaced_after_an_outage_at_any_call() {
    let mut scene = Scene::every_kind("every kind, replaced", Some(rename_every_kind)).await;
    scene.part.replace = vec![Addr::parse("api.back").expect("an address")];
    scene.everywhere(2).await;
}

#[tokio::test(start_paused = true)]
async fn every_kind_is_destroyed_after_an_outage_at_any_call() {
    let mut scene = Scene::every_kind("every kind, destroyed", Some(|_| {})).await;
    scene.destroy = true;
    scene.everywhere(3).await;
}

/// The example of that name, made and changed.
async fn example_is_finished(turn: usize) {
    let (example, change) = EXAMPLES[turn];
    let made = Scene::of(example, || Stand::of(example), None).await;
    made.everywhere(turn).await;
    let changed = Scene::of(example, || Stand::of(example), Some(change)).await;
    changed.everywhere(turn + 4).await;
}

#[tokio::test(start_paused = true)]
async fn the_first_example_is_finished_after_an_outage_at_any_call() {
    example_is_finished(0).await;
}

#[tokio::test(start_paused = true)]
async fn the_second_example_is_finished_after_an_outage_at_any_call() {
    example_is_finished(1).await;
}

#[tokio::test(start_paused = true)]
async fn the_third_example_is_finished_after_an_outage_at_any_call() {
    example_is_finished(2).await;
}
