use std::path::PathBuf;

use clap::Args;

/// Settings of `bench`.
#[derive(Args, Clone, Debug)]
pub struct Bench {
    /// How many requests are in flight at once; several numbers, separated by commas, are measured in turn
    #[arg(long, value_delimiter = ',', default_values_t = [32, 256])]
    pub clients: Vec<usize>,

    /// For how many seconds there are requests, each time
    #[arg(long, default_value_t = 12)]
    pub seconds: u64,

    /// How often everything is measured; medians are shown
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,

    /// The program `cartwheel` of another release, to be compared with
    #[arg(long)]
    pub beside: Option<PathBuf>,

    /// A file for all that was measured, as JSON
    #[arg(long)]
    pub json: Option<PathBuf>,

    /// How to start the servers, which this run has to itself; by default in containers, where they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder in which everything is kept, in its subfolder `bench`
    #[arg(long, env = "CARTWHEEL_HOME", default_value = ".cartwheel")]
    pub home: PathBuf,
}
