use super::difference::{Difference, lines};

/// Why the topology could not be declared.
#[derive(Debug, thiserror::Error)]
pub enum TopologyError {
    /// The broker has some of it with other properties, which can't be changed on what exists.
    #[error("the broker has other properties than this version wants:\n{}", lines(.0))]
    Differs(Vec<Difference>),
    /// A new queue's marker was not confirmed.
    #[error("the broker did not confirm the marker in the new queue '{0}': run `topology` again")]
    Unmarked(String),
    /// The end of the event log could not be read.
    #[error("the event log could not be read: {0}")]
    Log(String),
    /// Anything else that the broker or the network says.
    #[error("the topology could not be declared: {0}")]
    Broker(#[from] lapin::Error),
}
