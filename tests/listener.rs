//! The listener on its own: what a connection may do, for how long, and how many there may be.

use axum::Router;
use axum::routing::get;
use server::http::listener::{Course, Limits, Requests, Stage, bind, serve, take};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

/// Long enough that nothing is closed for it within a test.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

struct Hall {
    address: SocketAddr,
    stage: watch::Sender<Stage>,
    requests: Arc<Requests>,
    /// A permit lets one request to `/waits` be answered.
    answers: Arc<Semaphore>,
    served: JoinHandle<()>,
}

fn limits() -> Limits {
    Limits { connections: 100, head: LONG, idle: LONG, grace: LONG }
}

impl Hall {
    async fn open(limits: Limits) -> Self {
        let answers = Arc::new(Semaphore::new(0));
        let waiting = Arc::clone(&answers);
        let waits =
            move || async move { waiting.acquire().await.map(|permit| permit.forget()).map_or("gone", |()| "late") };
        let router = Router::new()
            .route("/", get(async || "quick"))
            .route("/waits", get(waits))
            .route("/long", get(async || vec![b'x'; 64 * 1024 * 1024]));
        let listener = bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stage, staged) = watch::channel(Stage::Serving);
        let requests = Requests::until(None);
        let course = Course::new(staged, Arc::clone(&requests));
        let served = tokio::spawn(serve(listener, router, limits, Arc::default(), course));
        Self { address, stage, requests, answers, served }
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.expect("it listens"))
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("it is taken");
    }

    /// Asks for a path and reads the answer, whose body is known.
    async fn ask(&mut self, path: &str, body: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n")).await;
        self.answer(body).await
    }

    /// Reads until an answer with this body is there.
    async fn answer(&mut self, body: &str) -> String {
        let mut read = Vec::new();
        while !read.ends_with(body.as_bytes()) {
            assert!(self.0.read_buf(&mut read).await.expect("it is answered") > 0, "closed after {read:?}");
        }
        String::from_utf8(read).expect("it is text")
    }

    /// What comes until the connection is closed, and how long that took.
    async fn rest(&mut self) -> (String, Duration) {
        let since = Instant::now();
        let mut read = Vec::new();
        // Closed with something unread, it may be reset.
        let _ = timeout(LONG, self.0.read_to_end(&mut read)).await.expect("it is closed");
        (String::from_utf8_lossy(&read).into_owned(), since.elapsed())
    }

    /// Whether nothing is heard of it for a while.
    async fn stays(&mut self, for_so_long: Duration) -> bool {
        timeout(for_so_long, self.0.readable()).await.is_err()
    }
}

#[tokio::test]
async fn who_says_nothing_or_half_a_head_is_let_go() {
    let hall = Hall::open(Limits { head: SHORT, ..limits() }).await;
    let mut silent = hall.connect().await;
    let mut slow = hall.connect().await;
    assert_eq!(slow.ask("/", "quick").await.lines().next(), Some("HTTP/1.1 200 OK"));
    assert!(slow.stays(2 * SHORT).await, "between two requests it may be idle");
    slow.send("GET / HT").await;
    let (said, took) = slow.rest().await;
    assert_eq!(said, "");
    assert!(took >= SHORT, "after {took:?}");
    assert_eq!(silent.rest().await.0, "");
}

