//! What systemd is told (sd_notify), where it listens: ready, reloading, stopping, which process is the main one, and that the
//! server lives.

use crate::config::Environment;
use rustix::process::Pid;
use sd_notify::NotifyState;
use std::time::Duration;

/// How often in the time that systemd waits for a sign of life it is given one.
const SIGNS: u32 = 3;

/// The way to systemd.
#[derive(Debug, Clone)]
pub(super) struct Notify {
    is_heard: bool,
    watchdog: Option<Duration>,
}

impl Notify {
    /// Where the environment says that somebody listens, to the first process with this id or to one that came after it
    /// (`first` is None), which has the environment of the first.
    pub(super) fn of(environment: &Environment, first: Option<Pid>) -> Self {
        let find = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        // Under a supervisor that is systemd's service itself, these are that one's variables.
        let named = find("SYSTEMD_EXEC_PID").and_then(|id| Pid::from_raw(id.parse().ok()?));
        let is_another = first.is_some() && named.is_some() && named != first;
        let is_heard = find("NOTIFY_SOCKET").is_some() && !is_another;
        let watchdog = find("WATCHDOG_USEC").and_then(|text| text.parse().ok()).filter(|time| *time > 0);
        Self { is_heard, watchdog: watchdog.filter(|_| is_heard).map(Duration::from_micros) }
    }

    /// Whether anybody listens.
    pub(super) fn is_heard(&self) -> bool {
        self.is_heard
    }

    /// How often a sign of life is to be given.
    pub(super) fn sign_every(&self) -> Option<Duration> {
        self.watchdog.map(|time| time / SIGNS)
    }

    /// The server serves.
    pub(super) fn ready(&self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// A hand-over has begun. It ends with [`Notify::ready`] or [`Notify::handed_over`].
    pub(super) fn reloading(&self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(error) => tracing::warn!(%error, "systemd is not told of the hand-over: there is no monotonic time"),
        }
    }

    /// Another process serves now, and is the main one.
    pub(super) fn handed_over(&self, main: Pid) {
        let main = u32::try_from(main.as_raw_nonzero().get()).unwrap_or_default();
        self.tell(&[NotifyState::MainPid(main), NotifyState::Ready]);
    }

    /// The server stops.
    pub(super) fn stopping(&self) {
        self.tell(&[NotifyState::Stopping]);
    }

    /// The server lives.
    pub(super) fn sign_of_life(&self) {
        self.tell(&[NotifyState::Watchdog]);
    }

    fn tell(&self, states: &[NotifyState<'_>]) {
        if self.is_heard
            && let Err(error) = sd_notify::notify(states)
        {
            tracing::warn!(%error, "systemd cannot be told of the server's state");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systemd_is_told_by_the_process_that_it_started_and_by_those_that_follow() {
        let heard = |exec_pid: &str, first: Option<i32>| {
            let pairs = [("NOTIFY_SOCKET", "/run/x"), ("SYSTEMD_EXEC_PID", exec_pid), ("WATCHDOG_USEC", "30000000")];
            let environment = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
            let notify = Notify::of(&environment, first.and_then(Pid::from_raw));
            assert_eq!(notify.is_heard(), notify.sign_every().is_some());
            notify.is_heard()
        };
        assert!(heard("7", Some(7)), "started by systemd");
        assert!(heard("7", None), "a successor, which has its environment");
        assert!(heard("", Some(9)), "an older systemd says no more");
        assert!(!heard("7", Some(9)), "started by a supervisor that systemd has started");
        assert!(!Notify::of(&Environment::new(), Some(Pid::INIT)).is_heard());
    }
}
