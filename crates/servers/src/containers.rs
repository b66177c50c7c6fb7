//! Servers in Docker containers of the official images.

pub(crate) mod container;
pub(crate) mod images;
pub(crate) mod postgres;
pub(crate) mod rabbitmq;
