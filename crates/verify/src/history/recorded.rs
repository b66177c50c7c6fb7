use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::Context;
use chrono::Duration;
use envelope::Clock;
use uuid::Uuid;

use super::acknowledged::History;
use super::history_line::HistoryLine;
use super::requested_change::RequestedChange;

/// The cart service deletes its answers after a day. Repeating a request that is nearly as old could apply it twice.
const REPEATABLE: Duration = Duration::hours(20);

/// What a history file says.
#[derive(Debug, Default)]
pub struct Recorded {
    tokens: HashMap<Uuid, String>,
    open: HashMap<Uuid, PendingRequest>,
    /// Those of `open` that may be repeated.
    unanswered: Vec<PendingRequest>,
    history: History,
    lapsed: usize,
}

/// A change that a client asked for, without an answer yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingRequest {
    /// Its idempotency key.
    pub key: Uuid,
    /// The cart.
    pub cart: Uuid,
    /// The token that opens the cart.
    pub token: String,
    /// What was asked for.
    pub change: RequestedChange,
    /// The token of the other cart that it names.
    pub other_token: Option<String>,
    at: i64,
}

impl Recorded {
    /// What the file says, and the length of its whole lines in bytes.
    pub(super) fn read(path: &Path) -> anyhow::Result<(Self, u64)> {
        let file = File::open(path).with_context(|| format!("reading {}", path.display()))?;
        let (recorded, whole) = Self::fold(BufReader::with_capacity(1 << 20, file))
            .with_context(|| format!("{} is damaged; --fresh starts a new one", path.display()))?;
        Ok((recorded.closed(Clock::system().now().timestamp()), whole))
    }

    fn fold(mut reader: impl BufRead) -> anyhow::Result<(Self, u64)> {
        let (mut recorded, mut whole, mut line) = (Self::default(), 0, Vec::new());
        for number in 1_u64.. {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            if line.last() != Some(&b'\n') {
                break;
            }
            let entry = serde_json::from_slice(&line).map_err(anyhow::Error::from);
            entry.and_then(|entry| recorded.apply(entry)).with_context(|| format!("line {number}"))?;
            whole += length as u64;
        }
        Ok((recorded, whole))
    }

    fn apply(&mut self, entry: HistoryLine<'_>) -> anyhow::Result<()> {
        match entry {
            HistoryLine::Opened { cart, token, addressed } => {
                self.tokens.insert(cart, token.into_owned());
                self.history.opened(cart, addressed);
            }
            HistoryLine::Adding { key, cart, sku, quantity, at } => {
                self.asked(key, cart, RequestedChange::Add { sku: sku.into_owned(), quantity }, at)?;
            }
            HistoryLine::Removing { key, cart, sku, at } => {
                self.asked(key, cart, RequestedChange::Remove { sku: sku.into_owned() }, at)?;
            }
            HistoryLine::Merging { key, cart, from, at } => {
                self.asked(key, cart, RequestedChange::Merge { from }, at)?;
            }
            HistoryLine::Acknowledged { key, version } => {
                let PendingRequest { cart, change, .. } = self.answered(key)?;
                self.history.acknowledged(cart, version, change);
            }
            HistoryLine::Refused { key, .. } => {
                self.answered(key)?;
            }
        }
        Ok(())
    }

    fn asked(&mut self, key: Uuid, cart: Uuid, change: RequestedChange, at: i64) -> anyhow::Result<()> {
        let token = |cart: &Uuid| self.tokens.get(cart).context("the cart was never opened").cloned();
        let other_token =
            if let RequestedChange::Merge { from } = &change { Some(token(from)?) } else { None };
        let request = PendingRequest { key, cart, token: token(&cart)?, change, other_token, at };
        self.open.insert(key, request);
        Ok(())
    }

    fn answered(&mut self, key: Uuid) -> anyhow::Result<PendingRequest> {
        self.open.remove(&key).context("an answer without a request")
    }

    /// Drops the requests that can no longer be repeated: nobody knows what their carts should contain.
    fn closed(mut self, now: i64) -> Self {
        for (_, request) in std::mem::take(&mut self.open) {
            if now - request.at < REPEATABLE.num_seconds() {
                self.unanswered.push(request);
            } else {
                self.history.exclude(request.cart);
                if let RequestedChange::Merge { from } = request.change {
                    self.history.exclude(from);
                }
                self.lapsed += 1;
            }
        }
        self
    }

