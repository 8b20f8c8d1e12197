//! How numbers are written: which mark stands between thousands, and which before a fraction.
//!
//! Digits are the Western ones in every language, as they are in the questions of an exam, on its clock and on the answer sheet:
//! two kinds of digits on one page would have to be compared in the head.

use fluent_bundle::FluentValue;
use fluent_bundle::types::FluentNumber;

/// The marks in a number.
struct Marks {
    minus: &'static str,
    between_thousands: char,
    before_fraction: char,
}

/// -12,345.6; what is no number is left to Fluent.
pub(super) fn in_english<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write(value, &Marks { minus: "-", between_thousands: ',', before_fraction: '.' })
}

/// -12.345,6; what is no number is left to Fluent.
pub(super) fn in_german<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write(value, &Marks { minus: "-", between_thousands: '.', before_fraction: ',' })
}

/// As in English. Without the mark before it, a minus would be shown behind its number where one reads from right to left.
pub(super) fn in_arabic<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    write(value, &Marks { minus: "\u{200e}-", between_thousands: ',', before_fraction: '.' })
}

fn write(value: &FluentValue<'_>, marks: &Marks) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(group(number, marks)),
        _ => None,
    }
}

fn group(number: &FluentNumber, marks: &Marks) -> String {
    let plain = number.as_string();
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_ref()), |digits| (marks.minus, digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut grouped = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            grouped.push(marks.between_thousands);
        }
        grouped.push(digit);
    }
    if let Some(fraction) = fraction {
        grouped.push(marks.before_fraction);
        grouped.push_str(fraction);
    }
    grouped
}
