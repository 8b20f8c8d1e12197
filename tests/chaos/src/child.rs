//! A process of ours: started, signalled, waited for.

use crate::{Doing, Error, Keeper, Result};
use rustix::process::{Pid, Signal, kill_process};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child as StdChild, Command, ExitStatus};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often a process is asked whether it has ended.
const LOOK_EVERY: Duration = Duration::from_millis(1);

/// A running process. Dropped, it is killed.
#[derive(Debug)]
pub struct Child {
    child: StdChild,
    keeper: Arc<Keeper>,
    ended: Option<ExitStatus>,
}

impl Child {
    /// Starts it and tells the keeper.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start(mut command: Command, keeper: &Arc<Keeper>) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().doing(format!("starting {name}"))?;
        let child = Self { child, keeper: Arc::clone(keeper), ended: None };
        keeper.watch_process(child.id())?;
        Ok(child)
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    ///
    /// # Errors
    /// When it has ended.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        if self.ended.is_some() {
            return Err(Error::new("the process has ended"));
        }
        send(self.id(), signal)
    }

    /// How it has ended; None while it runs.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        if self.ended.is_none()
            && let Some(status) = self.child.try_wait()?
        {
            self.ended = Some(status);
            self.keeper.forget_process(self.id())?;
        }
        Ok(self.ended)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it runs on after `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended()? {
                return Ok(status);
            }
            if Instant::now() > until {
                return Err(Error::new(format!("process {} runs on after {} ms", self.id(), limit.as_millis())));
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// kill -9, and waits until it is gone.
    ///
    /// # Errors
    /// When it ended by itself before: that is a finding, not a kill.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(status) = self.ended()? {
            return Err(Error::new(format!("process {} had ended by itself: {status}", self.id())));
        }
        self.signal(Signal::KILL)?;
        let status = self.wait(Duration::from_secs(10)).await?;
        match status.signal() {
            Some(9) => Ok(()),
            _ => Err(Error::new(format!("process {} had ended by itself: {status}", self.id()))),
        }
    }

    /// The processes it has started.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn children(&self) -> Result<Vec<u32>> {
        children_of(self.id())
    }

    /// The server that it keeps, when it has handed over and become the keeper of another.
    #[must_use]
    pub fn keeps(&self) -> Option<u32> {
        // A server has several threads, the keeper one.
        match self.children().ok()?.as_slice() {
            [only] if threads(self.id()) == Some(1) => Some(*only),
            _ => None,
        }
    }
}

/// How many threads a process has; None when there is no such process.
fn threads(id: u32) -> Option<u32> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("Threads:"))?.trim().parse().ok()
}

/// The processes that a process has started, whichever of its threads did.
///
/// # Errors
/// When there is none.
pub(crate) fn children_of(id: u32) -> Result<Vec<u32>> {
    let mut children = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{id}/task")).doing("listing threads")? {
        // One may have ended since.
        let text = thread.and_then(|thread| std::fs::read_to_string(thread.path().join("children")));
        children.extend(text.unwrap_or_default().split_whitespace().filter_map(|id| id.parse::<u32>().ok()));
    }
    Ok(children)
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.ended.is_some() {
            return;
        }
        // Both fail only when it has ended meanwhile.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = self.keeper.forget_process(self.id());
    }
}

/// Sends a signal to a process of ours.
///
/// # Errors
/// When there is none.
pub(crate) fn send(id: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(id).ok().and_then(Pid::from_raw).ok_or_else(|| Error::new("no process id"))?;
    kill_process(pid, signal).doing(format!("sending {signal:?} to process {id}"))
}
