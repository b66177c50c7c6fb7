use cartwheel::cli::up::Up;
use clap::Args;

/// Settings of `demo`.
#[derive(Args, Clone, Debug)]
pub struct Demo {
    #[command(flatten)]
    #[allow(missing_docs)]
    pub up: Up,

    /// How many baskets to replay, the oldest first
    #[arg(long, default_value_t = 1000)]
    pub baskets: usize,

    /// How many requests are in flight at once
    #[arg(long, default_value_t = 64)]
    pub clients: usize,

    /// Maximum additions per second
    #[arg(long)]
    pub rate: Option<u32>,

    /// Exit after the report, instead of staying up
    #[arg(long)]
    pub exit: bool,
}
