//! The inbox: how far this service has taken each subject of each source, and how a batch of events is taken.
//!
//! One row per subject, its *position*, refuses duplicates forever, keeps order, and shows a gap; the table doesn't grow
//! with the events. A transaction that moves a position holds its row lock until the commit, so order holds whoever
//! consumes, also while one instance takes over from another.

pub(crate) mod batch_processor;
pub(crate) mod cross_subject_order;
pub(crate) mod epoch_changes;
pub(crate) mod handler;
pub(crate) mod handler_runner;
pub(crate) mod interrupted;
pub(crate) mod positions;
pub(crate) mod progress;
pub(crate) mod sequence_run;
pub(crate) mod sorting;
pub(crate) mod verdict;
