/// The texts of the storefront.
pub struct ShopTexts {
    pub name: &'static str,
    pub home: &'static str,
    pub footer: &'static str,
    pub to_console: &'static str,
    pub claim: &'static str,
    pub claim_more: &'static str,
    pub see_all: &'static str,
    pub to_the_shop: &'static str,
    pub trending: &'static str,
    pub new: &'static str,
    pub categories: &'static str,
    pub search: &'static str,
    pub search_hint: &'static str,
    pub search_button: &'static str,
    pub cart: &'static str,
    pub pieces_word: &'static str,
    pub add: &'static str,
    pub wait_for_it: &'static str,
    pub in_stock: &'static str,
    pub sold_out: &'static str,
    pub sold_out_hint: &'static str,
    pub retired: &'static str,
    pub other_currency: &'static str,
    pub goes_with: &'static str,
    pub goes_with_cart: &'static str,
    pub quantity: &'static str,
    pub variants: &'static str,
    pub sku: &'static str,
    pub price: &'static str,
    pub trail: &'static str,
    pub all_products: &'static str,
    pub some_words: &'static str,
    pub nothing_found: &'static str,
    pub narrow: &'static str,
    pub without: &'static str,
    pub sorted_by: &'static str,
    pub pages: &'static str,
    pub first_page: &'static str,
    pub next_page: &'static str,
    pub summary: &'static str,
    pub items: &'static str,
    pub total: &'static str,
    pub checkout_later: &'static str,
    pub empty_cart: &'static str,
    pub lapsed_cart: &'static str,
    pub reopen: &'static str,
    pub empty_it: &'static str,
    pub each: &'static str,
    pub price_was: &'static str,
    pub price_is: &'static str,
    pub hold_pending: &'static str,
    pub held: &'static str,
    pub until: &'static str,
    /// With the time in place of `{}`.
    pub time_left: &'static str,
    pub hold_lapsed: &'static str,
    pub waits: &'static str,
    pub update: &'static str,
    pub save: &'static str,
    pub remove: &'static str,
    pub saved: &'static str,
    pub move_back: &'static str,
    pub email: &'static str,
    pub email_button: &'static str,
    pub prices_changed: &'static str,
    pub prices_seen: &'static str,
    pub other_device: &'static str,
    pub code_hint: &'static str,
    pub code: &'static str,
    pub merge: &'static str,
    pub empty_shop: &'static str,
    pub empty_shop_hint: &'static str,
    pub admin_key: &'static str,
    pub load_sample: &'static str,
    pub sample_origin: &'static str,
    pub refused: &'static str,
    pub few_left: fn(i64) -> String,
    pub pieces_there: fn(i64) -> String,
    pub in_your_cart: fn(i64) -> String,
    pub short_by: fn(i64) -> String,
    pub held_of: fn(i64) -> String,
    pub saved_pieces: fn(i64) -> String,
    pub products: fn(u64) -> String,
    pub see_all_found: fn(u64) -> String,
    pub results_for: fn(&str) -> String,
    pub understood_as: fn(&str) -> String,
    pub mails_to: fn(&str) -> String,
    /// The names of the orders of a list.
    pub sorts: &'static [(&'static str, &'static str)],
    /// What was done with a form.
    pub notices: &'static [(&'static str, &'static str)],
    /// What the services' types of problems mean for a shopper.
    pub problems: &'static [(&'static str, &'static str)],
    /// For every other type.
    pub other_problem: &'static str,
    /// What is said while a page is open, by the names that `/live` has for it.
    pub moments: &'static [(&'static str, &'static str)],
}

impl ShopTexts {
    /// The name of an order.
    pub fn sort(&self, sort: &str) -> &'static str {
        named(self.sorts, sort).unwrap_or_default()
    }

    /// What was done with a form, if there is such an outcome.
    pub fn notice(&self, notice: &str) -> Option<&'static str> {
        named(self.notices, notice)
    }

    /// What a type of problem means.
    pub fn problem(&self, problem: &str) -> &'static str {
        named(self.problems, problem).unwrap_or(self.other_problem)
    }
}

fn named(texts: &'static [(&'static str, &'static str)], name: &str) -> Option<&'static str> {
    texts.iter().find(|(key, _)| *key == name).map(|(_, text)| *text)
}
