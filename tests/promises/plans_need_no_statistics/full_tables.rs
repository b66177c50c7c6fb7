//! Tables full of what other shoppers did.

use sqlx::{Connection, PgPool};

/// What the planner knows of the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Statistics {
    /// Nothing.
    Never,
    /// That there were pages and no rows: so it looks to who comes while the first rows are not committed.
    OfEmptyTables,
}

/// Fills a service's tables, as the administrator. The service must not run.
pub async fn fill(database: &PgPool, service: &str, statistics: Statistics, rows: i64) {
    leave_alone(database).await;
    let mut connection = database.acquire().await.unwrap();
    let mut transaction = connection.begin().await.unwrap();
    for table in POSITIONS.iter().chain(tables(service)) {
        sqlx::query(*table)
            .bind(rows)
            .execute(&mut *transaction)
            .await
            .unwrap_or_else(|error| panic!("{table}: {error}"));
    }
    if statistics == Statistics::OfEmptyTables {
        sqlx::query("ANALYZE").execute(database).await.unwrap();
    }
    bus::commit(transaction).await.unwrap();
}

/// Keeps autovacuum from looking. The outbox, which is empty most of the time, needs it.
async fn leave_alone(database: &PgPool) {
    let tables = "SELECT format('ALTER TABLE %s SET (autovacuum_enabled = off)', oid::regclass) FROM pg_class
                  WHERE relkind = 'r' AND relnamespace::regnamespace::text IN ('public', 'bus', 'calls')
                    AND relname <> 'outbox'";
    let alter: Vec<String> = sqlx::query_scalar(tables).fetch_all(database).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(alter.join(";"))).execute(database).await.unwrap();
}

const POSITIONS: [&str; 3] = [
    "INSERT INTO bus.positions (source, subject, sequence, time)
     SELECT '/cart/carts', md5('cart ' || n)::uuid::text, 7, now() FROM generate_series(1, $1) AS n",
    "INSERT INTO bus.sequences (source, subject, last)
     SELECT '/' || current_database(), md5('cart ' || n)::uuid::text, 7 FROM generate_series(1, $1) AS n",
    "INSERT INTO bus.timers (kind, key, due, next_attempt)
     SELECT 'cart.look', md5('cart ' || n)::uuid::text, due, due
     FROM generate_series(1, $1) AS n, (SELECT now() + interval '1 day' AS due) AS tomorrow",
];

fn tables(service: &str) -> &'static [&'static str] {
    match service {
        "cart" => &CART,
        "inventory" => &INVENTORY,
        "notify" => &NOTIFY,
        "recommend" => &RECOMMEND,
        "analytics" => &ANALYTICS,
        _ => &CATALOG,
    }
}

const CATALOG: [&str; 7] = [
    "INSERT INTO products (sku, name, folded_name, amount, currency, searchable_revision)
     SELECT 'SKU ' || n, 'name', 'name', 100, 'GBP', 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO prices (sku, since, amount, currency)
     SELECT 'SKU ' || n, now(), 100, 'GBP' FROM generate_series(1, $1) AS n",
    "INSERT INTO search_entries (sku, words)
     SELECT 'SKU ' || n, array_to_tsvector(ARRAY['name', md5(n::text)]) FROM generate_series(1, $1) AS n",
    "SELECT gin_clean_pending_list('search_entries_by_word') WHERE $1 > 0",
    "INSERT INTO search_words (word) SELECT md5(n::text) FROM generate_series(1, $1) AS n",
    "INSERT INTO imports (id, created_at, finished_at, products, refused, correlation_id)
     SELECT gen_random_uuid(), now(), now(), 1, 1, '' FROM generate_series(1, $1) AS n",
    "INSERT INTO import_faults (import_id, line, rule) SELECT id, 1, '' FROM imports WHERE $1 > 0",
];

const ANALYTICS: [&str; 4] = [
    "INSERT INTO taken (source, subject, numbers, changed_at)
     SELECT '/cart/carts', md5('cart ' || n)::uuid::text, '{[1,8)}', now() FROM generate_series(1, $1) AS n",
    "INSERT INTO figures (resolution, start, measure, currency, value)
     SELECT 'hour', date_trunc('hour', now()) - n % 1000 * interval '1 hour', 'measure ' || n, '', 1
     FROM generate_series(1, $1) AS n",
    "INSERT INTO product_figures (resolution, start, sku, additions, units)
     SELECT 'hour', date_trunc('hour', now()) - n % 1000 * interval '1 hour', 'SKU ' || n, 1, 1
     FROM generate_series(1, $1) AS n",
    "INSERT INTO products (sku, name) SELECT 'SKU ' || n, 'name' FROM generate_series(1, $1) AS n",
];

