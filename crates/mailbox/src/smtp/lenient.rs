//! Commands that are right, or nearly so, but that the protocol library does not understand.

use std::borrow::Cow;

/// The sender of a mail that has none, by the convention of mbox files.
const NO_SENDER: &str = "MAILER-DAEMON";

/// Rewrites a command to what the protocol library reads: CRLF at the end; in `MAIL` and `RCPT` no space before the
/// address, no parameters but `BODY`, and a name for the empty sender `<>` that bounces have.
pub(crate) fn lenient(line: &[u8]) -> Cow<'_, [u8]> {
    if line.ends_with(b"\r\n") && !line.contains(&b'<') {
        return Cow::Borrowed(line);
    }
    let Ok(text) = std::str::from_utf8(line) else { return Cow::Borrowed(line) };
    let text = text.trim_end();
    let rewritten = path_command(text).unwrap_or_else(|| format!("{text}\r\n"));
    Cow::Owned(rewritten.into_bytes())
}

fn path_command(text: &str) -> Option<String> {
    let (verb, rest) = text.split_once(':')?;
    let verb = verb.trim_end();
    let (path, parameters) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    let is_mail = verb.get(..4).is_some_and(|verb| verb.eq_ignore_ascii_case("MAIL"));
    let path = if path.is_empty() && is_mail { NO_SENDER } else { path };
    let body = parameters.split(' ').find(|parameter| {
        parameter.get(..5).is_some_and(|name| name.eq_ignore_ascii_case("BODY=")) && is_mail
    });
    Some(match body {
        Some(body) => format!("{verb}:<{path}> {body}\r\n"),
        None => format!("{verb}:<{path}>\r\n"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_are_nearly_right_are_understood() {
        for (sent, read) in [
            ("NOOP\r\n", "NOOP\r\n"),
            ("NOOP\n", "NOOP\r\n"),
            ("MAIL FROM:<>\r\n", "MAIL FROM:<MAILER-DAEMON>\r\n"),
            ("MAIL FROM: <a@b> SIZE=100 BODY=8BITMIME\r\n", "MAIL FROM:<a@b> BODY=8BITMIME\r\n"),
            ("mail from:<a@b>\r\n", "mail from:<a@b>\r\n"),
            ("RCPT TO: <a@b> NOTIFY=NEVER\r\n", "RCPT TO:<a@b>\r\n"),
            ("RCPT TO:<>\r\n", "RCPT TO:<>\r\n"),
            ("EHLO <x\r\n", "EHLO <x\r\n"),
        ] {
            assert_eq!(std::str::from_utf8(&lenient(sent.as_bytes())).unwrap(), read);
        }
    }
}
