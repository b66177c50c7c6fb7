use recommend::MIGRATIONS;
use sqlx::PgPool;
use sqlx::migrate::Migrator;
use testkit::TestSpace;
use uuid::Uuid;

use crate::support::{Cart, Service, row};

#[tokio::test]
async fn what_was_in_the_carts_before_the_journal_is_learned() {
    let space = TestSpace::new(testkit::servers().await).await;
    let database = space.database("recommend").await;
    let pool = PgPool::connect(&database).await.unwrap();
    let before: Vec<_> = MIGRATIONS.iter().take(1).cloned().collect();
    Migrator::with_migrations(before).run(&pool).await.unwrap();
    let carts = [Uuid::from_u128(1), Uuid::from_u128(2)];
    sqlx::raw_sql(
        "INSERT INTO products SELECT sku, 'Product ' || sku, sku = 'R' FROM unnest(ARRAY['A', 'B', 'C', 'R']) AS sku",
    )
    .execute(&pool)
    .await
    .unwrap();
    for (cart, skus) in carts.iter().zip([&["A", "B", "R"][..], &["B", "A", "C"]]) {
        for (place, sku) in (1_i64..).zip(skus) {
            sqlx::query("INSERT INTO cart_items VALUES ($1, $2, 1, $3, true)")
                .bind(cart)
                .bind(sku)
                .bind(place)
                .execute(&pool)
                .await
                .unwrap();
        }
    }

    let service = Service::start(database, testkit::NO_BROKER).await;
    service.until_related("A", &[row("B", 2, "A"), row("C", 1, "A")]).await;
    // A cart from before the migration can change.
    let mut cart = Cart::at(carts[0], 3);
    service.take(&[cart.remove("B")]).await.unwrap();
    service.until_related("A", &[row("B", 1, "A"), row("C", 1, "A")]).await;
}
