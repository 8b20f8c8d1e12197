//! A relay of bytes whose two directions can be held up, slowed down and cut: between a server and its database, where a cut
//! before the answer to COMMIT leaves the server without knowing what became of it.

use crate::{Chance, Doing, Result, port};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What happens to bytes of one direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Flow {
    /// They pass.
    Pass,
    /// They wait until the weather changes.
    Hold,
    /// They pass later.
    Delay(Duration),
    /// For such a share of the pieces the connection breaks instead.
    Cut(f64),
}

/// What happens to connections now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// From the client to the server behind the relay.
    pub there: Flow,
    /// The answers.
    pub back: Flow,
    /// Whether new connections are taken.
    pub open: bool,
}

impl Weather {
    /// Everything passes.
    #[must_use]
    pub fn calm() -> Self {
        Self { there: Flow::Pass, back: Flow::Pass, open: true }
    }
}

#[derive(Debug)]
struct Shared {
    target: String,
    seed: u64,
    weather: watch::Sender<Weather>,
    /// Connections of an earlier generation break.
    generation: watch::Sender<u64>,
    cuts: AtomicU64,
}

/// The relay. It ends when it is dropped.
#[derive(Debug)]
pub struct Wire {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// Starts a relay to `target`, an address with a port.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(target: &str, seed: u64) -> Result<Self> {
        let port = port::free()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await.doing("opening the relay's port")?;
        let (weather, generation) = (watch::Sender::new(Weather::calm()), watch::Sender::new(0));
        let shared = Shared { target: target.to_owned(), seed, weather, generation, cuts: AtomicU64::new(0) };
        let shared = Arc::new(shared);
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, accepting })
    }

    /// Where it listens.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Changes the weather, also for connections that are open.
    pub fn set(&self, weather: Weather) {
        self.shared.weather.send_replace(weather);
    }

    /// Breaks all connections that are open.
    pub fn cut_all(&self) {
        self.shared.generation.send_modify(|now| *now += 1);
    }

    /// How many connections were broken by chance.
    #[must_use]
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_all();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut number = 0;
    while let Ok((client, _)) = listener.accept().await {
        number += 1;
        if !shared.weather.borrow().open {
            continue;
        }
        let mut generation = shared.generation.subscribe();
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let Ok(server) = TcpStream::connect(&shared.target).await else { return };
            // Batching small pieces here would be a delay that nobody asked for. It fails when the other end is gone.
            let _ = (client.set_nodelay(true), server.set_nodelay(true));
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let there = pump(&shared, from_client, to_server, number * 2, |weather| weather.there);
            let back = pump(&shared, from_server, to_client, number * 2 + 1, |weather| weather.back);
            tokio::select! {
                () = there => {}
                () = back => {}
                // An error is the relay's end, which breaks the connection as well.
                _ = generation.changed() => {}
            }
        });
    }
}

/// Moves one direction until it ends or is cut; the caller then drops both.
async fn pump(
    shared: &Shared,
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    place: u64,
    flow: impl Fn(&Weather) -> Flow,
) {
    let mut weather = shared.weather.subscribe();
    let mut buffer = vec![0; 64 * 1024];
    for event in 0.. {
        let Ok(read @ 1..) = from.read(&mut buffer).await else { return };
        let Ok(now) = weather.wait_for(|weather| flow(weather) != Flow::Hold).await.map(|now| flow(&now)) else {
            return;
        };
        match now {
            Flow::Pass | Flow::Hold => {}
            Flow::Delay(time) => sleep(time).await,
            Flow::Cut(share) if Chance::at(shared.seed, place, event).share() < share => {
                shared.cuts.fetch_add(1, Ordering::Relaxed);
                return;
            }
            Flow::Cut(_) => {}
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
