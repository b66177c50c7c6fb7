//! What comes back by itself after which failure, and what is logged meanwhile.

mod broker;
mod connections;
mod pipeline;
mod refused_events;
