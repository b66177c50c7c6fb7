use std::collections::BTreeMap;

/// Tells what is known of things from those that are gone: the first are to be written, the second to be deleted.
#[must_use]
pub fn upserts_and_deletes<K, V>(changes: &BTreeMap<K, Option<V>>) -> (Vec<(&K, &V)>, Vec<&K>) {
    let known = changes.iter().filter_map(|(key, value)| Some((key, value.as_ref()?))).collect();
    let gone = changes.iter().filter(|(_, value)| value.is_none()).map(|(key, _)| key).collect();
    (known, gone)
}
