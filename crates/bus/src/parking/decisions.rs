//! An operator's decision on all parked events that match a filter. It applies only to events that wait for a decision: the
//! first event of each subject, if it failed, or, for a release, if events before it are missing. Those behind it were never
//! tried.

use sqlx::PgPool;

use crate::parking::error::ParkingError;
use crate::parking::filter::{Filter, bind_values, condition};
use crate::parking::operator;

/// How many groups a preview names.
const GROUPS: i64 = 100;

/// What to do with parked events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Retry them at once.
    Retry,
    /// Give them up.
    Discard,
    /// Give up the lost events that they wait for.
    Release,
}

/// Parked events of one type that failed with the same error.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Group {
    /// Their type.
    #[sqlx(rename = "type")]
    pub kind: String,
    /// Why they failed; `None` if they wait for lost events.
    pub error: Option<String>,
    /// How many there are.
    pub events: i64,
}

/// How far a decision has been carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decided {
    /// The number of events it was carried out on.
    pub events: i64,
    /// The id after which to continue; `None` once all are done.
    pub next: Option<i64>,
}

/// The events that an action waits for, `$7`, and that match.
macro_rules! decidable {
    () => {
        concat!(
            " FROM bus.parked
             LEFT JOIN LATERAL (
                 SELECT sequence FROM bus.positions
                 WHERE positions.source = parked.source AND positions.subject = parked.subject OFFSET 0
             ) AS position ON true
             CROSS JOIN LATERAL bus.first_parked(parked.source, parked.subject, coalesce(position.sequence, 0)) AS first
             WHERE first.id = parked.id AND (parked.state = 'waiting') = ($7 = 'release')
               AND first.is_next = ($7 <> 'release') AND ",
            condition!()
        )
    };
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Discard => "discard",
            Self::Release => "release",
        }
    }
}

/// The events that the decision would apply to, the most frequent errors first.
///
/// # Errors
/// When the database can't be read.
pub async fn preview(pool: &PgPool, action: Action, filter: &Filter) -> sqlx::Result<Vec<Group>> {
    let query = concat!(
        "SELECT parked.type, parked.error, count(*) AS events",
        decidable!(),
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT $8"
    );
    bind_values!(sqlx::query_as(query), filter).bind(action.name()).bind(GROUPS).fetch_all(pool).await
}

/// Carries out the decision on the matching events after the one with the id `after`, at most on `most`. Events that somebody
/// else decides on in the meantime are skipped.
///
/// # Errors
/// When the database can't be reached. What was done before that stays done.
pub async fn decide(
    pool: &PgPool,
    action: Action,
    filter: &Filter,
    reason: Option<&str>,
    after: i64,
    most: i64,
) -> sqlx::Result<Decided> {
    let query = concat!("SELECT parked.id", decidable!(), " AND parked.id > $8 ORDER BY parked.id LIMIT $9");
    let query =
        bind_values!(sqlx::query_scalar(query), filter).bind(action.name()).bind(after).bind(most + 1);
    let mut ids: Vec<i64> = query.fetch_all(pool).await?;
    let more = i64::try_from(ids.len()).is_ok_and(|found| found > most);
    ids.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    let mut events = 0;
    for &id in &ids {
        let done = match action {
            Action::Retry => operator::retry(pool, id, reason).await,
            Action::Discard => operator::discard(pool, id, reason).await,
            Action::Release => operator::release(pool, id, reason).await,
        };
        match done {
            Ok(()) => events += 1,
            Err(ParkingError::Database(error)) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(Decided { events, next: ids.last().copied().filter(|_| more) })
}
