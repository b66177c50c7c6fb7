use std::path::PathBuf;

use clap::Args;

/// What to learn.
#[derive(Args, Clone)]
pub struct Train {
    /// Baskets: `basket_id,item` and, if known, `time`
    #[arg(long, value_name = "FILE")]
    pub train: PathBuf,
}
