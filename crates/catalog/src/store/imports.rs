use chrono::{DateTime, Utc};
use envelope::Cause;
use service::columns;
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use sqlx::{PgConnection, PgPool, Row};
use uuid::Uuid;

use crate::product::Product;
use crate::product_files::{Fault, Read};

/// How many products are written in one transaction.
const PART: usize = 500;
/// Only one instance writes products of imports at a time, so that they take effect in order.
const LOCK: &str = "SELECT pg_try_advisory_xact_lock(hashtext('catalog imports'))";

/// An import, and how far it is.
#[derive(Clone, Debug)]
pub struct Import {
    /// Names it.
    pub id: Uuid,
    /// When it was sent.
    pub created_at: DateTime<Utc>,
    /// When the last product was written.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many products the file has.
    pub products: i32,
    /// How many of them were refused.
    pub refused: i32,
    /// How many were written so far.
    pub written: i32,
    /// How many of those were new or different.
    pub changed: i32,
}

/// Products that are to be written next.
pub struct Part {
    /// Their import.
    pub import_id: Uuid,
    /// Which part of it.
    pub number: i32,
    /// The products.
    pub products: Vec<Product>,
    /// In which line of the file each of them stood.
    lines: Vec<i64>,
    /// What caused the import.
    pub cause: Cause,
}

/// What became of a part's products.
#[derive(Debug, Default)]
pub struct Written {
    /// How many are new or different.
    pub changed: usize,
    /// Which of them can't be written, by their place in the part.
    pub refused: Vec<usize>,
}

/// Keeps what a file says, to be written part by part. Imports that ended a month ago are forgotten.
pub async fn place_import(
    connection: &mut PgConnection,
    id: Uuid,
    read: &Read,
    cause: &Cause,
) -> sqlx::Result<()> {
    let number = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    sqlx::query("DELETE FROM imports WHERE finished_at < bus.now() - interval '30 days'")
        .execute(&mut *connection)
        .await?;
    let insert =
        "INSERT INTO imports (id, created_at, finished_at, products, refused, correlation_id, traceparent, tracestate)
                  VALUES ($1, bus.now(), CASE WHEN $2 = $3 THEN bus.now() END, $2, $3, $4, $5, $6)";
    sqlx::query(insert)
        .bind(id)
        .bind(number(read.products.len() + read.faults.len()))
        .bind(number(read.faults.len()))
        .bind(&cause.correlation_id)
        .bind(&cause.traceparent)
        .bind(&cause.tracestate)
        .execute(&mut *connection)
        .await?;
    let insert = sqlx::query(
        "INSERT INTO import_parts (import_id, number, products, lines)
         SELECT $1, number, products, ARRAY(SELECT jsonb_array_elements_text(lines)::bigint)
         FROM unnest($2::int[], $3::jsonb[], $4::jsonb[]) AS part (number, products, lines)",
    );
    let parts: Vec<(&[Product], i32)> = read.products.chunks(PART).zip(0..).collect();
    let lines =
        |products: &[Product]| products.iter().map(|product| read.line_of(product)).collect::<Vec<_>>();
    let insert = columns!(insert.bind(id), for (products, number) in parts => *number, Json(*products), Json(lines(products)));
    insert.execute(&mut *connection).await?;
    note_faults(connection, id, &read.faults).await
}

async fn note_faults(connection: &mut PgConnection, id: Uuid, faults: &[Fault]) -> sqlx::Result<()> {
    let insert = sqlx::query(
        "INSERT INTO import_faults (import_id, line, field, rule)
         SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING",
    );
    let line = |fault: &Fault| i64::try_from(fault.line).unwrap_or(i64::MAX);
    columns!(insert.bind(id), for fault in faults => line(fault), fault.field.as_deref(), fault.rule.as_str())
        .execute(connection)
        .await?;
    Ok(())
}

