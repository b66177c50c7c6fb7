//! `completions`: how a shell completes this command line.

use std::io::stdout;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use crate::cli::Cli;

/// Prints them.
pub fn completions(shell: Shell) {
    generate(shell, &mut Cli::command(), "cartwheel", &mut stdout());
}
