//! The same calls, over HTTP, to the embedded cloud, to moto and to ministack: the sequences in
//! this folder (`iam.toml`, …) say for every step what AWS answers. The embedded cloud must
//! answer so. Where an emulator does not, the step says what it does instead, and has the source
//! that settles it: an answer recorded from AWS, or AWS's documentation. A difference that is
//! not written there fails the test, and so does one that is written there and is no more.
//! `table.md`, made by the test, shows it all.
//!
//! Left out on purpose: the words of error messages, which the emulators rarely have and the
//! recordings decide; and ids, dates and sizes.

mod play;
mod sequence;
mod source;
mod table;

use std::thread;

use crate::harness::{Emulator, Local, Sandbox};
use play::{Target, Told};
use sequence::Sequence;

/// What must hold at least, so that what was reached is not lost.
const STEPS: usize = 150;

/// How a sequence went on each of the three: for each step how it differed, if it did.
struct Played {
    sequence: Sequence,
    local: Vec<Told>,
    moto: Vec<Told>,
    ministack: Vec<Told>,
}

#[test]
fn three_clouds_answer_the_same_or_we_know_why_not() {
    let sequences = sequence::all();
    let sandbox = Sandbox::empty("conformance");
    let local = Local::start(&sandbox, "--ephemeral");
    // Their own: what an emulator half makes of bad input is nothing for other tests to meet.
    let (moto, ministack) = (Emulator::moto(), Emulator::ministack());
    let [on_local, on_moto, on_ministack] = thread::scope(|scope| {
        let sequences = &sequences;
        let played = [
            scope.spawn(|| play::all(&Target::at(&local.url), sequences)),
            scope.spawn(|| play::all(&Target::at(moto.endpoint()), sequences)),
            scope.spawn(|| play::all(&Target::at(ministack.endpoint()), sequences)),
        ];
        played.map(|thread| thread.join().expect("no panic"))
    });
    let told = on_local.into_iter().zip(on_moto).zip(on_ministack);
    let played = sequences.into_iter().zip(told);
    let played = played.map(|(sequence, ((local, moto), ministack))| Played {
        sequence,
        local,
        moto,
        ministack,
    });
    let played: Vec<Played> = played.collect();
    let mut wrong: Vec<String> = played.iter().flat_map(Played::wrong).collect();
    wrong.extend(source::wrong(&played));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    table::check(&played);
    enough(&played);
}

/// At least so many steps, a third of them with bad input.
fn enough(played: &[Played]) {
    let steps = || played.iter().flat_map(|it| &it.sequence.steps);
    let (all, bad) = (steps().count(), steps().filter(|it| it.is_bad()).count());
    assert!(all >= STEPS && bad * 3 >= all, "{bad} of {all} are bad");
}

impl Played {
    /// What is not as the sequence says.
    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        for (index, step) in self.sequence.steps.iter().enumerate() {
            let mut tell = |who: &str, told: &Told, settled: Option<&String>| {
                if let Some(why) = play::unsettled(told, settled) {
                    let name = &self.sequence.name;
                    wrong.push(format!("{name}.toml: {:?}: {who} {why}", step.step));
                }
            };
            tell("slp", &self.local[index], None);
            tell("moto", &self.moto[index], step.moto.as_ref());
            tell("ministack", &self.ministack[index], step.ministack.as_ref());
        }
        wrong
    }
}
