use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing::warn;

/// More than any number of connections needs.
const ENOUGH: u64 = 65_536;

/// As many connections as were asked for, but so few that databases, the broker and files find handles, too: three
/// quarters of what the process may open. Many systems let it open few unless it asks for more.
pub fn affordable(connections: u32) -> usize {
    let wanted = usize::try_from(connections).unwrap_or(usize::MAX);
    let most = raised_limit().and_then(|files| usize::try_from(files / 4 * 3).ok());
    let affordable = most.map_or(wanted, |most| most.clamp(1, wanted));
    if affordable < wanted {
        warn!(
            wanted,
            affordable,
            "the limit on open files (ulimit -Hn) allows fewer HTTP connections than the settings"
        );
    }
    affordable
}

/// The files that the process may open; none where there is no limit.
fn raised_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let current = limit.current?;
    let wanted = limit.maximum.map_or(ENOUGH, |most| most.min(ENOUGH)).max(current);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), ..limit });
    Some(if raised.is_ok() { wanted } else { current })
}
