//! The texts in requests: one type per kind. A value of such a type is known to keep the rule of its kind, so nothing else
//! gets to a database. The rule is declared once, with [`texts!`](crate::texts!): requests are checked by it, and the API's
//! description shows it.
//!
//! What breaks the rule is refused, never changed: what is stored is what was sent. That goes for the normal form, too
//! (Unicode's NFC): two texts that look the same are the same.

mod rule;
mod visitor;

pub use rule::{BrokenRule, TextRule};
pub use visitor::TextVisitor;

/// The pattern of texts of one line: no control characters, no line breaks, and no U+FFFD, which is what is left of a
/// broken encoding.
pub const ONE_LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFD]*$";
/// The pattern of longer texts: like [`ONE_LINE`], but with tabs and line breaks.
pub const LINES: &str = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFD]*$";

/// For texts that must say something: how a text breaks that.
#[must_use]
pub fn blank(text: &str) -> Option<&'static str> {
    text.trim().is_empty().then_some("this has only blanks")
}

/// Declares kinds of text: the type, how the kind is called in a sentence, how many characters it has, which ones (in
/// words, and as a pattern that Rust and ECMA 262 read alike), and an example. What a pattern can't say is added with
/// `and`: a function that says how a text breaks it.
///
/// ```
/// service::texts! {
///     /// The number of a delivery note.
///     pub DeliveryNote: "a delivery note's number", 1..=20, "capital letters and digits", r"^[A-Z0-9]*$", for example "DN4711";
/// }
/// assert!("DN 4711".parse::<DeliveryNote>().unwrap_err().to_string().contains("capital letters and digits"));
/// assert_eq!("DN4711".parse::<DeliveryNote>().unwrap().as_str(), "DN4711");
/// ```
#[macro_export]
macro_rules! texts {
    ($(#[doc = $meaning:literal])+ $(#[derive($derived:ident)])? $visibility:vis $kind:ident: $name:literal, $length:expr, $words:literal,
     $pattern:expr, for example $example:literal $(, and $more:expr)?; $($rest:tt)*) => {
        $(#[doc = $meaning])+
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, $($derived)?)]
        $visibility struct $kind(String);

        impl $kind {
            /// What is a text of this kind.
            fn rule() -> &'static $crate::TextRule {
                static RULE: ::std::sync::LazyLock<$crate::TextRule> = ::std::sync::LazyLock::new(|| {
                    let rule = $crate::TextRule::new($name, $length, $words, $pattern, $example);
                    $(let rule = rule.and($more);)?
                    rule
                });
                &RULE
            }

            /// The text.
            #[must_use]
            #[allow(dead_code, reason = "a kind may only be turned into its text")]
            $visibility fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl ::std::str::FromStr for $kind {
            type Err = $crate::BrokenRule;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::rule().check(text)?;
                Ok(Self(text.to_owned()))
            }
        }

        impl From<$kind> for String {
            fn from(text: $kind) -> Self {
                text.0
            }
        }

        /// Leaves the text out: it may be an address or a secret.
        impl ::std::fmt::Debug for $kind {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_tuple(stringify!($kind)).finish_non_exhaustive()
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $kind {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::TextVisitor::default())
            }
        }

        impl ::utoipa::PartialSchema for $kind {
            fn schema() -> ::utoipa::openapi::RefOr<::utoipa::openapi::Schema> {
                Self::rule().schema(concat!($($meaning, " "),+)).into()
            }
        }

        impl ::utoipa::ToSchema for $kind {}

        $crate::texts! { $($rest)* }
    };
    () => {};
}
