use super::difference::{Difference, lines};

/// Why the topology could not be declared.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The broker has some of it with other properties, which can't be changed on existing exchanges and queues.
    #[error("the broker has other properties than this version wants:\n{}", lines(.0))]
    Differs(Vec<Difference>),
    /// A new queue's marker did not get into the queue.
    #[error(
        "the broker {answer} the marker in the new queue '{queue}': run `topology` again, and restart the broker if that doesn't help"
    )]
    Unmarked {
        /// The queue.
        queue: String,
        /// What the broker did instead of confirming it.
        answer: &'static str,
    },
    /// The end of the event log could not be read.
    #[error("the event log could not be read: {0}")]
    Log(String),
    /// Any other error of the broker or the network.
    #[error("the topology could not be declared: {0}")]
    Broker(#[from] lapin::Error),
}
