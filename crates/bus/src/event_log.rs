//! The event log: a stream queue that keeps a copy of every event of every service, in the order in which the broker
//! got them. It can be read again and again, from any place; reading takes nothing out of it.
//!
//! A consumer takes from it what its queue never received: on the marker of a new queue, for gaps that don't close by
//! themselves, and to rebuild a projection. All of that goes through the same handler and inbox as events from the queue:
//! positions skip what was taken, and gaps show.

pub(crate) mod batches;
pub(crate) mod catching_up;
pub(crate) mod cursor;
pub(crate) mod follower;
pub(crate) mod gap_search;
pub(crate) mod logged;
pub(crate) mod reader;
pub(crate) mod rebuilding;
pub(crate) mod rebuilt_batch;
pub(crate) mod replay;
pub(crate) mod retention_check;
pub(crate) mod sessions;
mod unfinished_catch_ups;
