//! What comes back by itself after which failure, and what is logged meanwhile.

mod broker;
mod connections;
mod pipeline;
mod queue_without_quorum;
mod refused_events;
