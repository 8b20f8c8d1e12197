//! Hand-overs one by one: who serves, who watches, and what happens when one of them dies or does not start.

mod by_id;
mod clock;
mod systemd;
mod terminal;

use std::time::Duration;
use testkit::wait_for;

/// How long a start and a hand-over may take on a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// Whether a process has ended, whether or not anybody has taken notice.
fn has_ended(id: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    status.is_empty() || status.contains("State:\tZ")
}

async fn ends(id: u32) {
    wait_for(&format!("process {id} has ended"), async || has_ended(id)).await;
}

/// Sends a signal, `-9` or `-HUP`, to a process that nobody here has started.
fn kill(signal: &str, id: u32) {
    let status = std::process::Command::new("kill").args([signal, &id.to_string()]).status();
    assert!(status.is_ok_and(|status| status.success()), "process {id} is there");
}
