//! Reading the values of flags. What is wrong with them is said by clap, which names the flag.

use crate::import::Format;
use exam::blueprint::Draw;
use exam::question::Difficulty;
use exam::settings::{Mode, Percent};
use exam::time::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::str::FromStr as _;
use std::time::Duration;
use store::Role;

/// A short name of a bank or exam.
pub(super) fn slug(text: &str) -> Result<String, String> {
    if crate::slug::is_slug(text) {
        Ok(text.to_owned())
    } else {
        Err("use small letters, digits and single hyphens, such as cloud-basics".into())
    }
}

/// The short name of an exam to make.
pub(super) fn new_exam_slug(text: &str) -> Result<String, String> {
    let slug = slug(text)?;
    if crate::slug::is_reserved(&slug) {
        return Err("it is a page of the staff area already; choose another".into());
    }
    Ok(slug)
}

pub(super) fn title(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() { Err("it is empty".into()) } else { Ok(text.to_owned()) }
}

/// `bank=cloud,domain=networking,difficulty=hard,questions=10`;
/// `domain=` may be there several times.
pub(super) fn draw(text: &str) -> Result<Draw, String> {
    let (mut bank, mut domains, mut difficulty, mut count) = (None, Vec::new(), None, None);
    for part in text.split(',') {
        let (name, value) = part.split_once('=').ok_or("write it like bank=cloud,domain=networking,questions=10")?;
        let (name, value) = (name.trim(), value.trim());
        let twice = match name {
            "bank" => bank.replace(slug(value).map_err(|reason| format!("bank: {reason}"))?).is_some(),
            "domain" => {
                if value.is_empty() {
                    return Err("domain= is empty".into());
                }
                domains.push(value.to_owned());
                false
            }
            "difficulty" => {
                let known = Difficulty::from_name(value).ok_or("a difficulty is easy, medium or hard")?;
                difficulty.replace(known).is_some()
            }
            "questions" => {
                let known = value.parse().ok().filter(|count| (1..=500).contains(count));
                count.replace(known.ok_or("questions= takes a number from 1 to 500")?).is_some()
            }
            _ => return Err(format!("{name}= is none of bank=, domain=, difficulty= and questions=")),
        };
        if twice {
            return Err(format!("it has {name}= twice"));
        }
    }
    let bank = bank.ok_or("it lacks bank=")?;
    Ok(Draw { bank, domains, difficulty, count: count.ok_or("it lacks questions=")? })
}

pub(super) fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text).ok_or_else(|| {
        let names: Vec<&str> = Format::ALL.into_iter().map(Format::name).collect();
        format!("use one of {}", names.join(", "))
    })
}

pub(super) fn mode(text: &str) -> Result<Mode, String> {
    Mode::from_name(text).ok_or_else(|| "use exam or practice".into())
}

pub(super) fn role(text: &str) -> Result<Role, String> {
    Role::from_name(text).ok_or_else(|| "use candidate, author, invigilator or admin".into())
}

/// A percentage, with or without its sign.
pub(super) fn percent(text: &str) -> Result<Percent, String> {
    let number = text.trim_end_matches('%').trim_end();
    let percent = f64::from_str(number).ok().and_then(Percent::from_f64);
    percent.ok_or_else(|| "use a number from 0 to 100".into())
}

/// The longest time limit: 30 days.
const LONGEST_S: u32 = 30 * 86_400;

/// The time until which something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// So long after now.
    After(Duration),
    /// A moment.
    At(Timestamp),
}

/// A duration from now; or a day, to its end, or a date and time, both in UTC unless told otherwise.
pub(super) fn expiry(text: &str) -> Result<Expiry, String> {
    if let Ok(seconds) = duration(text) {
        return Ok(Expiry::After(Duration::from_secs(seconds.into())));
    }
    // A date alone is its first moment to the parser, but its end to people.
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-15".len());
    let moment = match day {
        Some(day) => day.tomorrow().and_then(|next| next.to_zoned(TimeZone::UTC)).map(|next| next.timestamp()),
        None => text.parse::<jiff::Timestamp>().or_else(|_| {
            text.parse::<DateTime>().and_then(|time| time.to_zoned(TimeZone::UTC)).map(|time| time.timestamp())
        }),
    };
    let moment = moment.map(|moment| Expiry::At(Timestamp(moment.as_millisecond())));
    moment.map_err(|_| {
        "use a time such as 12h or 7d, up to 30 days, or a date such as 2027-01-15 or 2027-01-15T18:00".into()
    })
}

/// A time such as 90s, 30m or 1h30m, in seconds.
pub(super) fn duration(text: &str) -> Result<u32, String> {
    let seconds = parse_duration(text).filter(|seconds| (1..=LONGEST_S).contains(seconds));
    seconds.ok_or_else(|| "use days, hours, minutes and seconds, such as 90s, 30m or 1h30m, up to 30 days".into())
}

/// Numbers with units, each unit at most once, from the largest to the smallest.
fn parse_duration(text: &str) -> Option<u32> {
    let mut rest = text;
    let mut total = 0_u32;
    let mut units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)].into_iter();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let unit = rest[digits..].chars().next()?;
        let (_, factor) = units.find(|(name, _)| *name == unit)?;
        let number: u32 = rest[..digits].parse().ok()?;
        total = total.checked_add(number.checked_mul(factor)?)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in
            [("90s", 90), ("30m", 1_800), ("1h30m", 5_400), ("2h", 7_200), ("1h0m5s", 3_605), ("1d12h", 129_600)]
        {
            assert_eq!(duration(text), Ok(seconds), "{text}");
        }
        for text in ["", "30", "m", "30m1h", "1m1m", "0s", "-5m", "1.5h", "99999999999h", "800h", "5µ"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_expiry_is_a_duration_or_the_end_of_a_day_or_a_moment() {
        let at = |millis| Ok(Expiry::At(Timestamp(millis)));
        assert_eq!(expiry("7d"), Ok(Expiry::After(Duration::from_secs(604_800))));
        assert_eq!(expiry("2027-01-15"), at(1_800_057_600_000));
        assert_eq!(expiry("2027-01-15T18:00"), at(1_800_036_000_000));
        assert_eq!(expiry("2027-01-15T18:00Z"), at(1_800_036_000_000));
        assert_eq!(expiry("2027-01-15T18:00+01:00"), at(1_800_032_400_000));
        for text in ["", "31d", "7", "tomorrow", "2027-02-30", "2027-1-5", "15.01.2027"] {
            assert!(expiry(text).is_err(), "{text}");
        }
    }

    #[test]
    fn percentages_may_have_their_sign() {
        assert_eq!(percent("70"), Ok(Percent(7_000)));
        assert_eq!(percent("66.67 %"), Ok(Percent(6_667)));
        for text in ["", "%", "101", "-1", "NaN", "seventy"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }
}
