//! A chart with a bar for each part of the time, drawn on the server.

use maud::{Markup, html};

use super::scale::ticks;

const WIDTH: u32 = 420;
const HEIGHT: u32 = 190;
/// Where the bars are.
const LEFT: f64 = 44.0;
const RIGHT: f64 = 412.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 160.0;
/// A bar doesn't touch the next one.
const FILLED: f64 = 0.78;

/// What a chart shows.
pub struct Chart<'a> {
    pub title: &'a str,
    /// All of it in words, for those who don't see it.
    pub summary: String,
    /// What is stacked in a bar, from below.
    pub series: Vec<Series<'a>>,
    /// When each bar begins.
    pub starts: &'a [String],
    /// A value at the side.
    pub short: &'a dyn Fn(i64) -> String,
    /// A value in full.
    pub full: &'a dyn Fn(i64) -> String,
}

/// One of the things that are counted.
pub struct Series<'a> {
    pub name: &'a str,
    /// `good` or `bad`: how it is coloured.
    pub class: &'static str,
    pub values: Vec<i64>,
}

impl Chart<'_> {
    pub fn draw(&self) -> Markup {
        let scale = ticks(self.largest());
        html! {
            figure.chart {
                figcaption {
                    span { (self.title) }
                    @if self.series.len() > 1 {
                        span.legend { @for series in &self.series { span class=(series.class) { (series.name) } } }
                    }
                }
                svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(format!("{}: {}", self.title, self.summary)) {
                    @for value in &scale {
                        @let y = height(*value, &scale);
                        line.grid x1=(LEFT) x2=(RIGHT) y1=(tenths(y)) y2=(tenths(y)) {}
                        text.side x=(LEFT - 7.0) y=(tenths(y + 4.0)) { ((self.short)(*value)) }
                    }
                    @for (place, series) in self.series.iter().enumerate() {
                        path class=(format!("bars {}", series.class)) d=(self.bars(place, &scale)) {}
                    }
                    @for (place, start) in self.starts.iter().enumerate() { (self.slot(place, start)) }
                    (self.times())
                }
            }
        }
    }

    fn largest(&self) -> i64 {
        (0..self.starts.len()).map(|bar| self.below(self.series.len(), bar)).max().unwrap_or(0)
    }

    /// What the series before this one have together in a bar.
    fn below(&self, series: usize, bar: usize) -> i64 {
        self.series.iter().take(series).map(|series| series.values.get(bar).copied().unwrap_or(0)).sum()
    }

    fn x(&self, bar: usize) -> f64 {
        LEFT + (RIGHT - LEFT) * number(bar) / number(self.starts.len().max(1))
    }

    /// All bars of a series in one path.
    fn bars(&self, series: usize, scale: &[i64]) -> String {
        let width = (self.x(1) - LEFT) * FILLED;
        let inset = (self.x(1) - LEFT - width) / 2.0;
        let bar = |bar: usize| {
            let (from, to) = (self.below(series, bar), self.below(series + 1, bar));
            let (y, top) = (height(from, scale), height(to, scale));
            (to > from).then(|| {
                let x = tenths(self.x(bar) + inset);
                format!("M{x} {}V{}h{}V{}z", tenths(y), tenths(top), tenths(width), tenths(y))
            })
        };
        (0..self.starts.len()).filter_map(bar).collect()
    }

    /// The whole height above a part of the time: says what happened then.
    fn slot(&self, bar: usize, start: &str) -> Markup {
        let value = |series: &Series| (self.full)(series.values.get(bar).copied().unwrap_or(0));
        let values: Vec<String> = match self.series.as_slice() {
            [only] => vec![value(only)],
            several => several.iter().map(|series| format!("{} {}", series.name, value(series))).collect(),
        };
        html! {
            rect.slot x=(tenths(self.x(bar))) y=(TOP) width=(tenths(self.x(1) - LEFT)) height=(BOTTOM - TOP) {
                title { (start) " · " (values.join(", ")) }
            }
        }
    }

    /// When the first bar begins, one in the middle, and the last.
    fn times(&self) -> Markup {
        let bars = self.starts.len();
        let named = [(0, "start"), (bars / 2, "middle"), (bars.saturating_sub(1), "end")];
        html! {
            @for (bar, anchor) in named {
                @if let Some(start) = self.starts.get(bar) {
                    @let x = if anchor == "end" { RIGHT } else { self.x(bar) };
                    text class=(anchor) x=(tenths(x)) y=(BOTTOM + 20.0) { (start) }
                }
            }
        }
    }
}

fn height(value: i64, scale: &[i64]) -> f64 {
    let largest = scale.last().copied().unwrap_or(1).max(1);
    BOTTOM - (BOTTOM - TOP) * approximately(value) / approximately(largest)
}

#[expect(clippy::cast_precision_loss, reason = "a chart has a few hundred pixels")]
fn approximately(value: i64) -> f64 {
    value as f64
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn tenths(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(series: Vec<Series>, starts: &[&str]) -> String {
        let starts: Vec<String> = starts.iter().map(ToString::to_string).collect();
        let chart = Chart {
            title: "Stock",
            summary: "3 held".to_owned(),
            series,
            starts: &starts,
            short: &|value| value.to_string(),
            full: &|value| format!("{value} lines"),
        };
        chart.draw().into_string()
    }

    #[test]
    fn bars_stand_upon_each_other_and_say_what_they_are() {
        let series = |name, class, values: [i64; 2]| Series { name, class, values: values.to_vec() };
        let chart =
            drawn(vec![series("held", "good", [4, 0]), series("short", "bad", [4, 0])], &["10:00", "11:00"]);
        // From the bottom to the middle, and from there to the top; nothing where nothing happened.
        assert!(chart.contains(r#"d="M64.2 160V86h143.5V160z""#), "{chart}");
        assert!(chart.contains(r#"d="M64.2 86V12h143.5V86z""#), "{chart}");
        assert!(chart.contains("<title>10:00 · held 4 lines, short 4 lines</title>"), "{chart}");
        assert!(chart.contains(r#"aria-label="Stock: 3 held""#), "{chart}");
    }

    #[test]
    fn without_anything_to_show_it_is_empty_and_whole() {
        assert!(drawn(Vec::new(), &[]).contains("</svg>"));
    }
}
