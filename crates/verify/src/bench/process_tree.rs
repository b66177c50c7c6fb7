use std::collections::HashMap;
use std::iter::successors;
use std::time::Duration;

use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System};

/// The processes of this machine by their ids.
pub type Processes = HashMap<Pid, Process>;

/// A process and all that descend from it; its threads are not among them.
pub fn with_descendants(ancestor: Pid, processes: &Processes) -> impl Iterator<Item = &Process> {
    processes.values().filter(move |process| {
        process.thread_kind().is_none() && descends(process.pid(), ancestor, processes)
    })
}

/// How much memory these and all that descend from them have, in bytes.
pub fn memory(contestant: &[(&'static str, Pid)]) -> u64 {
    let mut system = System::new();
    let kind = ProcessRefreshKind::nothing().with_memory();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, kind);
    let all = contestant.iter().flat_map(|(_, pid)| with_descendants(*pid, system.processes()));
    all.map(Process::memory).sum()
}

fn descends(pid: Pid, ancestor: Pid, processes: &Processes) -> bool {
    successors(Some(pid), |pid| processes.get(pid)?.parent()).any(|pid| pid == ancestor)
}

/// A process's processor time, and that of its children that have ended: a server's workers come and go.
pub fn processor_time(process: &Process) -> Duration {
    let status = std::fs::read_to_string(format!("/proc/{}/stat", process.pid())).unwrap_or_default();
    Duration::from_millis(process.accumulated_cpu_time()) + of_ended_children(&status).unwrap_or_default()
}

/// From a line of Linux's `/proc/<pid>/stat`, whose second field is a name in parentheses. Nothing elsewhere.
fn of_ended_children(status: &str) -> Option<Duration> {
    // The 16th and 17th field, in units that are the same on every machine.
    let (_, after_name) = status.rsplit_once(')')?;
    let mut fields = after_name.split_whitespace().skip(13).map(str::parse::<u64>);
    let (user, system) = (fields.next()?.ok()?, fields.next()?.ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_ended_children_is_read() {
        let status = "4711 (post gres) x) S 1 4711 4711 0 -1 4194560 1 2 3 4 100 50 7 5 20 0 1 0 99";
        assert_eq!(of_ended_children(status), Some(Duration::from_millis(120)));
        assert_eq!(of_ended_children(""), None);
    }
}
