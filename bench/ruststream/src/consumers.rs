//! The services behind the queues. A message is acknowledged after the commit, and returns to its queue if that failed.

use std::convert::Infallible;

use ruststream_lapin::prelude::*;
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, PgPool, Postgres};

use crate::database;
use crate::topology::{self, INVENTORY, ItemAdded, NOTIFY, RECOMMEND};

/// More handlers at once would only wait for a connection.
const WORKERS: usize = database::POOL_SIZE as usize;

/// What handlers use.
#[derive(FromRef)]
struct Resources {
    pool: PgPool,
}

/// Runs the service of this name until it is stopped.
pub async fn run(service: &str) -> anyhow::Result<()> {
    let pool = database::open().await?;
    let start = async move |()| Ok::<_, Infallible>(Resources { pool });
    let app = RustStream::new(AppInfo::new(service, "0.1.0")).on_startup(start);
    let app = app.with_broker(topology::broker()?, |scope| match service {
        INVENTORY => drop(scope.include(hold_stock)),
        RECOMMEND => drop(scope.include(learn_taste)),
        _ => drop(scope.include(write_mail)),
    });
    Ok(app.run().await?)
}

#[subscriber(RabbitQuorumQueue::new(INVENTORY), workers(WORKERS))]
async fn hold_stock(event: &ItemAdded, State(pool): State<PgPool>) -> HandlerOutcome {
    let hold = sqlx::query(
        "INSERT INTO inventory.stock (sku, held) VALUES ($1, $2)
         ON CONFLICT (sku) DO UPDATE SET held = stock.held + excluded.held",
    );
    settle(once(&pool, INVENTORY, event, hold.bind(&event.sku).bind(event.quantity)).await)
}

#[subscriber(RabbitQuorumQueue::new(RECOMMEND), workers(WORKERS))]
async fn learn_taste(event: &ItemAdded, State(pool): State<PgPool>) -> HandlerOutcome {
    let learn = sqlx::query(
        "INSERT INTO recommend.carts (cart, skus) VALUES ($1, ARRAY[$2])
         ON CONFLICT (cart) DO UPDATE SET skus = carts.skus || excluded.skus",
    );
    settle(once(&pool, RECOMMEND, event, learn.bind(event.cart).bind(&event.sku)).await)
}

#[subscriber(RabbitQuorumQueue::new(NOTIFY), workers(WORKERS))]
async fn write_mail(event: &ItemAdded, State(pool): State<PgPool>) -> HandlerOutcome {
    let text = format!("{} of {} went into your cart.", event.quantity, event.sku);
    let write = sqlx::query("INSERT INTO notify.mails (cart, text) VALUES ($1, $2)");
    settle(once(&pool, NOTIFY, event, write.bind(event.cart).bind(text)).await)
}

/// Has the effect unless the event had it before, as events may be delivered again.
async fn once(
    pool: &PgPool,
    service: &str,
    event: &ItemAdded,
    effect: Query<'_, Postgres, PgArguments>,
) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let note = format!(
        "INSERT INTO {service}.effects (event_id, cart, sku, quantity) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING"
    );
    let note = sqlx::query(AssertSqlSafe(note)).bind(event.id).bind(event.cart);
    let noted = note.bind(&event.sku).bind(event.quantity).execute(&mut *transaction).await?;
    if noted.rows_affected() == 1 {
        effect.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

fn settle(handled: sqlx::Result<()>) -> HandlerOutcome {
    match handled {
        Ok(()) => HandlerOutcome::ack(),
        Err(error) => {
            tracing::warn!(%error, "an event returns to its queue");
            HandlerOutcome::retry()
        }
    }
}
