use std::sync::Arc;
use std::time::{Duration, Instant};

use envelope::{Clock, Envelope};
use events::cart::{ItemAdded, ShopperAttached};
use mailbox::{Mailbox, Options};
use notify::Notify;
use service::Lifecycle;
use sqlx::PgPool;
use testkit::{NO_BROKER, TestSpace, event, handle, until_number};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const CARTS_AT_ONCE: usize = 10;
const MAILS_PER_CART: usize = 20;
const TIMEOUT: Duration = Duration::from_mins(10);

/// Mails from events to the mail server: queued in the handler's transactions, then sent.
#[tokio::main]
pub async fn run(mails: usize) -> anyhow::Result<()> {
    let space = TestSpace::new(testkit::servers().await).await;
    let database = space.database("notify").await;
    let options = Options { smtp: "127.0.0.1:0".parse()?, store: None, clock: Clock::system() };
    let mailbox = Mailbox::start(options, CancellationToken::new()).await?;
    let settings: notify::Settings =
        testkit::settings(&database, NO_BROKER, &["--smtp-url", &mailbox.smtp_url()]);

    // Once for its migrations: the mails are to be queued before anybody sends any.
    let migrating = Lifecycle::default();
    notify::start(&settings, Arc::new(()), &migrating).await?;
    migrating.finish().await?;
    let pool = PgPool::connect(&database).await?;
    let start = Instant::now();
    for _ in 0..mails / (CARTS_AT_ONCE * MAILS_PER_CART) {
        let events: Vec<Envelope> = (0..CARTS_AT_ONCE).flat_map(|_| of_one_cart()).collect();
        handle(&Notify { per_address_and_hour: None }, &pool, &events).await?;
    }
    println!("{mails} mails queued in {:.1?}", start.elapsed());

    let start = Instant::now();
    let lifecycle = Lifecycle::default();
    notify::start(&settings, Arc::new(()), &lifecycle).await?;
    let number = i64::try_from(mails)?;
    until_number(&pool, "SELECT count(*) FROM mails WHERE status = 'sent'", number, TIMEOUT).await;
    println!("{mails} mails sent in {:.1?}, {} of them twice", start.elapsed(), mailbox.resent());
    lifecycle.finish().await
}

fn of_one_cart() -> Vec<Envelope> {
    let cart_id = Uuid::now_v7();
    let shopper = ShopperAttached { cart_id, email: "ada@example.test".into(), language: "en".into() };
    let unit_price = events::Money { amount: 255, currency: iso_currency::Currency::GBP };
    let (sku, name) = ("85123A".to_owned(), "WHITE HANGING HEART T-LIGHT HOLDER".to_owned());
    let item = ItemAdded { cart_id, sku, name, unit_price, quantity: 2, line_quantity: 3 };
    let additions = (0..MAILS_PER_CART).map(|_| event(&item));
    std::iter::once(event(&shopper)).chain(additions).collect()
}
