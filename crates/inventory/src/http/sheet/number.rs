/// A number of pieces as a spreadsheet writes it: `12`, and also `12,0` or `12.00`, if its cells have decimals.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn read(text: &str, most: i64) -> Result<i64, String> {
    let (whole, decimals) = match text.find([',', '.']) {
        Some(place) => (&text[..place], Some(&text[place + 1..])),
        None => (text, None),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || decimals.is_some_and(|decimals| !is_number(decimals)) {
        return Err(format!("'{text}' is not a number of pieces: write it with digits only"));
    }
    match decimals {
        Some(decimals) if decimals.len() == 3 => {
            return Err(format!("'{text}' may be thousands or decimals: write it with digits only"));
        }
        Some(decimals) if decimals.bytes().any(|digit| digit != b'0') => {
            return Err(format!("'{text}' is not a whole number of pieces"));
        }
        _ => {}
    }
    let number = whole.parse().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("{text} pieces are out of range; it must be 0 to {most}"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn decimals_that_say_nothing_are_read_and_what_could_be_thousands_is_refused() {
        let read = |text| super::read(text, 1_000_000);
        for (text, expected) in [("12", 12), ("12,0", 12), ("12.00", 12), ("0", 0), ("007", 7), ("3,0000", 3)]
        {
            assert_eq!(read(text), Ok(expected), "{text}");
        }
        for wrong in [
            "",
            "1.000",
            "1,234",
            "1,5",
            "-1",
            "+1",
            "1 000",
            "x",
            "1e3",
            "1.0.0",
            ",0",
            "1,",
            "2000000",
            "99999999999999999999",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
