//! Numbers that people can read, and the scale of a chart.

/// The lines of a chart's scale: round numbers from 0 to what is at least the largest value.
pub fn ticks(largest: i64) -> Vec<i64> {
    let step = steps().find(|step| step.saturating_mul(4) >= largest).unwrap_or(i64::MAX / 4);
    let lines = (largest + step - 1) / step;
    (0..=lines.max(1)).map(|line| line * step).collect()
}

/// 1, 2, 5, 10, 20, 50, …
fn steps() -> impl Iterator<Item = i64> {
    let powers = std::iter::successors(Some(1_i64), |power| power.checked_mul(10));
    powers.flat_map(|power| [1, 2, 5].into_iter().filter_map(move |digit| power.checked_mul(digit)))
}

/// Short enough for the side of a chart: `950`, `1.5k`, `20M`.
pub fn short(number: i64) -> String {
    for (unit, name) in [(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")] {
        if number >= unit {
            let (whole, tenth) = (number / unit, number % unit / (unit / 10));
            return if tenth == 0 { format!("{whole}{name}") } else { format!("{whole}.{tenth}{name}") };
        }
    }
    number.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_few_round_lines_and_room_for_the_largest_value() {
        assert_eq!(ticks(0), [0, 1]);
        assert_eq!(ticks(1), [0, 1]);
        assert_eq!(ticks(7), [0, 2, 4, 6, 8]);
        assert_eq!(ticks(100), [0, 50, 100]);
        assert_eq!(ticks(101), [0, 50, 100, 150]);
        for largest in [3, 17, 999, 12_345, i64::MAX / 8] {
            let ticks = ticks(largest);
            assert!(ticks.last().is_some_and(|last| *last >= largest) && ticks.len() <= 6, "{ticks:?}");
        }
    }

    #[test]
    fn the_side_of_a_chart_has_short_numbers() {
        assert_eq!([0, 950, 1000, 1500, 20_000_000].map(short), ["0", "950", "1k", "1.5k", "20M"]);
    }
}
