//! The API's documentation shows each call with an example. The examples are made here, one after the other, against a
//! running shop; docs/examples.md is what came of them.

mod call;
mod calls;
mod page;
mod session;

use std::collections::BTreeSet;

use mailbox::Behaviour;

use crate::harness::TestShop;
use session::Session;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/examples.md");
const SERVICES: [&str; 7] = ["catalog", "inventory", "cart", "recommend", "notify", "analytics", "web"];

/// It has no end, and so no answer to show. docs/storefront.md has it.
const STREAM: &str = "GET /live";

/// `UPDATE=1` writes the page again.
#[tokio::test]
async fn each_works_and_stands_in_the_docs() {
    let mut shop = TestShop::with(&SERVICES[..4]).await;
    shop.shop.public_url = Some("https://shop.example".parse().unwrap());
    shop.mailbox.behave(Behaviour::RefuseRecipients("bob@example.test".to_owned()));
    shop.start("notify").await;
    shop.start("analytics").await;
    shop.start_pages().await;
    let mut session = Session::begin(&shop, &SERVICES).await;
    for call in calls::all() {
        session.make(call).await;
    }
    let (shown, described) = (session.shown(), session.described());
    let missing: Vec<_> = described.difference(&shown).filter(|route| *route != STREAM).collect();
    assert!(missing.is_empty(), "calls without an example: {missing:?}");
    let page = page::render(&session.examples);
    shop.end().await;

    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(PAGE, page).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    let changed: BTreeSet<&str> = lines(&committed).symmetric_difference(&lines(&page)).copied().collect();
    assert!(
        changed.is_empty(),
        "docs/examples.md is out of date: UPDATE=1 ./cartwheel test every_call_has_an_example\n{changed:?}"
    );
}

/// The lines without the values of fields: how far a hold or a mail is by then is a matter of moments.
fn lines(page: &str) -> BTreeSet<&str> {
    page.lines().map(|line| line.split_once("\": ").map_or(line, |(field, _)| field)).collect()
}
