//! Keeps variants of one thing from filling a list.

use crate::model::product::ProductId;
use crate::model::snapshot::ModelSnapshot;
use crate::model::variants::NameWords;

/// The number of variants of one thing that a list may hold as long as there is something else.
pub const MAX_VARIANTS: usize = 3;

/// The first `limit` of the candidates, with at most [`MAX_VARIANTS`] variants of one thing; further variants come
/// last.
pub fn diverse<T>(
    snapshot: &ModelSnapshot,
    candidates: impl IntoIterator<Item = T>,
    product: impl Fn(&T) -> ProductId,
    limit: usize,
) -> Vec<T> {
    // A list that grows would wait for the writer: the allocator takes a lock to enlarge a block, and mostly none to
    // hand out a new one.
    let mut chosen = Vec::with_capacity(limit);
    let mut chosen_words: Vec<&NameWords> = Vec::with_capacity(limit);
    let mut further_variants = Vec::with_capacity(limit);
    for candidate in candidates {
        if chosen.len() >= limit {
            break;
        }
        let Some(traits) = snapshot.traits.get(product(&candidate).index()) else { continue };
        let variants = chosen_words.iter().filter(|other| other.is_variant(&traits.words)).count();
        if variants < MAX_VARIANTS {
            chosen_words.push(&traits.words);
            chosen.push(candidate);
        } else if further_variants.len() < limit {
            further_variants.push(candidate);
        }
    }
    further_variants.truncate(limit - chosen.len());
    chosen.extend(further_variants);
    chosen
}
