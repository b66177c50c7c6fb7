use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use chrono::Duration;
use envelope::Clock;
use uuid::Uuid;

use super::Entry;
use crate::history::expected::Expected;

/// The cart forgets its answers after a day. Repeating a question that is nearly as old could do it twice.
const LAPSE: Duration = Duration::hours(20);

/// What a ledger says.
#[derive(Debug, Default)]
pub struct Record {
    tokens: HashMap<Uuid, String>,
    open: HashMap<Uuid, Question>,
    /// Those of `open` that may be repeated.
    unanswered: Vec<Question>,
    expected: Expected,
    lapsed: usize,
}

/// An addition that a client asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Its idempotency key.
    pub key: Uuid,
    /// The cart.
    pub cart: Uuid,
    /// The token that opens the cart.
    pub token: String,
    /// The product.
    pub sku: String,
    /// How many pieces more.
    pub quantity: i64,
    at: i64,
}

impl Record {
    /// What the file says, and the length of its whole lines in bytes.
    pub(super) fn read(path: &Path) -> anyhow::Result<(Self, u64)> {
        let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
        let (record, whole) = Self::fold(BufReader::with_capacity(1 << 20, file))
            .with_context(|| format!("{} is damaged; --fresh starts a new one", path.display()))?;
        Ok((record.closed(Clock::system().now().timestamp()), whole))
    }

    fn fold(mut reader: impl BufRead) -> anyhow::Result<(Self, u64)> {
        let (mut record, mut whole, mut line) = (Self::default(), 0, Vec::new());
        for number in 1_u64.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            let entry = serde_json::from_slice(&line).map_err(anyhow::Error::from);
            entry.and_then(|entry| record.apply(entry)).with_context(|| format!("line {number}"))?;
            whole += length as u64;
        }
        Ok((record, whole))
    }

    fn apply(&mut self, entry: Entry<'_>) -> anyhow::Result<()> {
        match entry {
            Entry::Opened { cart, token } => {
                self.tokens.insert(cart, token.into_owned());
                self.expected.opened(cart);
            }
            Entry::Asked { key, cart, sku, quantity, at } => {
                let token = self.tokens.get(&cart).context("the cart was never opened")?.clone();
                let sku = sku.into_owned();
                self.open.insert(key, Question { key, cart, token, sku, quantity, at });
            }
            Entry::Acknowledged { key, .. } => {
                let Question { cart, sku, quantity, .. } = self.answered(key)?;
                self.expected.added(cart, &sku, quantity);
            }
            Entry::Refused { key, .. } => {
                self.answered(key)?;
            }
        }
        Ok(())
    }

    fn answered(&mut self, key: Uuid) -> anyhow::Result<Question> {
        self.open.remove(&key).context("an answer without a question")
    }

    /// With the questions sorted out that can't be repeated any more; nobody can tell what their carts should have.
    fn closed(mut self, now: i64) -> Self {
        for (_, question) in std::mem::take(&mut self.open) {
            if now - question.at < LAPSE.num_seconds() {
                self.unanswered.push(question);
            } else {
                self.expected.forget(question.cart);
                self.lapsed += 1;
            }
        }
        self
    }

    /// Questions without an answer, to be repeated with the same keys.
    #[must_use]
    pub fn unanswered(&self) -> &[Question] {
        &self.unanswered
    }

    /// What was acknowledged.
    #[must_use]
    pub fn expected(&self) -> &Expected {
        &self.expected
    }

    /// How many carts are left out, since an addition to them got no answer for so long that it can't be repeated.
    #[must_use]
    pub fn lapsed(&self) -> usize {
        self.lapsed
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::super::Ledger;
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn asked(key: u128, quantity: i64, at: i64) -> Entry<'static> {
        Entry::Asked { key: Uuid::from_u128(key), cart: CART, sku: "A \"1\"".into(), quantity, at }
    }

    fn acknowledged(key: u128) -> Entry<'static> {
        Entry::Acknowledged { key: Uuid::from_u128(key), version: 7 }
    }

    fn refused(key: u128) -> Entry<'static> {
        Entry::Refused { key: Uuid::from_u128(key), problem: "quantity-too-large".into() }
    }

    fn record(entries: &[Entry<'_>], now: i64) -> Record {
        let mut record = Record::default();
        for entry in entries {
            record.apply(serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap()).unwrap();
        }
        record.closed(now)
    }

    fn opened() -> Entry<'static> {
        Entry::Opened { cart: CART, token: "secret".into() }
    }

    #[test]
    fn only_what_was_acknowledged_is_expected() {
        let entries = [
            opened(),
            asked(1, 2, 0),
            acknowledged(1),
            asked(2, 5000, 0),
            refused(2),
            asked(3, 4, 0),
            acknowledged(3),
        ];
        let record = record(&entries, 0);
        let mut expected = Expected::default();
        expected.added(CART, "A \"1\"", 2);
        expected.added(CART, "A \"1\"", 4);
        assert_eq!(record.expected(), &expected);
        assert_eq!(record.unanswered(), []);
    }

    #[test]
    fn a_question_without_an_answer_is_to_be_repeated_with_its_key_and_token() {
        let record = record(&[opened(), asked(1, 2, 100)], 160);
        let sku = "A \"1\"".to_owned();
        let question = Question {
            key: Uuid::from_u128(1),
            cart: CART,
            token: "secret".into(),
            sku,
            quantity: 2,
            at: 100,
        };
        assert_eq!(record.unanswered(), [question]);
    }

    #[test]
    fn a_question_that_is_too_old_is_not_repeated_and_its_cart_left_out() {
        let record = record(&[opened(), asked(1, 2, 0), acknowledged(1), asked(2, 2, 0)], 24 * 3600);
        assert_eq!((record.unanswered().len(), record.lapsed()), (0, 1));
        assert_eq!(record.expected(), &Expected::default());
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/ledger.ndjson");
        let (ledger, _) = Ledger::open(&path, false).unwrap();
        for entry in [opened(), asked(1, 2, Clock::system().now().timestamp())] {
            ledger.write(&entry).unwrap();
        }
        drop(ledger);
        let whole = fs::read(&path).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"acknowledged\":{\"ke").unwrap();

        let (ledger, record) = Ledger::open(&path, false).unwrap();
        assert_eq!(record.unanswered().len(), 1);
        assert_eq!(fs::read(&path).unwrap(), whole);
        ledger.write(&acknowledged(1)).unwrap();
        assert_eq!(ledger.read().unwrap().expected().additions(), 1);
    }

    #[test]
    fn a_ledger_in_use_and_a_damaged_one_are_refused_and_a_fresh_one_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.ndjson");
        let (ledger, _) = Ledger::open(&path, false).unwrap();
        let refusal = Ledger::open(&path, false).err().unwrap();
        assert!(format!("{refusal:#}").contains("in use by another demo"), "{refusal:#}");
        ledger.write(&acknowledged(1)).unwrap();
        drop(ledger);
        let refusal = Ledger::open(&path, false).err().unwrap();
        assert!(format!("{refusal:#}").contains("line 1: an answer without a question"), "{refusal:#}");
        let (_, record) = Ledger::open(&path, true).unwrap();
        assert_eq!(record.expected(), &Expected::default());
    }
}
