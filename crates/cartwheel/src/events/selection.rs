//! Which events to print.

use bus::Logged;

use crate::cli::operators::Selection;

/// Whether the message is selected. What can't be read has no time, so it is selected only where no time is given.
pub(super) fn includes(selection: &Selection, logged: &Logged) -> bool {
    let is_in_time = match logged.event() {
        Ok(event) => {
            selection.from.is_none_or(|from| event.time >= from)
                && selection.until.is_none_or(|until| event.time < until)
        }
        Err(_) => selection.from.is_none() && selection.until.is_none(),
    };
    is_in_time
        && selection.event_type.as_deref().is_none_or(|wanted| matches(wanted, logged.kind()))
        && selection.subject.as_deref().is_none_or(|subject| logged.subject() == Some(subject))
}

fn matches(wanted: &str, event_type: &str) -> bool {
    wanted.strip_suffix('*').map_or_else(|| event_type == wanted, |prefix| event_type.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_type_is_exact_or_a_prefix() {
        assert!(matches("cart.item-added.v1", "cart.item-added.v1"));
        assert!(!matches("cart.item-added.v1", "cart.item-added.v10"));
        assert!(matches("cart.*", "cart.item-added.v1"));
        assert!(!matches("cart.*", "cartwheel.turned.v1"));
        assert!(matches("*", "cart.item-added.v1"));
    }
}
