//! A proxy that understands requests, so that it can repeat them, hold them back and cut them where it hurts.

use super::{Fault, Rates};
use crate::http::{Kind, Message, Reader};
use crate::{Chance, Doing, Error, Result, port};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// The longest that a request is held back, delayed or repeated after.
const LONGEST: Duration = Duration::from_millis(400);
/// Into how many pieces a throttled body is cut.
const PIECES: usize = 8;
/// How long the server may take for one answer.
const ANSWER: Duration = Duration::from_secs(70);

#[derive(Debug)]
struct Shared {
    target: String,
    seed: u64,
    rates: Rates,
    /// How many requests have been answered, for those that wait for a later one.
    answered: watch::Sender<u64>,
    connections: AtomicU64,
    counts: Mutex<BTreeMap<Fault, u64>>,
}

/// The proxy. It ends when it is dropped.
#[derive(Debug)]
pub struct Web {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Web {
    /// Starts a proxy to `target`, an address with a port. The same seed treats the same request of the same connection in
    /// the same way.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(target: &str, seed: u64, rates: Rates) -> Result<Self> {
        let port = port::free()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.doing("opening the proxy's port")?;
        let shared = Arc::new(Shared {
            target: target.to_owned(),
            seed,
            rates,
            answered: watch::Sender::new(0),
            connections: AtomicU64::new(0),
            counts: Mutex::default(),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, accepting })
    }

    /// Where it listens: `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// How often each fault has happened.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<&'static str, u64> {
        let counts = self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner);
        counts.iter().map(|(fault, count)| (fault.name(), *count)).collect()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let place = shared.connections.fetch_add(1, Ordering::Relaxed);
        // A connection that breaks is what this is for.
        tokio::spawn(Connection { shared: Arc::clone(&shared), place, upstream: None }.serve(client));
    }
}

/// One client's connection and the one that stands for it towards the server.
struct Connection {
    shared: Arc<Shared>,
    place: u64,
    upstream: Option<(Reader<OwnedReadHalf>, OwnedWriteHalf)>,
}

/// What the client gets.
enum Passed {
    /// The whole answer.
    Whole(Message),
    /// So much of it, then the end.
    Part(Vec<u8>),
}

impl Connection {
    async fn serve(mut self, client: TcpStream) -> Result<()> {
        client.set_nodelay(true)?;
        let (from, mut to) = client.into_split();
        let mut from = Reader::new(from);
        for event in 0.. {
            let Some(request) = from.message(Kind::Request).await? else { return Ok(()) };
            let mut chance = Chance::at(self.shared.seed, self.place, event);
            let fault = request.path.starts_with("/api/").then(|| self.shared.rates.draw(&mut chance)).flatten();
            let passed = self.pass(&request, fault, &mut chance).await?;
            if let Some(fault) = fault {
                let mut counts = self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner);
                *counts.entry(fault).or_default() += 1;
            }
            self.shared.answered.send_modify(|count| *count += 1);
            match passed {
                Passed::Whole(answer) => {
                    to.write_all(&answer.bytes()).await?;
                    if answer.close || request.close {
                        return Ok(());
                    }
                }
                Passed::Part(bytes) => {
                    to.write_all(&bytes).await?;
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    async fn pass(&mut self, request: &Message, fault: Option<Fault>, chance: &mut Chance) -> Result<Passed> {
        let time = chance.between(Duration::from_millis(1), LONGEST);
        match fault {
            None => {}
            Some(Fault::Delay) => sleep(time).await,
            Some(Fault::Reorder) => {
                let mut answered = self.shared.answered.subscribe();
                let before = *answered.borrow_and_update();
                // When nobody else asks anything, waiting is all there is.
                let _ = timeout(LONGEST, answered.wait_for(|count| *count > before)).await;
            }
            Some(Fault::CutRequest) => {
                let (_, mut to) = self.connect().await?;
                to.write_all(&request.head).await?;
                to.write_all(&request.body[..request.body.len() / 2]).await?;
                return Ok(Passed::Part(Vec::new()));
            }
            Some(Fault::Duplicate) => return self.duplicate(request, chance).await.map(Passed::Whole),
            Some(Fault::Replay) => {
                let answer = self.exchange(request, &[&request.head, &request.body], Duration::ZERO).await?;
                let (shared, place, request) = (Arc::clone(&self.shared), self.place, request.clone());
                tokio::spawn(async move {
                    sleep(time).await;
                    // Nobody waits for this answer.
                    let _ = Self { shared, place, upstream: None }.send(&request).await;
                });
                return Ok(Passed::Whole(answer));
            }
            Some(Fault::CutAnswer) => {
                self.send(request).await?;
                return Ok(Passed::Part(Vec::new()));
            }
            Some(Fault::CutWithinAnswer) => {
                let mut bytes = self.send(request).await?.bytes();
                bytes.truncate(bytes.len() / 2);
                return Ok(Passed::Part(bytes));
            }
            Some(Fault::Throttle) => {
                let size = request.body.len().div_ceil(PIECES).max(1);
                let pieces: Vec<&[u8]> =
                    std::iter::once(request.head.as_slice()).chain(request.body.chunks(size)).collect();
                let pause = time / u32::try_from(PIECES).unwrap_or(1);
                return self.exchange(request, &pieces, pause).await.map(Passed::Whole);
            }
            Some(Fault::LateBody) => {
                return self.exchange(request, &[&request.head, &request.body], time).await.map(Passed::Whole);
            }
        }
        self.send(request).await.map(Passed::Whole)
    }

    /// Sends a request twice at once; the answer of one of them.
    async fn duplicate(&mut self, request: &Message, chance: &mut Chance) -> Result<Message> {
        let mut second = Self { shared: Arc::clone(&self.shared), place: self.place, upstream: None };
        let (one, two) = tokio::join!(self.send(request), second.send(request));
        if chance.share() < 0.5 { one } else { two }
    }

    async fn send(&mut self, request: &Message) -> Result<Message> {
        self.exchange(request, &[&request.bytes()], Duration::ZERO).await
    }

    /// Sends the pieces of a request with pauses between them and reads the answer.
    async fn exchange(&mut self, request: &Message, pieces: &[&[u8]], pause: Duration) -> Result<Message> {
        let (mut from, mut to) = match self.upstream.take() {
            Some(open) => open,
            None => self.connect().await?,
        };
        for (number, piece) in pieces.iter().enumerate() {
            if number > 0 {
                sleep(pause).await;
            }
            to.write_all(piece).await?;
        }
        let answer = timeout(ANSWER, from.message(Kind::Response)).await.doing("waiting for an answer")??;
        let answer = answer.ok_or_else(|| Error::new("the server ended the connection"))?;
        if !answer.close && !request.close {
            self.upstream = Some((from, to));
        }
        Ok(answer)
    }

    async fn connect(&self) -> Result<(Reader<OwnedReadHalf>, OwnedWriteHalf)> {
        let stream = TcpStream::connect(&self.shared.target).await?;
        stream.set_nodelay(true)?;
        let (from, to) = stream.into_split();
        Ok((Reader::new(from), to))
    }
}
