use std::fmt;

use serde::Serialize;
use sysinfo::{CpuRefreshKind, MemoryRefreshKind, RefreshKind, System};

/// Where it was measured.
#[derive(Serialize)]
pub struct Machine {
    processor: String,
    cores: usize,
    memory_gb: f64,
    system: String,
    /// The servers, with their versions.
    servers: Vec<String>,
}

impl Machine {
    /// This machine.
    #[allow(clippy::cast_precision_loss)] // shown with one digit
    pub fn this(servers: Vec<String>) -> Self {
        let what = RefreshKind::nothing()
            .with_cpu(CpuRefreshKind::nothing())
            .with_memory(MemoryRefreshKind::nothing().with_ram());
        let system = System::new_with_specifics(what);
        let name = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned());
        Self {
            processor: name.filter(|name| !name.is_empty()).unwrap_or_else(System::cpu_arch),
            cores: system.cpus().len(),
            memory_gb: system.total_memory() as f64 / 1e9,
            system: System::kernel_long_version(),
            servers,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { processor, cores, memory_gb, system, servers } = self;
        let servers = servers.join(", ");
        write!(f, "{processor}, {cores} cores, {memory_gb:.1} GB of memory, {system}; {servers}")
    }
}
