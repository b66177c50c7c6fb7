//! Giving services what is theirs: a virtual host with users in the broker, a database with a role each.
//!
//! Everything here can be repeated: what exists is kept and brought to what is asked for.

mod broker;
mod database;
mod management;
mod salted_hash;
mod scram;

pub use broker::{BrokerUser, remove_vhost, vhost};
pub(crate) use database::connect;
pub use database::{copy_database, database, remove_database};
pub(crate) use management::version as broker_version;
