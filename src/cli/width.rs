//! How wide text may be: as `COLUMNS` says, else as the terminal is, else 80, so that a plan
//! reads the same in every log.

use std::io::IsTerminal;

use terminal_size::{Width, terminal_size_of};

/// Where nothing says how wide it is.
const USUAL: usize = 80;
/// What can be read, and what anybody has.
const USABLE: std::ops::RangeInclusive<usize> = 40..=400;

/// Of results.
pub fn stdout_width() -> usize {
    let stdout = std::io::stdout();
    let terminal = stdout.is_terminal().then(|| terminal_size_of(stdout));
    chosen(columns(), wide(terminal))
}

/// Of messages.
pub fn stderr_width() -> usize {
    let stderr = std::io::stderr();
    let terminal = stderr.is_terminal().then(|| terminal_size_of(stderr));
    chosen(columns(), wide(terminal))
}

fn wide(terminal: Option<Option<(Width, terminal_size::Height)>>) -> Option<usize> {
    terminal.flatten().map(|(Width(columns), _)| columns.into())
}

fn columns() -> Option<String> {
    std::env::var("COLUMNS").ok()
}

fn chosen(columns: Option<String>, terminal: Option<usize>) -> usize {
    let said = columns.and_then(|text| text.parse().ok());
    let usable = |width: &usize| USABLE.contains(width);
    let terminal = terminal.map(|width| width.clamp(*USABLE.start(), *USABLE.end()));
    said.filter(usable).or(terminal).unwrap_or(USUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_wins_over_the_terminal_and_that_over_eighty() {
        let table = [
            (Some("100"), Some(200), 100),
            (None, Some(200), 200),
            (None, None, 80),
            (Some("0"), Some(120), 120),
            (Some("wide"), None, 80),
            (None, Some(9), 40),
            (None, Some(9000), 400),
        ];
        for (said, terminal, width) in table {
            let said = said.map(str::to_owned);
            assert_eq!(
                chosen(said.clone(), terminal),
                width,
                "{said:?} {terminal:?}"
            );
        }
    }
}
