use serde::de::Error;
use serde::{Deserialize, Deserializer};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// The maximum number of entries in an answer, a query parameter: 1 to `MOST`, and `USUAL` if it is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize<const USUAL: u16, const MOST: u16>(u16);

impl<const USUAL: u16, const MOST: u16> PageSize<USUAL, MOST> {
    /// How many.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }

    /// How many rows to read for a page: one more than it has shows whether there is a next one.
    #[must_use]
    pub fn one_more(self) -> usize {
        usize::from(self.0) + 1
    }

    /// Cuts what was read to a page. Returns the last of its rows, if there is a next page.
    pub fn cut<T>(self, rows: &mut Vec<T>) -> Option<&T> {
        let more = rows.len() > self.0.into();
        rows.truncate(self.0.into());
        rows.last().filter(|_| more)
    }
}

impl<const USUAL: u16, const MOST: u16> Default for PageSize<USUAL, MOST> {
    fn default() -> Self {
        Self(USUAL)
    }
}

impl<'de, const USUAL: u16, const MOST: u16> Deserialize<'de> for PageSize<USUAL, MOST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || D::Error::custom(format!("it must be a whole number from 1 to {MOST}"));
        let text = String::deserialize(deserializer)?;
        let size = text.parse().ok().filter(|size| (1..=MOST).contains(size));
        size.map(Self).ok_or_else(wrong)
    }
}

impl<const USUAL: u16, const MOST: u16> PartialSchema for PageSize<USUAL, MOST> {
    fn schema() -> RefOr<Schema> {
        let size: Object = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(MOST))
            .default(Some(USUAL.into()))
            .build();
        size.into()
    }
}

impl<const USUAL: u16, const MOST: u16> ToSchema for PageSize<USUAL, MOST> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct List {
        #[serde(default)]
        limit: PageSize<20, 100>,
    }

    fn limit(query: &str) -> Result<u16, String> {
        let list: Result<List, _> = serde_html_form::from_str(query);
        list.map(|list| list.limit.get()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_page_knows_whether_there_is_a_next_one() {
        let size = PageSize::<2, 2>::default();
        let page = |mut rows: Vec<i32>| {
            let next = size.cut(&mut rows).copied();
            (rows, next)
        };
        assert_eq!(size.one_more(), 3);
        assert_eq!(page(vec![1, 2, 3]), (vec![1, 2], Some(2)));
        assert_eq!(page(vec![1, 2]), (vec![1, 2], None));
        assert_eq!(page(Vec::new()), (Vec::new(), None));
    }

    #[test]
    fn what_is_out_of_range_or_no_number_is_refused_with_the_range() {
        assert_eq!((limit(""), limit("limit=1"), limit("limit=100")), (Ok(20), Ok(1), Ok(100)));
        for wrong in ["0", "101", "-1", "99999999999", "ten", "1.5", ""] {
            let refused = limit(&format!("limit={wrong}"));
            assert!(refused.is_err_and(|why| why.contains("from 1 to 100")), "{wrong}");
        }
    }
}
