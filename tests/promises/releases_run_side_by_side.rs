use events::PARTICIPANTS;
use sqlx::AssertSqlSafe;

use crate::harness::TestShop;

/// Where a service's migrations are noted: its own, those of the bus, those of its calls to the outside.
const NOTED: &str = "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.columns
                     WHERE column_name = 'installed_on'";

#[tokio::test(flavor = "multi_thread")]
async fn every_service_starts_again_on_tables_that_a_newer_release_has_migrated() {
    let mut shop = TestShop::with_all().await;
    let mut tables = Vec::new();
    for service in PARTICIPANTS.map(|participant| participant.service) {
        let database = shop.database(service).await;
        let noted: Vec<String> = sqlx::query_scalar(NOTED).fetch_all(&database).await.unwrap();
        for table in &noted {
            let newer =
                format!("INSERT INTO {table} VALUES (9999, 'of a newer release', now(), true, '', 0)");
            sqlx::query(AssertSqlSafe(newer)).execute(&database).await.unwrap();
        }
        tables.extend(noted.into_iter().map(|table| format!("{service} {table}")));
        shop.stop(service).await;
        shop.start(service).await;
    }
    for expected in [
        "cart public._sqlx_migrations",
        "cart bus.migrations",
        "notify bus.migrations",
        "notify calls.migrations",
    ] {
        assert!(tables.iter().any(|table| table == expected), "{tables:?}");
    }
    shop.end().await;
}
