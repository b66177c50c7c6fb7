use events::cart::{CartDeleted, ShopperAttached};
use events::notify::EmailSent;
use events::recommend::{SuggestionsChanged, SuggestionsEnded};
use testkit::eventually;
use uuid::Uuid;

use crate::support::{Shop, TIMEOUT, added, attached, from_cart};

#[tokio::test]
async fn every_addition_to_a_cart_with_a_shopper_is_a_mail_in_text_and_html() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let items = ["red lamp", "blue lamp", "green lamp"].map(|name| added(cart, name));
    shop.take(&[attached(cart, "ada@example.test"), items[0].clone(), items[1].clone()]).await;
    shop.take(&[items[2].clone()]).await;
    shop.until("sent", 3).await;

    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (3, 0));
    let mail = shop.mail(&items[1]).await;
    assert_eq!(mail.summary.to, ["ada@example.test"]);
    assert_eq!(mail.summary.subject, "In your cart: 2 × blue lamp");
    assert!(mail.text.unwrap().contains("2 × £2.55 = £5.10"));
    assert!(mail.html.unwrap().contains("<strong>blue lamp</strong>"));
    assert_eq!(shop.row(&items[1]).await, ("sent".into(), 1, None));
}

#[tokio::test]
async fn a_mail_that_was_sent_is_an_event_that_its_addition_caused() {
    let (shop, _notify) = Shop::open().await;
    let item = shop.add(1).await.remove(0);
    shop.until("sent", 1).await;
    let sent = shop.published::<EmailSent>().await;
    assert_eq!(sent.len(), 1);
    let (event, cause) = &sent[0];
    assert_eq!((event.about, event.cart_id.to_string()), (item.id, item.subject.clone()));
    assert_eq!((cause.causation_id, cause.correlation_id.as_str()), (Some(item.id), "a test"));
}

#[tokio::test]
async fn an_addition_to_a_cart_without_a_shopper_is_counted_and_not_mailed() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let (early, late) = (added(cart, "early"), added(cart, "late"));
    shop.take(&[early.clone(), attached(cart, "ada@example.test"), late.clone()]).await;
    shop.until("sent", 1).await;
    assert_eq!(shop.row(&early).await, ("unaddressed".into(), 0, None));
    assert_eq!(shop.mailbox.delivered(), 1);
    assert_eq!(shop.mail(&late).await.summary.subject, "In your cart: 2 × late");
}

#[tokio::test]
async fn an_address_with_letters_of_any_script_gets_its_mail() {
    let (shop, _notify) = Shop::open().await;
    for (address, on_the_wire) in
        [("ada@bücher.example", "ada@xn--bcher-kva.example"), ("müller@example.test", "müller@example.test")]
    {
        let cart = Uuid::now_v7();
        let item = added(cart, "lamp");
        shop.take(&[attached(cart, address), item.clone()]).await;
        let sent = ("sent".to_owned(), 1, None);
        eventually("it is sent", TIMEOUT, async || (shop.row(&item).await == sent).then_some(())).await;
        assert_eq!(shop.mail(&item).await.summary.to, [on_the_wire]);
    }
}

#[tokio::test]
async fn an_address_that_no_mail_can_be_sent_to_fails_with_the_reason() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let item = added(cart, "lamp");
    shop.take(&[attached(cart, "Ann <ann@example.test>"), item.clone()]).await;
    shop.until("failed", 1).await;
    let (_, _, error) = shop.row(&item).await;
    assert!(error.unwrap().contains("send only what is between < and >"));
}

#[tokio::test]
async fn mails_are_in_the_shoppers_language_and_go_to_the_address_that_was_attached_last() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let (first, second) = (added(cart, "Lampe"), added(cart, "Tisch"));
    let german =
        ShopperAttached { cart_id: cart, email: "ada@example.test".into(), language: "de-AT".into() };
    shop.take(&[from_cart(&german), first.clone()]).await;
    shop.take(&[attached(cart, "bob@example.test"), second.clone()]).await;
    shop.until("sent", 2).await;
    let (first, second) = (shop.mail(&first).await.summary, shop.mail(&second).await.summary);
    assert_eq!(
        (first.subject.as_str(), first.to[0].as_str()),
        ("Im Warenkorb: 2 × Lampe", "ada@example.test")
    );
    assert_eq!(
        (second.subject.as_str(), second.to[0].as_str()),
        ("In your cart: 2 × Tisch", "bob@example.test")
    );
}

#[tokio::test]
async fn a_products_name_adds_neither_markup_nor_headers_nor_recipients() {
    let (shop, _notify) = Shop::open().await;
    let cart = Uuid::now_v7();
    let item = added(cart, "<script>x</script>\r\nBcc: eve@example.test\r\n\r\n<b>hello</b>\n.\n");
    shop.take(&[attached(cart, "ada@example.test"), item.clone()]).await;
    shop.until("sent", 1).await;
    let mail = shop.mail(&item).await;
    assert_eq!(mail.summary.to, ["ada@example.test"]);
    assert!(!mail.headers.iter().any(|header| header.name.eq_ignore_ascii_case("bcc")));
    let html = mail.html.unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>"), "{html}");
    assert!(html.contains("&lt;script&gt;x&lt;"), "{html}");
}

#[tokio::test]
async fn two_senders_at_once_never_send_a_mail_twice() {
    let shop = Shop::closed().await;
    let first = shop.start(&[]).await;
    first.stop().await;
    let items = shop.add(600).await;
    let (_one, _other) = tokio::join!(shop.start(&[]), shop.start(&[]));
    shop.until("sent", 600).await;
    assert_eq!((shop.mailbox.delivered(), shop.mailbox.resent()), (600, 0));
    assert_eq!(shop.published::<EmailSent>().await.len(), items.len());
}

#[tokio::test]
async fn of_a_cart_that_has_ended_no_address_stays() {
    let (shop, notify) = Shop::open().await;
    let (cart, kept) = (Uuid::now_v7(), Uuid::now_v7());
    for cart in [cart, kept] {
        let suggested =
            from_cart(&SuggestionsChanged { cart_id: cart, cart_version: 1, suggestions: vec![] });
        shop.take(&[attached(cart, "ada@example.test"), suggested, added(cart, "lamp")]).await;
    }
    shop.until("sent", 2).await;
    shop.take(&[from_cart(&CartDeleted { cart_id: cart }), from_cart(&SuggestionsEnded { cart_id: cart })])
        .await;
    for table in ["SELECT cart_id FROM shoppers", "SELECT cart_id FROM suggestions"] {
        let known: Vec<Uuid> = sqlx::query_scalar(table).fetch_all(&shop.pool).await.unwrap();
        assert_eq!(known, [kept], "{table}");
    }
    let addresses: Vec<String> =
        sqlx::query_scalar("SELECT DISTINCT email FROM mails").fetch_all(&shop.pool).await.unwrap();
    assert_eq!(addresses, ["a…a@example.test"], "who was written to can be recognized, and not written to");
    notify.stop().await;
}

#[tokio::test]
async fn the_database_masks_addresses_as_the_program_does() {
    let (shop, _notify) = Shop::open().await;
    for address in [
        "shopper-17@example.test",
        "äbö@example.test",
        "ab@x.test",
        "a@x.test",
        "@x.test",
        "a@b@x.test",
        "somebody",
    ] {
        let in_database: String =
            sqlx::query_scalar("SELECT masked($1)").bind(address).fetch_one(&shop.pool).await.unwrap();
        assert_eq!(in_database, notify::masked(address));
        assert_eq!(notify::masked(&in_database), in_database, "masked once more it stays as it is");
    }
}
