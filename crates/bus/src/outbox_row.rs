/// A row of the outbox.
#[derive(sqlx::FromRow)]
pub(crate) struct OutboxRow {
    pub id: i64,
    pub event_id: uuid::Uuid,
    #[sqlx(rename = "type")]
    pub kind: String,
    pub source: String,
    pub subject: String,
    pub sequence: i64,
    pub previous: Option<i64>,
    pub body: Vec<u8>,
}
