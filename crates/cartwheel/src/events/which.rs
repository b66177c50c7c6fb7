//! Which events count.

use bus::Logged;

use crate::cli::operators::Which;

impl Which {
    /// Whether the message is one of these. What can't be read has no time, so it counts only where none is asked for.
    pub(super) fn counts(&self, logged: &Logged) -> bool {
        let is_in_time = match logged.event() {
            Ok(event) => {
                self.from.is_none_or(|from| event.time >= from)
                    && self.until.is_none_or(|until| event.time < until)
            }
            Err(_) => self.from.is_none() && self.until.is_none(),
        };
        is_in_time
            && self.kind.as_deref().is_none_or(|kind| fits(kind, logged.kind()))
            && self.subject.as_deref().is_none_or(|subject| logged.subject() == Some(subject))
    }
}

fn fits(wanted: &str, kind: &str) -> bool {
    wanted.strip_suffix('*').map_or_else(|| kind == wanted, |beginning| kind.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_type_is_exact_or_a_beginning() {
        assert!(fits("cart.item-added.v1", "cart.item-added.v1"));
        assert!(!fits("cart.item-added.v1", "cart.item-added.v10"));
        assert!(fits("cart.*", "cart.item-added.v1"));
        assert!(!fits("cart.*", "cartwheel.turned.v1"));
        assert!(fits("*", "cart.item-added.v1"));
    }
}
