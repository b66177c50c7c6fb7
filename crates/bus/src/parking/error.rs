/// Why an operator's action on a parked event is refused, and what to do instead.
#[derive(Debug, thiserror::Error)]
pub enum ParkingError {
    /// There is no such event, or it is no longer parked.
    #[error("no event {0} is parked: it may have been taken or discarded meanwhile. List what is parked")]
    NotParked(i64),
    /// The events of a subject are decided on in order.
    #[error("event {earlier} is parked before it, of the same subject: retry or discard that one first")]
    NotFirst {
        /// The id of the first parked event of the subject.
        earlier: i64,
    },
    /// The event's predecessors were not taken and are not parked.
    #[error("{} of the same subject must come first: wait for it, or release event {id} to give it up", numbers(*.first, *.last))]
    Missing {
        /// The parked event.
        id: i64,
        /// The number of the first that is missing.
        first: i64,
        /// The number of the last that is missing.
        last: i64,
    },
    /// The event must not overtake one of another subject, which was not taken.
    #[error(
        "number {sequence} of '{subject}' from {origin} must come first: wait for it, or release event {id} to take it without"
    )]
    Overtakes {
        /// The parked event.
        id: i64,
        /// The source of what must come first.
        origin: String,
        /// Its subject.
        subject: String,
        /// Its number.
        sequence: i64,
    },
    /// The event waits for nothing.
    #[error("nothing is missing before event {0}: retry or discard it")]
    NothingMissing(i64),
    /// PostgreSQL or the connection to it.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
}

fn numbers(first: i64, last: i64) -> String {
    if first == last { format!("number {first}") } else { format!("numbers {first} to {last}") }
}
