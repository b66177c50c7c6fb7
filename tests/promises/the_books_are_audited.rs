use std::path::Path;

use cartwheel::up::accounts::{Accounts, Namespace};
use cartwheel::up::secrets::Secrets;
use sqlx::{Connection, PgConnection};
use tokio::process::Command;

/// Runs a small demo to its table; whether it succeeded, and what it printed.
async fn demo(home: &Path, namespace: &Namespace) -> (bool, String) {
    let shared = crate::harness::administration().await;
    let output = Command::new(testkit::verify_binary())
        .args([
            "demo",
            "--exit",
            "--baskets",
            "12",
            "--listen",
            "127.0.0.1:0",
            "--namespace",
            namespace.vhost(),
        ])
        .arg("--home")
        .arg(home)
        .env(servers::RABBITMQ_URL, shared.rabbitmq)
        .env(servers::MANAGEMENT_URL, shared.management)
        .env(servers::POSTGRES_URL, shared.postgres)
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), printed.concat())
}

#[tokio::test]
async fn the_demos_books_balance_also_on_kept_data_and_a_deleted_row_is_found() {
    let home = tempfile::tempdir().unwrap();
    let namespace = crate::harness::own_namespace();
    for run in ["first", "second"] {
        let (good, printed) = demo(home.path(), &namespace).await;
        assert!(good, "{run} run: {printed}");
        assert!(
            printed.contains("every acknowledged addition took effect once in every service"),
            "{printed}"
        );
    }

    let secrets = Secrets::load_or_create(&home.path().join("secrets.json")).unwrap();
    let accounts =
        Accounts::provide(crate::harness::administration().await, namespace.clone(), &secrets).await.unwrap();
    let recommend = accounts.database_as_administrator("recommend").unwrap();
    let mut recommend = PgConnection::connect(&recommend).await.unwrap();
    let row = "DELETE FROM cart_items WHERE ctid = (SELECT min(ctid) FROM cart_items)";
    assert_eq!(sqlx::query(row).execute(&mut recommend).await.unwrap().rows_affected(), 1);
    let (good, printed) = demo(home.path(), &namespace).await;
    assert!(!good, "{printed}");
    assert!(!printed.contains("every acknowledged addition took effect once in every service"), "{printed}");
    assert!(printed.contains("recommend"), "{printed}");
}
