use std::collections::HashMap;
use std::time::Duration;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use super::answers::Answers;
use super::products::sku;
use super::requests::Answer;
use crate::checker::Databases;
use crate::latency::Latencies;

/// Cartwheel's consumers of additions, and the table in which each has a row for a cart and a product.
const SHOP: [(&str, &str); 3] = [("inventory", "holds"), ("recommend", "cart_items"), ("notify", "mails")];
/// The tables of other makes, in one database.
const PEER: [&str; 3] = ["inventory.effects", "recommend.effects", "notify.effects"];

/// When the effects of additions were committed, by cart and SKU.
#[derive(Default)]
pub struct Effects(HashMap<(Uuid, String), Effect>);

#[derive(Clone, Copy)]
struct Effect {
    consumers: usize,
    first: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Effects {
    /// Reads those of Cartwheel.
    pub async fn of_shop(databases: &Databases) -> anyhow::Result<Self> {
        let mut effects = Self::default();
        for (service, table) in SHOP {
            effects.read(databases.of(service)?, table, "cart_id").await?;
        }
        Ok(effects)
    }

    /// Reads those of another make.
    pub async fn of_peer(database: &PgPool) -> anyhow::Result<Self> {
        let mut effects = Self::default();
        for table in PEER {
            effects.read(database, table, "cart").await?;
        }
        Ok(effects)
    }

    /// When the last effect that Cartwheel has of all additions was committed. Other than reading all, it takes no memory.
    pub async fn last_of_shop(databases: &Databases) -> anyhow::Result<DateTime<Utc>> {
        let mut all = Vec::new();
        for (service, table) in SHOP {
            let query = format!("SELECT max(pg_xact_commit_timestamp(xmin)) FROM {table}");
            let last: Option<DateTime<Utc>> =
                sqlx::query_scalar(AssertSqlSafe(query)).fetch_one(databases.of(service)?).await?;
            all.extend(last);
        }
        all.into_iter().max().context("no effects")
    }

    async fn read(&mut self, database: &PgPool, table: &str, cart: &str) -> anyhow::Result<()> {
        let query = format!("SELECT {cart}, sku, pg_xact_commit_timestamp(xmin) FROM {table}");
        let rows: Vec<(Uuid, String, DateTime<Utc>)> =
            sqlx::query_as(AssertSqlSafe(query)).fetch_all(database).await?;
        for (cart, sku, at) in rows {
            let effect = self.0.entry((cart, sku)).or_insert(Effect { consumers: 0, first: at, last: at });
            effect.consumers += 1;
            effect.first = effect.first.min(at);
            effect.last = effect.last.max(at);
        }
        Ok(())
    }

    /// How long after each answer the last effect was committed; nothing where that was before the answer came.
    ///
    /// # Errors
    /// When an addition has not had all effects.
    pub fn after(&self, answers: &Answers) -> anyhow::Result<Latencies> {
        let after = |answer: &Answer| {
            let effect = self.0.get(&(answer.cart, sku(answer.product)));
            let effect = effect.filter(|effect| effect.consumers == SHOP.len());
            let last =
                effect.ok_or_else(|| anyhow::anyhow!("an addition that has not had all effects"))?.last;
            Ok((last - answer.at).max(TimeDelta::zero()).to_std().unwrap_or(Duration::ZERO))
        };
        answers.all.iter().map(after).collect()
    }

    /// When the first of all effects was committed.
    pub fn first(&self) -> Option<DateTime<Utc>> {
        self.0.values().map(|effect| effect.first).min()
    }

    /// When the last of all effects was committed.
    pub fn last(&self) -> Option<DateTime<Utc>> {
        self.0.values().map(|effect| effect.last).max()
    }
}
