use std::fmt;

use comfy_table::{Cell, Table};
use events::PARTICIPANTS;

use super::Report;
use crate::latency::Shown;
use cartwheel::table::{grouped, right, table};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}\n{}\n{}", self.run_table(), self.consumers(), self.recommendations())?;
        for (problem, (number, detail)) in self.unexpected() {
            writeln!(f, "unexpected: {} changes refused as {problem}: {detail}", grouped(*number))?;
        }
        for line in &self.unsettled {
            writeln!(f, "not settled: {line}")?;
        }
        if self.audit.is_clean() && !self.is_good() {
            return write!(f, "the audit is clean so far, but not everything went as it should: see above");
        }
        write!(f, "{}", self.audit)
    }
}

impl Report {
    /// The run in a few lines.
    fn run_table(&self) -> Table {
        let mut table = table(&["the run", ""]);
        for (what, numbers) in [
            self.additions(),
            self.refusals(),
            self.other_changes(),
            self.events(),
            self.holds(),
            self.waiting(),
            self.mails(),
            self.audited(),
        ] {
            table.add_row([what, &numbers]);
        }
        if self.repeated > 0 {
            let repeated =
                format!("{} changes that an interrupted run got no answer to", grouped(self.repeated));
            table.add_row(["repeated first", &repeated]);
        }
        if self.facts.lapsed > 0 {
            let lapsed =
                format!("{} carts with a change unanswered for most of a day", grouped(self.facts.lapsed));
            table.add_row(["not audited", &lapsed]);
        }
        table
    }

    fn additions(&self) -> (&'static str, String) {
        let (number, seconds) = (self.replayed.acknowledged.len(), self.replayed.elapsed.as_secs_f64());
        #[allow(clippy::cast_precision_loss)] // exact far beyond what a run can have
        let rate = format!("{:.0}", number as f64 / seconds.max(0.001));
        let (carts, clients) = (grouped(self.replayed.carts.len()), self.replayed.clients);
        let number = grouped(number);
        (
            "additions acknowledged",
            format!("{number} in {carts} carts; {rate}/s for {seconds:.1} s, {clients} clients"),
        )
    }

    fn refusals(&self) -> (&'static str, String) {
        let kinds: Vec<String> = self
            .replayed
            .refused
            .iter()
            .map(|(problem, (number, _))| format!("{}: {}", problem.replace('-', " "), grouped(*number)))
            .collect();
        let all: u64 = self.replayed.refused.values().map(|(number, _)| number).sum();
        let why = if kinds.is_empty() { String::new() } else { format!(" ({})", kinds.join(", ")) };
        ("changes refused", format!("{}{why}", grouped(all)))
    }

    fn other_changes(&self) -> (&'static str, String) {
        let (merged, removed) = (grouped(self.replayed.merged), grouped(self.replayed.removed));
        ("other changes", format!("{merged} guests' carts merged into shoppers', {removed} lines removed"))
    }

    fn waiting(&self) -> (&'static str, String) {
        ("waiting lines", format!("served {} times with what came free", grouped(self.facts.filled)))
    }

    fn events(&self) -> (&'static str, String) {
        let published = &self.facts.published;
        let aggregates = PARTICIPANTS.iter().flat_map(|participant| participant.publishes);
        let aggregates = aggregates.filter_map(|aggregate| {
            let number = published.get(aggregate.name()).filter(|number| **number > 0)?;
            Some(format!("{} {}", aggregate.name(), grouped(*number)))
        });
        let by_aggregate = aggregates.collect::<Vec<_>>().join(", ");
        ("events published", format!("{} ({by_aggregate})", grouped(published.values().sum::<i64>())))
    }

    fn holds(&self) -> (&'static str, String) {
        let holds = &self.facts.holds;
        let (full, short) = (grouped(holds.full), grouped(holds.short));
        let (held, wanted) = (grouped(holds.held), grouped(holds.wanted));
        ("holds", format!("{full} lines held in full, {short} short; {held} of {wanted} pieces"))
    }

    fn mails(&self) -> (&'static str, String) {
        let mails = &self.facts.mails;
        let delivered = match self.facts.mailbox {
            Some((delivered, 0)) => format!("{} delivered", grouped(delivered)),
            Some((delivered, again)) => {
                format!("{} delivered, {} of them again", grouped(delivered), grouped(again))
            }
            None => format!("{} taken by the mail server", grouped(mails.sent)),
        };
        let failed =
            if mails.failed > 0 { format!(", {} failed", grouped(mails.failed)) } else { String::new() };
        let unaddressed = grouped(mails.unaddressed);
        ("mails", format!("{delivered}{failed}; {unaddressed} additions by shoppers without an address"))
    }

    fn audited(&self) -> (&'static str, String) {
        let audit = &self.audit;
        let (additions, carts) = (grouped(audit.additions), grouped(audit.carts));
        let mails = grouped(audit.mails_sent);
        let again = match audit.mails_resent {
            0 => String::new(),
            again => format!(", {} of them more than once", grouped(again)),
        };
        ("audited", format!("{additions} acknowledged additions in {carts} carts, {mails} mails sent{again}"))
    }

    /// What each consumer did.
    fn consumers(&self) -> Table {
        let mut table =
            table(&["consumer", "handled", "duplicates", "parked", "committed after the answer: p50", "p99"]);
        for consumer in &self.facts.consumers {
            let number = |number: u64| right(grouped(number));
            let after = |percent| right(Shown(consumer.after.percentile(percent)).to_string());
            table.add_row([
                Cell::new(consumer.service),
                number(consumer.handled),
                number(consumer.duplicates),
                number(consumer.parked),
                after(50),
                after(99),
            ]);
        }
        table
    }

    /// What goes with the products that are in the most carts.
    fn recommendations(&self) -> Table {
        let mut table = table(&["with", "goes", "carts with both"]);
        for goes in &self.facts.recommendations {
            table.add_row([Cell::new(&goes.product), Cell::new(&goes.with), right(grouped(goes.carts))]);
        }
        table
    }
}
