//! What a client is told for which there is no place: made once, and the same whatever was asked for. Only a probe is told the truth,
//! that the process lives: a hall that is full must not be ended for it.

use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a refused client may take to hear it.
const PATIENCE: Duration = Duration::from_secs(1);

const REFUSAL: &str = "HTTP/1.1 503 Service Unavailable\r\n\
    content-type: application/problem+json\r\n\
    retry-after: 5\r\n\
    cache-control: no-store\r\n\
    connection: close\r\n\
    content-length: 145\r\n\
    \r\n\
    {\"type\":\"about:blank\",\"title\":\"Too many people are connected\",\"status\":503,\"code\":\"busy\",\"detail\":\"Nothing was changed. Try again in 5 seconds.\"}";

const ALIVE: &str = "HTTP/1.1 200 OK\r\n\
    content-type: application/json\r\n\
    cache-control: no-store\r\n\
    connection: close\r\n\
    content-length: 15\r\n\
    \r\n\
    {\"status\":\"ok\"}";
const PROBE: &[u8] = b"GET /healthz ";
/// How long it may take to say that one is a probe.
const TO_ASK: Duration = Duration::from_millis(200);

/// Says so and closes.
pub(super) async fn refuse(mut stream: TcpStream) {
    let said = async {
        let mut asked = [0; PROBE.len()];
        // Whoever says nothing is told nevertheless.
        let is_probe =
            timeout(TO_ASK, stream.read_exact(&mut asked)).await.is_ok_and(|read| read.is_ok()) && asked == PROBE;
        stream.write_all(if is_probe { ALIVE } else { REFUSAL }.as_bytes()).await?;
        stream.shutdown().await?;
        // Closed with something unread, it would be reset, and the client might never see the answer.
        let mut rest = [0; 1_024];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    // Whoever has gone meanwhile need not be told.
    let _ = timeout(PATIENCE, said).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_length_is_right_and_it_is_a_problem_with_a_code() {
        for said in [REFUSAL, ALIVE] {
            let (head, body) = said.split_once("\r\n\r\n").unwrap();
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
        }
        let (_, body) = REFUSAL.split_once("\r\n\r\n").unwrap();
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(503), Some("busy")));
    }
}
