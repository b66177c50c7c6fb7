//! The commands about dead letters.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use events::PARTICIPANTS;

use super::operators::LogUrl;

/// What to do about dead letters: messages that RabbitMQ gave up delivering, or that a service took for no event.
#[derive(Subcommand, Debug)]
pub enum DeadLetters {
    /// List a service's dead letters; they stay where they are
    List(LettersOf),
    /// Put them back into the service's queue: it refuses events that it processed before, and returns messages that are not events
    PutBack(LettersOf),
}

/// Whose dead letters.
#[derive(Args, Debug)]
pub struct LettersOf {
    /// The service
    #[arg(value_parser = PossibleValuesParser::new(PARTICIPANTS.map(|participant| participant.service)))]
    pub service: String,

    /// Maximum dead letters to list or to put back
    #[arg(long, default_value_t = 100)]
    pub limit: u16,

    #[command(flatten)]
    #[allow(missing_docs)]
    pub broker: LogUrl,
}
