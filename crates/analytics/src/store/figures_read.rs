//! Reads the figures.

use chrono::{DateTime, Utc};
use service::Table;
use sqlx::Row;
use sqlx::postgres::PgRow;

use super::Store;
use crate::numbers::{Measure, Resolution};

const FIGURES: Table = Table { service: "analytics", name: "figures", key: "measure" };

/// A figure.
pub struct FigureRow {
    /// The beginning of its minute, hour or day.
    pub start: DateTime<Utc>,
    /// What was counted.
    pub measure: Measure,
    /// Of amounts; empty otherwise.
    pub currency: String,
    /// How much.
    pub value: i128,
}

/// A product that was added to carts.
pub struct TopProduct {
    /// The product.
    pub sku: String,
    /// Its name.
    pub name: Option<String>,
    /// How often it was added.
    pub additions: i64,
    /// How many units.
    pub units: i128,
}

impl Store {
    /// The figures from one time to another, in their order. What another release counts is left out.
    pub async fn figures(
        &self,
        resolution: Resolution,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> sqlx::Result<Vec<FigureRow>> {
        let select = sqlx::query(
            "SELECT start, measure, currency, value::text AS value FROM figures
             WHERE resolution = $1 AND start >= $2 AND start < $3
             ORDER BY resolution, start, measure, currency",
        );
        let rows = select.bind(resolution.column()).bind(from).bind(until).fetch_all(&self.pool).await?;
        Ok(FIGURES.read(&rows, figure).into_iter().flatten().collect())
    }

    /// What was added most from one time to another.
    pub async fn top_products(
        &self,
        resolution: Resolution,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        most: u16,
    ) -> sqlx::Result<Vec<TopProduct>> {
        let select = sqlx::query(
            "SELECT top.sku, named.name, top.additions, top.units::text AS units
             FROM (
                 SELECT sku, sum(additions)::bigint AS additions, sum(units) AS units FROM product_figures
                 WHERE resolution = $1 AND start >= $2 AND start < $3
                 GROUP BY sku ORDER BY sum(units) DESC, sku LIMIT $4
             ) AS top
             LEFT JOIN LATERAL (SELECT name FROM products WHERE sku = top.sku OFFSET 0) AS named ON true
             ORDER BY top.units DESC, top.sku",
        );
        let select = select.bind(resolution.column()).bind(from).bind(until).bind(i64::from(most));
        select.fetch_all(&self.pool).await?.iter().map(product).collect()
    }
}

fn figure(row: &PgRow) -> sqlx::Result<Option<FigureRow>> {
    let Some(measure) = Measure::read(row.try_get("measure")?) else { return Ok(None) };
    Ok(Some(FigureRow {
        start: row.try_get("start")?,
        measure,
        currency: row.try_get("currency")?,
        value: whole(row.try_get("value")?)?,
    }))
}

fn product(row: &PgRow) -> sqlx::Result<TopProduct> {
    Ok(TopProduct {
        sku: row.try_get("sku")?,
        name: row.try_get("name")?,
        additions: row.try_get("additions")?,
        units: whole(row.try_get("units")?)?,
    })
}

fn whole(value: &str) -> sqlx::Result<i128> {
    value.parse().map_err(|_| sqlx::Error::Decode(format!("not a whole number: {value}").into()))
}
