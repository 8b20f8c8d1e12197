//! The scenarios, a file each.

pub mod clock;
pub mod control;
pub mod disk;
pub mod hand_over;
pub mod kill;
pub mod network;
pub mod postgres;
pub mod race;
pub mod slow;

use std::time::Duration;

/// Reads `30s`, `500ms` or `2m`.
fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| format!("{text} is no time; write it like 30s"))?;
    match unit {
        "ms" => Ok(Duration::from_millis(number)),
        "s" => Ok(Duration::from_secs(number)),
        "m" => Ok(Duration::from_secs(number * 60)),
        _ => Err(format!("{text} has no unit; write it like 30s")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_needs_a_unit() {
        assert_eq!(duration("1500ms"), Ok(Duration::from_millis(1_500)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["30", "s", "", "1h", "-1s"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
