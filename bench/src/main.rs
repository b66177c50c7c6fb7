//! Measures what recommendations, mails, imports, searches and streams cost. See the README beside.
#![allow(clippy::print_stdout, reason = "its output is the measurement")]
#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people, and made-up products"
)]
#![allow(clippy::disallowed_methods, reason = "a benchmark keeps its pace by sleeping")]

mod answer;
mod grow;
mod http;
mod import;
mod learn;
mod live;
mod mailbox;
mod mails;
mod memory;
mod samples;
mod search;
mod solve;
mod train;

use clap::{Args, Parser, Subcommand};

use self::train::Train;

/// Measures what recommendations, mails, imports, searches and streams cost.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Learning, event by event, on one core
    Learn(Train),
    /// Answers within the process while it learns
    Answer(answer::Options),
    /// Solving EASE^R
    Solve(Size),
    /// Memory for many products
    Grow(Size),
    /// Answers of a running shop over HTTP
    Http(http::Options),
    /// Streams of live updates of a running shop
    Live(live::Options),
    /// Mails into the mailbox by SMTP
    Mailbox(Mails),
    /// Mails that notify queues and sends
    Mails(Mails),
    /// Imports of a whole catalogue
    Import(Products),
    /// Searches of a catalogue that is imported from a file
    Search(LargeCatalogue),
}

/// The size of made-up data.
#[derive(Args)]
struct Size {
    /// The number of products
    #[arg(long)]
    products: u32,
}

/// The number of mails.
#[derive(Args)]
struct Mails {
    /// The number of mails
    #[arg(long, default_value_t = 20_000)]
    mails: usize,
}

/// The size of a catalogue.
#[derive(Args)]
struct Products {
    /// The number of products
    #[arg(long, default_value_t = 4_000)]
    products: u32,
}

/// The size of a catalogue to search.
#[derive(Args)]
struct LargeCatalogue {
    /// The number of products
    #[arg(long, default_value_t = 100_000)]
    products: usize,
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Learn(Train { train }) => learn::run(&train),
        Command::Answer(options) => answer::run(&options),
        Command::Solve(Size { products }) => {
            solve::run(products);
            Ok(())
        }
        Command::Grow(Size { products }) => {
            grow::run(products);
            Ok(())
        }
        Command::Http(options) => http::run(&options),
        Command::Live(options) => live::run(&options),
        Command::Mailbox(Mails { mails }) => mailbox::run(mails),
        Command::Mails(Mails { mails }) => mails::run(mails),
        Command::Import(Products { products }) => import::run(products),
        Command::Search(LargeCatalogue { products }) => search::run(products),
    }
}
