//! The same request again and again over kept connections, as fast as it is answered: how many a second, and what each costs the server.

use crate::bare::TAKEN;
use crate::cpu::{Used, used_by};
use crate::wire::Wire;
use clap::Args;
use hdrhistogram::Histogram;
use rehearse::plan::Target;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Ask for the same again and again.
#[derive(Args)]
pub(crate) struct Load {
    /// Where the server listens.
    #[arg(long)]
    url: Target,
    /// What is asked for.
    #[arg(long)]
    path: String,
    /// How many connections there are, each with one request under way.
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// For how long, in seconds.
    #[arg(long, default_value_t = 4.0)]
    seconds: f64,
    /// The server's process, to tell what it uses.
    #[arg(long)]
    process: u32,
}

/// Where a server listens.
pub(crate) async fn address(url: &Target) -> Result<SocketAddr, String> {
    let mut found = lookup_host(url.authority()).await.map_err(|error| format!("{url}: {error}"))?;
    found.next().ok_or_else(|| format!("{url} has no address"))
}

impl Load {
    pub(crate) async fn run(self) -> Result<Value, String> {
        let to = address(&self.url).await?;
        let taken = TAKEN.map(|(name, value)| format!("{name}: {value}\r\n")).concat();
        let request = format!("GET {} HTTP/1.1\r\nhost: {}\r\n{taken}\r\n", self.path, self.url.authority());
        let request: Arc<[u8]> = request.into_bytes().into();
        let mut wires = Vec::new();
        let mut bytes = 0;
        for _ in 0..self.connections {
            let mut wire = Wire::connect(to, None).await.map_err(|error| error.to_string())?;
            bytes = ask(&mut wire, &request).await?;
            wires.push(wire);
        }
        let (server, own, begun) = (used_by(&[self.process]), Used::now(), Instant::now());
        let end = begun + Duration::from_secs_f64(self.seconds);
        let mut asking = JoinSet::new();
        for mut wire in wires {
            let request = Arc::clone(&request);
            asking.spawn(async move {
                // Microseconds, up to a minute.
                let mut took = Histogram::<u64>::new_with_max(60_000_000, 3).map_err(|error| error.to_string())?;
                let mut sent = Instant::now();
                while sent < end {
                    ask(&mut wire, &request).await?;
                    let now = Instant::now();
                    took.saturating_record(u64::try_from((now - sent).as_micros()).unwrap_or(u64::MAX));
                    sent = now;
                }
                Ok::<_, String>(took)
            });
        }
        let mut took = Histogram::<u64>::new_with_max(60_000_000, 3).map_err(|error| error.to_string())?;
        while let Some(done) = asking.join_next().await {
            took.add(done.map_err(|error| error.to_string())??).map_err(|error| error.to_string())?;
        }
        let lasted = begun.elapsed().as_secs_f64();
        let (server, own) = (used_by(&[self.process]) - server, Used::now().since(own).own);
        let requests = took.len() as f64;
        let us = |used: f64| (used / requests * 100.0).round() / 100.0;
        let ms = |share: f64| took.value_at_quantile(share) as f64 / 1e3;
        Ok(json!({
            "requests": requests,
            "per_s": (requests / lasted).round(),
            "server_us": us(server),
            "generator_us": us(own),
            "p50_ms": ms(0.5),
            "p99_ms": ms(0.99),
            "bytes": bytes,
        }))
    }
}

/// Asks, and tells how long the content is.
async fn ask(wire: &mut Wire, request: &[u8]) -> Result<usize, String> {
    let answer = wire.ask(request).await.map_err(|error| error.to_string())?;
    if answer.status == 200 { Ok(answer.body.len()) } else { Err(format!("it is answered with {}", answer.status)) }
}
