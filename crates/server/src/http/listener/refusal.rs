//! What a client is told for which there is no place: made once, written without reading the request.

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

/// Says so and closes.
pub(super) async fn refuse(mut stream: TcpStream) {
    let said = async {
        stream.write_all(REFUSAL.as_bytes()).await?;
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
        let (head, body) = REFUSAL.split_once("\r\n\r\n").unwrap();
        assert!(head.ends_with(&format!("content-length: {}", body.len())), "{}", body.len());
        let problem: serde_json::Value = serde_json::from_str(body).unwrap();
        assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(503), Some("busy")));
    }
}
