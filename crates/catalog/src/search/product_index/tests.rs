//! What is found, in what order and how many, is what the plain way finds: by the products' words themselves, one by one.

mod plain;

use std::collections::{BTreeMap, BTreeSet};

use events::Money;
use iso_currency::Currency;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::super::facets::Facet;
use super::super::listing::searchable_words;
use super::super::text_normalization::words;
use super::super::vocabulary::{Known, Vocabulary, asked};
use super::*;
use crate::product::Details;

/// Words of which some begin like others, or are others together.
const WORDS: [&str; 12] =
    ["pa", "pan", "pans", "panda", "paper", "tea", "pot", "teapot", "red", "reds", "re-used", "Ärger"];

fn text(most: usize) -> impl Strategy<Value = String> {
    vec(select(&WORDS[..]), 0..=most).prop_map(|words| words.join(" "))
}

fn listed() -> impl Strategy<Value = Listed> {
    let details = (
        btree_set(select(vec!["Home", "Home/Tea", "Home/Tea/Pots", "Garden"]), 0..3),
        select(vec!["red", "blue", "green"]),
        proptest::option::of(text(3)),
    );
    let price = (0_i64..40, select(vec![Currency::GBP, Currency::EUR]));
    (0_i64..12, text(5), text(4), price, details, 0_i64..5, proptest::option::of(0_i64..3), any::<bool>())
        .prop_map(
            |(
                number,
                name,
                description,
                (amount, currency),
                (categories, colour, translated),
                age,
                from,
                retired,
            )| {
                let mut details = Details {
                    categories: categories.into_iter().map(str::to_owned).collect(),
                    options: BTreeMap::from([("colour".to_owned(), colour.to_owned())]),
                    ..Details::default()
                };
                if let Some(name) = translated {
                    let texts = events::catalog::ProductTexts { name, description: None };
                    details.translations.insert("de".to_owned(), texts);
                }
                let sku = format!("PAN{number}");
                let words = searchable_words(&sku, &name, Some(&description), &details);
                let time = |hours: i64| DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(hours);
                Listed {
                    words: words.into_iter().collect::<Vec<_>>().join(" "),
                    price: Money { amount, currency },
                    created_at: time(age),
                    published_from: from.map(time),
                    retired: retired && age == 0,
                    number,
                    sku,
                    name,
                    details,
                }
            },
        )
}

fn filter() -> impl Strategy<Value = Filter> {
    let colours = proptest::option::of(btree_set(select(vec!["red", "blue", "pink"]), 1..3));
    let category = proptest::option::weighted(0.3, select(vec!["Home", "Home/Tea", "Attic"]));
    let prices = (proptest::option::weighted(0.3, 0_i64..20), proptest::option::weighted(0.3, 10_i64..40));
    let currency = proptest::option::weighted(0.2, Just("GBP".to_owned()));
    (colours, category, prices, currency).prop_map(|(colours, category, (price_from, price_to), currency)| {
        Filter {
            category: category.map(str::to_owned),
            properties: colours
                .map(|all| ("colour".to_owned(), all.into_iter().map(str::to_owned).collect()))
                .into_iter()
                .collect(),
            currency,
            price_from,
            price_to,
        }
    })
}

/// How a text is understood, given all words of the products.
fn understood(text: &str, there_are: &BTreeSet<String>) -> Option<SearchQuery> {
    let words = words(text);
    let known = |(word, is_corrected): (String, bool)| {
        let is_beginning = there_are.iter().any(|known| known.starts_with(&word));
        let similar = there_are.iter().filter(|_| is_corrected && !is_beginning).cloned().collect();
        (word.clone(), Known { is_word: there_are.contains(&word), is_beginning, similar })
    };
    let vocabulary: Vocabulary = asked(&words).into_iter().map(known).collect();
    (!words.is_empty()).then(|| SearchQuery::read(&words, &vocabulary))
}

