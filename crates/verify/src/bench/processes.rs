use std::collections::HashMap;
use std::iter::successors;

use sysinfo::{Pid, Process};

/// The processes of this machine by their ids.
pub type Processes = HashMap<Pid, Process>;

/// A process and all that descend from it; its threads are not among them.
pub fn with_descendants(ancestor: Pid, processes: &Processes) -> impl Iterator<Item = &Process> {
    processes.values().filter(move |process| {
        process.thread_kind().is_none() && descends(process.pid(), ancestor, processes)
    })
}

fn descends(pid: Pid, ancestor: Pid, processes: &Processes) -> bool {
    successors(Some(pid), |pid| processes.get(pid)?.parent()).any(|pid| pid == ancestor)
}
