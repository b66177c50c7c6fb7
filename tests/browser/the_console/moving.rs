use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::future::join_all;
use thirtyfour::Key;

use super::{break_inventory, lantern, mend_inventory, signed_in};
use crate::browser::Browser;
use crate::harness::TIMEOUT;
use crate::page::Look;
use crate::shop::Shop;
use crate::shopper::Cart;

#[tokio::test(flavor = "multi_thread")]
async fn under_load_the_picture_moves_and_what_goes_wrong_turns_red_without_a_reload() {
    let Some(browser) = Browser::start().await else { return };
    let shop = Shop::selling(&lantern()).await;
    let page = signed_in(&browser, &shop, Look::DESKTOP).await;
    page.until_text(".verdict", "Everything flows").await;
    page.evaluate("window.isTheSamePage = true").await;

    let ended = AtomicBool::new(false);
    let load = join_all((0..4).map(|number| shopper(&shop, number, &ended)));
    let watch = async {
        testkit::eventually("the picture moves", TIMEOUT, async || {
            (page.count(".line.moves").await >= 3).then_some(())
        })
        .await;
        page.screenshot("console-flow-under-load").await;
        page.must_be_sound().await;
        break_inventory(&shop).await;
        page.until_text(".findings", "could not be processed").await;
        assert!(page.count(".node.wrong").await >= 1);
        page.screenshot("console-flow-wrong").await;
        ended.store(true, Ordering::Relaxed);
    };
    futures::join!(load, watch);
    assert_eq!(page.evaluate("return window.isTheSamePage").await, true);
    mend_inventory(&shop).await;

    // By keyboard alone, from what is wrong to where it is mended.
    page.tab_to(".findings a").await;
    page.press(Key::Enter).await;
    page.until_text("h1", "Parked and dead").await;
    assert!(page.errors().await.is_empty());
}

async fn shopper(shop: &Shop, number: usize, ended: &AtomicBool) {
    let cart = Cart::open(shop, &format!("ann{number}@example.test")).await;
    while !ended.load(Ordering::Relaxed) {
        cart.add("LANTERN", 1).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