fn asked_texts() -> impl Strategy<Value = String> {
    let word = select(vec![
        "p", "pa", "pan", "pam", "tea", "pot", "teapot", "teapt", "re", "red", "reused", "arg", "pan3", "zz",
    ]);
    vec(word, 0..4).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_quick_way_finds_what_the_plain_way_finds(
        changes in vec(listed(), 0..24),
        text in asked_texts(),
        filter in filter(),
        sort in select(vec![Sort::Relevance, Sort::Price, Sort::PriceDescending, Sort::Name, Sort::Newest]),
        limit in 1_usize..6,
        after in proptest::option::of(any::<Index>()),
    ) {
        let (mut index, mut products) = (ProductIndex::default(), BTreeMap::new());
        for listed in changes {
            products.insert(listed.number, listed.clone());
            index.put(listed);
        }
        let now = DateTime::UNIX_EPOCH + chrono::TimeDelta::hours(1);
        let there_are = products.values().flat_map(|listed| listed.words.split(' ').map(str::to_owned)).collect();
        let products: Vec<&Listed> = products.values().collect();
        let query = understood(&text, &there_are);
        let expected = query.clone().map(|query| plain::answerable(query, &products, now));
        let query = query.map(|query| index.answerable(query, now));
        prop_assert_eq!(&query, &expected);
        prop_assert!(query.as_ref().is_none_or(SearchQuery::is_plausible));

        let all = plain::find(&products, query.as_ref(), &filter, sort, now);
        let wanted = Wanted {
            query: query.as_ref(), filter: &filter, sort, after: None, asked: "", limit, count: true, now,
        };
        // A page may end anywhere.
        let before = after.filter(|_| !all.skus.is_empty()).map(|after| 1 + after.index(all.skus.len()));
        let end = before.and_then(|limit| index.find(&Wanted { limit, ..wanted }).end);
        let begin = end.as_ref().and(before).unwrap_or(0);
        let found = index.find(&Wanted { after: end.as_ref(), ..wanted });
        let page: Vec<String> = all.skus.iter().skip(begin).take(limit).cloned().collect();
        prop_assert_eq!(found.skus, page);
        prop_assert_eq!(found.total, all.skus.len());
        prop_assert_eq!(found.end.is_some(), begin + limit < all.skus.len());
        prop_assert_eq!(found.facets, Some(all.facets));
    }
}

/// Each change brings words and a colour that nobody has seen, and a product that stays has some, too.
#[test]
fn what_a_product_no_longer_has_is_forgotten() {
    let mut index = ProductIndex::default();
    index.put(of_change(0, "stays", "red"));
    for number in 0..1_000 {
        index.put(of_change(1, &format!("word{number}"), &format!("colour{number}")));
    }
    assert!(index.has_word("stays") && index.has_word("word999"));
    assert!(!index.has_word("word998") && !index.has_word("colour998"));
    // What comes next gets the first free number.
    assert!(index.words.number("another") < 20);
    assert!(index.facets.number(Facet::Category("Another".to_owned())) < 10);
    let wanted = understood("stays", &BTreeSet::from(["stays".to_owned()]));
    let filter = Filter::default();
    let found = index.find(&Wanted {
        query: wanted.as_ref(),
        filter: &filter,
        sort: Sort::Relevance,
        after: None,
        asked: "",
        limit: 9,
        count: false,
        now: DateTime::UNIX_EPOCH,
    });
    assert_eq!(found.skus, ["PAN0"]);
}

fn of_change(number: i64, name: &str, colour: &str) -> Listed {
    let details =
        Details { options: BTreeMap::from([("colour".to_owned(), colour.to_owned())]), ..Details::default() };
    let sku = format!("PAN{number}");
    let words = searchable_words(&sku, name, None, &details);
    Listed {
        number,
        words: words.into_iter().collect::<Vec<_>>().join(" "),
        sku,
        name: name.to_owned(),
        price: Money { amount: 1, currency: Currency::GBP },
        details,
        created_at: DateTime::UNIX_EPOCH,
        published_from: None,
        retired: false,
    }
}
