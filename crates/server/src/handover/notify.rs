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
    /// Where the environment says that somebody listens. `WATCHDOG_PID` may name a process before this one.
    pub(super) fn of(environment: &Environment) -> Self {
        let find = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let is_heard = find("NOTIFY_SOCKET").is_some();
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
