//! The listener: takes connections as far as there is room, holds each to its deadlines, and lets them go in order at the end.
//!
//! Our own instead of `axum::serve`, which builds the route table anew for every connection (37 KiB each) and sets no timer, so
//! that a client that says nothing stays for ever.

mod activity;
mod answer;
mod connection;
mod course;
mod refusal;
mod tls;

use crate::http::at_hand::Front;
use connection::Ended;
pub use course::{Course, Requests, Stage};
use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;
pub use tls::{Tls, TlsFile, TlsProblem};
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// How many connections the system keeps that have not been taken yet: a bell brings thousands within a moment.
pub(crate) const BACKLOG: u32 = 4_096;
/// How long to wait when the system has no more room for a connection.
const PAUSE: Duration = Duration::from_millis(10);
/// How often it is told that connections were refused, or cannot be taken.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How many connections there may be, and how long each may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections at once.
    pub connections: usize,
    /// How long the head of a request may take, from its first byte on; of the first request, from the connection on.
    pub head: Duration,
    /// How long a connection may be idle between requests, and how long a client may take nothing of an answer.
    pub idle: Duration,
    /// How long requests in flight may go on after the signal to stop.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            grace: Duration::from_secs(30),
        }
    }
}

/// What becomes of connections, counted for whoever watches.
#[derive(Debug, Default)]
pub struct Connections {
    open: AtomicUsize,
    most: AtomicUsize,
    refused: AtomicU64,
}

impl Connections {
    /// Those that are open.
    #[must_use]
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// How many may be open at once.
    #[must_use]
    pub fn most(&self) -> usize {
        self.most.load(Ordering::Relaxed)
    }

