use std::fmt;
use std::time::Duration;

use super::contestant::Contestant;
use super::scenario::Scenario;
use crate::cli::Bench;

/// What is measured, and how long.
pub struct Plan {
    pub contestants: Vec<Contestant>,
    pub scenarios: Vec<Scenario>,
    pub clients: Vec<usize>,
    pub duration: Duration,
    pub rounds: usize,
    /// Additions a second at which effects are timed.
    pub rates: Vec<usize>,
    /// Whether effects are also timed at a share of what the contestant can take.
    pub at_share: bool,
    /// How many events the backlog has.
    pub drained: usize,
    /// Numbers of products.
    pub products: Vec<usize>,
    /// How many events carts have had.
    pub history: usize,
}

/// What the slowest contestants are given to work off.
pub const DRAINED_BY_SLOW: usize = 20_000;
/// Those that need no other release, and no build of minutes.
const CONTESTANTS: [Contestant; 5] = [
    Contestant::Cartwheel,
    Contestant::Processes,
    Contestant::Unpacked,
    Contestant::Packed,
    Contestant::FastStream,
];

impl Plan {
    /// By the settings.
    pub fn new(settings: &Bench) -> Self {
        let quick = settings.quick;
        let usual = [Scenario::Additions, Scenario::Effects, Scenario::Drain, Scenario::Hot];
        let growth = (!quick).then_some(Scenario::Growth);
        let mut scenarios = settings.scenarios.clone();
        if scenarios.is_empty() {
            scenarios = usual.into_iter().chain(growth).collect();
        }
        let mut contestants = settings.contestants.clone();
        if contestants.is_empty() {
            contestants = CONTESTANTS.into_iter().chain((!quick).then_some(Contestant::RustStream)).collect();
        }
        contestants.extend(settings.beside.as_ref().map(|_| Contestant::Beside));
        contestants.sort_unstable();
        contestants.dedup();
        Self {
            contestants,
            scenarios,
            clients: settings.clients.clone(),
            duration: Duration::from_secs(settings.seconds.unwrap_or(if quick { 6 } else { 12 })),
            rounds: settings.rounds.unwrap_or(if quick { 1 } else { 3 }),
            rates: if quick { vec![100] } else { vec![100, 1000] },
            at_share: !quick,
            products: settings.products.clone(),
            history: settings.history,
            drained: if quick { DRAINED_BY_SLOW } else { 200_000 },
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.duration.as_secs();
        match self.rounds {
            1 => write!(f, "One round, requests for {seconds} s each time"),
            rounds => write!(f, "Medians of {rounds} rounds, requests for {seconds} s each time"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        settings: Bench,
    }

    fn contestants(arguments: &[&str]) -> Vec<Contestant> {
        let arguments = ["bench"].iter().chain(arguments);
        Plan::new(&Command::parse_from(arguments).settings).contestants
    }

    #[test]
    fn only_a_full_run_builds_ruststream_unless_it_is_named() {
        let quick = contestants(&["--quick"]);
        assert_eq!(quick, CONTESTANTS);
        assert_eq!(contestants(&[]), [&quick[..], &[Contestant::RustStream]].concat());
        let named = contestants(&["--quick", "--contestants", "ruststream,cartwheel"]);
        assert_eq!(named, [Contestant::Cartwheel, Contestant::RustStream]);
    }
}
