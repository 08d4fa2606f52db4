//! A set of texts: what fits some patterns and not some others.

use super::empty::{covers, empty};
use super::glob::Glob;

/// All that fits each of `all` and none of `not`.
#[derive(Clone, Debug)]
pub struct Reach {
    pub all: Vec<Glob>,
    pub not: Vec<Glob>,
}

impl Reach {
    pub fn any() -> Reach {
        Reach::of(Glob::any())
    }

    pub fn of(glob: Glob) -> Reach {
        Reach {
            all: vec![glob],
            not: Vec::new(),
        }
    }

    /// Everything but these.
    pub fn but(not: Vec<Glob>) -> Reach {
        Reach {
            all: vec![Glob::any()],
            not,
        }
        .tidy()
    }

    pub fn is_any(&self) -> bool {
        self.not.is_empty() && self.all.iter().all(Glob::is_any)
    }

    /// Is it certainly nothing?
    pub fn is_empty(&self) -> bool {
        empty(&refs(&self.all), &refs(&self.not))
    }

    /// What is in both.
    pub fn and(&self, other: &Reach) -> Reach {
        let join = |a: &[Glob], b: &[Glob]| a.iter().chain(b).cloned().collect();
        Reach {
            all: join(&self.all, &other.all),
            not: join(&self.not, &other.not),
        }
        .tidy()
    }

    /// What is left without the other, in parts.
    pub fn minus(&self, other: &Reach) -> Vec<Reach> {
        let outside = other.all.iter().map(|glob| {
            let mut part = self.clone();
            part.not.push(glob.clone());
            part
        });
        let excepted = other.not.iter().map(|glob| {
            let mut part = self.clone();
            part.all.push(glob.clone());
            part
        });
        let parts = outside.chain(excepted).filter(|part| !part.is_empty());
        parts.map(Reach::tidy).collect()
    }

    /// Without the patterns that say nothing beside the others.
    fn tidy(self) -> Reach {
        let all = distinct(self.all, |kept, glob| covers(glob, kept));
        let within = |glob: &Glob| {
            let all: Vec<&Glob> = all.iter().chain([glob]).collect();
            !empty(&all, &[])
        };
        let not = self.not.into_iter().filter(within).collect();
        let not = distinct(not, covers);
        Reach { all, not }
    }
}

/// Leaves out each that another one makes `needless(other, it)`; of two equals the first stays.
fn distinct(globs: Vec<Glob>, needless: fn(&Glob, &Glob) -> bool) -> Vec<Glob> {
    let mut kept: Vec<Glob> = Vec::new();
    for glob in globs {
        if kept.iter().any(|other| needless(other, &glob)) {
            continue;
        }
        kept.retain(|other| !needless(&glob, other));
        kept.push(glob);
    }
    kept
}

fn refs(globs: &[Glob]) -> Vec<&Glob> {
    globs.iter().collect()
}
