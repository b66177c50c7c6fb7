use bus::parking::{self, Filter};

use crate::checker::databases::Databases;
use crate::checker::findings::{Findings, Violation};

/// Parked events of a service that are listed.
const LISTED: i64 = 5;

/// No event is parked.
pub async fn check(databases: &Databases, findings: &mut Findings) -> anyhow::Result<()> {
    for (service, pool) in databases.all() {
        for event in parking::list(pool, &Filter::default(), LISTED).await? {
            let what = format!("{service} still has {} {} of {}", event.kind, event.sequence, event.subject);
            findings.add(Violation::Unsettled, what);
        }
    }
    Ok(())
}
