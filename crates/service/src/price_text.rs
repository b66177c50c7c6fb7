use events::Total;
use iso_currency::Currency;

/// An amount of money as readers of a language write it: `£1,234.50` in English, `1.234,50 £` in German; any other language
/// is written as English. A currency whose sign others share, or that has none, is written as its code.
#[must_use]
pub fn price_text(total: Total, language: &str) -> String {
    let is_german = language.split(['-', '_']).next().is_some_and(|tag| tag.eq_ignore_ascii_case("de"));
    let (grouping, decimal) = if is_german { ('.', ',') } else { (',', '.') };
    let digits = usize::from(total.currency.exponent().unwrap_or(0));
    let scale = 10_u128.pow(u32::try_from(digits).unwrap_or(0));
    let amount = total.amount.unsigned_abs();
    let whole = grouped(amount / scale, grouping);
    let number = match digits {
        0 => whole,
        _ => format!("{whole}{decimal}{:0digits$}", amount % scale),
    };
    let minus = if total.amount < 0 { "-" } else { "" };
    // A line break must not part them.
    let space = '\u{A0}';
    match (sign(total.currency), is_german) {
        (Some(sign), false) => format!("{minus}{sign}{number}"),
        (Some(sign), true) => format!("{minus}{number}{space}{sign}"),
        (None, false) => format!("{minus}{}{space}{number}", total.currency.code()),
        (None, true) => format!("{minus}{number}{space}{}", total.currency.code()),
    }
}

/// The sign that means this currency to most readers.
fn sign(currency: Currency) -> Option<char> {
    match currency {
        Currency::EUR => Some('€'),
        Currency::GBP => Some('£'),
        Currency::INR => Some('₹'),
        Currency::JPY => Some('¥'),
        Currency::USD => Some('$'),
        _ => None,
    }
}

fn grouped(number: u128, grouping: char) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(grouping);
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(amount: i128, currency: Currency) -> [String; 2] {
        ["en-GB", "de_AT"].map(|language| price_text(Total { amount, currency }, language))
    }

    #[test]
    fn money_is_written_as_each_language_does() {
        assert_eq!(texts(339, Currency::GBP), ["£3.39", "3,39\u{A0}£"]);
        assert_eq!(texts(-123_456_789, Currency::EUR), ["-€1,234,567.89", "-1.234.567,89\u{A0}€"]);
        assert_eq!(texts(1000, Currency::JPY), ["¥1,000", "1.000\u{A0}¥"]);
        assert_eq!(texts(5, Currency::KWD), ["KWD\u{A0}0.005", "0,005\u{A0}KWD"]);
        assert_eq!(texts(100, Currency::CAD), ["CAD\u{A0}1.00", "1,00\u{A0}CAD"]);
    }

    #[test]
    fn another_language_is_written_as_english() {
        let total = Total { amount: 255, currency: Currency::USD };
        assert_eq!((price_text(total, "fr"), price_text(total, "")), ("$2.55".into(), "$2.55".into()));
    }
}
