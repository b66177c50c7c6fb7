use axum::body::Bytes;

use super::log_position::LogPosition;
use super::topic::Topic;

/// Something that happened.
#[derive(Debug)]
pub struct Moment {
    pub position: LogPosition,
    pub topic: Topic,
    /// As streams have it.
    pub message: Bytes,
    /// What it says of a cart's line.
    pub hold: Option<(String, Hold)>,
}

/// What inventory has said of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// The quantity that it is about.
    pub wanted: i64,
    pub held: i64,
}
