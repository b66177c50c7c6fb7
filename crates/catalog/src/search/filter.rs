use std::collections::BTreeMap;

use events::Money;

use super::facets::{Counts, Facet, FacetNumber, Facets};
use super::listing::Listing;

/// What a product has to be, beside answering the query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In this category, or in one below it.
    pub category: Option<String>,
    /// Of each property that is named, one of these values.
    pub properties: BTreeMap<String, Vec<String>>,
    /// With a price in this currency.
    pub currency: Option<String>,
    /// Not cheaper.
    pub price_from: Option<i64>,
    /// Not more expensive.
    pub price_to: Option<i64>,
}

/// A filter by the numbers of the facets.
pub(super) struct Condition<'a> {
    filter: &'a Filter,
    /// Of each group one has to be there. A value that no product has is in none.
    groups: Vec<(Group<'a>, Vec<FacetNumber>)>,
}

/// What belongs together in a filter: a product's other values are counted as if the group were not asked for, since one
/// of them could be chosen as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group<'a> {
    Category,
    Property(&'a str),
    Price,
}

/// How a product passes.
enum Passes<'a> {
    Whole,
    /// All but one group.
    But(Group<'a>),
    Not,
}

impl Filter {
    pub(super) fn condition<'a>(&'a self, facets: &Facets) -> Condition<'a> {
        let category = self.category.iter().map(|path| {
            (Group::Category, facets.known(&Facet::Category(path.clone())).into_iter().collect())
        });
        let properties = self.properties.iter().map(|(name, values)| {
            let value = |value: &String| Facet::Property { name: name.clone(), value: value.clone() };
            let numbers = values.iter().filter_map(|text| facets.known(&value(text)));
            (Group::Property(name.as_str()), numbers.collect())
        });
        Condition { filter: self, groups: category.chain(properties).collect() }
    }

    fn has_price(&self, price: Money) -> bool {
        self.price_from.is_none_or(|from| from <= price.amount)
            && self.price_to.is_none_or(|to| price.amount <= to)
    }
}

impl Condition<'_> {
    /// Counts what a product is, as far as it passes. Returns whether it passes as a whole.
    pub fn count(&self, listing: &Listing, facets: &Facets, counts: &mut Counts) -> bool {
        let passes = self.passes(listing);
        match passes {
            Passes::Whole => {
                listing.facets.iter().for_each(|facet| counts.count(*facet));
                counts.count_price(listing.price_range, listing.price.amount);
            }
            Passes::But(Group::Price) => counts.count_price(listing.price_range, listing.price.amount),
            Passes::But(group) => {
                let in_group =
                    |facet: &&FacetNumber| facets.get(**facet).is_some_and(|facet| group.has(facet));
                listing.facets.iter().filter(in_group).for_each(|facet| counts.count(*facet));
            }
            Passes::Not => {}
        }
        matches!(passes, Passes::Whole)
    }

    /// Whether a product passes as a whole.
    pub fn holds(&self, listing: &Listing) -> bool {
        matches!(self.passes(listing), Passes::Whole)
    }

    fn passes(&self, listing: &Listing) -> Passes<'_> {
        if self.filter.currency.as_deref().is_some_and(|currency| currency != listing.price.currency.code()) {
            return Passes::Not;
        }
        let missed =
            self.groups.iter().filter(|(_, any)| !any.iter().any(|facet| listing.facets.contains(facet)));
        let price = (!self.filter.has_price(listing.price)).then_some(Group::Price);
        let mut missed = missed.map(|(group, _)| *group).chain(price);
        match (missed.next(), missed.next()) {
            (None, _) => Passes::Whole,
            (Some(group), None) => Passes::But(group),
            _ => Passes::Not,
        }
    }
}

impl Group<'_> {
    fn has(self, facet: &Facet) -> bool {
        match (self, facet) {
            (Self::Category, Facet::Category(_)) => true,
            (Self::Property(of), Facet::Property { name, .. }) => of == name,
            _ => false,
        }
    }
}
