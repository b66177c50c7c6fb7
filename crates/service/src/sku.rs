use events::{LONGEST_SKU, SKU_PATTERN};

crate::texts! {
    /// The stock keeping unit: names a product throughout the shop.
    pub Sku: "an SKU", 1..=LONGEST_SKU, "visible ASCII", SKU_PATTERN, for example "85123A";
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_a_request_may_name_is_what_events_may_name(text in ".{0,70}|[!-~]{0,70}") {
            prop_assert_eq!(text.parse::<Sku>().is_ok(), events::is_sku(&text));
        }
    }
}
