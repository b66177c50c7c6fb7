//! Which events were counted: of each subject a set of numbers, which is one range as long as nothing is missing. So an
//! event that was published twice counts once, however late it comes, and one that comes behind later ones counts, too.

use std::collections::BTreeSet;

use bus::Logged;
use chrono::{DateTime, Utc};
use service::columns;
use sqlx::PgConnection;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Taken {
    /// How many events were counted.
    pub events: usize,
    /// How many were there before.
    pub repeated: usize,
    /// How many have data that doesn't fit their type: they are in the index, and in no figure.
    pub unfit: usize,
    /// When the newest of them happened.
    pub newest: Option<DateTime<Utc>>,
}

type Number<'a> = (&'a str, &'a str, i64);

/// Takes down those events that were not counted yet, and returns them in their order.
pub(super) async fn take<'a>(
    connection: &mut PgConnection,
    events: &'a [Logged],
) -> sqlx::Result<Vec<&'a Logged>> {
    let mut seen = known(connection, events).await?;
    let new: Vec<&Logged> =
        events.iter().filter(|logged| number(logged).is_some_and(|number| seen.insert(number))).collect();
    let insert = sqlx::query(
        "INSERT INTO taken (source, subject, numbers, changed_at)
         SELECT source, subject, range_agg(int8range(sequence, sequence + 1)), bus.now()
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS new (source, subject, sequence)
         GROUP BY source, subject
         ON CONFLICT (source, subject)
             DO UPDATE SET numbers = taken.numbers + EXCLUDED.numbers, changed_at = EXCLUDED.changed_at",
    );
    let numbers: Vec<Number> = new.iter().filter_map(|logged| number(logged)).collect();
    if !numbers.is_empty() {
        columns!(insert, for number in numbers => number.0, number.1, number.2).execute(connection).await?;
    }
    Ok(new)
}

/// Which of these were counted before.
async fn known<'a>(
    connection: &mut PgConnection,
    events: &'a [Logged],
) -> sqlx::Result<BTreeSet<Number<'a>>> {
    let numbers: Vec<Number> = events.iter().filter_map(number).collect();
    let select = sqlx::query_scalar(
        "SELECT event.place
         FROM unnest($1::text[], $2::text[], $3::bigint[])
             WITH ORDINALITY AS event (source, subject, sequence, place)
         CROSS JOIN LATERAL (
             SELECT FROM taken
             WHERE taken.source = event.source AND taken.subject = event.subject
                 AND taken.numbers @> event.sequence OFFSET 0
         ) AS before",
    );
    let select = columns!(select, for number in numbers => number.0, number.1, number.2);
    let places: Vec<i64> = select.fetch_all(connection).await?;
    let number = |place: i64| numbers.get(usize::try_from(place).ok()?.checked_sub(1)?).copied();
    Ok(places.into_iter().filter_map(number).collect())
}

fn number(logged: &Logged) -> Option<Number<'_>> {
    Some((logged.source()?, logged.subject()?, logged.sequence()?))
}
