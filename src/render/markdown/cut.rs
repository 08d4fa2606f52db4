//! What is left out so that a comment fits: in steps, each a little more.

use super::groups::{Group, SHORT};
use crate::render::value::counted;

/// How much of an item is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    Full,
    /// The beginning of its details.
    Short,
    /// Its line alone.
    Line,
}

/// Everything that can be left out, in the order in which it is.
pub struct Cuts {
    /// Details, by group and item.
    details: Vec<(usize, usize, Depth)>,
    /// The lines of each group, and whether they may go.
    lines: Vec<(usize, bool)>,
}

/// What is left out after so many steps.
pub struct Cut {
    depths: Vec<Vec<Depth>>,
    lines: Vec<usize>,
    left_out: usize,
}

impl Cuts {
    pub fn of(groups: &[Group]) -> Cuts {
        let mut sizes: Vec<(bool, Depth, usize, usize, usize)> = Vec::new();
        for (group, it) in groups.iter().enumerate() {
            for (item, it_is) in it.items.iter().enumerate() {
                let size = it_is.details.len();
                if size > SHORT {
                    sizes.push((it.kept, Depth::Short, size, group, item));
                }
                if size > 0 {
                    sizes.push((it.kept, Depth::Line, size, group, item));
                }
            }
        }
        // What takes nothing away first, shortened before it is left out; the largest first.
        sizes.sort_by_key(|&(kept, depth, size, group, item)| {
            (kept, depth == Depth::Line, usize::MAX - size, group, item)
        });
        let details = sizes.into_iter();
        Cuts {
            details: details.map(|(_, depth, _, g, i)| (g, i, depth)).collect(),
            lines: groups.iter().map(|g| (g.items.len(), !g.kept)).collect(),
        }
    }

    pub fn steps(&self) -> usize {
        let lines = self.lines.iter().filter(|(_, may_go)| *may_go);
        self.details.len() + lines.map(|(count, _)| count).sum::<usize>()
    }

    pub fn after(&self, step: usize) -> Cut {
        let full = |(count, _): &(usize, bool)| vec![Depth::Full; *count];
        let mut depths: Vec<Vec<Depth>> = self.lines.iter().map(full).collect();
        for (group, item, depth) in self.details.iter().take(step) {
            let at = depths
                .get_mut(*group)
                .and_then(|items| items.get_mut(*item));
            if let Some(at) = at {
                *at = *depth;
            }
        }
        // The last group's lines go first, from its end.
        let mut to_go = step.saturating_sub(self.details.len());
        let mut lines: Vec<usize> = self.lines.iter().map(|(count, _)| *count).collect();
        for (left, (_, may_go)) in lines.iter_mut().zip(&self.lines).rev() {
            let gone = if *may_go { to_go.min(*left) } else { 0 };
            *left -= gone;
            to_go -= gone;
        }
        Cut {
            depths,
            lines,
            left_out: step.saturating_sub(self.details.len()),
        }
    }
}

impl Cut {
    /// How many of a group's lines are shown.
    pub fn lines(&self, group: usize) -> usize {
        self.lines.get(group).copied().unwrap_or_default()
    }

    pub fn depth(&self, group: usize, item: usize) -> Depth {
        let items = self.depths.get(group);
        let depth = items.and_then(|items| items.get(item));
        depth.copied().unwrap_or(Depth::Line)
    }

    /// What the comment says of itself where it is not whole.
    pub fn told(&self, max_bytes: usize) -> Option<String> {
        let depths = self.depths.iter().flatten();
        let details = depths.filter(|depth| **depth != Depth::Full).count();
        let mut parts = Vec::new();
        if details > 0 {
            let changes = counted(details, "change");
            parts.push(format!(
                "the details of {changes} are left out or shortened"
            ));
        }
        if self.left_out > 0 {
            let lines = counted(self.left_out, "line");
            parts.push(format!("{lines} only counted"));
        }
        let told = parts.join(", ");
        (!parts.is_empty())
            .then(|| format!("Cut to {max_bytes} bytes: {told}. Nothing destructive is left out."))
    }
}

/// The text of the least step that fits, where more steps make it shorter; `None` where not
/// even the last one does.
pub fn fitting(max_bytes: usize, steps: usize, text: impl Fn(usize) -> String) -> Option<String> {
    let fits = |step| Some(text(step)).filter(|text| text.len() <= max_bytes);
    if let Some(whole) = fits(0) {
        return Some(whole);
    }
    let mut best = fits(steps)?;
    let (mut low, mut high) = (0, steps);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        match fits(middle) {
            Some(text) => (best, high) = (text, middle),
            None => low = middle,
        }
    }
    Some(best)
}
