use std::collections::BTreeSet;

use super::*;

fn line(sku: &str, quantity: i64) -> BasketLine {
    BasketLine { sku: sku.to_owned(), quantity }
}

fn cart(lines: &[(&str, i64)]) -> Basket {
    let lines = lines.iter().map(|&(sku, quantity)| line(sku, quantity)).collect();
    Basket { id: "1".to_owned(), shopper: None, lines }
}

#[test]
fn the_whole_year_is_there() {
    let (products, baskets) = (products().unwrap(), baskets(None).unwrap());
    assert_eq!(products.len(), 3_791);
    assert_eq!(baskets.len(), 19_773);
    assert_eq!(baskets.iter().map(|basket| basket.lines.len()).sum::<usize>(), 527_725);

    let shoppers: BTreeSet<_> =
        baskets.iter().filter_map(|basket| basket.shopper.as_ref()).map(|s| &s.id).collect();
    assert_eq!(shoppers.len(), 4_334);
    let ids: BTreeSet<_> = baskets.iter().map(|basket| &basket.id).collect();
    assert_eq!(ids.len(), baskets.len(), "a basket's id is its own");
}

#[test]
fn every_line_sells_something_of_the_catalogue() {
    let skus: BTreeSet<String> = products().unwrap().into_iter().map(|product| product.sku).collect();
    for basket in baskets(None).unwrap() {
        assert!(!basket.lines.is_empty(), "basket {} is empty", basket.id);
        for line in &basket.lines {
            assert!(skus.contains(&line.sku), "basket {}: no product {}", basket.id, line.sku);
            assert!(line.quantity > 0, "basket {}: {} of {}", basket.id, line.quantity, line.sku);
        }
    }
}

#[test]
fn the_catalogue_is_in_order_and_each_product_has_a_name_and_a_price() {
    let products = products().unwrap();
    assert!(products.is_sorted_by(|one, next| one.sku < next.sku));
    assert!(products.iter().all(|product| !product.name.is_empty() && product.price_minor > 0));
    let holder = products.iter().find(|product| product.sku == "85123A").unwrap();
    assert_eq!(holder.name, "White hanging heart T-light holder");
    assert_eq!(holder.price_minor, 295);
}

#[test]
fn baskets_come_in_order_of_time() {
    let times: Vec<String> =
        rows(BASKETS).map(|row| row.unwrap()[1].to_owned()).filter(|t| !t.is_empty()).collect();
    assert_eq!(times.len(), 19_773);
    assert_eq!(times[0], "2010-12-01T08:26");
    assert!(times.is_sorted());
}

#[test]
fn the_first_basket_is_the_one_that_the_source_starts_with() {
    let first = &baskets(Some(1)).unwrap()[0];
    let shopper = first.shopper.as_ref().unwrap();
    assert_eq!(first.id, "536365");
    assert_eq!((shopper.id.as_str(), shopper.language.as_str()), ("17850", "en"));
    assert_eq!(shopper.email(), "shopper-17850@example.test");
    let bought = [
        ("85123A", 6),
        ("71053", 6),
        ("84406B", 8),
        ("84029G", 6),
        ("84029E", 6),
        ("22752", 2),
        ("21730", 6),
    ];
    assert_eq!(first.lines, bought.map(|(sku, quantity)| line(sku, quantity)));
}

#[test]
fn shoppers_read_german_or_english() {
    let baskets = baskets(None).unwrap();
    let languages: BTreeSet<_> =
        baskets.iter().filter_map(|basket| basket.shopper.as_ref()).map(|s| &s.language).collect();
    assert_eq!(languages.into_iter().collect::<Vec<_>>(), ["de", "en"]);
}

#[test]
fn a_limit_gives_the_first_baskets_whole() {
    let all = baskets(None).unwrap();
    assert_eq!(baskets(Some(0)).unwrap(), []);
    assert_eq!(baskets(Some(100)).unwrap(), all[..100]);
    assert_eq!(baskets(Some(1_000_000)).unwrap().len(), all.len());
}

#[test]
fn what_is_sold_adds_up_over_baskets() {
    let sold = sold(&[cart(&[("A", 2), ("B", 1)]), cart(&[("A", 3)])], 10);
    assert_eq!(sold, BTreeMap::from([("A".to_owned(), 5), ("B".to_owned(), 1)]));
}

#[test]
fn a_line_above_the_limit_is_refused_whole() {
    assert_eq!(sold(&[cart(&[("A", 10), ("B", 11)])], 10), BTreeMap::from([("A".to_owned(), 10)]));
}

#[test]
fn quantities_of_one_product_in_one_cart_count_together_against_the_limit() {
    let one_cart = cart(&[("A", 6), ("A", 5), ("A", 4)]);
    assert_eq!(sold(&[one_cart], 10)["A"], 10, "the second is refused, the third still fits");
    assert_eq!(
        sold(&[cart(&[("A", 6)]), cart(&[("A", 5)])], 10)["A"],
        11,
        "each cart has a limit of its own"
    );
}
