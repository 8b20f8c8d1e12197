//! `%50%`: what an answer is worth.

use exam::question::Weight;

/// A weight as the file says it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Percent {
    pub(super) weight: Weight,
    /// Whether digits beyond the fifth were lost.
    pub(super) rounded: bool,
}

/// Takes a weight off the start of an answer. None when there is none: `%PATH%` is a text like any other.
pub(super) fn take(answer: &str) -> Option<(Result<Percent, String>, &str)> {
    let (text, rest) = answer.strip_prefix('%')?.split_once('%')?;
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let (whole, fraction) = digits.split_once(['.', ',']).unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let outside = || format!("The weight %{text}% is not between -100 and 100.");
    Some((percent(whole, fraction, negative).ok_or_else(outside), rest))
}

/// Exact in the weight's own unit, a hundred-thousandth of a percent.
fn percent(whole: &str, fraction: &str, negative: bool) -> Option<Percent> {
    let whole: i64 =
        whole.trim_start_matches('0').get(..).filter(|digits| digits.len() <= 3).map(|digits| match digits {
            "" => Some(0),
            digits => digits.parse().ok(),
        })??;
    let digit = |place: usize| fraction.as_bytes().get(place).map_or(0, |byte| i64::from(byte - b'0'));
    let fifth = (0..5).fold(0, |number, place| number * 10 + digit(place));
    let size = whole * 100_000 + fifth + i64::from(digit(5) >= 5);
    let rounded = fraction.bytes().skip(5).any(|byte| byte != b'0');
    let weight = Weight(if negative { -size } else { size });
    (size <= Weight::FULL.0).then_some(Percent { weight, rounded })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_exactly() {
        for (text, units, rounded) in [
            ("%50%x", 5_000_000, false),
            ("%-33.33333%x", -3_333_333, false),
            ("%100%x", 10_000_000, false),
            ("%16.666667%x", 1_666_667, true),
            ("%0%x", 0, false),
            ("%33,3%x", 3_330_000, false),
            ("%007.5%x", 750_000, false),
        ] {
            let (percent, rest) = take(text).unwrap();
            assert_eq!(percent, Ok(Percent { weight: Weight(units), rounded }), "{text}");
            assert_eq!(rest, "x");
        }
    }

    #[test]
    fn what_is_no_weight_is_text_and_what_is_too_large_is_an_error() {
        for text in ["%PATH%", "%50 x", "50%", "%%", "%-%", "%1.2.3%x", "%--5%x"] {
            assert!(take(text).is_none(), "{text}");
        }
        for text in ["%101%x", "%-100.00001%x", "%99999999999999999999%x"] {
            assert!(take(text).unwrap().0.is_err(), "{text}");
        }
    }
}
