//! Protections that a test may switch off, to see that the checks would notice. In debug builds only: a release build knows no
//! such switch.

use crate::{Error, Result};

/// What is switched off. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Controls(Option<Control>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Control {
    AckBeforeCommit,
    NoFence,
    NotDurable,
    NoReplayCheck,
    NoDeadline,
}

impl Controls {
    /// Switches one protection off: `ack-before-commit`, `no-fence`, `not-durable`, `no-replay-check` or `no-deadline`.
    ///
    /// # Errors
    /// For another name, and for every name in a release build.
    pub fn parse(name: &str) -> Result<Self> {
        let control = match name {
            "ack-before-commit" => Control::AckBeforeCommit,
            "no-fence" => Control::NoFence,
            "not-durable" => Control::NotDurable,
            "no-replay-check" => Control::NoReplayCheck,
            "no-deadline" => Control::NoDeadline,
            _ => return Err(Error::Address(format!("there is no control {name:?}"))),
        };
        if cfg!(debug_assertions) {
            Ok(Self(Some(control)))
        } else {
            Err(Error::Address("controls exist in debug builds only; unset EXAMHALL_CONTROL".into()))
        }
    }

    fn is(self, control: Control) -> bool {
        cfg!(debug_assertions) && self.0 == Some(control)
    }

    /// Whether answers are acknowledged before they are committed.
    pub(crate) fn acknowledges_before_commit(self) -> bool {
        self.is(Control::AckBeforeCommit)
    }

    /// Whether saves leave the attempt's row unlocked, so that a submit from elsewhere may pass them.
    pub(crate) fn has_no_fence(self) -> bool {
        self.is(Control::NoFence)
    }

    /// Whether a commit returns before it is on the disk.
    pub(crate) fn is_not_durable(self) -> bool {
        self.is(Control::NotDurable)
    }

    /// Whether an operation that was there before is taken for the new one unseen.
    pub(crate) fn has_no_replay_check(self) -> bool {
        self.is(Control::NoReplayCheck)
    }

    /// Whether everything is in time.
    pub(crate) fn has_no_deadline(self) -> bool {
        self.is(Control::NoDeadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_switched_off_unless_asked_for_by_name() {
        let none = Controls::default();
        assert!(!none.acknowledges_before_commit() && !none.has_no_fence() && !none.is_not_durable());
        assert!(!none.has_no_replay_check() && !none.has_no_deadline());
        assert!(Controls::parse("no-fence").unwrap().has_no_fence());
        assert!(!Controls::parse("no-fence").unwrap().is_not_durable());
        for name in ["", "fence", "NO-FENCE", "1"] {
            assert!(Controls::parse(name).is_err(), "{name:?}");
        }
    }
}
