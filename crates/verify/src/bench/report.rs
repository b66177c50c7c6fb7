//! The medians of all rounds.

use std::collections::BTreeMap;
use std::fmt;

use cartwheel::table::{right, table};
use comfy_table::Cell;
use serde::Serialize;

use super::measured::{Contestant, Measured};

/// Everything that was measured.
#[derive(Default)]
pub struct Report(BTreeMap<Contestant, Vec<Measured>>);

impl Report {
    pub fn add(&mut self, contestant: Contestant, measured: Measured) {
        self.0.entry(contestant).or_default().push(measured);
    }
}

impl Serialize for Report {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<String> = self.0.keys().map(Contestant::to_string).collect();
        let mut header = vec!["median"];
        header.extend(columns.iter().map(String::as_str));
        let mut table = table(&header);
        let names = self.0.values().next().and_then(|rounds| rounds.first()).map(Measured::figures);
        for (place, (name, digits, _)) in names.into_iter().flatten().enumerate() {
            let value = |rounds: &Vec<Measured>| {
                let median = median(rounds.iter().map(|measured| measured.figures()[place].2).collect());
                right(format!("{median:.digits$}"))
            };
            table.add_row([Cell::new(name)].into_iter().chain(self.0.values().map(value)));
        }
        write!(f, "{table}")
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match (values.get(middle.wrapping_sub(1)), values.get(middle)) {
        (Some(below), Some(above)) if values.len().is_multiple_of(2) => f64::midpoint(*below, *above),
        (_, Some(middle)) => *middle,
        _ => f64::NAN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        let median = |values: &[f64]| median(values.to_vec()).to_string();
        assert_eq!(median(&[3.0, 1.0, 2.0]), "2");
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), "2.5");
        assert_eq!(median(&[]), "NaN");
    }
}
