//! Masks e-mail addresses, for operators.

/// Enough of an address to recognize it, and not enough to write to it: `s…7@example.test`.
#[must_use]
pub fn masked(address: &str) -> String {
    let Some((local, domain)) = address.rsplit_once('@') else { return "…".to_owned() };
    let mut letters = local.chars();
    match (letters.next(), letters.next_back(), letters.next()) {
        (Some(first), Some(last), Some(_)) => format!("{first}…{last}@{domain}"),
        _ => format!("…@{domain}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_shows_its_ends_and_its_domain() {
        assert_eq!(masked("shopper-17@example.test"), "s…7@example.test");
        assert_eq!(masked("äbö@example.test"), "ä…ö@example.test");
    }

    #[test]
    fn a_short_address_shows_its_domain_only() {
        for short in ["@x.test", "a@x.test", "ab@x.test"] {
            assert_eq!(masked(short), "…@x.test");
        }
    }

    #[test]
    fn what_is_no_address_shows_nothing() {
        assert_eq!(masked("somebody"), "…");
    }
}
