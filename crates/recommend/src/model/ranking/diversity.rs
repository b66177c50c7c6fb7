use crate::model::product::ProductId;
use crate::model::showcase::Picture;
use crate::model::variants::Words;

/// Of variants of one thing so many may stand in a list, as long as there is something else.
pub const VARIANTS: usize = 3;

impl Picture {
    /// The first `limit` of the candidates, but of variants of one thing only some; the others come after all else.
    pub(super) fn diverse<T>(
        &self,
        candidates: impl IntoIterator<Item = T>,
        product: impl Fn(&T) -> ProductId,
        limit: usize,
    ) -> Vec<T> {
        // Lists that grew would wait for the writer: to enlarge a block takes a lock of the allocator that to get one
        // mostly doesn't.
        let mut chosen = Vec::with_capacity(limit);
        let mut words: Vec<&Words> = Vec::with_capacity(limit);
        let mut more_of_the_same = Vec::with_capacity(limit);
        for candidate in candidates {
            if chosen.len() >= limit {
                break;
            }
            let Some(traits) = self.traits.get(product(&candidate).index()) else { continue };
            let variants = words.iter().filter(|other| other.is_variant(&traits.words)).count();
            if variants < VARIANTS {
                words.push(&traits.words);
                chosen.push(candidate);
            } else if more_of_the_same.len() < limit {
                more_of_the_same.push(candidate);
            }
        }
        more_of_the_same.truncate(limit - chosen.len());
        chosen.extend(more_of_the_same);
        chosen
    }
}