/// An import.
pub async fn import(pool: &PgPool, id: Uuid) -> sqlx::Result<Option<Import>> {
    let select =
        "SELECT id, created_at, finished_at, products, refused, written, changed FROM imports WHERE id = $1";
    let read = |row: PgRow| {
        Ok(Import {
            id: row.try_get("id")?,
            created_at: row.try_get("created_at")?,
            finished_at: row.try_get("finished_at")?,
            products: row.try_get("products")?,
            refused: row.try_get("refused")?,
            written: row.try_get("written")?,
            changed: row.try_get("changed")?,
        })
    };
    sqlx::query(select).bind(id).try_map(read).fetch_optional(pool).await
}

/// At most `limit` refused lines of an import, after this one.
pub async fn faults(pool: &PgPool, id: Uuid, after: i64, limit: usize) -> sqlx::Result<Vec<Fault>> {
    let select = "SELECT line, field, rule FROM import_faults WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3";
    let read = |row: PgRow| {
        let line: i64 = row.try_get("line")?;
        Ok(Fault { line: line.unsigned_abs(), field: row.try_get("field")?, rule: row.try_get("rule")? })
    };
    let select = sqlx::query(select).bind(id).bind(after).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    select.try_map(read).fetch_all(pool).await
}

/// The part that is to be written next; none, if there is none or another instance is at it.
pub async fn next_part(connection: &mut PgConnection) -> sqlx::Result<Option<Part>> {
    if !sqlx::query_scalar::<_, bool>(LOCK).fetch_one(&mut *connection).await? {
        return Ok(None);
    }
    let select = "SELECT part.import_id, part.number, part.products, part.lines,
                         import.correlation_id, import.traceparent, import.tracestate
                  FROM (SELECT import_id, number, products, lines FROM import_parts ORDER BY import_id, number LIMIT 1) AS part
                  CROSS JOIN LATERAL (
                      SELECT correlation_id, traceparent, tracestate FROM imports WHERE id = part.import_id OFFSET 0
                  ) AS import";
    let read = |row: PgRow| {
        let started = Cause::started_by(row.try_get::<String, _>("correlation_id")?);
        Ok(Part {
            import_id: row.try_get("import_id")?,
            number: row.try_get("number")?,
            products: row.try_get::<Json<Vec<Product>>, _>("products")?.0,
            lines: row.try_get("lines")?,
            cause: Cause {
                traceparent: row.try_get("traceparent")?,
                tracestate: row.try_get("tracestate")?,
                ..started
            },
        })
    };
    sqlx::query(select).try_map(read).fetch_optional(connection).await
}

/// Notes that a part was written, in the transaction that did.
pub async fn part_written(connection: &mut PgConnection, part: &Part, written: &Written) -> sqlx::Result<()> {
    let number = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
    let refused = written.refused.len();
    let delete = "DELETE FROM import_parts WHERE import_id = $1 AND number = $2";
    sqlx::query(delete).bind(part.import_id).bind(part.number).execute(&mut *connection).await?;
    let update = "UPDATE imports
                  SET written = written + $2, changed = changed + $3, refused = refused + $4,
                      finished_at = CASE WHEN written + $2 + refused + $4 = products THEN bus.now() END
                  WHERE id = $1";
    let update = sqlx::query(update)
        .bind(part.import_id)
        .bind(number(part.products.len() - refused))
        .bind(number(written.changed))
        .bind(number(refused));
    update.execute(&mut *connection).await?;
    if refused == 0 {
        return Ok(());
    }
    note_faults(connection, part.import_id, &part.faults(&written.refused)).await
}

impl Part {
    fn faults(&self, places: &[usize]) -> Vec<Fault> {
        let fault = |place: &usize| {
            let line = self.lines.get(*place).map_or(0, |line| line.unsigned_abs());
            let sku = self.products.get(*place).map_or("", Product::sku);
            let rule = format!("the product '{sku}' can't be written; the service's log says why");
            Fault { line, field: None, rule }
        };
        places.iter().map(fault).collect()
    }
}
