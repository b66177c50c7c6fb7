//! The nemesis: it breaks what the shop stands on, by a plan.

mod copies;
mod faults;
mod plan;
mod process;
mod program;
mod services;

pub use copies::Copier;
pub use faults::{Struck, Victims, end_at};
pub use plan::{Kind, plan};
pub use program::service_program;
pub use services::Fleet;
