use events::Money;
use proptest::prelude::*;

use super::*;

fn draft(sku: &str) -> Draft {
    let price = serde_json::from_str::<Money>(r#"{"amount": 255, "currency": "GBP"}"#).unwrap();
    Draft { sku: sku.into(), name: "White lantern".into(), description: None, price }
}

fn refused_field(draft: Draft) -> Option<&'static str> {
    Product::try_from(draft).err().map(|invalid| invalid.field)
}

#[test]
fn a_sku_is_visible_ascii_that_a_url_can_reach() {
    for sku in ["85123A", "a/b", "~", "x".repeat(64).as_str(), "imports", "..."] {
        assert_eq!(refused_field(draft(sku)), None, "{sku}");
    }
    for sku in ["", "two words", "tab\t", "é", "x".repeat(65).as_str(), "import", ".", "..", "\0"] {
        assert_eq!(refused_field(draft(sku)), Some("sku"), "{sku:?}");
    }
}

#[test]
fn a_name_is_trimmed_and_counted_in_characters() {
    let product = Product::try_from(Draft { name: format!("  {} ", "é".repeat(200)), ..draft("A") }).unwrap();
    assert_eq!(product.name(), "é".repeat(200));
    for name in ["", "   ", &"é".repeat(201), "a\0b", "two\nlines"] {
        assert_eq!(refused_field(Draft { name: name.into(), ..draft("A") }), Some("name"), "{name:?}");
    }
}

#[test]
fn a_blank_description_is_none_and_a_long_one_is_refused() {
    let described = |text: &str| Draft { description: Some(text.into()), ..draft("A") };
    assert_eq!(Product::try_from(described(" \n")).unwrap().description(), None);
    assert_eq!(Product::try_from(described("two\nlines")).unwrap().description(), Some("two\nlines"));
    assert_eq!(refused_field(described(&"x".repeat(4000))), None);
    assert_eq!(refused_field(described(&"x".repeat(4001))), Some("description"));
    assert_eq!(refused_field(described("a\0b")), Some("description"));
}

#[test]
fn a_price_may_be_nothing_but_not_less() {
    let priced = |amount| Draft { price: Money { amount, ..draft("A").price }, ..draft("A") };
    assert_eq!(refused_field(priced(0)), None);
    assert_eq!(refused_field(priced(-1)), Some("price.amount"));
}

#[test]
fn an_import_names_the_entry_and_the_field_that_break_a_rule() {
    let error = import(vec![draft("A"), Draft { name: String::new(), ..draft("B") }]).unwrap_err();
    assert_eq!((error.index, error.reason.field), (1, "name"));
    assert!(error.to_string().starts_with("[1].name: must be"), "{error}");
}

#[test]
fn an_import_with_a_sku_twice_is_refused() {
    let error = import(vec![draft("A"), draft("B"), draft("A")]).unwrap_err();
    assert_eq!(error.to_string(), "[2].sku: 'A' stands at [0] too");
}

proptest! {
    #[test]
    fn whatever_is_accepted_is_accepted_unchanged_a_second_time(
        sku in ".{0,70}", name in any::<String>(), description in any::<Option<String>>(), amount: i64,
    ) {
        let price = Money { amount, ..draft("A").price };
        if let Ok(product) = Product::try_from(Draft { sku, name, description, price }) {
            let ProductChanged { sku, name, description, price } = product.changed();
            prop_assert!(!sku.contains('\0') && !name.contains('\0'));
            prop_assert_eq!(Product::try_from(Draft { sku, name, description, price }), Ok(product));
        }
    }
}