const CART: [&str; 9] = [
    "INSERT INTO carts (id, version) SELECT md5('cart ' || n)::uuid, 7 FROM generate_series(1, $1) AS n",
    "INSERT INTO cart_events (cart_id, version, event_id, type, data, time)
     SELECT md5('cart ' || n)::uuid, 7, gen_random_uuid(), 'type', '{}', now() FROM generate_series(1, $1) AS n",
    "INSERT INTO lines (cart_id, sku, place, name, unit_price, currency, quantity)
     SELECT md5('cart ' || n / 10)::uuid, 'SKU ' || n, n, 'name', 100, 'GBP', 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO saved_lines (cart_id, sku, place, rank, name, unit_price, currency, quantity)
     SELECT md5('cart ' || n / 10)::uuid, 'SKU ' || n, n, 0, 'name', 100, 'GBP', 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO cart_snapshots (cart_id, version, cart)
     SELECT md5('cart ' || n)::uuid, 7, '{}' FROM generate_series(1, $1) AS n",
    "INSERT INTO shoppers (cart_id, email, language)
     SELECT md5('cart ' || n)::uuid, 'other@example.test', 'en' FROM generate_series(1, $1) AS n",
    "INSERT INTO holds (cart_id, sku, wanted, held)
     SELECT md5('cart ' || n / 10)::uuid, 'SKU ' || n, 1, 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO products (sku, name, price, currency)
     SELECT 'SKU ' || n, 'name', 100, 'GBP' FROM generate_series(1, $1) AS n",
    "INSERT INTO idempotency (scope, key, request_hash, cart_id, answer)
     SELECT md5('cart ' || n)::uuid, n::text, '', md5('cart ' || n)::uuid, '{}' FROM generate_series(1, $1) AS n",
];

const INVENTORY: [&str; 6] = [
    "INSERT INTO stock (sku, on_hand, held, counted) SELECT 'SKU ' || n, 9, 1, true FROM generate_series(1, $1) AS n",
    "INSERT INTO holds (cart_id, sku, wanted, held)
     SELECT md5('cart ' || n / 10)::uuid, 'SKU ' || n, 1, 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO receipts (reference) SELECT 'receipt ' || n FROM generate_series(1, $1) AS n",
    "INSERT INTO receipt_items (receipt, sku, quantity)
     SELECT number, 'SKU ' || number, 9 FROM receipts WHERE $1 > 0",
    "INSERT INTO movements (sku, location, kind, pieces, on_hand, moved_at)
     SELECT 'SKU ' || n, 'main', 'opening', 9, 9, now() FROM generate_series(1, $1) AS n",
    "INSERT INTO holds (cart_id, sku, wanted, held, place, waits_since)
     SELECT md5('waiting ' || n)::uuid, 'HOT', 1, 0, nextval('places'), now() FROM generate_series(1, $1) AS n",
];

const NOTIFY: [&str; 6] = [
    "INSERT INTO shoppers (cart_id, email, language)
     SELECT md5('cart ' || n)::uuid, 'other@example.test', 'en' FROM generate_series(1, $1) AS n",
    "INSERT INTO mails (event_id, cart_id, sku, name, quantity, line_quantity, unit_price, currency, email, language,
                        correlation_id, status, sent_at)
     SELECT gen_random_uuid(), md5('cart ' || n / 10)::uuid, 'SKU ' || n, 'name', 1, 1, 100, 'GBP', 'other@example.test',
            'en', '', 'sent', now() FROM generate_series(1, $1) AS n",
    "INSERT INTO calls.calls (key, target, state, placed_at, settled_at)
     SELECT n::text, 'smtp', 'done', now(), now() FROM generate_series(1, $1) AS n",
    "INSERT INTO suggestions (cart_id, list)
     SELECT md5('cart ' || n)::uuid, '[]' FROM generate_series(1, $1) AS n",
    "INSERT INTO mail_quotas (address_hash, since, mails, granted)
     SELECT sha256(n::text::bytea), now(), 1, 1 FROM generate_series(1, $1) AS n",
    "INSERT INTO suppressions (address_hash, address, reason, since)
     SELECT sha256((-n)::text::bytea), 'o***@example.test', 'operator', now() FROM generate_series(1, $1) AS n",
];

const RECOMMEND: [&str; 2] = [
    "INSERT INTO cart_items (cart_id, sku, quantity, place)
     SELECT md5('cart ' || n / 10)::uuid, 'SKU ' || n, 1, n FROM generate_series(1, $1) AS n",
    "INSERT INTO told (cart_id, skus) SELECT md5('cart ' || n)::uuid, '{}' FROM generate_series(1, $1) AS n",
];
