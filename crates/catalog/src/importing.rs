//! Writes the products of imported files: part by part, each with its events in one transaction. So an import goes on where
//! it stopped, whatever crashes, and no product of it is published twice.

use std::slice;
use std::sync::Arc;
use std::time::Duration;

use envelope::Cause;
use service::{Problem, shared_problems};
use sqlx::{Acquire, PgConnection};
use tokio::sync::Notify;
use tracing::warn;
use uuid::Uuid;

use crate::product::Product;
use crate::product_files::Read;
use crate::publishing::Publisher;
use crate::store::{self, Part, Written};

/// How often an instance looks for imports that another one was sent.
const PAUSE: Duration = Duration::from_secs(2);

/// The imports of one database.
#[derive(Clone)]
pub struct Imports {
    publisher: Publisher,
    placed: Arc<Notify>,
}

impl Imports {
    /// Of this database.
    pub fn new(publisher: Publisher) -> Self {
        Self { publisher, placed: Arc::default() }
    }

    /// Keeps what a file says, and begins to write it.
    pub async fn place(&self, read: &Read, cause: &Cause) -> Result<Uuid, Problem> {
        // Of version 7: they are ordered by time.
        let id = Uuid::now_v7();
        let mut transaction = self.publisher.pool.begin().await?;
        store::place_import(&mut transaction, id, read, cause).await?;
        bus::commit(transaction).await?;
        self.placed.notify_one();
        Ok(id)
    }

    /// Writes what there is to write, for as long as the service runs.
    pub async fn write(self) {
        loop {
            match self.write_part().await {
                Ok(true) => {}
                Ok(false) => {
                    let _ = tokio::time::timeout(PAUSE, self.placed.notified()).await;
                }
                Err(problem) => {
                    warn!(
                        problem = problem.detail(),
                        "a part of an import could not be written; trying again"
                    );
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Returns whether there was something to write.
    async fn write_part(&self) -> Result<bool, Problem> {
        let mut transaction = self.publisher.pool.begin().await?;
        let Some(part) = store::next_part(&mut transaction).await? else { return Ok(false) };
        let written = self.write_products(&mut transaction, &part).await?;
        store::part_written(&mut transaction, &part, &written).await?;
        self.publisher.outbox.commit(transaction).await?;
        Ok(true)
    }

    /// All of a part at once, or, where that does not work, one by one: a product that can't be written must not keep its
    /// import, and all after it, from going on.
    async fn write_products(&self, connection: &mut PgConnection, part: &Part) -> Result<Written, Problem> {
        if let Some(changed) = self.try_products(connection, &part.products, &part.cause).await? {
            return Ok(Written { changed, refused: Vec::new() });
        }
        let mut written = Written::default();
        for (index, product) in part.products.iter().enumerate() {
            match self.try_products(connection, slice::from_ref(product), &part.cause).await? {
                Some(changed) => written.changed += changed,
                None => written.refused.push(index),
            }
        }
        Ok(written)
    }

    /// Returns how many were new or different; none, and nothing is written, where they can't be.
    #[expect(
        clippy::disallowed_methods,
        reason = "unlike a commit, releasing a savepoint fails in an aborted transaction"
    )]
    async fn try_products(
        &self,
        connection: &mut PgConnection,
        products: &[Product],
        cause: &Cause,
    ) -> Result<Option<usize>, Problem> {
        let mut savepoint = connection.begin().await?;
        match self.publisher.save_in(&mut savepoint, products, cause).await {
            Ok(changed) => {
                savepoint.commit().await?;
                Ok(Some(changed))
            }
            Err(problem) if problem.problem_type() == shared_problems::UNAVAILABLE => Err(problem),
            Err(_) => {
                savepoint.rollback().await?;
                Ok(None)
            }
        }
    }
}
