//! A picture of horizontal bars.

use std::fmt;

use super::figure::shown;

const WIDTH: u32 = 760;
const LABELS: u32 = 230;
const NUMBERS: u32 = 80;
const BAR: u32 = 16;
const GAP: u32 = 12;
const TOP: u32 = 56;
/// Can be told apart on white as on black.
const COLOURS: [&str; 3] = ["#2f81c7", "#e07b39", "#5a9e6f"];

/// Bars in groups: for each label one bar of each series.
pub struct BarChart {
    pub title: String,
    pub series: Vec<String>,
    pub groups: Vec<(String, Vec<Option<f64>>)>,
    /// How many digits after the point are shown.
    pub digits: usize,
}

impl fmt::Display for BarChart {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // pixels
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = count(self.series.len()) * BAR + GAP;
        let height = TOP + count(self.groups.len()) * group;
        let values = self.groups.iter().flat_map(|(_, values)| values).flatten();
        let longest = values.copied().fold(f64::MIN_POSITIVE, f64::max);
        let length =
            |value: f64| (value / longest * f64::from(WIDTH - LABELS - NUMBERS)).round().max(1.0) as u32;
        writeln!(
            f,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="system-ui, sans-serif" font-size="13">
  <style>
    text {{ fill: #1f2328; }}
    @media (prefers-color-scheme: dark) {{ text {{ fill: #e6edf3; }} }}
  </style>
  <text x="0" y="16" font-weight="600">{}</text>"#,
            escaped(&self.title)
        )?;
        for (place, (series, colour)) in self.series.iter().zip(COLOURS).enumerate() {
            let x = LABELS + count(place) * 150;
            writeln!(f, r#"  <rect x="{x}" y="30" width="12" height="12" fill="{colour}"/>"#)?;
            writeln!(f, r#"  <text x="{}" y="41">{}</text>"#, x + 18, escaped(series))?;
        }
        for (place, (label, values)) in self.groups.iter().enumerate() {
            let top = TOP + count(place) * group;
            let (x, y) = (LABELS - 10, top + (group - GAP) / 2 + 5);
            writeln!(f, r#"  <text x="{x}" y="{y}" text-anchor="end">{}</text>"#, escaped(label))?;
            for (place, (value, colour)) in values.iter().zip(COLOURS).enumerate() {
                let Some(value) = value else { continue };
                let (y, length) = (top + count(place) * BAR, length(*value));
                let height = BAR - 2;
                writeln!(
                    f,
                    r#"  <rect x="{LABELS}" y="{y}" width="{length}" height="{height}" fill="{colour}"/>"#
                )?;
                let (x, y, number) = (LABELS + length + 6, y + 12, shown(*value, self.digits));
                writeln!(f, r#"  <text x="{x}" y="{y}">{number}</text>"#)?;
            }
        }
        write!(f, "</svg>")
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_bar_is_of_the_largest_value() {
        let bars = BarChart {
            title: "additions & effects".to_owned(),
            series: vec!["32 clients".to_owned(), "256 clients".to_owned()],
            groups: vec![
                ("ours".to_owned(), vec![Some(1500.0), Some(3000.0)]),
                ("theirs".to_owned(), vec![Some(300.0), None]),
            ],
            digits: 0,
        };
        let svg = bars.to_string();
        assert!(svg.contains("additions &amp; effects"));
        assert!(svg.contains(r##"width="450" height="14" fill="#e07b39""##), "{svg}");
        assert!(svg.contains(r##"width="225" height="14" fill="#2f81c7""##), "{svg}");
        assert!(svg.contains(">3,000<"), "{svg}");
        assert_eq!(svg.matches("height=\"14\"").count(), 3);
    }
}
