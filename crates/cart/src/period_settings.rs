//! Periods as settings have them: in minutes or hours, also parts of one.

use std::time::Duration;

use chrono::TimeDelta;

/// Reads a number of minutes.
pub fn minutes(text: &str) -> Result<TimeDelta, String> {
    period(text, 60.0)
}

/// Reads a number of hours.
pub fn hours(text: &str) -> Result<TimeDelta, String> {
    period(text, 3600.0)
}

fn period(text: &str, seconds: f64) -> Result<TimeDelta, String> {
    let number: f64 = text.parse().map_err(|_| "it is no number".to_owned())?;
    let period = Duration::try_from_secs_f64(number * seconds).map_err(|error| error.to_string())?;
    TimeDelta::from_std(period).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_may_be_parts_and_never_negative() {
        assert_eq!(minutes("20"), Ok(TimeDelta::minutes(20)));
        assert_eq!(minutes("0.05"), Ok(TimeDelta::seconds(3)));
        assert_eq!(hours("720"), Ok(TimeDelta::days(30)));
        for wrong in ["-1", "NaN", "inf", "1e300", "soon"] {
            assert!(hours(wrong).is_err(), "{wrong}");
        }
    }
}
