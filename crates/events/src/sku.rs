/// The length of the longest SKU, in characters.
pub const LONGEST_SKU: usize = 64;
/// The characters of an SKU, as a regular expression: visible ASCII characters.
pub const SKU_PATTERN: &str = "^[!-~]*$";

/// Whether a text can be an SKU, the name of a product throughout the shop: 1 to [`LONGEST_SKU`] characters of
/// [`SKU_PATTERN`].
#[must_use]
pub fn is_sku(text: &str) -> bool {
    (1..=LONGEST_SKU).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_sku_is_short_and_visible() {
        for good in ["85123A", "a/b\"c", &"x".repeat(64)] {
            assert!(is_sku(good), "{good}");
        }
        for bad in ["", "a b", "tab\t", "größe", "line\n", &"x".repeat(65)] {
            assert!(!is_sku(bad), "{bad:?}");
        }
    }
}