    /// How many were refused since the start.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

/// Where a connection comes from: an extension of its requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// Where connections come in, and whether they are enciphered.
#[derive(Debug)]
pub struct Entrance {
    listener: TcpListener,
    tls: Option<Tls>,
}

impl Entrance {
    /// Connections of a socket, by HTTPS with `tls`, else by HTTP.
    #[must_use]
    pub fn new(listener: TcpListener, tls: Option<Tls>) -> Self {
        Self { listener, tls }
    }
}

impl From<TcpListener> for Entrance {
    fn from(listener: TcpListener) -> Self {
        Self::new(listener, None)
    }
}

/// Listens on an address or a name with a port.
///
/// # Errors
/// When the name is unknown, or the address is taken or not ours.
pub async fn bind(address: &str) -> io::Result<TcpListener> {
    let mut failed = io::Error::new(io::ErrorKind::AddrNotAvailable, "it has no address");
    for address in lookup_host(address).await? {
        let listen = || {
            let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
            // A server that is started again must not wait for the connections of the one before.
            socket.set_reuseaddr(true)?;
            socket.bind(address)?;
            socket.listen(BACKLOG)
        };
        match listen() {
            Ok(listener) => return Ok(listener),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

/// Takes a socket that somebody else has bound.
///
/// # Errors
/// When it is none to listen on.
pub fn take(socket: OwnedFd) -> io::Result<TcpListener> {
    // Who has bound it may have expected less of a crowd.
    rustix::net::listen(&socket, i32::try_from(BACKLOG).unwrap_or(i32::MAX))?;
    let listener = std::net::TcpListener::from(socket);
    listener.set_nonblocking(true)?;
    TcpListener::from_std(listener)
}

/// Serves until it is to stop or leave (see [`Stage`]), and then until the last connection has ended. Dropped, it cuts off what
/// is left.
pub async fn serve(
    entrance: impl Into<Entrance>,
    front: impl Into<Front>,
    limits: Limits,
    connections: Arc<Connections>,
    mut course: Course,
) {
    let Entrance { listener, tls } = entrance.into();
    let mut hall = Hall::new(front.into(), limits, connections, course.clone(), tls);
    loop {
        tokio::select! {
            () = course.left() => break,
            Some(_) = hall.tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => hall.take(stream, Peer(address.ip())),
                Err(error) => hall.wait_for_room(&error).await,
            },
        }
    }
    // Whoever connects from now on is to be refused by the system, or taken by the process that has the socket as well, not
    // kept waiting.
    drop(listener);
    while hall.tasks.join_next().await.is_some() {}
}

/// A connection that is open, counted until it is dropped, however it ends.
struct Open(Arc<Connections>);

impl Open {
    fn one_more(connections: Arc<Connections>) -> Self {
        connections.open.fetch_add(1, Ordering::Relaxed);
        Self(connections)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// All connections.
struct Hall {
    front: Front,
    tls: Option<Tls>,
    limits: Arc<Limits>,
    course: Course,
    places: Arc<Semaphore>,
    refusals: Arc<Semaphore>,
    tasks: JoinSet<()>,
    connections: Arc<Connections>,
    /// The place of the last connection.
    taken: f64,
    told: Option<Instant>,
    told_of_error: Option<Instant>,
}

impl Hall {
    fn new(front: Front, limits: Limits, connections: Arc<Connections>, course: Course, tls: Option<Tls>) -> Self {
        connections.most.store(limits.connections, Ordering::Relaxed);
        Self {
            front,
            tls,
            places: Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS))),
            // Each takes a file of those that are kept free for other things.
            refusals: Arc::new(Semaphore::new((limits.connections / 50).clamp(8, 256))),
            limits: Arc::new(limits),
            course,
            tasks: JoinSet::new(),
            connections,
            taken: 0.0,
            told: None,
            told_of_error: None,
        }
    }

    fn take(&mut self, stream: TcpStream, peer: Peer) {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => self.hold(stream, peer, place),
            Err(_) => self.refuse(stream),
        }
    }

    fn hold(&mut self, stream: TcpStream, peer: Peer, place: OwnedSemaphorePermit) {
        // It would only be slower.
        let _ = stream.set_nodelay(true);
        let (front, limits) = (self.front.clone(), Arc::clone(&self.limits));
        // The golden section spreads them evenly, however many there are.
        self.taken = (self.taken + 0.618_033_988_749_895).fract();
        let (course, taken) = (self.course.clone(), self.taken);
        // Two tasks of their own kind, so that one without TLS keeps no room for it.
        match self.tls.clone() {
            None => self.spawn(connection::hold(stream, Instant::now(), peer, front, limits, course, taken), place),
            Some(tls) => self.spawn(tls::hold(tls, stream, peer, front, limits, course, taken), place),
        }
    }

    fn spawn(&mut self, held: impl Future<Output = Ended> + Send + 'static, place: OwnedSemaphorePermit) {
        let connections = Arc::clone(&self.connections);
        let open = Open::one_more(connections);
        self.tasks.spawn(async move {
            let ended = held.await;
            drop(open);
            drop(place);
            if let Ended::TooSlow(what) = ended {
                tracing::debug!(what, "a connection was closed: it took too long");
            }
        });
    }

    /// After an error of one connection the next one may be taken at once; when files have run out, only after some were closed.
    async fn wait_for_room(&mut self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        if self.told_of_error.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            tracing::error!(%error, "connections cannot be taken; if too many files are open, raise their limit");
            self.told_of_error = Some(Instant::now());
        }
        sleep(PAUSE).await;
    }

    fn refuse(&mut self, stream: TcpStream) {
        let refused = self.connections.refused.fetch_add(1, Ordering::Relaxed) + 1;
        if self.told.is_none_or(|told| told.elapsed() >= TELL_EVERY) {
            tracing::warn!(
                refused,
                connections = self.limits.connections,
                "connections are refused: as many are open as may be; see WORKER_CONNECTIONS"
            );
            self.told = Some(Instant::now());
        }
        // It is just closed without a place even for that, or when it would take a handshake to be told.
        if self.tls.is_none()
            && let Ok(place) = Arc::clone(&self.refusals).try_acquire_owned()
        {
            self.tasks.spawn(async move {
                refusal::refuse(stream).await;
                drop(place);
            });
        }
    }
}
