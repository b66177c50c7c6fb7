//! Lines on standard output.

use std::io::{ErrorKind, Write, stdout};

use bus::Logged;
use chrono::SecondsFormat;
use serde_json::Value;

/// Standard output, as long as it is being read.
#[derive(Default)]
pub(super) struct Output {
    is_closed: bool,
}

impl Output {
    /// False once the reader, for example `head`, has gone.
    pub fn is_wanted(&self) -> bool {
        !self.is_closed
    }

    pub fn line(&mut self, line: &str) -> anyhow::Result<()> {
        match writeln!(stdout(), "{line}") {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.is_closed = true,
            written => written?,
        }
        Ok(())
    }
}

/// When, what, about what, its number, and the id by which the rest can be seen.
pub(super) fn for_people(logged: &Logged) -> String {
    let kind = logged.kind();
    match logged.event() {
        Ok(event) => {
            let time = event.time.to_rfc3339_opts(SecondsFormat::Millis, true);
            format!("{time}  {kind:<32}  {} #{}  {}", event.subject, event.sequence, event.id)
        }
        Err(reason) => format!("{:24}  {kind:<32}  at {} of the log: {reason}", "?", logged.offset),
    }
}

/// The event as it was published, on one line.
pub(super) fn for_programs(logged: &Logged) -> String {
    let text = String::from_utf8_lossy(logged.body());
    // JSON has line breaks only between its parts.
    text.replace(['\r', '\n'], "")
}

/// The event with its parts on lines of their own, or what came instead.
pub(super) fn in_full(logged: &Logged) -> anyhow::Result<String> {
    match serde_json::from_slice::<Value>(logged.body()) {
        Ok(event) => Ok(serde_json::to_string_pretty(&event)?),
        Err(_) => Ok(String::from_utf8_lossy(logged.body()).into_owned()),
    }
}
