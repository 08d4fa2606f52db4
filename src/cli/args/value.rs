//! Values on the command line that are no plain texts.

use std::time::Duration;

use crate::addr::Addr;
use crate::plan::Gate;
use crate::problem::nearest;

pub fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write it as name=value".into()),
    }
}

pub fn addr(text: &str) -> Result<Addr, String> {
    Addr::parse(text).map_err(|error| error.to_string())
}

pub fn gate(text: &str) -> Result<Gate, String> {
    let names = Gate::ALL.map(Gate::name);
    Gate::parse(text).ok_or_else(|| match nearest(text, names) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("gates are {}", names.join(", ")),
    })
}

pub fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || "write it as 30s, 5m or 1h".to_owned();
    let digits = text.trim_end_matches(['s', 'm', 'h']);
    let number: u64 = digits.parse().map_err(|_| wrong())?;
    let unit = match &text[digits.len()..] {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return Err(wrong()),
    };
    let seconds = number.checked_mul(unit).ok_or_else(wrong)?;
    Ok(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        let table = [("90", 90), ("30s", 30), ("5m", 300), ("2h", 7200)];
        for (text, seconds) in table {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "s", "5d", "1hm", "-1s", "18446744073709551615h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
