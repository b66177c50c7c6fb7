//! What happens when a message crashes the process.
//!
//! The broker gives the message back, and so it may crash the next process too. A message that came back more than
//! once is a *suspect*: it is moved from the queue into the parked events, where each is tried alone, and each attempt
//! is committed before it is made (see [`crate::parking::attempts`]). What crashed the process repeatedly is given up
//! there as `fatal`; what was merely there when the process crashed is taken.
//!
//! The broker's count also grows with each lost connection and each deploy, so it raises a suspicion and decides
//! nothing.

use lapin::Channel;
use tokio_util::sync::CancellationToken;

use crate::consumer::acks::Acks;
use crate::consumer::delivered::{Pending, events_of};
use crate::consumer::intake::Intake;
use crate::error::BusError;
use crate::inbox::handler::Handler;

/// Parks the suspects, and tries each alone.
pub(super) async fn try_alone<H: Handler>(
    suspects: Vec<Pending>,
    intake: &Intake<H>,
    acks: &mut Acks,
    channel: &Channel,
    stop: &CancellationToken,
) -> Result<(), BusError> {
    let subjects = intake.park_suspects(&events_of(&suspects), stop).await?;
    for pending in &suspects {
        acks.done(pending.tag);
    }
    // Before the first attempt: what crashes us must not come back by the queue as well.
    acks.send(channel).await?;
    intake.try_alone(&subjects, stop).await
}
