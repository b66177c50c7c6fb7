use maud::{Markup, html};

/// A table: each column with its title and the class of its cells. On a phone every row is by itself, each cell with its
/// title.
pub fn table(label: &str, columns: &[(&str, &str)], rows: impl IntoIterator<Item = Vec<Markup>>) -> Markup {
    html! {
        div.scrolls.stacks tabindex="0" role="region" aria-label=(label) {
            table {
                thead { tr { @for (title, class) in columns { th scope="col" class=(class) { (title) } } } }
                tbody {
                    @for row in rows {
                        tr {
                            @for ((title, class), cell) in columns.iter().zip(row) {
                                td class=(class) data-label=(title) { div { (cell) } }
                            }
                        }
                    }
                }
            }
        }
    }
}
