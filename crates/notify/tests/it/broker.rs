use bus::{Bus, Settings, Topology};
use envelope::Cause;
use events::cart::{ItemAdded, ShopperAttached};
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{Shop, added, attached};

#[tokio::test]
async fn an_addition_that_the_cart_publishes_is_mailed() {
    let shop = Shop::closed().await;
    let broker = shop.space.amqp_admin_url();
    let (aggregate, mails) = ("cart.carts".to_owned(), "notify.mails".to_owned());
    let cart = bus::Service { name: "cart".into(), publishes: vec![aggregate.clone()], listens_to: vec![] };
    let notify = bus::Service { name: "notify".into(), publishes: vec![mails], listens_to: vec![aggregate] };
    let topology = Topology { services: vec![cart, notify], ..Topology::default() };
    topology.apply(&bus::Broker::new(&broker, "topology"), envelope::Clock::system()).await.unwrap();
    let _notify = shop.start_at(&shop.mailbox.smtp_url(), &broker, &[]).await;

    let database = PgPool::connect(&shop.space.database("cart").await).await.unwrap();
    let cart =
        Bus::open(Settings::new("cart", &broker).publishes(["cart.carts"]), database.clone()).await.unwrap();
    tokio::spawn(cart.relay().run(CancellationToken::new()));
    let id = Uuid::now_v7();
    let outbox = cart.outbox();
    let mut transaction = database.begin().await.unwrap();
    let shopper: ShopperAttached = attached(id, "ada@example.test").read().unwrap().unwrap();
    let item: ItemAdded = added(id, "lamp").read().unwrap().unwrap();
    let cause = Cause::started_by("a test");
    let events = vec![outbox.wrap(&shopper, &cause).unwrap(), outbox.wrap(&item, &cause).unwrap()];
    let addition = events[1].clone();
    outbox.append(&mut transaction, events).await.unwrap();
    outbox.commit(transaction).await.unwrap();

    shop.until("sent", 1).await;
    assert_eq!(shop.mail(&addition).await.summary.to, ["ada@example.test"]);
}
