use std::time::{Duration, Instant};

use testkit::eventually;
use uuid::Uuid;

use crate::support::{Shop, added, attached};

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: run it alone, with --run-ignored all --no-capture"]
async fn twenty_thousand_mails_take_well_under_a_minute() {
    const CARTS: usize = 1000;
    const EACH: usize = 20;
    let shop = Shop::closed().await;
    shop.start(&[]).await.stop().await;
    let began = Instant::now();
    for _ in 0..CARTS / 10 {
        let mut events = Vec::new();
        for cart in std::iter::repeat_with(Uuid::now_v7).take(10) {
            events.push(attached(cart, "ada@example.test"));
            events.extend((0..EACH).map(|_| added(cart, "WHITE HANGING HEART T-LIGHT HOLDER")));
        }
        shop.take(&events).await;
    }
    println!("queued in {:?}", began.elapsed());
    let began = Instant::now();
    let _notify = shop.start(&[]).await;
    let mails = i64::try_from(CARTS * EACH).unwrap();
    eventually("all are sent", Duration::from_mins(2), async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        (shop.count("sent").await == mails).then_some(())
    })
    .await;
    println!("{mails} mails in {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(40), "{:?}", began.elapsed());
    assert_eq!(shop.mailbox.resent(), 0);
}
