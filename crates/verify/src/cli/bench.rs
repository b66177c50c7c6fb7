use std::path::PathBuf;

use clap::Args;

use crate::bench::{Contestant, Scenario};

/// Settings of `bench`.
#[derive(Args, Clone, Debug)]
pub struct Bench {
    /// Measure less, in less than eight minutes
    #[arg(long)]
    pub quick: bool,

    /// The scenarios to measure, separated by commas; by default all but the last, with --quick the first four
    #[arg(long, value_enum, value_delimiter = ',')]
    pub scenarios: Vec<Scenario>,

    /// The contestants to measure, separated by commas; by default all, with --quick all but the last
    #[arg(long, value_enum, value_delimiter = ',')]
    pub contestants: Vec<Contestant>,

    /// The program `cartwheel` of another release, to compare with
    #[arg(long)]
    pub beside: Option<PathBuf>,

    /// The Python interpreter for FastStream, 3.11 or newer and built with optimizations; by default the system's
    #[arg(long)]
    pub python: Option<String>,

    /// How many requests are in flight at once; several numbers, separated by commas, are measured in turn
    #[arg(long, value_delimiter = ',', default_values_t = [32, 256])]
    pub clients: Vec<usize>,

    /// Seconds of requests in each measurement; by default 12, with --quick 6
    #[arg(long)]
    pub seconds: Option<u64>,

    /// How many times to measure everything; medians are shown; by default 3, with --quick 1
    #[arg(long)]
    pub rounds: Option<usize>,

    /// How many products there are in the scenario `growth`; several numbers, separated by commas, are measured in turn
    #[arg(long, value_delimiter = ',', default_values_t = [1000, 100_000])]
    pub products: Vec<usize>,

    /// How many events the carts have had in the scenario `history`
    #[arg(long, default_value_t = 10_000_000)]
    pub history: usize,

    /// A file for all measurements, as JSON
    #[arg(long)]
    pub json: Option<PathBuf>,

    /// A file for the tables, as Markdown
    #[arg(long)]
    pub markdown: Option<PathBuf>,

    /// A folder for pictures of the most important figures, as SVG
    #[arg(long)]
    pub plots: Option<PathBuf>,

    /// How to start the servers, which this run has to itself; by default in containers, if they work
    #[arg(long, env = servers::BACKEND, value_name = "containers|local")]
    pub backend: Option<servers::Backend>,

    /// The folder in which everything is kept, in its subfolder `bench`
    #[arg(long, env = "CARTWHEEL_HOME", default_value = ".cartwheel")]
    pub home: PathBuf,
}
