/// What becomes of an addition's mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailDecision {
    /// It will be sent.
    Queued,
    /// The cart has no shopper to write to.
    Unaddressed,
    /// The shopper's address gets no mail.
    Suppressed(Suppression),
}

/// Why an address gets no mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suppression {
    /// It is on the suppression list.
    Unsubscribed,
    /// It has got as many mails as it may get in an hour.
    TooMany,
}

impl Suppression {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Unsubscribed, Self::TooMany];

    /// As the database stores it and metrics show it.
    #[must_use]
    pub fn column(self) -> &'static str {
        match self {
            Self::Unsubscribed => "unsubscribed",
            Self::TooMany => "too-many",
        }
    }
}

impl MailDecision {
    /// Why there is nobody to write to though the cart has a shopper.
    #[must_use]
    pub fn suppression(self) -> Option<Suppression> {
        if let Self::Suppressed(suppression) = self { Some(suppression) } else { None }
    }
}
