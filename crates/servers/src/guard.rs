//! Guards: what ends our servers and removes what is temporary when this process ends, however it ends.

pub(crate) mod container_guard;
pub(crate) mod earlier_run;
pub(crate) mod folder_guard;
pub(crate) mod process_guard;
mod script;
