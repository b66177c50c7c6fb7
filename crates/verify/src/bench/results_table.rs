use serde::Serialize;

use super::figure::{Figure, shown};
use super::median::median;

/// What a scenario found out: for each column, the figures of every round.
#[derive(Serialize)]
pub struct ResultsTable {
    pub title: String,
    columns: Vec<Column>,
}

#[derive(Serialize)]
struct Column {
    name: String,
    rounds: Vec<Vec<Figure>>,
}

/// A row as it is shown: a name, and a cell for each column.
pub struct Row {
    pub name: String,
    pub cells: Vec<String>,
}

/// What stands for a figure that a column does not have.
const NONE: &str = "–";

impl ResultsTable {
    /// An empty one.
    pub fn new(title: &str) -> Self {
        Self { title: title.to_owned(), columns: Vec::new() }
    }

    /// Adds what one round found out.
    pub fn add(&mut self, column: &str, figures: Vec<Figure>) {
        match self.columns.iter_mut().find(|known| known.name == column) {
            Some(known) => known.rounds.push(figures),
            None => self.columns.push(Column { name: column.to_owned(), rounds: vec![figures] }),
        }
    }

    /// The names of the columns.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    /// The median of a figure in a column.
    pub fn median(&self, column: &str, figure: &str) -> Option<f64> {
        self.columns.iter().find(|known| known.name == column)?.median(figure)
    }

    /// The medians of all figures; below each that is compared, its ratio to that of these columns.
    pub fn rows(&self, references: &[&str]) -> Vec<Row> {
        let mut rows = Vec::new();
        for figure in self.figures() {
            let value = |column: &Column| column.median(&figure.name);
            let cell = |column| value(column).map_or(NONE.to_owned(), |value| shown(value, figure.digits));
            rows.push(Row { name: figure.name.clone(), cells: self.columns.iter().map(cell).collect() });
            for reference in references.iter().filter(|_| figure.is_compared) {
                let Some(base) = self.median(reference, &figure.name) else { continue };
                let ratio =
                    |column| value(column).map_or(NONE.to_owned(), |value| format!("{:.2}", value / base));
                let name = format!("… relative to {reference}");
                rows.push(Row { name, cells: self.columns.iter().map(ratio).collect() });
            }
        }
        rows
    }

    /// Every figure that any column has, once, each after those that it follows in a column.
    fn figures(&self) -> Vec<&Figure> {
        let mut figures: Vec<&Figure> = Vec::new();
        for column in &self.columns {
            let mut place = 0;
            for figure in column.rounds.first().into_iter().flatten() {
                let known = figures.iter().position(|known| known.name == figure.name);
                let at = known.unwrap_or(place);
                if known.is_none() {
                    figures.insert(at, figure);
                }
                place = at + 1;
            }
        }
        figures
    }
}

impl Column {
    fn median(&self, figure: &str) -> Option<f64> {
        let values = self.rounds.iter().flatten().filter(|known| known.name == figure);
        median(values.map(|figure| figure.value).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(value: f64) -> Figure {
        Figure::new("additions/s", 0, value).compared()
    }

    fn rows(sheet: &ResultsTable, references: &[&str]) -> Vec<(String, Vec<String>)> {
        sheet.rows(references).into_iter().map(|row| (row.name, row.cells)).collect()
    }

    #[test]
    fn medians_stand_above_their_ratios() {
        let mut sheet = ResultsTable::new("additions");
        for value in [900.0, 1100.0, 1000.0] {
            sheet.add("ours", vec![rate(value)]);
        }
        sheet.add("theirs", vec![rate(400.0)]);
        assert_eq!(sheet.median("ours", "additions/s"), Some(1000.0));
        let row = |name: &str, cells: [&str; 2]| (name.to_owned(), cells.map(str::to_owned).to_vec());
        let expected = [row("additions/s", ["1,000", "400"]), row("… relative to theirs", ["2.50", "1.00"])];
        assert_eq!(rows(&sheet, &["theirs", "nobody's"]), expected);
    }

    #[test]
    fn a_column_may_lack_a_figure() {
        let mut sheet = ResultsTable::new("additions");
        let figure = |name: &str| Figure::new(name, 1, 2.0);
        sheet.add("ours", vec![figure("a"), figure("c")]);
        sheet.add("theirs", vec![figure("a"), figure("b"), figure("c")]);
        let names: Vec<_> =
            rows(&sheet, &[]).into_iter().map(|(name, cells)| (name, cells.join(" "))).collect();
        let expected = [("a", "2.0 2.0"), ("b", "– 2.0"), ("c", "2.0 2.0")];
        assert_eq!(names, expected.map(|(name, cells)| (name.to_owned(), cells.to_owned())));
    }
}
