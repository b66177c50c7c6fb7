//! Large numbers, as people read them.

/// With commas: `12,345`.
pub fn grouped<N: Into<i128>>(number: N) -> String {
    let number = number.into();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if number < 0 { format!("-{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_for_people() {
        assert_eq!(
            [0, 999, 1000, 1_234_567, -1234].map(grouped),
            ["0", "999", "1,000", "1,234,567", "-1,234"]
        );
    }
}
