//! Private processes from this machine's packages, never the machine's own services.

mod account;
mod lookup;
pub(crate) mod packages;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod rabbitmq;
