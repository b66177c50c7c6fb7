//! What is known of every mail without reading it again.

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A mail in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Its place in the order of arrival, from 1. A mail keeps its number.
    pub number: u64,
    /// The sender that the client named when it handed the mail over (not the one in the header).
    pub from: String,
    /// The recipients that the client named.
    pub to: Vec<String>,
    /// The subject, decoded; empty when there is none.
    pub subject: String,
    /// The Message-ID without its angle brackets.
    pub message_id: Option<String>,
    /// When it came, in whole seconds.
    pub received: DateTime<Utc>,
    /// Its length in the store, in bytes.
    pub bytes: usize,
}

/// Which mails to list.
#[derive(Clone, Debug, Deserialize)]
#[serde(default)]
pub struct Query {
    /// Only mails with this recipient, the whole address; case doesn't matter.
    pub to: Option<String>,
    /// Only mails with this Message-ID, with or without angle brackets.
    pub message_id: Option<String>,
    /// Only mails with a higher number: the last one that was seen.
    pub after: u64,
    /// The maximum number of mails. The JSON API gives no more than 1,000 at a time.
    pub limit: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self { to: None, message_id: None, after: 0, limit: 100 }
    }
}

impl Query {
    fn asks_for(&self, mail: &Summary) -> bool {
        let to = self.to.as_ref();
        let to = to.is_none_or(|to| mail.to.iter().any(|one| one.to_lowercase() == to.to_lowercase()));
        let message_id = self.message_id.as_deref().map(bare);
        to && (message_id.is_none() || message_id == mail.message_id.as_deref())
    }
}

/// Where a mail's text is.
#[derive(Clone)]
pub(crate) enum Location {
    File { offset: u64, length: usize },
    Memory(Arc<[u8]>),
}

/// A mail to be listed; its number comes from its turn.
pub(crate) struct NewEntry {
    pub(crate) summary: Summary,
    pub(crate) place: Location,
}

#[derive(Default)]
pub(crate) struct Index {
    mails: Vec<(Arc<Summary>, Location)>,
    deliveries: HashMap<String, usize>,
    resent: u64,
}

impl Index {
    pub(crate) fn add(&mut self, kept: NewEntry) -> u64 {
        let NewEntry { mut summary, place } = kept;
        summary.number = self.len() + 1;
        if let Some(id) = summary.message_id.clone() {
            let times = self.deliveries.entry(id).or_default();
            *times += 1;
            self.resent += u64::from(*times > 1);
        }
        let number = summary.number;
        self.mails.push((Arc::new(summary), place));
        number
    }

    pub(crate) fn len(&self) -> u64 {
        self.mails.len() as u64
    }

    pub(crate) fn resent(&self) -> u64 {
        self.resent
    }

    pub(crate) fn deliveries_of(&self, message_id: &str) -> usize {
        self.deliveries.get(bare(message_id)).copied().unwrap_or(0)
    }

    pub(crate) fn get(&self, number: u64) -> Option<Arc<Summary>> {
        self.at(number).map(|(summary, _)| summary.clone())
    }

    pub(crate) fn place(&self, number: u64) -> Option<Location> {
        self.at(number).map(|(_, place)| place.clone())
    }

    fn at(&self, number: u64) -> Option<&(Arc<Summary>, Location)> {
        self.mails.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }

    pub(crate) fn mails(&self, query: &Query) -> Vec<Arc<Summary>> {
        let after = usize::try_from(query.after).unwrap_or(usize::MAX).min(self.mails.len());
        let found = self.mails[after..].iter().filter(|(mail, _)| query.asks_for(mail));
        found.take(query.limit).map(|(mail, _)| mail.clone()).collect()
    }

    /// A page of the mails, newest first, that have `text` in a recipient or in the subject, and how many there are.
    pub(crate) fn newest(&self, text: &str, skip: usize, take: usize) -> (Vec<Arc<Summary>>, usize) {
        let text = text.to_lowercase();
        let has = |mail: &Summary| {
            text.is_empty()
                || mail.subject.to_lowercase().contains(&text)
                || mail.to.iter().any(|to| to.to_lowercase().contains(&text))
        };
        let mut found = 0;
        let mut page = Vec::with_capacity(take);
        for (mail, _) in self.mails.iter().rev().filter(|(mail, _)| has(mail)) {
            if (skip..skip.saturating_add(take)).contains(&found) {
                page.push(mail.clone());
            }
            found += 1;
        }
        (page, found)
    }
}

fn bare(message_id: &str) -> &str {
    message_id.trim().trim_start_matches('<').trim_end_matches('>')
}
