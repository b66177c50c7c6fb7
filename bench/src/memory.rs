/// The memory of this process now and at its peak, in MB. None where the system doesn't report it.
pub fn now_and_peak() -> Option<(u64, u64)> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024 / 1_000_000)
    };
    Some((of("VmRSS:")?, of("VmHWM:")?))
}

pub fn print() {
    if let Some((now, peak)) = now_and_peak() {
        println!("memory of the process: {now} MB, at most {peak} MB");
    }
}
