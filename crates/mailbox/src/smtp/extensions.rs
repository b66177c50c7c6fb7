//! What the mailbox can do besides what the protocol library says of itself.

/// Adds to an answer to EHLO that addresses may have letters of any script
/// ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)). No other answer has several lines.
pub(crate) fn with_smtputf8(mut answer: Vec<u8>) -> Vec<u8> {
    if answer.starts_with(b"250-")
        && let Some(end) = answer.iter().position(|byte| *byte == b'\n')
    {
        answer.splice(end + 1..=end, *b"250-SMTPUTF8\r\n");
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_answer_to_ehlo_names_extensions() {
        let ehlo = with_smtputf8(b"250-mailbox offers extensions:\r\n250 8BITMIME\r\n".to_vec());
        assert_eq!(ehlo, b"250-mailbox offers extensions:\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n");
        assert_eq!(with_smtputf8(b"250 OK\r\n".to_vec()), b"250 OK\r\n");
    }
}
