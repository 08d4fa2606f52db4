//! What gates hold up, at the end of a plan.

use super::style::{Paint, Style};
use crate::plan::Trip;

/// The section, with a line a trip.
pub fn section(trips: &[Trip], style: &Style) -> Option<String> {
    if trips.is_empty() {
        return None;
    }
    let line = |trip: &Trip| {
        let (word, paint) = match &trip.waived {
            None => ("refuses", Paint::Removed),
            Some(_) => ("lets pass", Paint::Faint),
        };
        let gate = style.paint(paint, &format!("{} {word}", trip.gate));
        let waived = trip
            .waived
            .as_ref()
            .map(|why| format!("\n      waived: {why}"));
        format!(
            "  {gate}: {} {}{}\n",
            trip.addr,
            trip.what,
            waived.unwrap_or_default()
        )
    };
    Some(format!(
        "Gates:\n{}",
        trips.iter().map(line).collect::<String>()
    ))
}
