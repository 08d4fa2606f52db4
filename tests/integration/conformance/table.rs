//! `table.md`: how many steps there are, who agrees, and every difference with its source.

use std::fmt::Write;

use super::sequence::{FOLDER, Step};
use super::{Played, Told};
use crate::harness::root;

/// The kept table must be the one that would be made now; `UPDATE_TRANSCRIPTS=1` writes it.
pub fn check(played: &[Played]) {
    let path = root().join(FOLDER).join("table.md");
    let made = table(played);
    let counts = made.split("\n## ").next().unwrap_or_default();
    eprintln!("{counts}");
    told_in_the_readme(&Counts::of_all(played));
    if std::env::var_os("UPDATE_TRANSCRIPTS").is_some() {
        std::fs::write(&path, &made).expect("table.md");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "{FOLDER}/table.md is old: UPDATE_TRANSCRIPTS=1 makes it"
    );
}

/// The README's sentence about this has the same numbers.
fn told_in_the_readme(Counts([steps, bad, moto, ministack]): &Counts) {
    let readme = std::fs::read_to_string(root().join("README.md")).expect("README.md");
    let readme = readme.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        format!("Of {steps} calls"),
        format!("{bad} of them wrong ones"),
        format!("moto answers {moto} as it does and ministack {ministack}"),
    ] {
        assert!(readme.contains(&words), "README.md does not say {words:?}");
    }
}

/// Of some steps: all, with bad input, where moto agrees, where ministack does.
#[derive(Default)]
struct Counts([usize; 4]);

impl Counts {
    fn of(played: &Played) -> Counts {
        let agree = |told: &[Told]| told.iter().filter(|it| it.is_none()).count();
        let steps = &played.sequence.steps;
        let bad = steps.iter().filter(|step| step.is_bad()).count();
        let (moto, ministack) = (agree(&played.moto), agree(&played.ministack));
        Counts([steps.len(), bad, moto, ministack])
    }

    fn of_all(played: &[Played]) -> Counts {
        let mut all = Counts::default();
        for counts in played.iter().map(Counts::of) {
            (0..4).for_each(|column| all.0[column] += counts.0[column]);
        }
        all
    }

    fn row(&self, name: &str) -> String {
        let cells = self.0.iter().map(|count| format!(" {count} |"));
        format!("| {name} |{}\n", cells.collect::<String>())
    }
}

fn table(played: &[Played]) -> String {
    let mut out = "# The same calls to three clouds\n\n\
         Made by the test (`UPDATE_TRANSCRIPTS=1`) from the sequences in this folder. slp's \
         embedded cloud\nanswers every step as AWS does, as far as a step looks; below is where \
         the emulators do not.\n\n\
         | | steps | with bad input | moto agrees | ministack agrees |\n\
         | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for played in played {
        out += &Counts::of(played).row(&played.sequence.title);
    }
    out += &Counts::of_all(played).row("all");
    for played in played {
        let _ = write!(out, "\n## {}\n\n", played.sequence.title);
        out += "| step | AWS and slp | moto | ministack | source |\n\
                | --- | --- | --- | --- | --- |\n";
        let steps = played.sequence.steps.iter();
        steps.filter_map(difference).for_each(|row| out += &row);
    }
    out
}

fn difference(step: &Step) -> Option<String> {
    if step.moto.is_none() && step.ministack.is_none() {
        return None;
    }
    let other = |told: &Option<String>| match told {
        Some(told) => format!("`{told}`"),
        None => String::new(),
    };
    let (moto, ministack) = (other(&step.moto), other(&step.ministack));
    let (name, is) = (&step.step, &step.is);
    let source = step.source.as_deref().unwrap_or_default();
    let cells = [
        name.clone(),
        format!("`{is}`"),
        moto,
        ministack,
        source.to_owned(),
    ];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    Some(format!("| {} |\n", cells.join(" | ")))
}