#[tokio::test]
async fn who_sends_a_head_byte_by_byte_gets_no_more_time_for_it() {
    let hall = Hall::open(Limits { head: SHORT, ..limits() }).await;
    let mut slow = hall.connect().await;
    let since = Instant::now();
    let mut sent = 0;
    while slow.0.write_all(b"x").await.is_ok() && slow.stays(SHORT / 10).await {
        sent += 1;
        assert!(sent < 100, "it is still open after {:?}", since.elapsed());
    }
    assert!(since.elapsed() >= SHORT);
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let hall = Hall::open(Limits { idle: SHORT, head: SHORT, ..limits() }).await;
    let (mut idle, mut busy) = (hall.connect().await, hall.connect().await);
    idle.ask("/", "quick").await;
    busy.send("GET /waits HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let (said, took) = idle.rest().await;
    assert_eq!(said, "");
    assert!(took >= SHORT / 2, "after {took:?}");
    assert!(busy.stays(2 * SHORT).await, "its answer is awaited");
    hall.answers.add_permits(1);
    busy.answer("late").await;
    busy.ask("/", "quick").await;
}

#[tokio::test]
async fn a_connection_that_has_rested_goes_on_where_it_stopped() {
    let hall = Hall::open(limits()).await;
    let mut client = hall.connect().await;
    let rest = Duration::from_millis(400);
    for _ in 0..2 {
        assert!(client.ask("/", "quick").await.starts_with("HTTP/1.1 200"));
        assert!(client.stays(rest).await);
    }
    // One request and a half at once; the rest comes when the connection has been at rest.
    client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HT").await;
    client.answer("quick").await;
    assert!(client.stays(rest).await);
    client.send("TP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(client.answer("quick").await.starts_with("HTTP/1.1 200"));
    assert!(client.stays(rest).await);
    client.send("nonsense\r\n\r\n").await;
    assert!(client.rest().await.0.starts_with("HTTP/1.1 400"));
}

#[tokio::test]
async fn a_long_answer_may_be_taken_slowly_but_not_left_lying() {
    let hall = Hall::open(Limits { idle: SHORT, ..limits() }).await;
    let (mut slow, mut stalled) = (hall.connect().await, hall.connect().await);
    let ask = "GET /long HTTP/1.1\r\nhost: a\r\n\r\n";
    slow.send(ask).await;
    stalled.send(ask).await;
    let since = Instant::now();
    let mut taken = 0;
    let mut part = vec![0; 1024 * 1024];
    while taken < 64 * 1024 * 1024 {
        let read = slow.0.read(&mut part).await.expect("it goes on");
        assert!(read > 0, "closed after {taken} bytes");
        taken += read;
        // A pause that is shorter than the limit.
        if since.elapsed() < 4 * SHORT {
            let _ = timeout(SHORT / 8, hall.answers.acquire()).await;
        }
    }
    assert!(since.elapsed() > 3 * SHORT, "it was not slow");
    let (left, _) = stalled.rest().await;
    assert!(left.len() < 64 * 1024 * 1024, "it waited for whoever takes nothing");
}

#[tokio::test]
async fn beyond_the_last_place_people_are_told_so_at_once_and_the_others_go_on() {
    let hall = Hall::open(Limits { connections: 2, ..limits() }).await;
    let (mut first, mut second) = (hall.connect().await, hall.connect().await);
    first.ask("/", "quick").await;
    second.ask("/", "quick").await;
    let mut third = hall.connect().await;
    let (said, _) = third.rest().await;
    assert!(said.starts_with("HTTP/1.1 503 "), "{said}");
    assert!(
        said.contains("retry-after: 5") && said.contains("connection: close") && said.contains("\"code\":\"busy\"")
    );
    let mut probe = hall.connect().await;
    probe.send("GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    let (said, _) = probe.rest().await;
    assert!(said.starts_with("HTTP/1.1 200 ") && said.ends_with(r#"{"status":"ok"}"#), "a full hall is alive: {said}");
    first.ask("/", "quick").await;
    drop(second);
    // Its place is free as soon as the server has seen that it has gone.
    loop {
        let mut next = hall.connect().await;
        next.send("GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        let (said, _) = next.rest().await;
        if said.starts_with("HTTP/1.1 200") {
            break;
        }
        assert!(said.starts_with("HTTP/1.1 503 "), "{said}");
    }
}

#[tokio::test]
async fn at_the_end_the_last_request_is_answered_and_nobody_new_is_taken() {
    let hall = Hall::open(limits()).await;
    let (mut idle, mut busy, mut half) = (hall.connect().await, hall.connect().await, hall.connect().await);
    idle.ask("/", "quick").await;
    half.send("GET / HTTP/1.1\r\nho").await;
    busy.send("GET /waits HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(busy.stays(SHORT).await);
    hall.stage.send_replace(Stage::Stopping);
    assert_eq!(idle.rest().await.0, "");
    assert!(!hall.served.is_finished());
    assert!(TcpStream::connect(hall.address).await.is_err(), "it does not listen any more");
    hall.answers.add_permits(1);
    let (said, _) = busy.rest().await;
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("late"), "{said}");
    // A head that has begun is a request under way.
    half.send("st: a\r\n\r\n").await;
    let (said, _) = half.rest().await;
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("quick"), "{said}");
    timeout(LONG, hall.served).await.expect("it ends").expect("it did not panic");
}

#[tokio::test]
async fn a_server_that_leaves_closes_each_connection_with_its_next_answer_and_an_idle_one_late() {
    let grace = Duration::from_secs(2);
    let hall = Hall::open(Limits { grace, ..limits() }).await;
    let (mut idle, mut next, mut busy) = (hall.connect().await, hall.connect().await, hall.connect().await);
    let mut new = hall.connect().await;
    let closes = "connection: close";
    assert!(!idle.ask("/", "quick").await.contains(closes));
    assert!(!next.ask("/", "quick").await.contains(closes));
    busy.send("GET /waits HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(busy.stays(SHORT).await);
    let since = Instant::now();
    hall.stage.send_replace(Stage::Leaving(since));
    assert!(idle.stays(SHORT).await, "it may be about to send");
    for (client, body) in [(&mut next, "quick"), (&mut new, "quick"), (&mut busy, "late")] {
        match body {
            "late" => hall.answers.add_permits(1),
            _ => client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n").await,
        }
        let (said, _) = client.rest().await;
        assert!(said.starts_with("HTTP/1.1 200 OK") && said.contains(closes) && said.ends_with(body), "{said}");
    }
    assert_eq!(idle.rest().await.0, "");
    assert!((grace / 2..grace).contains(&since.elapsed()), "after {:?}", since.elapsed());
    timeout(LONG, hall.served).await.expect("it ends").expect("it did not panic");
    assert_eq!(hall.requests.count(), 5);
}

#[tokio::test]
async fn idle_connections_of_a_server_that_leaves_are_not_closed_all_at_once() {
    let hall = Hall::open(Limits { grace: Duration::from_secs(2), ..limits() }).await;
    let mut clients = Vec::new();
    for _ in 0..16 {
        let mut client = hall.connect().await;
        client.ask("/", "quick").await;
        clients.push(client);
    }
    let since = Instant::now();
    hall.stage.send_replace(Stage::Leaving(since));
    let mut closed = tokio::task::JoinSet::new();
    for mut client in clients {
        closed.spawn(async move {
            client.rest().await;
            since.elapsed()
        });
    }
    let mut times = closed.join_all().await;
    times.sort();
    let (first, last) = (times[0], times[15]);
    assert!(last - first > Duration::from_millis(400), "from {first:?} to {last:?}");
}

#[tokio::test]
async fn two_servers_on_one_socket_take_turns_without_refusing_anybody() {
    // As it arrives in another process: another file of the same socket.
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = socket.local_addr().expect("it is bound");
    let mut stages = Vec::new();
    for body in ["one", "two"] {
        let (stage, staged) = watch::channel(Stage::Serving);
        let listener = take(socket.try_clone().expect("there are files left").into()).expect("it is bound");
        let router = Router::new().route("/", get(async move || body));
        let course = Course::new(staged, Requests::until(None));
        stages.push((stage, tokio::spawn(serve(listener, router, limits(), Arc::default(), course))));
    }
    drop(socket);
    let (stage, served) = stages.remove(0);
    stage.send_replace(Stage::Leaving(Instant::now()));
    timeout(LONG, served).await.expect("it ends").expect("it did not panic");
    for _ in 0..8 {
        let mut client = Client(TcpStream::connect(address).await.expect("the other listens"));
        assert!(client.ask("/", "two").await.starts_with("HTTP/1.1 200 OK"));
    }
}

#[tokio::test]
async fn what_is_no_request_is_refused_in_words_of_the_protocol() {
    let hall = Hall::open(limits()).await;
    let mut nonsense = hall.connect().await;
    nonsense.send("\u{16}\u{3}\u{1} this is not HTTP\r\n\r\n").await;
    assert!(nonsense.rest().await.0.starts_with("HTTP/1.1 400 "));
    let mut long = hall.connect().await;
    long.send(&format!("GET / HTTP/1.1\r\nhost: a\r\nx: {}\r\n\r\n", "x".repeat(20_000))).await;
    assert!(long.rest().await.0.starts_with("HTTP/1.1 431 "));
    let mut many = hall.connect().await;
    many.send(&format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x: y\r\n".repeat(200))).await;
    assert!(many.rest().await.0.starts_with("HTTP/1.1 431 "));
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_turn() {
    let hall = Hall::open(limits()).await;
    let mut client = hall.connect().await;
    hall.answers.add_permits(1);
    client.send("GET /waits HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
    let (said, _) = client.rest().await;
    let (late, quick) = (said.find("late"), said.find("quick"));
    assert!(late.is_some() && late < quick, "{said}");
}
