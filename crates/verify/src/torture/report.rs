//! The report of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use cartwheel::table::{grouped, right, table};
use comfy_table::{Cell, Table};

use crate::checker::{Audit, Said, Violation};
use crate::nemesis::{Injected, Kind};

/// The outcome of a run.
pub struct Report {
    pub seed: u64,
    pub audit: Audit,
    pub injected: BTreeMap<Kind, Injected>,
    pub acknowledged: u64,
    pub refused: u64,
    /// How long changes were made.
    pub duration: Duration,
    /// How long it took until everything had settled.
    pub settling: Duration,
    /// How many changes and faults were asked for.
    pub asked: (u64, usize),
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_good(&self) -> bool {
        self.audit.is_clean()
    }

    fn faults(&self) -> usize {
        self.injected.values().map(|injected| injected.all).sum()
    }

    fn run_table(&self) -> Table {
        let mut table = table(&["torture", ""]);
        let (changes, faults) = self.asked;
        table.add_row(["changes acknowledged".to_owned(), of(self.acknowledged, changes)]);
        table.add_row(["carts".to_owned(), grouped(self.audit.carts as u64)]);
        table.add_row(["changes refused by a cart's rules".to_owned(), grouped(self.refused)]);
        let Said { quiet, resumed, abandoned, expired, merged, deleted } = self.audit.said;
        let [quiet, resumed, abandoned] = [quiet, resumed, abandoned].map(grouped);
        let said = format!("{quiet} times quiet, {resumed} times changed again, {abandoned} times abandoned");
        table.add_row(["said by carts".to_owned(), said]);
        let [expired, merged, deleted] = [expired, merged, deleted].map(grouped);
        let ended = format!("{expired} expired, {merged} merged, {deleted} deleted");
        table.add_row(["carts that ended".to_owned(), ended]);
        table.add_row(["faults".to_owned(), of(self.faults() as u64, faults as u64)]);
        let (mails, resent) = (grouped(self.audit.mails_sent), grouped(self.audit.mails_resent));
        table.add_row(["mails sent".to_owned(), mails]);
        table.add_row(["sent again with the same Message-ID".to_owned(), resent]);
        let (duration, settling) = (self.duration.as_secs(), self.settling.as_secs());
        table.add_row(["duration".to_owned(), format!("{duration} s, and {settling} s to settle")]);
        table.add_row(["seed".to_owned(), self.seed.to_string()]);
        table
    }

    fn faults_table(&self) -> Table {
        let mut table = table(&["fault", "injected", "while writes were in flight", "messages"]);
        for (kind, injected) in &self.injected {
            let messages =
                if injected.messages > 0 { grouped(injected.messages as u64) } else { String::new() };
            let (all, in_flight) = (grouped(injected.all as u64), grouped(injected.in_flight as u64));
            table.add_row([Cell::new(kind.name()), right(all), right(in_flight), right(messages)]);
        }
        table
    }

    fn findings_table(&self) -> Table {
        let mut table = table(&["found", ""]);
        for violation in Violation::ALL {
            let number = grouped(self.audit.findings.of(violation).len() as u64);
            table.add_row([Cell::new(violation.name()), right(number)]);
        }
        table
    }
}

fn of(number: u64, asked: u64) -> String {
    if number == asked { grouped(number) } else { format!("{} of {}", grouped(number), grouped(asked)) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.run_table(), self.faults_table(), self.findings_table())?;
        write!(f, "{}", self.audit.findings)?;
        if self.is_good() {
            write!(f, "every acknowledged change took effect once, in order, in every service")
        } else {
            write!(f, "promises were broken; --seed {} injects the same faults again", self.seed)
        }
    }
}
