//! The SQL that keeps track of the first parked event of each subject, the only one that is ever looked at: it is due at
//! some time, or events before it are missing since some time, or an operator must decide. Those behind it have neither
//! time, so they cost nothing however many there are.

use sqlx::{PgConnection, PgPool, Row};

use crate::event_key::{SubjectKey, columns};
use crate::inbox::positions;
use crate::transaction::commit_sound;

/// How many rows are looked at in one step of a walk.
const STEP: i64 = 200;

/// Makes each subject's first parked event due if it comes next, and otherwise notes since when events before it are
/// missing. To be called whenever a position has moved or an event was parked; the caller has locked the positions.
pub(crate) async fn settle<'a>(
    connection: &mut PgConnection,
    keys: impl IntoIterator<Item = &'a SubjectKey>,
) -> sqlx::Result<()> {
    let (sources, subjects) = columns(keys);
    sqlx::query(
        "WITH first AS MATERIALIZED (
             SELECT waiting.id, waiting.is_next,
                    -- One failed search is enough, unless a snapshot has come behind it.
                    given_up.error IS NULL OR EXISTS (
                        SELECT FROM bus.parked AS snapshot
                        WHERE snapshot.source = key.source AND snapshot.subject = key.subject
                          AND snapshot.sequence >= waiting.sequence AND snapshot.is_snapshot) AS is_searched_for
             FROM unnest($1::text[], $2::text[]) AS key (source, subject)
             LEFT JOIN LATERAL (
                 SELECT sequence FROM bus.positions
                 WHERE positions.source = key.source AND positions.subject = key.subject OFFSET 0
             ) AS position ON true
             CROSS JOIN LATERAL bus.first_parked(key.source, key.subject, coalesce(position.sequence, 0)) AS waiting
             CROSS JOIN LATERAL (SELECT error FROM bus.parked WHERE parked.id = waiting.id OFFSET 0) AS given_up
         )
         UPDATE bus.parked
         SET next_attempt = CASE WHEN first.is_next THEN coalesce(next_attempt, bus.now()) END,
             gap_since = CASE WHEN NOT first.is_next AND first.is_searched_for THEN coalesce(gap_since, bus.now()) END
         FROM first
         -- The array finds the rows by their index: a join alone may look at all that is parked, once for each key.
         WHERE parked.id = ANY (ARRAY(SELECT id FROM first)) AND parked.id = first.id AND state = 'waiting'
           AND (next_attempt IS NOT NULL, gap_since IS NOT NULL)
               IS DISTINCT FROM (first.is_next, NOT first.is_next AND first.is_searched_for)",
    )
    .bind(sources)
    .bind(subjects)
    .execute(connection)
    .await?;
    Ok(())
}

/// Puts right an event that has one of the two times and is not its subject's first, or not next. An older release leaves
/// such ones, and what was parked in front of another.
pub(crate) async fn put_right(pool: &PgPool, key: &SubjectKey, id: i64) -> sqlx::Result<()> {
    let mut transaction = pool.begin().await?;
    let position = positions::lock_one(&mut transaction, key).await?;
    let query = "UPDATE bus.parked SET next_attempt = NULL, gap_since = NULL
                 WHERE id = $1 AND sequence > $2 AND state = 'waiting'
                   AND NOT EXISTS (SELECT FROM bus.first_parked(source, subject, $2) AS first
                                   WHERE first.id = parked.id AND first.is_next)";
    sqlx::query(query).bind(id).bind(position).execute(&mut *transaction).await?;
    settle(&mut transaction, [key]).await?;
    commit_sound(transaction).await
}

/// A walk over parked events, a step at a time, which settles what nobody else does.
pub(crate) struct Walk {
    /// The next rows behind a row, of which there is a number and an id.
    query: &'static str,
    /// The last row of the step before.
    last: (i64, i64),
}

impl Walk {
    /// Over all: an older release that runs beside this one moves positions without settling anything.
    pub fn over_all() -> Self {
        let query =
            "SELECT id, id, source, subject FROM bus.parked WHERE id > greatest($1, $2) ORDER BY id LIMIT $3";
        Self { query, last: (0, 0) }
    }

    /// Over those that wait for another subject: moving that subject's position doesn't look for them.
    pub fn over_those_that_wait_for_others() -> Self {
        let query = "SELECT after_sequence, id, source, subject FROM bus.parked
                     WHERE after_sequence IS NOT NULL AND (after_sequence, id) > ($1, $2)
                     ORDER BY after_sequence, id LIMIT $3";
        Self { query, last: (0, 0) }
    }

    /// Looks at the next rows, or begins again after the last.
    pub async fn step(&mut self, pool: &PgPool) -> sqlx::Result<()> {
        let (number, id) = self.last;
        let rows = sqlx::query(self.query).bind(number).bind(id).bind(STEP).fetch_all(pool).await?;
        self.last = rows.last().map_or((0, 0), |row| (row.get(0), row.get(1)));
        let keys: std::collections::BTreeSet<SubjectKey> =
            rows.iter().map(|row| SubjectKey { source: row.get(2), subject: row.get(3) }).collect();
        if !keys.is_empty() {
            // Without locks: whoever is working on one of them settles it after that.
            settle(&mut *pool.acquire().await?, &keys).await?;
        }
        Ok(())
    }
}
