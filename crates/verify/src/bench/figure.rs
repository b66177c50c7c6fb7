use std::time::Duration;

use serde::Serialize;

use cartwheel::table::grouped;

use crate::latency::Latencies;

/// Something that was measured once.
#[derive(Clone, Debug, Serialize)]
pub struct Figure {
    /// What, with its unit.
    pub name: String,
    pub value: f64,
    /// How many digits after the point are shown.
    #[serde(skip)]
    pub digits: usize,
    /// Whether contestants are compared by it.
    #[serde(skip)]
    pub is_compared: bool,
}

impl Figure {
    /// With that many digits after the point.
    pub fn new(name: impl Into<String>, digits: usize, value: f64) -> Self {
        Self { name: name.into(), value, digits, is_compared: false }
    }

    /// One by which contestants are compared.
    pub fn compared(self) -> Self {
        Self { is_compared: true, ..self }
    }

    /// In milliseconds.
    pub fn millis(name: impl Into<String>, digits: usize, duration: Duration) -> Self {
        Self::new(name, digits, duration.as_secs_f64() * 1000.0)
    }

    /// Percentiles of durations.
    pub fn percentiles(what: &str, latencies: &Latencies) -> Vec<Self> {
        let parts = [(500, "p50"), (990, "p99"), (999, "p99.9")];
        let parts = parts.into_iter().filter_map(|(parts, name)| {
            Some(Self::millis(format!("{what}, {name}, ms"), 1, latencies.per_mille(parts)?))
        });
        parts.collect()
    }
}

/// A number as people read it.
pub fn shown(value: f64, digits: usize) -> String {
    if digits > 0 {
        return format!("{value:.digits$}");
    }
    #[allow(clippy::cast_possible_truncation)] // far from what a measurement can have
    let whole = value.round() as i64;
    grouped(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_with_their_digits() {
        assert_eq!([shown(1234.5678, 0), shown(1234.5678, 2), shown(0.04, 1)], ["1,235", "1234.57", "0.0"]);
    }

    #[test]
    fn percentiles_are_in_milliseconds() {
        let latencies: Latencies = (1..=1000).map(Duration::from_millis).collect();
        let figures = Figure::percentiles("answer", &latencies);
        let shown: Vec<_> = figures.iter().map(|figure| (figure.name.as_str(), figure.value)).collect();
        assert_eq!(
            shown,
            [("answer, p50, ms", 500.0), ("answer, p99, ms", 990.0), ("answer, p99.9, ms", 999.0)]
        );
    }
}
