//! Carts that fall quiet, come back, merge and end.

use envelope::{Clock, Envelope};
use events::cart::{
    CartDeleted, CartExpired, CartMerged, CartQuiet, CartResumed, ItemMovedBack, ItemSavedForLater,
    ItemsMergedIn, LineQuantity, MergedLine,
};
use events::inventory::{AvailabilityChanged, HoldsEnded, StockReleased};
use serde_json::json;
use uuid::Uuid;

use crate::support::{Shop, added, from_cart, removed};

pub fn merged_in(cart_id: Uuid, from_cart_id: Uuid, lines: &[(&str, i64, i64)]) -> Envelope {
    let unit_price = serde_json::from_value(json!({"amount": 255, "currency": "GBP"})).unwrap();
    let line = |(sku, quantity, line_quantity): &(&str, i64, i64)| MergedLine {
        sku: (*sku).to_owned(),
        name: "Mug".to_owned(),
        unit_price,
        seen_price: None,
        quantity: *quantity,
        line_quantity: *line_quantity,
    };
    let lines = lines.iter().map(line).collect();
    from_cart(&ItemsMergedIn { cart_id, from_cart_id, lines, saved: Vec::new() })
}

pub fn quiet(cart_id: Uuid) -> Envelope {
    from_cart(&CartQuiet { cart_id, since: Clock::system().now() })
}

#[tokio::test]
async fn on_a_merge_what_is_held_moves_in_one_step() {
    let shop = Shop::with(&[("cup", 5), ("pot", 9)]).await;
    let (guest, cart, third) = (Uuid::new_v4(), Uuid::new_v4(), Uuid::new_v4());
    shop.take(&[added(guest, "cup", 3, 3), added(guest, "pot", 1, 1), added(cart, "cup", 2, 2)])
        .await
        .unwrap();
    shop.take(&[added(third, "cup", 1, 1)]).await.unwrap();
    assert_eq!(shop.hold(third, "cup").await, Some((1, 0)), "all are held");
    let merged = from_cart(&CartMerged { cart_id: guest, into_cart_id: cart });
    shop.take(&[merged_in(cart, guest, &[("cup", 3, 5), ("pot", 1, 1)]), merged]).await.unwrap();

    assert_eq!((shop.hold(cart, "cup").await, shop.hold(cart, "pot").await), (Some((5, 5)), Some((1, 1))));
    assert_eq!((shop.hold(guest, "cup").await, shop.hold(guest, "pot").await), (None, None));
    assert_eq!(shop.hold(third, "cup").await, Some((1, 0)), "it gets nothing of what moved");
    let available = shop.published_of::<AvailabilityChanged>().await;
    assert_eq!(available.iter().map(|event| event.available).collect::<Vec<_>>(), [0], "never there between");
    let ended = shop.published_of::<HoldsEnded>().await;
    assert_eq!(ended, [HoldsEnded { cart_id: guest }]);
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_merge_that_is_heard_of_after_the_guests_end_holds_what_there_is() {
    let shop = Shop::with(&[("cup", 5)]).await;
    let (guest, cart) = (Uuid::new_v4(), Uuid::new_v4());
    shop.take(&[added(guest, "cup", 3, 3)]).await.unwrap();
    shop.take(&[from_cart(&CartMerged { cart_id: guest, into_cart_id: cart })]).await.unwrap();
    shop.take(&[merged_in(cart, guest, &[("cup", 3, 3)])]).await.unwrap();
    assert_eq!((shop.hold(guest, "cup").await, shop.hold(cart, "cup").await), (None, Some((3, 3))));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_quiet_cart_holds_nothing_until_it_is_changed_again() {
    let shop = Shop::with(&[("cup", 5), ("pot", 9)]).await;
    let cart = Uuid::new_v4();
    shop.take(&[added(cart, "cup", 5, 5), added(cart, "pot", 2, 2)]).await.unwrap();
    shop.take(&[quiet(cart), quiet(cart)]).await.unwrap();
    assert_eq!((shop.stock("cup").await, shop.stock("pot").await), ((5, 0), (9, 0)));
    let released = shop.published_of::<StockReleased>().await;
    assert_eq!(released.iter().map(|event| event.released).collect::<Vec<_>>(), [5, 2], "each once");
    let line = |sku: &str, quantity| LineQuantity { sku: sku.into(), quantity };
    let lines = vec![line("cup", 5), line("pot", 2)];
    shop.take(&[from_cart(&CartResumed { cart_id: cart, lines }), removed(cart, "pot", 2)]).await.unwrap();
    assert_eq!((shop.hold(cart, "cup").await, shop.hold(cart, "pot").await), (Some((5, 5)), None));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn a_cart_that_ended_holds_nothing_and_so_do_its_holds_end() {
    let shop = Shop::with(&[("cup", 5)]).await;
    let (deleted, expired) = (Uuid::new_v4(), Uuid::new_v4());
    shop.take(&[added(deleted, "cup", 2, 2), added(expired, "cup", 1, 1)]).await.unwrap();
    shop.take(&[from_cart(&CartDeleted { cart_id: deleted }), from_cart(&CartExpired { cart_id: expired })])
        .await
        .unwrap();
    assert_eq!(shop.stock("cup").await, (5, 0));
    let mut published = shop.published().await;
    published.retain(|event| event.subject == deleted.to_string());
    let last = published.last().unwrap();
    assert_eq!((last.kind.as_str(), last.is_final), ("inventory.holds-ended.v1", true));
    shop.assert_invariant().await;
}

#[tokio::test]
async fn what_is_saved_for_later_is_not_held() {
    let shop = Shop::with(&[("cup", 5)]).await;
    let cart = Uuid::new_v4();
    let sku = || "cup".to_owned();
    let saved = ItemSavedForLater { cart_id: cart, sku: sku(), quantity: 4, saved_quantity: 4 };
    shop.take(&[added(cart, "cup", 4, 4), from_cart(&saved)]).await.unwrap();
    assert_eq!((shop.hold(cart, "cup").await, shop.stock("cup").await), (None, (5, 0)));
    let unit_price = serde_json::from_value(json!({"amount": 255, "currency": "GBP"})).unwrap();
    let name = "Mug".to_owned();
    let back = ItemMovedBack { cart_id: cart, sku: sku(), name, unit_price, quantity: 4, line_quantity: 4 };
    shop.take(&[from_cart(&back)]).await.unwrap();
    assert_eq!(shop.hold(cart, "cup").await, Some((4, 4)));
    shop.assert_invariant().await;
}
