//! How numbers are written: which mark stands between thousands, and which before a fraction.
//!
//! Digits are the Western ones in every language, as they are in the questions of an exam, on its clock and on the answer sheet:
//! two kinds of digits on one page would have to be compared in the head.

use fluent_bundle::FluentValue;
use fluent_bundle::types::FluentNumber;

/// 12,345.6; what is no number is left to Fluent.
pub(super) fn with_points<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write(value, ',', '.')
}

/// 12.345,6; what is no number is left to Fluent.
pub(super) fn with_commas<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write(value, '.', ',')
}

fn write(value: &FluentValue<'_>, between_thousands: char, before_fraction: char) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(group(number, between_thousands, before_fraction)),
        _ => None,
    }
}

fn group(number: &FluentNumber, between_thousands: char, before_fraction: char) -> String {
    let plain = number.as_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_ref()), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(between_thousands);
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push(before_fraction);
        grouped.push_str(fraction);
    }
    grouped
}
