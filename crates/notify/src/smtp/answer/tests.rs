use super::*;

const SENDER: Stage = Stage::Sender { utf8: false };

/// What this answer, as the server writes it, means at this stage.
fn meaning(stage: Stage, text: &str) -> &'static str {
    let (code, rest) = text.split_once(' ').unwrap_or((text, ""));
    let answer = Answer { code: code.parse().unwrap(), enhanced: enhanced(rest) };
    match answer.outcome(stage) {
        Outcome::Refused(_) => "the mail's fault",
        Outcome::Postponed(_) => "not now",
        Outcome::Doubtful(_) => "doubtful",
        Outcome::Unavailable(_) => "the server's fault",
        other => panic!("{other:?}"),
    }
}

#[test]
fn before_the_recipient_every_refusal_is_the_servers() {
    for stage in [Stage::Connection, SENDER] {
        for text in
            ["421 4.3.2 closing", "450", "451 4.7.1 later", "535 5.7.8", "550 5.7.1", "553 5.1.8", "554"]
        {
            assert_eq!(meaning(stage, text), "the server's fault", "{text} at {stage}");
        }
    }
    assert_eq!(meaning(Stage::Sender { utf8: true }, "550 5.6.7"), "the mail's fault");
    assert_eq!(meaning(Stage::Sender { utf8: true }, "554"), "doubtful");
}

#[test]
fn a_recipient_that_is_not_there_is_the_mails_fault() {
    for text in ["550", "550 5.1.1 no such user", "551", "552 5.2.2 mailbox full", "553", "550 5.1.10", "501"]
    {
        assert_eq!(meaning(Stage::Recipient, text), "the mail's fault", "{text}");
    }
}

#[test]
fn what_a_server_thinks_of_the_sender_is_doubtful_wherever_it_says_so() {
    for text in ["550 5.7.1 blocked", "554 5.7.1 relay access denied", "554", "550 5.1.8", "530", "503 5.5.1"]
    {
        assert_eq!(meaning(Stage::Recipient, text), "doubtful", "{text}");
    }
    for text in ["550 5.7.26 DMARC", "554 5.7.1", "554", "550", "554 5.3.0"] {
        assert_eq!(meaning(Stage::Content, text), "doubtful", "{text}");
    }
}

#[test]
fn a_mail_that_the_server_can_not_take_is_the_mails_fault() {
    for text in ["552", "552 5.3.4 too big", "554 5.6.0", "550 5.1.1"] {
        assert_eq!(meaning(Stage::Content, text), "the mail's fault", "{text}");
    }
}

#[test]
fn a_refusal_for_now_is_of_this_mail_but_421_may_be_the_servers() {
    for stage in [Stage::Recipient, Stage::Content] {
        for text in ["450 4.2.0 greylisted", "451", "452 4.3.1"] {
            assert_eq!(meaning(stage, text), "not now", "{text}");
        }
        assert_eq!(meaning(stage, "421"), "doubtful");
    }
}

#[test]
fn no_answer_is_the_servers_fault_until_it_knows_the_mail() {
    assert!(matches!(unanswered(Stage::Connection), Outcome::Unavailable(_)));
    assert!(matches!(unanswered(SENDER), Outcome::Unavailable(_)));
    assert!(matches!(unanswered(Stage::Recipient), Outcome::Unanswered(_)));
    assert!(matches!(unanswered(Stage::Content), Outcome::Unanswered(_)));
}

#[test]
fn only_a_text_that_begins_with_an_enhanced_code_has_one() {
    assert_eq!(enhanced("5.7.1 relay access denied"), Some((7, 1)));
    assert_eq!(enhanced("5.1.10"), Some((1, 10)));
    for text in ["", "no such user", "127.0.0.1 is blocked", "5.7", "5.x.1", "2.0.0 OK"] {
        assert_eq!(enhanced(text), None, "{text}");
    }
}

#[test]
fn a_reason_names_code_and_stage_and_nothing_that_the_server_said() {
    let answer = Answer { code: 554, enhanced: enhanced("5.7.1 <ada@example.test>: relay access denied") };
    let outcome = answer.outcome(Stage::Recipient);
    assert_eq!(outcome.refusal().unwrap().reason, "the mail server answered 554 5.7.1 to RCPT TO");
}
