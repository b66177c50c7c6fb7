//! Events that the broker refuses, and what it says about them.

use service::remedies::REFUSED;
use sqlx::PgConnection;

use super::finding::Finding;

/// The most that are told apart.
const LIMIT: i64 = 5;

pub async fn examine(service: &str, connection: &mut PgConnection) -> sqlx::Result<Vec<Finding>> {
    let refused: Vec<(String, String, String, i64, String)> = sqlx::query_as(
        "SELECT type, source, subject, sequence, coalesce(refusal, '') FROM bus.outbox
         WHERE refused_at IS NOT NULL ORDER BY id LIMIT $1",
    )
    .bind(LIMIT)
    .fetch_all(connection)
    .await?;
    let finding = |(kind, source, subject, sequence, refusal): &(String, String, String, i64, String)| {
        Finding::wrong(
            format!("an event in {service}'s outbox"),
            format!(
                "the broker refuses {kind}, number {sequence} of '{subject}' from {source}, and the subject's later \
                 events wait: {refusal}"
            ),
            REFUSED,
        )
    };
    Ok(refused.iter().map(finding).collect())
}
