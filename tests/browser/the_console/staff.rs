use super::{lantern, signed_in};
use crate::browser::Browser;
use crate::harness::TIMEOUT;
use crate::page::Look;
use crate::shop::Shop;
use crate::shopper::Cart;

const HELD: &str = "SELECT held FROM stock WHERE sku = 'LANTERN'";
const ON_HAND: &str = "SELECT on_hand FROM stock WHERE sku = 'LANTERN'";

#[tokio::test]
async fn a_cart_is_looked_up_its_hold_freed_and_stock_adjusted_and_each_is_written_down() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    let cart = Cart::open(&shop, "ann@example.test").await;
    cart.add("LANTERN", 2).await;
    let inventory = shop.database("inventory").await;
    testkit::until_number(&inventory, HELD, 2, TIMEOUT).await;

    let page = signed_in(&browser, &shop, Look::DESKTOP).await;
    page.click("nav a[href='/console/carts']").await;
    page.fill("#id", "no id").await;
    page.click("form.filter button").await;
    page.until_text(".notice", "not a cart's id").await;
    page.fill("#id", &cart.id.to_string()).await;
    page.click("form.filter button").await;
    page.until_text("tbody", "White metal lantern").await;
    let history = page.text(".history").await;
    assert!(
        history.contains("cart.item-added.v1") && page.text(".facts").await.contains("ann@"),
        "{history}"
    );

    page.click("tbody a").await;
    page.until_text("h2", "LANTERN").await;
    page.fill("#reason-0", "it was reserved by phone").await;
    page.click(".holds button").await;
    page.until_text(".notice", "Done.").await;
    testkit::until_number(&inventory, HELD, 0, TIMEOUT).await;
    page.fill("#change", "-4").await;
    page.fill("#reason-adjust", "broken in the rack").await;
    page.click("form.action button").await;
    page.until_text(".scrolls tbody", "broken in the rack").await;
    testkit::until_number(&inventory, ON_HAND, 96, TIMEOUT).await;

    page.open(&format!("{}/console/carts/{}", shop.url, cart.id)).await;
    page.fill("#reason-revoke", "the link was forwarded").await;
    page.click("form.action button").await;
    page.until_text(".notice", "Done.").await;
    assert_eq!(cart.request(reqwest::Method::GET, "").send().await.unwrap().status(), 404);

    page.click("nav a[href='/console/audit']").await;
    let done = page.text("tbody").await;
    for part in [
        "Ada",
        "DELETE /stock/{sku}/holds/{id}",
        "it was reserved by phone",
        "POST /adjustments",
        "DELETE /carts/{id}/token",
    ] {
        assert!(done.contains(part), "{part} is not in {done}");
    }
    page.must_be_sound().await;
}

#[tokio::test]
async fn a_mail_that_failed_is_sent_again() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    let cart = Cart::open(&shop, "ann@example.test").await;
    cart.add("LANTERN", 1).await;
    let notify = shop.database("notify").await;
    testkit::until_number(&notify, "SELECT count(*) FROM mails WHERE status = 'sent'", 1, TIMEOUT).await;
    // As if the mail server had refused it.
    let refused = "UPDATE mails SET status = 'failed', sent_at = NULL, email = 'ann@example.test';
                   UPDATE calls.calls SET state = 'failed', error = 'the mail server answered 550 to RCPT TO'";
    sqlx::raw_sql(refused).execute(&notify).await.unwrap();

    let page = signed_in(&browser, &shop, Look::PHONE).await;
    page.open(&format!("{}/console/mails?status=failed", shop.url)).await;
    page.click("td button").await;
    page.until_text(".notice", "Done.").await;
    testkit::until_number(&notify, "SELECT count(*) FROM mails WHERE status = 'sent'", 1, TIMEOUT).await;
}
