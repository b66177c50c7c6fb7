//! The store's file: an mbox in the "mboxrd" form, which mail programs read.
//!
//! ```text
//! From sender@example.test Tue Jul 14 08:20:14 2026
//! X-Mailbox-Length: 345
//! Delivered-To: shopper@example.test
//! Return-Path: <sender@example.test>
//! … the mail, LF at the ends of lines, ">" before every line that is "From " after any number of ">" …
//! (an empty line)
//! ```
//!
//! The length counts the bytes below its line up to the end of the empty line. A plain mbox can't tell a mail that was
//! cut short at an empty line from a whole one; with the length it can. `Return-Path` is always there and ends what
//! the mailbox wrote itself.

use std::io::{self, BufRead, ErrorKind, Read, Seek};

use chrono::{DateTime, NaiveDateTime, Utc};
use mail_parser::MessageParser;

use super::index::{Location, NewEntry, Summary};

const FROM: &[u8] = b"From ";
const LENGTH: &str = "X-Mailbox-Length: ";
const DELIVERED_TO: &[u8] = b"Delivered-To: ";
const RETURN_PATH: &[u8] = b"Return-Path: <";
const TIME: &str = "%a %b %e %H:%M:%S %Y";
/// The longest that the first two lines can be: a sender's address fits into a command line.
const HEAD_BYTES: u64 = 8192;

/// An email as it is in the file.
pub(super) struct Record {
    pub(super) bytes: Vec<u8>,
    /// Where in `bytes` the counted part begins.
    pub(super) body: usize,
    pub(super) summary: Summary,
}

pub(super) fn encode(from: String, to: Vec<String>, mail: &[u8], received: DateTime<Utc>) -> Record {
    let mut body = Vec::with_capacity(mail.len() + 256);
    for recipient in &to {
        body.extend_from_slice(&[DELIVERED_TO, recipient.as_bytes(), b"\n"].concat());
    }
    body.extend_from_slice(&[RETURN_PATH, from.as_bytes(), b">\n"].concat());
    for line in mail.split_inclusive(|byte| *byte == b'\n') {
        if is_quotable(line) {
            body.push(b'>');
        }
        body.extend_from_slice(without_line_end(line));
        body.push(b'\n');
    }
    body.push(b'\n');
    let mut bytes = format!("From {from} {}\n{LENGTH}{}\n", received.format(TIME), body.len()).into_bytes();
    let head = bytes.len();
    bytes.extend_from_slice(&body);
    Record { bytes, body: head, summary: summarize(from, to, mail, received, body.len()) }
}

/// The mail in the counted part of a record, CRLF at the ends of its lines again.
pub(super) fn decode(body: &[u8]) -> Vec<u8> {
    let body = body.strip_suffix(b"\n").unwrap_or(body);
    let mut mail = Vec::with_capacity(body.len() + body.len() / 32);
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let line = without_line_end(line);
        mail.extend_from_slice(if is_quoted(line) { &line[1..] } else { line });
        mail.extend_from_slice(b"\r\n");
    }
    mail
}

fn is_quotable(line: &[u8]) -> bool {
    let marks = line.iter().take_while(|byte| **byte == b'>').count();
    line[marks..].starts_with(FROM)
}

fn is_quoted(line: &[u8]) -> bool {
    line.first() == Some(&b'>') && is_quotable(line)
}

fn without_line_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn summarize(from: String, to: Vec<String>, mail: &[u8], received: DateTime<Utc>, bytes: usize) -> Summary {
    let headers = MessageParser::default().parse_headers(mail);
    let headers = headers.as_ref();
    Summary {
        number: 0,
        from,
        to,
        subject: headers.and_then(|headers| headers.subject()).unwrap_or_default().to_owned(),
        message_id: headers.and_then(|headers| headers.message_id()).map(str::to_owned),
        received,
        bytes,
    }
}

/// Reads the mails of a file of `size` bytes and returns where the last whole one ends.
pub(super) fn scan(
    mut file: impl BufRead + Seek,
    size: u64,
    mut found: impl FnMut(NewEntry) -> u64,
) -> io::Result<u64> {
    let mut end = 0;
    while end < size {
        let foreign = || {
            let text =
                format!("at byte {end} it isn't a file that a mailbox wrote; move it away or name another");
            io::Error::new(ErrorKind::InvalidData, text)
        };
        let (mut first, mut second) = (Vec::new(), Vec::new());
        file.by_ref().take(HEAD_BYTES).read_until(b'\n', &mut first)?;
        file.by_ref().take(HEAD_BYTES).read_until(b'\n', &mut second)?;
        let offset = end + (first.len() + second.len()) as u64;
        if !begins(&first, FROM) || !begins(&second, LENGTH.as_bytes()) {
            return Err(foreign());
        }
        if !second.ends_with(b"\n") {
            return if offset == size { Ok(end) } else { Err(foreign()) };
        }
        let length: usize = head_value(&second, LENGTH).ok_or_else(foreign)?;
        let next = offset + length as u64;
        if next > size {
            return Ok(end);
        }
        let mut body = vec![0; length];
        file.read_exact(&mut body)?;
        let summary = summary_of(&first, &body).ok_or_else(foreign)?;
        found(NewEntry { summary, place: Location::File { offset, length } });
        end = next;
    }
    Ok(end)
}

