//! What gates hold up, at the end of a plan.

use super::style::{Paint, Style, columns, wrapped};
use super::value::printable;
use crate::plan::Trip;

/// The section, with a sentence for each trip.
pub fn section(trips: &[Trip], style: &Style) -> Option<String> {
    let told: String = trips.iter().map(|trip| block(trip, style)).collect();
    (!told.is_empty()).then(|| format!("Gates:\n{told}"))
}

fn block(trip: &Trip, style: &Style) -> String {
    let (word, paint) = match &trip.waived {
        None => ("refuses", Paint::Removed),
        Some(_) => ("lets pass", Paint::Faint),
    };
    let gate = format!("{} {word}", trip.gate);
    let what = printable(&format!("{}: {}", trip.addr, trip.what));
    let what = wrapped(&what, 2 + columns(&gate) + 2, 6, style.width);
    let waived = trip.waived.as_ref().map(|why| {
        let why = printable(&format!("waived: {why}"));
        format!("      {}\n", wrapped(&why, 6, 8, style.width))
    });
    let gate = style.paint(paint, &gate);
    format!("  {gate}: {what}\n{}", waived.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::Addr;
    use crate::plan::Gate;

    #[test]
    fn a_trip_is_a_sentence_that_goes_on_below() {
        let trip = |waived: Option<&str>| Trip {
            gate: Gate::BreakingApi,
            addr: Addr::root_of("api", "hello-world"),
            what: "loses its route GET /a/path/of/some/length and whoever calls it".into(),
            waived: waived.map(str::to_owned),
        };
        let why = "agreed with everybody who calls it from the other projects, until 2099-12-31";
        let told = section(&[trip(None), trip(Some(why))], &Style::default());
        let expected = "\
Gates:
  breaking-api refuses: api.hello-world: loses its route GET
      /a/path/of/some/length and whoever calls it
  breaking-api lets pass: api.hello-world: loses its route GET
      /a/path/of/some/length and whoever calls it
      waived: agreed with everybody who calls it from the other projects, until
        2099-12-31
";
        assert_eq!(told.as_deref(), Some(expected));
        assert_eq!(section(&[], &Style::default()), None);
    }
}
