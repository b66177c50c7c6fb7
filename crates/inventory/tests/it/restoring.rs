//! What its own events tell after a backup was restored.

use bus::OwnEvents;
use events::inventory::{HoldsEnded, StockChanged, StockHeld, StockReleased};
use inventory::Published;
use testkit::event;
use uuid::Uuid;

use crate::support::{Shop, added};

#[tokio::test]
async fn lapsed_lines_stay_ended_carts_go_and_the_ledger_adds_up() {
    let shop = Shop::with(&[("cup", 2)]).await;
    let carts: Vec<Uuid> = (0..3).map(|_| Uuid::new_v4()).collect();
    for cart in &carts {
        shop.take(&[added(*cart, "cup", 1, 1)]).await.unwrap();
    }
    let sku = || "cup".to_owned();
    let said = [
        event(&StockChanged { sku: sku(), on_hand: 5, available: 3 }),
        event(&StockReleased { cart_id: carts[0], sku: sku(), released: 1, lapsed: true }),
        event(&HoldsEnded { cart_id: carts[1] }),
        event(&StockHeld { cart_id: carts[2], sku: sku(), held: 1, filled: Some(1) }),
    ];
    let published = Published::default();
    let mut transaction = shop.pool.begin().await.unwrap();
    published.import(&said.iter().collect::<Vec<_>>(), &mut transaction).await.unwrap();
    bus::commit(transaction).await.unwrap();
    let held = |index: usize| shop.hold(carts[index], "cup");
    assert_eq!((held(0).await, held(1).await, held(2).await), (Some((1, 0)), None, Some((1, 1))));
    assert_eq!(shop.stock("cup").await, (5, 1));
    shop.assert_invariant().await;
}
