use bus::{Broker, dead_letters_of};
use events::PARTICIPANTS;

use crate::checker::findings::{Findings, Violation};

/// The broker has given up on no message.
pub async fn check(broker: &Broker, findings: &mut Findings) -> anyhow::Result<()> {
    for participant in PARTICIPANTS.iter().filter(|participant| !participant.listens_to.is_empty()) {
        let queue = dead_letters_of(participant.service);
        let (_, messages) = broker.queue(&queue).await?;
        for _ in 0..messages {
            findings.add(Violation::DeadLetter, format!("a message in '{queue}'"));
        }
    }
    Ok(())
}
