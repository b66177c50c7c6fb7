//! Those who run the shop, at its console.

mod dead_letters;
mod misuse;
mod moving;
mod parked;
mod staff;

use serde_json::{Value, json};
use thirtyfour::Key;

use crate::browser::Browser;
use crate::page::{Look, Page};
use crate::shop::Shop;
use crate::shopper::Cart;

fn product(sku: &str, name: &str) -> Value {
    json!({"sku": sku, "name": name, "price": {"amount": 1250, "currency": "GBP"}})
}

fn lantern() -> Vec<Value> {
    vec![product("LANTERN", "White metal lantern"), product("CANDLE", "Candle")]
}

/// A window of somebody who has signed in, with the keyboard alone.
async fn signed_in(browser: &Browser, shop: &Shop, look: Look) -> Page {
    let page = browser.window(look).await;
    page.open(&format!("{}/console", shop.url)).await;
    assert_eq!(page.path().await, "/console/sign-in");
    page.tab_to("#name").await;
    page.write("Ada").await;
    page.tab_to("#key").await;
    page.write(&shop.admin_key).await;
    page.press(Key::Enter).await;
    page.element(".operator").await;
    assert_eq!(page.path().await, "/console/flow");
    page
}

/// Has inventory refuse what carts hold, as a bug in it would.
async fn break_inventory(shop: &Shop) {
    let broken = "CREATE OR REPLACE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the shelf is upside down'; END $$;
        CREATE TRIGGER broken BEFORE INSERT OR UPDATE ON holds FOR EACH ROW EXECUTE FUNCTION broken();";
    sqlx::raw_sql(broken).execute(&shop.database("inventory").await).await.unwrap();
}

async fn mend_inventory(shop: &Shop) {
    let mended = "DROP TRIGGER broken ON holds";
    sqlx::raw_sql(mended).execute(&shop.database("inventory").await).await.unwrap();
}

const PARKED: &str = "SELECT count(*) FROM bus.parked";

/// Every page, with something on it.
#[tokio::test]
async fn every_page_is_sound_at_any_size_light_and_dark() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    let cart = Cart::open(&shop, "ann@example.test").await;
    cart.add("LANTERN", 2).await;
    let inventory = shop.database("inventory").await;
    testkit::until_number(&inventory, "SELECT count(*) FROM holds", 1, crate::harness::TIMEOUT).await;
    break_inventory(&shop).await;
    cart.add("CANDLE", 1).await;
    testkit::until_number(&inventory, PARKED, 1, crate::harness::TIMEOUT).await;
    let analytics = shop.database("analytics").await;
    let mails = "SELECT count(*) FROM envelopes WHERE type = 'notify.email-sent.v1'";
    testkit::until_number(&analytics, mails, 2, crate::harness::TIMEOUT).await;
    let addition = "SELECT id::text FROM envelopes WHERE type = 'cart.item-added.v1' ORDER BY time LIMIT 1";
    let addition: String = sqlx::query_scalar(addition).fetch_one(&analytics).await.unwrap();
    let parked: i64 = sqlx::query_scalar("SELECT id FROM bus.parked").fetch_one(&inventory).await.unwrap();
    let pages = [
        ("flow", "/console/flow".to_owned()),
        ("numbers", "/console/numbers".to_owned()),
        ("numbers-table", "/console/numbers?range=day&view=table".to_owned()),
        ("events", format!("/console/events?subject={}", cart.id)),
        ("event", format!("/console/events/{addition}")),
        ("parked", "/console/parked?service=inventory".to_owned()),
        ("parked-event", format!("/console/parked/inventory/{parked}")),
        ("parked-matching", "/console/parked/matching?service=inventory&action=discard".to_owned()),
        ("cart", format!("/console/carts/{}", cart.id)),
        ("stock", "/console/stock?sku=LANTERN".to_owned()),
        ("mails", "/console/mails".to_owned()),
        ("audit", "/console/audit".to_owned()),
        ("sign-out", "/console/sign-out".to_owned()),
    ];
    for look in Look::ALL {
        let sign_in = browser.window(look).await;
        sign_in.open(&format!("{}/console", shop.url)).await;
        sign_in.must_be_sound().await;
        sign_in.screenshot("console-sign-in").await;
        sign_in.close().await;
        let page = signed_in(&browser, &shop, look).await;
        for (name, path) in &pages {
            page.open(&format!("{}{path}", shop.url)).await;
            page.must_be_sound().await;
            page.screenshot(&format!("console-{name}")).await;
            let weight = page.weight().await;
            assert!(weight.bytes < 60_000 && weight.requests < 12, "{path}: {weight:?}");
            let overflow = page.evaluate("return document.documentElement.scrollWidth - innerWidth").await;
            assert!(overflow.as_i64().unwrap() <= 0, "{path} is wider than the window by {overflow}");
        }
        page.close().await;
    }
}
