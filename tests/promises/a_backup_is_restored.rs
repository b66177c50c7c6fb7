//! A service's database comes back from a backup: what happened since comes out of the event log, nothing is decided or
//! mailed a second time, and nobody misses what follows.

use reqwest::{Method, StatusCode};
use serde_json::json;
use servers::provision::{copy_database, remove_database};

use crate::harness::{Cart, TIMEOUT, TestShop};

/// Two carts want the one lantern. The first was there at the time of the backup.
struct Carts {
    first: Cart,
    second: Cart,
}

impl TestShop {
    fn backup_of(&self, service: &str) -> (String, String) {
        let database = self.shop.accounts.namespace().of(service);
        (format!("{database}_backup"), database)
    }

    /// Makes a backup while the service stands still.
    async fn back_up(&mut self, service: &'static str) {
        self.stop(service).await;
        let (backup, database) = self.backup_of(service);
        copy_database(&self.administration.postgres, &database, &backup, &database).await.unwrap();
        self.start(service).await;
    }

    /// Restores the database and brings it up to date; returns what was said.
    async fn restore(&mut self, service: &'static str) -> String {
        let (succeeded, said) = self.cartwheel(service, &["restored", service]);
        assert!(!succeeded && said.contains("stop all of its instances"), "{said}");
        self.stop(service).await;
        let (backup, database) = self.backup_of(service);
        copy_database(&self.administration.postgres, &backup, &database, &database).await.unwrap();
        let (succeeded, said) = self.cartwheel(service, &["restored", service]);
        assert!(succeeded, "{said}");
        self.start(service).await;
        said
    }

    /// Waits until everybody has taken everything.
    async fn until_quiet(&self, additions: i64) {
        self.until("notify", "SELECT count(*) FROM mails WHERE status = 'sent'", additions).await;
        for service in ["cart", "inventory", "recommend", "notify", "catalog"] {
            self.until(service, "SELECT count(*) FROM bus.outbox", 0).await;
        }
        let waiting = "SELECT count(*) FROM changes, telling WHERE id > upto";
        self.until("recommend", waiting, 0).await;
    }
}

/// Backs a service up, goes on, restores it, goes on; then everything is as if nothing had happened.
async fn survives(service: &'static str) {
    let mut shop = TestShop::with_all().await;
    shop.sell(&["LANTERN", "CANDLE"]).await;
    shop.stock("LANTERN", 1).await;
    shop.stock("CANDLE", 10).await;
    let storefront = shop.storefront();
    let first = storefront.open(Some("ann@example.test")).await;
    storefront.add(&first, "CANDLE", 2).await;
    shop.until_quiet(1).await;
    shop.back_up(service).await;

    // The first cart gets the lantern, and the second one none.
    let storefront = shop.storefront();
    storefront.add(&first, "LANTERN", 1).await;
    shop.until("inventory", "SELECT sum(held)::bigint FROM holds", 3).await;
    let second = storefront.open(Some("zoe@example.test")).await;
    storefront.add(&second, "LANTERN", 1).await;
    storefront.add(&second, "CANDLE", 3).await;
    let new = json!([{"sku": "MATCHES", "name": "Matches", "price": {"amount": 10, "currency": "GBP"}}]);
    let import = format!("{}/products/import", shop.url("catalog"));
    shop.as_operator(Method::POST, &import).json(&new).send().await.unwrap().error_for_status().unwrap();
    shop.until("cart", "SELECT count(*) FROM products", 3).await;
    shop.until_quiet(4).await;
    let carts = Carts { first, second };
    is_right(&shop, &carts, 4).await;

    let said = shop.restore(service).await;
    assert!(!said.contains("lacks") && !said.contains("could not"), "{said}");
    is_right(&shop, &carts, 4).await;
    let storefront = shop.storefront();
    storefront.add(&carts.first, "MATCHES", 1).await;
    storefront.add(&carts.second, "MATCHES", 1).await;
    shop.until_quiet(6).await;
    let third = storefront.open(None).await;
    storefront.add(&third, "LANTERN", 1).await;
    shop.until("inventory", "SELECT count(*) FROM holds", 7).await;
    is_right(&shop, &carts, 6).await;

    let (backup, _) = shop.backup_of(service);
    remove_database(&shop.administration.postgres, &backup, &backup).await.unwrap();
    shop.end().await;
}

/// What is so after `mails` additions by shoppers.
async fn is_right(shop: &TestShop, carts: &Carts, mails: u64) {
    let held = |cart: &Cart| {
        let query = "SELECT coalesce(sum(held), 0)::bigint FROM holds WHERE sku = 'LANTERN' AND cart_id = $1";
        (query, cart.id)
    };
    for (cart, lanterns) in [(&carts.first, 1), (&carts.second, 0)] {
        for service in ["inventory", "cart"] {
            let (query, id) = held(cart);
            let pool = shop.database(service).await;
            testkit::eventually(&format!("{service} holds {lanterns}"), TIMEOUT, async || {
                let found: i64 = sqlx::query_scalar(query).bind(id).fetch_one(&pool).await.unwrap();
                (found == lanterns).then_some(())
            })
            .await;
        }
        let read = shop.storefront().request(Method::GET, cart, "").send().await.unwrap();
        assert_eq!(read.status(), StatusCode::OK);
    }
    let oversold = "SELECT count(*) FROM stock WHERE held > on_hand";
    assert_eq!(shop.count("inventory", oversold).await, 0);
    assert_eq!(shop.count("inventory", "SELECT on_hand FROM stock WHERE sku = 'LANTERN'").await, 1);
    assert_eq!(shop.mailbox.delivered(), mails, "a mail for each addition, and none twice");
    for service in ["cart", "inventory", "recommend", "notify"] {
        assert_eq!(
            shop.count(service, "SELECT count(*) FROM bus.parked").await,
            0,
            "{service} parks nothing"
        );
    }
    // Each knows the same lines.
    let lines = shop.count("cart", "SELECT count(*) FROM lines").await;
    for (service, query) in [
        ("inventory", "SELECT count(*) FROM holds"),
        ("recommend", "SELECT count(*) FROM cart_items"),
        ("cart", "SELECT count(*) FROM holds"),
    ] {
        shop.until(service, query, lines).await;
    }
}

#[tokio::test]
async fn of_the_catalog() {
    survives("catalog").await;
}

#[tokio::test]
async fn of_the_carts() {
    survives("cart").await;
}

#[tokio::test]
async fn of_inventory() {
    survives("inventory").await;
}

#[tokio::test]
async fn of_recommend() {
    survives("recommend").await;
}

#[tokio::test]
async fn of_notify() {
    survives("notify").await;
}
