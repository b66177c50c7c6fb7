//! The nemesis: it injects faults while clients change carts, by a plan that a seed decides.

mod actions;
mod backups;
mod cart_times;
mod copies;
mod fault;
mod injector;
mod outbox;
mod plan;
mod poison;
mod process;
mod program;
mod queues;
mod services;
mod targets;

pub use backups::Backups;
pub use cart_times::CartTimes;
pub use copies::MessageCopier;
pub use fault::{Fault, Kind};
pub use injector::{Injected, Nemesis};
pub use plan::plan;
pub use poison::Poison;
pub use program::service_program;
pub use queues::Queues;
pub use services::Services;
pub use targets::Targets;
