use bus::{Broker, Bus, Topology};
use envelope::{Cause, EventType};
use events::PARTICIPANTS;
use events::cart::ItemAdded;
use sqlx::PgPool;
use testkit::TestSpace;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{Service, price, product_changed, row};

/// Publishes as a service does: through its outbox and relay.
async fn publish<E: EventType>(space: &TestSpace, service: &str, facts: &[E]) -> CancellationToken {
    let pool = PgPool::connect(&space.database(service).await).await.unwrap();
    let settings = bus::Settings::new(service, &space.amqp_admin_url()).publishes([E::AGGREGATE]);
    let bus = Bus::open(settings, pool.clone()).await.unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(bus.relay().run(stop.clone()));
    let outbox = bus.outbox();
    let cause = Cause::started_by("a test");
    let events = facts.iter().map(|fact| outbox.wrap(fact, &cause).unwrap()).collect();
    let mut transaction = pool.begin().await.unwrap();
    outbox.append(&mut transaction, events).await.unwrap();
    outbox.commit(transaction).await.unwrap();
    stop
}

#[tokio::test(flavor = "multi_thread")]
async fn what_catalog_and_cart_publish_is_learned_through_the_broker() {
    let space = TestSpace::new(testkit::servers().await).await;
    let services = PARTICIPANTS.map(|participant| bus::Service {
        name: participant.service.into(),
        publishes: participant.publishes.iter().map(|aggregate| aggregate.name().into()).collect(),
        listens_to: participant.listens_to.iter().map(|aggregate| aggregate.name().into()).collect(),
    });
    let topology = Topology { services: services.to_vec(), ..Topology::default() };
    topology
        .apply(&Broker::new(space.amqp_admin_url(), "topology"), envelope::Clock::system())
        .await
        .unwrap();
    let recommend = services.iter().find(|service| service.name == "recommend").unwrap();
    let rights = recommend.permissions();
    let user = space.broker_user("recommend", &rights.configure, &rights.write, &rights.read).await;
    let service = Service::open_in(&space, &user).await;

    let catalog = publish(&space, "catalog", &["A", "B", "C"].map(product_changed)).await;
    let carts = [Uuid::new_v4(), Uuid::new_v4()];
    let added = |cart_id: Uuid, sku: &str| ItemAdded {
        cart_id,
        sku: sku.into(),
        name: format!("Product {sku}"),
        unit_price: price(),
        quantity: 1,
        line_quantity: 1,
    };
    let additions = [
        added(carts[0], "A"),
        added(carts[0], "B"),
        added(carts[1], "B"),
        added(carts[1], "A"),
        added(carts[1], "C"),
    ];
    let cart = publish(&space, "cart", &additions).await;

    service.until_related("A", &[row("B", 2, "A"), row("C", 1, "A")]).await;
    catalog.cancel();
    cart.cancel();
}
