//! What the proxy does to a request, and how often.

use crate::{Chance, Error};
use std::str::FromStr;

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// It arrives later, whole.
    Delay,
    /// It arrives twice, on two connections at once; one of the answers is passed on.
    Duplicate,
    /// It arrives again some time after it was answered.
    Replay,
    /// It waits until a later one has been answered.
    Reorder,
    /// Its head and half of its body arrive, then the connection breaks.
    CutRequest,
    /// It arrives and is answered; nobody hears the answer.
    CutAnswer,
    /// Half of the answer is heard.
    CutWithinAnswer,
    /// Its body trickles.
    Throttle,
    /// Its head arrives, its body later.
    LateBody,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Delay,
        Self::Duplicate,
        Self::Replay,
        Self::Reorder,
        Self::CutRequest,
        Self::CutAnswer,
        Self::CutWithinAnswer,
        Self::Throttle,
        Self::LateBody,
    ];

    /// Its name in settings and results.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delay => "delay",
            Self::Duplicate => "duplicate",
            Self::Replay => "replay",
            Self::Reorder => "reorder",
            Self::CutRequest => "cut-request",
            Self::CutAnswer => "cut-answer",
            Self::CutWithinAnswer => "cut-within-answer",
            Self::Throttle => "throttle",
            Self::LateBody => "late-body",
        }
    }
}

/// How often each fault happens, as a share of all requests to the API.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates([f64; Fault::ALL.len()]);

impl Rates {
    /// None at all.
    #[must_use]
    pub fn calm() -> Self {
        Self([0.0; Fault::ALL.len()])
    }

    /// Each with the same share.
    #[must_use]
    pub fn all(share: f64) -> Self {
        Self([share; Fault::ALL.len()])
    }

    /// The fault of a request, if it has one.
    pub(super) fn draw(&self, chance: &mut Chance) -> Option<Fault> {
        let mut left = chance.share();
        Fault::ALL.into_iter().zip(self.0).find_map(|(fault, rate)| {
            left -= rate;
            (left < 0.0).then_some(fault)
        })
    }
}

/// `0.02` for each, or `duplicate=0.1,cut-answer=0.05`.
impl FromStr for Rates {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let share = |text: &str| {
            let share: Option<f64> = text.parse().ok();
            share.filter(|share| (0.0..=1.0).contains(share)).ok_or_else(|| Error::new(format!("{text} is no share")))
        };
        let rates = if text.contains('=') {
            let mut rates = Self::calm();
            for part in text.split(',') {
                let (name, value) = part.split_once('=').unwrap_or((part, ""));
                let place = Fault::ALL.iter().position(|fault| fault.name() == name.trim());
                let place = place.ok_or_else(|| Error::new(format!("there is no fault called {name}")))?;
                rates.0[place] = share(value)?;
            }
            rates
        } else {
            Self::all(share(text)?)
        };
        if rates.0.iter().sum::<f64>() > 1.0 {
            return Err(Error::new("the shares add up to more than 1"));
        }
        Ok(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_for_all_or_by_name() {
        assert_eq!("0.1".parse::<Rates>().unwrap(), Rates::all(0.1));
        let some: Rates = "replay=0.5, duplicate=0.25".parse().unwrap();
        assert_eq!(some.0.iter().sum::<f64>(), 0.75);
        for wrong in ["0.2", "2", "-1", "x", "thunder=0.1", "delay=0.6,replay=0.6"] {
            assert!(wrong.parse::<Rates>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn faults_come_as_often_as_they_should() {
        let rates: Rates = "duplicate=0.25,late-body=0.5".parse().unwrap();
        let drawn: Vec<_> = (0..4_000).map(|event| rates.draw(&mut Chance::at(7, 1, event))).collect();
        let count = |fault| drawn.iter().filter(|drawn| **drawn == fault).count();
        assert!((900..1_100).contains(&count(Some(Fault::Duplicate))));
        assert!((1_900..2_100).contains(&count(Some(Fault::LateBody))));
        assert!((900..1_100).contains(&count(None)));
    }
}
