//! The server goes away in the middle, answers get lost, and nothing that was acknowledged does.

use crate::hall::{Hall, assert_sound};
use rehearse::plan::{Plan, Retry, Sessions};
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

/// Stands before a server and says of the first save that its session has ended; the second it takes and cuts the connection.
async fn relay_that_ends_a_session(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        let mut saves = 0;
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(&to).await.expect("the server listens");
            let (mut from_client, mut from_server) = (vec![0; 65_536], vec![0; 65_536]);
            // One connection after the other: there is one candidate.
            loop {
                tokio::select! {
                    read = client.read(&mut from_client) => {
                        let request = &from_client[..read.unwrap_or(0)];
                        saves += usize::from(request.starts_with(b"PUT "));
                        match (request, saves) {
                            ([], _) => break,
                            ([b'P', b'U', b'T', ..], 1) => {
                                let refusal = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}";
                                client.write_all(refusal).await.expect("the client reads");
                            }
                            ([b'P', b'U', b'T', ..], 2) => break,
                            _ => server.write_all(request).await.expect("the server reads"),
                        }
                    }
                    read = server.read(&mut from_server) => match read {
                        Ok(size) if size > 0 => {
                            client.write_all(&from_server[..size]).await.expect("the client reads");
                        }
                        _ => break,
                    },
                }
            }
        }
    });
    format!("http://{address}")
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

both_engines!(a_save_whose_session_had_ended_is_sent_again_and_the_ledger_says_so, async |t| {
    let hall = Hall::open(t).await;
    let to = hall.app.base.trim_start_matches("http://").to_owned();
    let url = relay_that_ends_a_session(to).await.parse().expect("an address");
    let plan = Plan { users: 1, sessions: Sessions::SignUp, url, retry: impatient(), ..hall.plan(0).await };
    let report = hall.rehearse(Plan { resume: 0.0, ..plan }).await;
    assert_sound(&report, &hall.verify().await);
    assert_eq!((report.statuses[&401], report.retries["connection_broken"]), (1, 1), "{report}");
    let ledger = std::fs::read_to_string(hall.ledger()).expect("the ledger is there");
    let again: Vec<&str> = ledger.lines().filter(|line| line.starts_with("Z ")).collect();
    assert_eq!(again.len(), 2, "after the new session, and after the broken connection: {again:?}");
    assert!(again.iter().all(|line| line.ends_with(" 1 1")), "the first operation: {again:?}");
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
