//! Hand-over: a fresh process takes the place of this one on the same listening socket, and nobody who is connected notices.
//!
//! On SIGHUP, or after MAX_REQUESTS requests, a server starts its own program anew, gives it the socket, and goes on serving until
//! the new one says that it is ready; then it takes no more connections, answers what is under way, and ends. A new process that
//! does not get ready changes nothing. ARCHITECTURE.md walks through it.

mod channel;
pub mod keeper;
mod notify;
mod process;
mod signals;
mod successor;

pub use keeper::Keeper;
pub use process::Process;

use crate::http::listener::{Requests, Stage};
use channel::Channel;
use keeper::{Ends, Lifeline, tell};
use notify::Notify;
use process::Birth;
use rustix::process::Signal;
use signals::{Asked, Awaited};
use std::io::{self, IsTerminal as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
pub(crate) use successor::Estate;
use successor::{NotReady, Program, Successor};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, interval};

/// How long a new process may take to get ready: its database may be migrated meanwhile.
const READY_WITHIN: Duration = Duration::from_secs(60);
/// How long to wait after a hand-over that failed before MAX_REQUESTS leads to another.
const NEXT_TRY: Duration = Duration::from_secs(60);

/// Who watches over the server when it hands over.
#[derive(Debug)]
enum Watched {
    /// systemd, which is told of the new main process.
    Systemd,
    /// Somebody who knows the id of this process, which therefore has to stay.
    Id(Ends),
    /// The keeper that this server was given.
    Keeper(Lifeline),
}

/// How a server came to its end.
#[derive(Debug)]
pub enum End {
    /// There is nothing left to do.
    Done,
    /// This process has to stay, as the keeper of the next server.
    Keep(Keep),
}

/// The keeper that a process is to become.
#[derive(Debug)]
pub struct Keep {
    keeper: Keeper,
    program: Program,
}

impl Keep {
    /// Becomes the keeper; the code to end with when that was not possible.
    #[must_use]
    pub fn begin(self) -> ExitCode {
        self.keeper.begin(&self.program.arguments)
    }
}

/// The hand-overs of a server: from the one to it to the one by it.
pub(crate) struct HandOver {
    program: Program,
    notify: Notify,
    had_terminal: bool,
    signals: Awaited,
    signs: Option<Interval>,
    watched: Watched,
    /// While the process before this one still runs.
    predecessor: Option<Channel>,
    /// For the next process, until this one leaves or stops.
    socket: Option<OwnedFd>,
    stage: watch::Sender<Stage>,
    requests: Arc<Requests>,
    /// How many requests there are to be; None for any number.
    limit: Option<u64>,
    estate: Arc<dyn Fn() -> Estate + Send + Sync>,
    wanted: Option<Why>,
    coming: Option<JoinHandle<Result<Successor, NotReady>>>,
    /// When MAX_REQUESTS may lead to another try.
    again: Option<Instant>,
    successor: Option<Successor>,
    /// Whether that one runs, as far as is known.
    is_followed: bool,
    has_lost_successor: bool,
}

/// Why a hand-over is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Asked,
    Requests,
}

/// What happens to a server.
enum Event {
    Signal(Asked),
    KeeperGone,
    Requests,
    PredecessorGone,
    Came(Result<Successor, NotReady>),
    SuccessorGone,
    SignDue,
    MayTryAgain,
}

/// What a server that begins is made of.
pub(crate) struct Beginning {
    /// The socket to listen on: given, inherited, or None when it has to be bound.
    pub(crate) socket: Option<OwnedFd>,
    process: Process,
    watched: Watched,
    predecessor: Option<Channel>,
    signals: Awaited,
}

impl Beginning {
    /// Takes what this process was given.
    pub(crate) fn of(mut process: Process) -> io::Result<Self> {
        let signals = Awaited::listen()?;
        if let Birth::First(given) = &mut process.birth {
            let socket = given.take();
            let watched = if process.may_move() { Watched::Systemd } else { Watched::Id(Ends::new()?) };
            return Ok(Self { socket, process, watched, predecessor: None, signals });
        }
        let inherited = process::inherit()?;
        let watched = inherited.lifeline.map_or(Watched::Systemd, Watched::Keeper);
        let (socket, predecessor) = (Some(inherited.socket), Some(inherited.channel));
        Ok(Self { socket, process, watched, predecessor, signals })
    }

    /// Whether another process serves still.
    pub(crate) fn is_successor(&self) -> bool {
        self.process.is_successor()
    }

