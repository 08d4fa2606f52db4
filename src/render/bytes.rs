//! Sizes for people: a KB is 1024 bytes, as in AWS's own limits.

/// `812 B`, `12.1 KB`.
pub fn size(bytes: u64) -> String {
    let (number, unit) = scaled(bytes, unit_of(bytes));
    format!("{number} {unit}")
}

/// `48.2 → 48.3 KB`, in the unit of the larger; one size where both read the same.
pub fn sizes(before: u64, after: u64) -> String {
    let unit = unit_of(before.max(after));
    let (old, name) = scaled(before, unit);
    let (new, _) = scaled(after, unit);
    match old == new {
        true => format!("{new} {name}"),
        false => format!("{old} → {new} {name}"),
    }
}

const UNITS: [&str; 4] = ["B", "KB", "MB", "GB"];

fn unit_of(bytes: u64) -> usize {
    (1..UNITS.len())
        .rev()
        .find(|unit| bytes >= 1 << (10 * unit))
        .unwrap_or(0)
}

fn scaled(bytes: u64, unit: usize) -> (String, &'static str) {
    let name = UNITS.get(unit).copied().unwrap_or("B");
    if unit == 0 {
        return (bytes.to_string(), name);
    }
    // In tenths, rounded; whole numbers, so that no platform rounds otherwise.
    let whole = 1u128 << (10 * unit);
    let tenths = (u128::from(bytes) * 10 + whole / 2) / whole;
    (format!("{}.{}", tenths / 10, tenths % 10), name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        assert_eq!(size(812), "812 B");
        assert_eq!(size(12_390), "12.1 KB");
        assert_eq!(size(52_428_800), "50.0 MB");
        assert_eq!(sizes(49_357, 49_459), "48.2 → 48.3 KB");
        assert_eq!(sizes(900, 2048), "0.9 → 2.0 KB");
        assert_eq!(sizes(5000, 5001), "4.9 KB");
    }
}
