//! What a run shows.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use comfy_table::{Cell, Table};

use crate::checker::{Breach, Findings};
use crate::nemesis::{Kind, Struck};
use cartwheel::table::{grouped, right, table};

/// So many findings of a kind are shown; more tell no more.
const SHOWN: usize = 5;

/// The outcome of a run.
pub struct Report {
    pub seed: u64,
    pub findings: Findings,
    pub struck: BTreeMap<Kind, Struck>,
    pub acknowledged: u64,
    pub refused: u64,
    pub carts: usize,
    pub mails: u64,
    pub resent: u64,
    /// How long changes were made, and how long it took until all had settled.
    pub lasted: Duration,
    pub settled: Duration,
    /// How many changes and faults there should have been.
    pub asked: (u64, usize),
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }

    fn faults(&self) -> usize {
        self.struck.values().map(|struck| struck.all).sum()
    }

    fn what_happened(&self) -> Table {
        let mut table = table(&["torture", ""]);
        let (changes, faults) = self.asked;
        table.add_row(["changes acknowledged".to_owned(), of(self.acknowledged, changes)]);
        table.add_row(["carts".to_owned(), grouped(self.carts as u64)]);
        table.add_row(["changes refused by a cart's rules".to_owned(), grouped(self.refused)]);
        table.add_row(["faults".to_owned(), of(self.faults() as u64, faults as u64)]);
        let (mails, resent) = (grouped(self.mails), grouped(self.resent));
        table.add_row(["mails sent".to_owned(), mails]);
        table.add_row(["sent again with the same Message-ID".to_owned(), resent]);
        let (lasted, settled) = (self.lasted.as_secs(), self.settled.as_secs());
        table.add_row(["duration".to_owned(), format!("{lasted} s, and {settled} s to settle")]);
        table.add_row(["seed".to_owned(), self.seed.to_string()]);
        table
    }

    fn what_struck(&self) -> Table {
        let mut table = table(&["fault", "struck", "while writes were in flight", "messages"]);
        for (kind, struck) in &self.struck {
            let messages = if struck.messages > 0 { grouped(struck.messages as u64) } else { String::new() };
            let (all, in_flight) = (grouped(struck.all as u64), grouped(struck.in_flight as u64));
            table.add_row([Cell::new(kind.name()), right(all), right(in_flight), right(messages)]);
        }
        table
    }

    fn what_was_found(&self) -> Table {
        let mut table = table(&["found", ""]);
        for breach in Breach::ALL {
            let number = grouped(self.findings.of(breach).len() as u64);
            table.add_row([Cell::new(breach.name()), right(number)]);
        }
        table
    }
}

fn of(number: u64, asked: u64) -> String {
    if number == asked { grouped(number) } else { format!("{} of {}", grouped(number), grouped(asked)) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.what_happened(), self.what_struck(), self.what_was_found())?;
        for breach in Breach::ALL {
            let found = self.findings.of(breach);
            for line in found.iter().take(SHOWN) {
                writeln!(f, "{}: {line}", breach.name())?;
            }
            if found.len() > SHOWN {
                writeln!(f, "{}: … and {} more", breach.name(), grouped((found.len() - SHOWN) as u64))?;
            }
        }
        if self.is_good() {
            write!(f, "every acknowledged change took effect once, in order, in every service")
        } else {
            write!(f, "promises were broken; --seed {} strikes in the same way again", self.seed)
        }
    }
}