    /// Of a successor: says that everything is in order, and waits until it is its turn. `inherit` is given what
    /// it is to go on with. False when the process before has changed its mind or is gone.
    pub(crate) async fn await_turn(&mut self, inherit: impl FnOnce(Estate)) -> io::Result<bool> {
        let Some(predecessor) = &mut self.predecessor else { return Ok(true) };
        predecessor.say("prepared").await?;
        let Some(word) = predecessor.hear().await? else { return Ok(false) };
        let Some(estate) = Estate::of_word(&word) else {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("the old process says {word:?}")));
        };
        inherit(estate);
        Ok(true)
    }

    /// Begins to serve on a socket, whose other end for the next process is `socket`.
    pub(crate) async fn serve(
        mut self,
        socket: OwnedFd,
        stage: watch::Sender<Stage>,
        requests: Arc<Requests>,
        limit: Option<u64>,
        estate: Arc<dyn Fn() -> Estate + Send + Sync>,
    ) -> io::Result<HandOver> {
        if let Some(predecessor) = &mut self.predecessor {
            if let Watched::Keeper(lifeline) = &self.watched {
                lifeline.say_serving()?;
            }
            predecessor.say("serving").await?;
        } else {
            self.process.notify.ready();
        }
        let Process { program, notify, had_terminal, .. } = self.process;
        Ok(HandOver {
            program,
            signs: notify.sign_every().map(interval),
            notify,
            had_terminal,
            signals: self.signals,
            watched: self.watched,
            predecessor: self.predecessor,
            socket: Some(socket),
            stage,
            requests,
            limit,
            estate,
            wanted: None,
            coming: None,
            again: None,
            successor: None,
            is_followed: false,
            has_lost_successor: false,
        })
    }
}

impl HandOver {
    /// Does what signals and counts ask for, as long as the server runs. Can be dropped at any time.
    pub(crate) async fn conduct(&mut self) {
        loop {
            match self.next().await {
                Event::Signal(Asked::Stop) => self.stop("stopping: no new connections, running requests may end"),
                Event::Signal(Asked::HandOver) if self.had_terminal && !io::stderr().is_terminal() => {
                    self.stop("stopping: the terminal has been closed");
                }
                Event::Signal(Asked::HandOver) => self.want(Why::Asked),
                Event::Signal(Asked::Look) => {}
                Event::KeeperGone => {
                    tracing::error!("the process that is watched has been killed: nobody would know of this server");
                    self.stop("stopping: no new connections, running requests may end");
                    // It would be told for ever.
                    self.watched = Watched::Systemd;
                }
                Event::Requests => self.want(Why::Requests),
                Event::PredecessorGone => {
                    self.predecessor = None;
                    tracing::info!("the process before this one has ended");
                    self.begin();
                }
                Event::Came(Ok(successor)) => self.leave(successor),
                Event::Came(Err(error)) => self.go_on(&error),
                Event::SuccessorGone => {
                    self.is_followed = false;
                    // When this one was told to stop, so was the new one.
                    if *self.stage.borrow() != Stage::Stopping {
                        tracing::error!("the new process has ended while this one was leaving");
                        self.has_lost_successor = true;
                        self.stop("stopping: nobody serves any more");
                    }
                }
                Event::SignDue => {
                    // Given by one of the threads that do the work: this one would live on while those stand still.
                    let notify = self.notify.clone();
                    tokio::spawn(async move { notify.sign_of_life() });
                }
                Event::MayTryAgain => {
                    self.again = None;
                    self.want(Why::Requests);
                }
            }
        }
    }

    async fn next(&mut self) -> Event {
        let lifeline = match &self.watched {
            Watched::Keeper(lifeline) => Some(lifeline),
            Watched::Systemd | Watched::Id(_) => None,
        };
        tokio::select! {
            asked = self.signals.next() => match asked {
                Ok(asked) => Event::Signal(asked),
                Err(error) => {
                    tracing::error!(%error, "signals cannot be read");
                    Event::Signal(Asked::Stop)
                }
            },
            () = some(lifeline, Lifeline::over) => Event::KeeperGone,
            () = self.requests.reached() => Event::Requests,
            () = some(self.predecessor.as_mut(), Channel::over) => Event::PredecessorGone,
            came = some(self.coming.as_mut(), |coming| coming) => {
                self.coming = None;
                Event::Came(came.unwrap_or_else(|error| Err(NotReady::Silent(io::Error::other(error)))))
            }
            () = some(self.successor.as_mut().filter(|_| self.is_followed), |successor| successor.channel.over()) => Event::SuccessorGone,
            _ = some(self.signs.as_mut(), Interval::tick) => Event::SignDue,
            () = some(self.again, tokio::time::sleep_until) => Event::MayTryAgain,
        }
    }

