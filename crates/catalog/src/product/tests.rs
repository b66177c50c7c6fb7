use std::collections::BTreeMap;

use events::Money;
use proptest::prelude::*;

use super::*;

fn draft(sku: &str) -> Draft {
    let price = serde_json::from_str::<Money>(r#"{"amount": 255, "currency": "GBP"}"#).unwrap();
    Draft {
        sku: sku.parse().unwrap(),
        name: "White lantern".parse().unwrap(),
        description: None,
        price,
        variant_of: None,
        options: BTreeMap::new(),
        categories: Vec::new(),
        picture: None,
        attributes: BTreeMap::new(),
        translations: BTreeMap::new(),
        published_from: None,
    }
}

fn refused_field(draft: Draft) -> Option<&'static str> {
    Product::try_from(draft).err().map(|invalid| invalid.field)
}

#[test]
fn a_product_can_be_reached_by_a_url() {
    for sku in ["85123A", "a/b", "~", "x".repeat(64).as_str(), "imports", "..."] {
        assert_eq!(refused_field(draft(sku)), None, "{sku}");
    }
    for sku in ["import", "export", "search", ".", ".."] {
        assert_eq!(refused_field(draft(sku)), Some("sku"), "{sku:?}");
    }
}

#[test]
fn a_name_is_one_line_and_counted_in_characters() {
    for name in ["", "   ", &"é".repeat(201), "a\0b", "two\nlines", "e\u{301}", "\u{FFFD}"] {
        assert!(name.parse::<ProductName>().is_err(), "{name:?}");
    }
    let name = format!("  {} ", "é".repeat(197)).parse().unwrap();
    assert_eq!(Product::try_from(Draft { name, ..draft("A") }).unwrap().name(), "é".repeat(197));
}

#[test]
fn a_blank_description_is_none_and_a_long_one_is_refused() {
    let described = |text: &str| Draft { description: Some(text.parse().unwrap()), ..draft("A") };
    assert_eq!(Product::try_from(described(" \n")).unwrap().description(), None);
    assert_eq!(Product::try_from(described("two\nlines")).unwrap().description(), Some("two\nlines"));
    assert!("x".repeat(4000).parse::<Description>().is_ok());
    for bad in ["a\0b", "\u{b}", "\u{85}", &"x".repeat(4001)] {
        assert!(bad.parse::<Description>().is_err(), "{bad:?}");
    }
}

#[test]
fn a_price_may_be_nothing_but_not_less_and_has_an_end() {
    let priced = |amount| Draft { price: Money { amount, ..draft("A").price }, ..draft("A") };
    assert_eq!(refused_field(priced(0)), None);
    assert_eq!(refused_field(priced(-1)), Some("price.amount"));
    assert_eq!(refused_field(priced(HIGHEST_PRICE)), None);
    assert_eq!(refused_field(priced(HIGHEST_PRICE + 1)), Some("price.amount"));
}

#[test]
fn an_import_names_every_entry_and_field_that_breaks_a_rule() {
    let errors = import(vec![
        draft("A"),
        draft("import"),
        Draft { price: Money { amount: -1, ..draft("C").price }, ..draft("C") },
    ])
    .unwrap_err();
    let fields: Vec<_> = errors.iter().map(|error| (error.index, error.reason.field)).collect();
    assert_eq!(fields, [(1, "sku"), (2, "price.amount")]);
    assert!(errors[0].to_string().starts_with("[1].sku: must not be"), "{errors:?}");
}

#[test]
fn an_import_with_a_sku_twice_is_refused() {
    let errors = import(vec![draft("A"), draft("B"), draft("A")]).unwrap_err();
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].to_string(), "[2].sku: 'A' is at [0] too");
}

proptest! {
    #[test]
    fn whatever_is_accepted_is_accepted_unchanged_a_second_time(
        sku in "[!-~]{1,64}", name in "\\PC{1,20}", description in "[\\PC\n]{0,20}", amount: i64,
    ) {
        let price = Money { amount, ..draft("A").price };
        let (Ok(name), Ok(description)) = (name.parse(), description.parse()) else { return Ok(()) };
        let sent = Draft { name, description: Some(description), price, ..draft(&sku) };
        if let Ok(product) = Product::try_from(sent) {
            let ProductChanged { sku, name, description, price } = product.changed();
            let name = name.parse().unwrap();
            let description = description.map(|text| text.parse().unwrap());
            prop_assert_eq!(Product::try_from(Draft { name, description, price, ..draft(&sku) }), Ok(product));
        }
    }
}