/// Whether `line` begins with `start`, or is the beginning of it where the file was cut.
fn begins(line: &[u8], start: &[u8]) -> bool {
    line.starts_with(start) || start.starts_with(line)
}

fn head_value<T: std::str::FromStr>(line: &[u8], name: &str) -> Option<T> {
    std::str::from_utf8(line).ok()?.strip_prefix(name)?.trim_end().parse().ok()
}

fn summary_of(first: &[u8], body: &[u8]) -> Option<Summary> {
    let first = std::str::from_utf8(first).ok()?.trim_end().strip_prefix("From ")?;
    let (from, time) = first.split_once(' ')?;
    let received = NaiveDateTime::parse_from_str(time, TIME).ok()?.and_utc();
    let mut to = Vec::new();
    let mut rest = body;
    while let Some(recipient) = rest.strip_prefix(DELIVERED_TO) {
        let end = recipient.iter().position(|byte| *byte == b'\n')?;
        to.push(String::from_utf8(recipient[..end].to_vec()).ok()?);
        rest = &recipient[end + 1..];
    }
    let end = rest.starts_with(RETURN_PATH).then(|| rest.iter().position(|byte| *byte == b'\n'))??;
    Some(summarize(from.to_owned(), to, &rest[end + 1..], received, body.len()))
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use chrono::TimeZone as _;

    use super::*;

    const MAIL: &[u8] = b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@x>\r\n\r\n\
        From here\r\n>From there\r\n>>>From far\r\n> From\r\nFromage\r\n\r\n";

    fn record(mail: &[u8]) -> Record {
        let received = Utc.with_ymd_and_hms(2026, 7, 4, 8, 20, 14).unwrap();
        encode("a@x".into(), vec!["b@y".into(), "c@z".into()], mail, received)
    }

    fn scanned(file: &[u8]) -> io::Result<(Vec<Summary>, u64)> {
        let mut found = Vec::new();
        let end = scan(Cursor::new(file), file.len() as u64, |kept| {
            found.push(kept.summary);
            0
        })?;
        Ok((found, end))
    }

    #[test]
    fn a_mail_comes_out_of_the_file_as_it_went_in() {
        let record = record(MAIL);
        let lines = record.bytes.split(|byte| *byte == b'\n');
        assert_eq!(lines.filter(|line| line.starts_with(b"From ")).count(), 1);
        let trace = b"Delivered-To: b@y\r\nDelivered-To: c@z\r\nReturn-Path: <a@x>\r\n";
        assert_eq!(decode(&record.bytes[record.body..]), [trace, MAIL].concat());
    }

    #[test]
    fn what_is_found_again_is_what_was_known() {
        let forged = b"Delivered-To: nobody@y\r\nSubject: forged\r\n\r\n";
        let (one, two, empty) = (record(MAIL), record(forged), record(b""));
        let file = [one.bytes, two.bytes, empty.bytes].concat();
        let (found, end) = scanned(&file).unwrap();
        assert_eq!(end, file.len() as u64);
        assert_eq!(found, [one.summary, two.summary, empty.summary]);
        assert_eq!((found[0].subject.as_str(), found[0].message_id.as_deref()), ("Grüße", Some("1@x")));
    }

    #[test]
    fn a_file_cut_anywhere_ends_with_its_last_whole_mail() {
        let one = record(MAIL).bytes;
        let two = [one.clone(), one.clone()].concat();
        for cut in 0..=two.len() {
            let (found, end) = scanned(&two[..cut]).unwrap();
            assert_eq!(found.len(), cut / one.len(), "cut at {cut}");
            assert_eq!(end, (cut / one.len() * one.len()) as u64, "cut at {cut}");
        }
    }

    #[test]
    fn a_foreign_file_is_refused_and_not_cut() {
        let mut damaged = record(MAIL).bytes;
        damaged.extend_from_slice(b"garbage");
        for file in
            [&b"hello\n"[..], b"From a@x Sat Jul  4 08:20:14 2026\nSubject: x\n\nx\n", &damaged, &[0; 9]]
        {
            assert_eq!(scanned(file).unwrap_err().kind(), ErrorKind::InvalidData);
        }
    }
}