    fn is_serving(&self) -> bool {
        *self.stage.borrow() == Stage::Serving
    }

    fn want(&mut self, why: Why) {
        match &self.successor {
            // Who is told is the process that is watched, which is this one.
            Some(successor) if why == Why::Asked && matches!(self.watched, Watched::Id(_)) => {
                tell(successor.id, Signal::HUP);
            }
            _ if !self.is_serving() => {}
            _ => {
                if self.coming.is_some() || self.predecessor.is_some() {
                    tracing::info!("another hand-over is wanted; it comes when this one is over");
                }
                // One that was asked for is not forgotten for one that was not.
                if self.wanted != Some(Why::Asked) {
                    self.wanted = Some(why);
                }
                self.begin();
            }
        }
    }

    /// Starts the next process, when one is wanted and no hand-over is under way.
    fn begin(&mut self) {
        if self.wanted.is_none() || self.coming.is_some() || self.predecessor.is_some() || !self.is_serving() {
            return;
        }
        let why = self.wanted.take();
        let lifeline = match &self.watched {
            Watched::Systemd => None,
            Watched::Id(ends) => Some(ends.theirs()),
            Watched::Keeper(lifeline) => Some(lifeline.end()),
        };
        let sockets: io::Result<Vec<OwnedFd>> = self
            .socket
            .iter()
            .map(|socket| socket.as_fd())
            .chain(lifeline)
            .map(|end| end.try_clone_to_owned())
            .collect();
        let sockets = match sockets {
            Ok(sockets) => sockets,
            Err(error) => return self.go_on(&error.into()),
        };
        let why = if why == Some(Why::Asked) { "SIGHUP" } else { "MAX_REQUESTS" };
        tracing::info!(why, requests = self.requests.count(), "handing over: a new process is started");
        self.notify.reloading();
        let (program, estate) = (self.program.clone(), Arc::clone(&self.estate));
        self.coming = Some(tokio::spawn(async move {
            let sockets: Vec<_> = sockets.iter().map(|socket| socket.as_fd()).collect();
            successor::start(&program, &sockets, READY_WITHIN, || estate()).await
        }));
    }

    /// The next process serves.
    fn leave(&mut self, successor: Successor) {
        let id = successor.id;
        tracing::info!(process = id.as_raw_nonzero(), "handed over: this process answers what is under way, and ends");
        match &self.watched {
            Watched::Systemd => {
                self.notify.handed_over(id);
                // Those of the new one count now.
                self.signs = None;
            }
            Watched::Id(_) | Watched::Keeper(_) => self.notify.ready(),
        }
        if self.wanted.take() == Some(Why::Asked) {
            tell(id, Signal::HUP);
        }
        self.successor = Some(successor);
        self.is_followed = true;
        self.socket = None;
        self.stage.send_replace(Stage::Leaving(Instant::now()));
    }

    /// The next process does not serve.
    fn go_on(&mut self, error: &NotReady) {
        tracing::error!(%error, "the hand-over has failed: the new process does not serve, this one goes on");
        self.notify.ready();
        if self.limit.is_some_and(|limit| self.requests.count() >= limit) {
            self.again = Some(Instant::now() + NEXT_TRY);
        }
        self.begin();
    }

    fn stop(&mut self, message: &str) {
        if *self.stage.borrow() == Stage::Stopping {
            return;
        }
        tracing::info!("{message}");
        self.coming.take().inspect(JoinHandle::abort);
        self.socket = None;
        match (&self.successor, &self.watched) {
            (Some(successor), Watched::Id(_)) => tell(successor.id, Signal::TERM),
            (Some(_), _) => {}
            (None, _) => self.notify.stopping(),
        }
        self.stage.send_replace(Stage::Stopping);
    }

    /// What is left to do when the server has ended; None when the next one has ended before it, so that nobody serves.
    pub(crate) fn end(self) -> Option<End> {
        match (self.watched, self.successor) {
            _ if self.has_lost_successor => None,
            (Watched::Id(ends), Some(successor)) => {
                Some(End::Keep(Keep { keeper: ends.into_keeper(successor.id), program: self.program }))
            }
            _ => Some(End::Done),
        }
    }
}

/// Awaits something, if it is there.
async fn some<T, F: Future>(value: Option<T>, wait: impl FnOnce(T) -> F) -> F::Output {
    match value {
        Some(value) => wait(value).await,
        None => std::future::pending().await,
    }
}
