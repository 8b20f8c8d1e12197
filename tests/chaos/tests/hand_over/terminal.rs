//! A server in a terminal.

use super::{SOON, has_ended};
use chaos::{Child, Doing as _, Keeper, Result, ask};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::OpenOptions;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::Command;
use std::sync::Arc;
use testkit::wait_for;

/// A server in a terminal of its own, and the end of it that a person would close.
fn in_a_terminal(keeper: &Arc<Keeper>) -> Result<(Child, OwnedFd, String)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let terminal = openpt(flags).doing("opening a terminal")?;
    grantpt(&terminal).doing("opening a terminal")?;
    unlockpt(&terminal).doing("opening a terminal")?;
    let name = ptsname(&terminal, Vec::new()).doing("finding a terminal's name")?.into_string();
    let name = name.doing("reading a terminal's name")?;
    let screen = || OpenOptions::new().read(true).write(true).open(&name);
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut command = Command::new("setsid");
    command.arg("--ctty").arg(chaos::binary()?).arg("serve").current_dir(keeper.folder()).env_clear();
    command.env("PORT", address.port().to_string()).env("LOG_LEVEL", "warn").env("GRACEFUL_TIMEOUT", "2");
    command.env("DATA_DIR", keeper.folder().join("data"));
    command.stdin(screen()?).stdout(screen()?).stderr(screen()?);
    Ok((Child::start(command, keeper)?, terminal, address.to_string()))
}

#[tokio::test]
async fn a_terminal_that_is_closed_stops_the_server_in_it_before_and_after_a_hand_over() {
    for hand_overs in [0, 1] {
        let keeper = Keeper::new().unwrap();
        let (mut child, terminal, address) = in_a_terminal(&keeper).unwrap();
        wait_for("it is ready", async || {
            ask(&address, "GET", "/readyz", None, None, SOON).await.is_ok_and(|answer| answer.status == 200)
        })
        .await;
        if hand_overs > 0 {
            child.signal(Signal::HUP).unwrap();
            wait_for("another process has taken over", async || child.keeps().is_some()).await;
        }
        let serving = child.keeps();
        assert_eq!(serving.is_some(), hand_overs > 0);
        drop(terminal);
        assert!(child.wait(SOON).await.unwrap().success(), "after {hand_overs} hand-overs");
        assert!(serving.is_none_or(has_ended));
        assert!(TcpListener::bind(&address).is_ok());
    }
}
