use std::path::PathBuf;

use clap::Args;

use crate::nemesis::Kind;

/// Settings of `torture`.
#[derive(Args, Clone, Debug)]
pub struct Torture {
    /// How many changes of carts to get acknowledged
    #[arg(long, default_value_t = 20_000)]
    pub changes: u64,

    /// How many faults to inject in the meantime
    #[arg(long, default_value_t = 100)]
    pub faults: usize,

    /// Inject only these kinds of faults, separated by commas; by default all
    #[arg(long, value_enum, value_delimiter = ',')]
    pub kinds: Vec<Kind>,

    /// The seed of the plan: the same one gives the same faults and the same choices of the clients; random by default
    #[arg(long)]
    pub seed: Option<u64>,

    /// Minutes after which no more changes are started
    #[arg(long, default_value_t = 10)]
    pub minutes: u64,

    /// The number of clients
    #[arg(long, default_value_t = 32)]
    pub clients: usize,

    /// Seconds without progress before giving up, once all changes are made
    #[arg(long, default_value_t = 120)]
    pub settle_timeout: u64,

    /// The program `cartwheel` of another release, which runs one of the two instances of each service
    #[arg(long)]
    pub beside: Option<PathBuf>,

    /// How to start the servers, which this run has to itself; by default in containers, if they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder in which everything is kept, in its subfolder `torture`
    #[arg(long, env = "CARTWHEEL_HOME", default_value = ".cartwheel")]
    pub home: PathBuf,
}
