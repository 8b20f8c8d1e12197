//! Exact numbers in archives, which may be longer than what people type: bounds of ranges are sums.

use bigdecimal::BigDecimal;
use exam::question::NumericKey;
use std::str::FromStr;

/// Reads a number. Length and exponent are bounded, so that a short text cannot stand for a number of millions of digits.
pub(super) fn parse(text: &str) -> Option<BigDecimal> {
    if let Some(number) = NumericKey::parse_number(text) {
        return Some(number);
    }
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if text.is_empty() || text.len() > 2_000 || !text.chars().all(allowed) {
        return None;
    }
    if let Some((_, exponent)) = text.split_once(['e', 'E']) {
        exponent.parse::<i32>().ok().filter(|exponent| exponent.abs() <= 1_000)?;
    }
    BigDecimal::from_str(text).ok()
}