    /// Requests without an answer, to be repeated with the same keys.
    #[must_use]
    pub fn unanswered(&self) -> &[PendingRequest] {
        &self.unanswered
    }

    /// What was acknowledged.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// How many carts are left out because a change of theirs has been without an answer for too long to be repeated.
    #[must_use]
    pub fn lapsed(&self) -> usize {
        self.lapsed
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, OpenOptions};
    use std::io::Write;

    use super::super::history_file::HistoryFile;
    use super::*;

    const CART: Uuid = Uuid::from_u128(1);

    fn asked(key: u128, quantity: i64, at: i64) -> HistoryLine<'static> {
        HistoryLine::Adding { key: Uuid::from_u128(key), cart: CART, sku: "A \"1\"".into(), quantity, at }
    }

    fn acknowledged(key: u128) -> HistoryLine<'static> {
        HistoryLine::Acknowledged { key: Uuid::from_u128(key), version: 7 }
    }

    fn refused(key: u128) -> HistoryLine<'static> {
        HistoryLine::Refused { key: Uuid::from_u128(key), problem: "quantity-too-large".into() }
    }

    fn recorded(entries: &[HistoryLine<'_>], now: i64) -> Recorded {
        let mut recorded = Recorded::default();
        for entry in entries {
            recorded.apply(serde_json::from_str(&serde_json::to_string(entry).unwrap()).unwrap()).unwrap();
        }
        recorded.closed(now)
    }

    fn opened() -> HistoryLine<'static> {
        HistoryLine::Opened { cart: CART, token: "secret".into(), addressed: true }
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
        let recorded = recorded(&entries, 0);
        let mut expected = History::default();
        expected.opened(CART, true);
        for quantity in [2, 4] {
            expected.acknowledged(CART, 7, RequestedChange::Add { sku: "A \"1\"".to_owned(), quantity });
        }
        assert_eq!(recorded.history(), &expected);
        assert_eq!(recorded.unanswered(), []);
    }

    #[test]
    fn a_request_without_an_answer_is_to_be_repeated_with_its_key_and_token() {
        let recorded = recorded(&[opened(), asked(1, 2, 100)], 160);
        let (key, token, other_token) = (Uuid::from_u128(1), "secret".into(), None);
        let change = RequestedChange::Add { sku: "A \"1\"".to_owned(), quantity: 2 };
        let request = PendingRequest { key, cart: CART, token, change, other_token, at: 100 };
        assert_eq!(recorded.unanswered(), [request]);
    }

    #[test]
    fn a_request_that_is_too_old_is_not_repeated_and_its_cart_left_out() {
        let recorded = recorded(&[opened(), asked(1, 2, 0), acknowledged(1), asked(2, 2, 0)], 24 * 3600);
        assert_eq!((recorded.unanswered().len(), recorded.lapsed()), (0, 1));
        assert_eq!(recorded.history(), &History::default());
    }

    #[test]
    fn a_torn_last_line_is_cut_off_and_the_next_one_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/history.ndjson");
        let (file, _) = HistoryFile::open(&path, false).unwrap();
        for entry in [opened(), asked(1, 2, Clock::system().now().timestamp())] {
            file.write(&entry).unwrap();
        }
        drop(file);
        let whole = fs::read(&path).unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"{\"acknowledged\":{\"ke").unwrap();

        let (file, recorded) = HistoryFile::open(&path, false).unwrap();
        assert_eq!(recorded.unanswered().len(), 1);
        assert_eq!(fs::read(&path).unwrap(), whole);
        file.write(&acknowledged(1)).unwrap();
        assert_eq!(file.read().unwrap().history().changes(), 1);
    }

    #[test]
    fn a_file_in_use_and_a_damaged_one_are_refused_and_a_fresh_one_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.ndjson");
        let (file, _) = HistoryFile::open(&path, false).unwrap();
        let refusal = HistoryFile::open(&path, false).err().unwrap();
        assert!(format!("{refusal:#}").contains("in use by another demo"), "{refusal:#}");
        file.write(&acknowledged(1)).unwrap();
        drop(file);
        let refusal = HistoryFile::open(&path, false).err().unwrap();
        assert!(format!("{refusal:#}").contains("line 1: an answer without a request"), "{refusal:#}");
        let (_, recorded) = HistoryFile::open(&path, true).unwrap();
        assert_eq!(recorded.history(), &History::default());
    }
}
