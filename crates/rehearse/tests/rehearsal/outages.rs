//! The server goes away in the middle, answers get lost, and nothing that was acknowledged does.

use crate::hall::{Hall, assert_sound};
use rehearse::plan::{Plan, Retry};
use rehearse::report::Rules;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use testkit::both_engines;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Stands before a server and lets requests through, but cuts the connection instead of passing on every `nth` answer.
async fn forgetful_relay(to: String, nth: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    let answers = Arc::new(AtomicUsize::new(0));
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(&to).await.expect("the server listens");
            tokio::spawn(relay(client, server, Arc::clone(&answers), nth));
        }
    });
    format!("http://{address}")
}

async fn relay(mut client: TcpStream, mut server: TcpStream, answers: Arc<AtomicUsize>, nth: usize) {
    let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
    loop {
        tokio::select! {
            read = client.read(&mut from_client) => match read {
                Ok(size) if size > 0 => server.write_all(&from_client[..size]).await.expect("the server reads"),
                _ => return,
            },
            read = server.read(&mut from_server) => match read {
                Ok(size) if size > 0 => {
                    let count = answers.fetch_add(1, Ordering::Relaxed) + 1;
                    if count.is_multiple_of(nth) || client.write_all(&from_server[..size]).await.is_err() {
                        return;
                    }
                }
                _ => return,
            },
        }
    }
}

fn impatient() -> Retry {
    let ms = Duration::from_millis;
    Retry {
        first: ms(2),
        longest: ms(50),
        give_up_after: Duration::from_secs(30),
        answer_within: Duration::from_secs(10),
    }
}

both_engines!(an_operation_whose_answer_was_lost_is_sent_again_and_counts_once, async |t| {
    let hall = Hall::open(t).await;
    let to = hall.app.base.trim_start_matches("http://").to_owned();
    let url = forgetful_relay(to, 5).await.parse().expect("an address");
    let report = hall.rehearse(Plan { url, retry: impatient(), ..hall.plan(10).await }).await;
    assert_sound(&report, &hall.verify().await);
    let lost = report.retries.get("connection_broken").copied().unwrap_or_default();
    assert!(lost > 10, "{report}");
    assert!(!Rules::default().judge(&report).go, "a fifth of all answers lost is no go");
});

both_engines!(a_server_that_never_comes_back_is_given_up, async |t| {
    let hall = Hall::open(t).await;
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = closed.local_addr().expect("it is bound");
    drop(closed);
    let retry = Retry { give_up_after: Duration::from_millis(50), ..impatient() };
    let url = format!("http://{address}").parse().expect("an address");
    let report = hall.rehearse(Plan { url, retry, ..hall.plan(2).await }).await;
    assert_eq!(report.gave_up.get("connection_refused"), Some(&2), "{report}");
    assert!(report.retries["connection_refused"] >= 2);
    assert_eq!(report.acknowledged, 0);
});
