use crate::model::product::ProductId;
use crate::model::shelf::Picture;
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
        let (mut chosen, mut words, mut more_of_the_same) = (Vec::with_capacity(limit), Vec::<&Words>::new(), Vec::new());
        for candidate in candidates {
            if chosen.len() >= limit {
                break;
            }
            let Some(product) = self.product(product(&candidate)) else { continue };
            let variants = words.iter().filter(|other| other.is_variant(&product.words)).count();
            if variants < VARIANTS {
                words.push(&product.words);
                chosen.push(candidate);
            } else {
                more_of_the_same.push(candidate);
            }
        }
        more_of_the_same.truncate(limit - chosen.len());
        chosen.extend(more_of_the_same);
        chosen
    }
}
