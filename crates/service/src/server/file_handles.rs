use rustix::process::{Resource, getrlimit};
use tracing::warn;

/// As many connections as were asked for, but so few that databases, the broker and files find handles, too.
pub fn affordable(connections: u32) -> usize {
    let wanted = usize::try_from(connections).unwrap_or(usize::MAX);
    let most = getrlimit(Resource::Nofile).current.and_then(|files| usize::try_from(files / 4 * 3).ok());
    let affordable = most.map_or(wanted, |most| most.clamp(1, wanted));
    if affordable < wanted {
        warn!(
            wanted,
            affordable, "the limit on open files (ulimit -n) allows fewer HTTP connections than the settings"
        );
    }
    affordable
}
