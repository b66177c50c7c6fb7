use sqlx::{Connection as _, PgConnection};
use testkit::TestSpace;

#[tokio::test]
async fn services_of_a_space_have_their_own_users_and_databases() {
    let servers = testkit::servers().await;
    let space = TestSpace::new(servers).await;
    let other = TestSpace::new(servers).await;

    // A second call for the same service changes rights, not the login.
    let url = space.broker_user("cart", "^$", "^cart\\.events$", "^$").await;
    assert_eq!(space.broker_user("cart", "^$", "^cart\\.events$", "^cart$").await, url);
    assert!(
        url.starts_with(&format!("amqp://{0}_cart:", space.name))
            && url.ends_with(&format!("/{}", space.name))
    );

    let mut own = PgConnection::connect(&space.database("cart").await).await.unwrap();
    sqlx::query("CREATE TABLE lines (sku text)").execute(&mut own).await.unwrap();
    let encoding: String = sqlx::query_scalar("SHOW server_encoding").fetch_one(&mut own).await.unwrap();
    assert_eq!(encoding, "UTF8", "whatever the server's is");
    let stock = space.database("stock").await;
    let foreign = format!("{}/{}_cart", stock.rsplit_once('/').unwrap().0, space.name);
    assert!(PgConnection::connect(&foreign).await.is_err());
    let mut superuser = PgConnection::connect(&space.admin_database_url("cart")).await.unwrap();
    sqlx::query("SELECT FROM lines").execute(&mut superuser).await.unwrap();

    let gone = space.admin_database_url("cart");
    space.remove().await;
    assert!(PgConnection::connect(&gone).await.is_err());
    other.remove().await;
}
