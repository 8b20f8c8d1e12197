//! HTTPS by the server itself.

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion, version};
use serde_json::{Value, json};
use server::http::listener::{Entrance, Limits, Tls, TlsFile};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use testkit::{Certificate, Folder, TestApp, arrange, both_engines, certificate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The application by HTTPS, beside its HTTP.
struct Https {
    address: SocketAddr,
    certificate: Certificate,
    _stop: oneshot::Sender<()>,
}

/// A certificate and its key in files.
fn files(folder: &Folder, certificate: &Certificate) -> (PathBuf, PathBuf) {
    let (chain, key) = (folder.path().join("fullchain.pem"), folder.path().join("privkey.pem"));
    std::fs::write(&chain, &certificate.certificate).expect("the folder can be written");
    std::fs::write(&key, &certificate.key).expect("the folder can be written");
    (chain, key)
}

impl Https {
    async fn open(app: &TestApp, limits: Limits) -> Self {
        let (folder, certificate) = (Folder::new(), certificate());
        let (chain, key) = files(&folder, &certificate);
        let tls = Tls::load(&chain, &key).expect("they belong together");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel::<()>();
        let stopped = async {
            // An error is the sender's drop: the test is over.
            let _ = stopped.await;
        };
        let limits = Limits { grace: Duration::ZERO, ..limits };
        let entrance = Entrance::new(listener, Some(tls));
        tokio::spawn(server::server::run(app.app.clone(), entrance, stopped, limits));
        Self { address, certificate, _stop: stop }
    }

    /// A client that trusts the certificate and speaks one version of TLS.
    async fn connect(&self, version: &'static SupportedProtocolVersion, alpn: &[&[u8]]) -> std::io::Result<Client> {
        let mut roots = RootCertStore::empty();
        let trusted = CertificateDer::from_pem_slice(self.certificate.certificate.as_bytes()).expect("it is PEM");
        roots.add(trusted).expect("it is a certificate");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let config = config.with_protocol_versions(&[version]).expect("ring speaks it");
        let mut config = config.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        let stream = TcpStream::connect(self.address).await?;
        let name = ServerName::try_from("localhost").expect("a name");
        TlsConnector::from(Arc::new(config)).connect(name, stream).await.map(Client)
    }
}

/// A connection by HTTPS.
struct Client(TlsStream<TcpStream>);

impl Client {
    /// Sends a request and reads its answer: status, head and body.
    async fn ask(&mut self, method: &str, path: &str, token: Option<&str>, body: &Value) -> (u16, String, Value) {
        let body = body.to_string();
        let bearer = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n{bearer}content-type: application/json\r\n");
        let request = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.0.write_all(request.as_bytes()).await.expect("it is taken");
        self.0.flush().await.expect("it is taken");
        let mut read = Vec::new();
        loop {
            assert!(self.0.read_buf(&mut read).await.expect("it is answered") > 0, "closed after {read:?}");
            let text = String::from_utf8_lossy(&read).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
            if body.len() == length.parse::<usize>().expect("a number") {
                let status = head.split(' ').nth(1).expect("a status").parse().expect("a number");
                return (status, head, serde_json::from_str(body).unwrap_or(Value::Null));
            }
        }
    }

    /// Waits until the server closes; how long that took.
    async fn closed(&mut self) -> Duration {
        let since = Instant::now();
        let mut rest = Vec::new();
        // How it is closed is of no matter.
        let _ = self.0.read_to_end(&mut rest).await;
        assert_eq!(rest, b"");
        since.elapsed()
    }
}

both_engines!(one_signs_in_and_saves_by_https, async |t| {
    let app = TestApp::start_with(&t, |site| site.tls = true).await;
    arrange::exam("bell").publish(app.store()).await;
    let https = Https::open(&app, Limits::default()).await;
    for (number, version) in [&version::TLS13, &version::TLS12].into_iter().enumerate() {
        let mut ada = https.connect(version, &[b"h2", b"http/1.1"]).await.expect("it is let in");
        assert_eq!(ada.0.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
        let account =
            json!({"email": format!("ada{number}@example.org"), "name": "Ada", "password": "seven red umbrellas"});
        assert_eq!(ada.ask("POST", "/api/v1/accounts", None, &account).await.0, 201);
        let credentials = json!({"email": account["email"], "password": account["password"]});
        let (status, head, session) = ada.ask("POST", "/api/v1/session", None, &credentials).await;
        assert_eq!(status, 200, "{session}");
        assert!(head.contains("set-cookie: __host-examhall_session=") && head.contains("; secure"), "{head}");
        let token = session["token"].as_str();

        let (status, _, attempt) = ada.ask("POST", "/api/v1/exams/bell/attempts", token, &json!({})).await;
        assert_eq!(status, 201, "{attempt}");
        let answers = format!("/api/v1/attempts/{}/answers", attempt["id"].as_str().expect("an id"));
        for seq in 1..4 {
            let save = json!({"operations": [{"seq": seq, "question": 1, "response": {"choice": ["a"]}}]});
            let (status, _, saved) = ada.ask("PUT", &answers, token, &save).await;
            assert_eq!(status, 200, "{saved}");
            // She thinks, and the connection comes to rest.
            sleep(Duration::from_millis(400)).await;
        }
        let path = answers.trim_end_matches("/answers");
        assert_eq!(ada.ask("GET", path, token, &json!({})).await.2["last_seq"], 3);
    }
});

both_engines!(who_is_silent_or_slow_in_the_handshake_holds_no_place_for_ever, async |t| {
    let app = TestApp::start(&t).await;
    let head = Duration::from_millis(300);
    let https = Https::open(&app, Limits { connections: 1, head, ..Limits::default() }).await;
    for beginning in [b"".as_slice(), b"\x16\x03\x01\x02"] {
        let mut slow = TcpStream::connect(https.address).await.expect("it listens");
        slow.write_all(beginning).await.expect("it is taken");
        let since = Instant::now();
        let mut rest = Vec::new();
        // Closed with something unread, it may be reset.
        let _ = slow.read_to_end(&mut rest).await;
        assert!(since.elapsed() >= head / 2 && since.elapsed() < 20 * head, "after {:?}", since.elapsed());
        assert_eq!(rest, b"");
    }
    // The only place is free again; after the handshake there is no more time for the first request than without one.
    let mut silent = loop {
        match https.connect(&version::TLS13, &[]).await {
            Ok(client) => break client,
            // The one before may just be on its way out.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    };
    let took = silent.closed().await;
    assert!(took < 20 * head, "after {took:?}");
});

both_engines!(who_speaks_something_else_is_let_go, async |t| {
    let app = TestApp::start(&t).await;
    let https = Https::open(&app, Limits::default()).await;
    let mut plain = TcpStream::connect(https.address).await.expect("it listens");
    plain.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("it is taken");
    let mut said = Vec::new();
    let _ = plain.read_to_end(&mut said).await;
    assert!(!said.starts_with(b"HTTP"), "{said:?}");
    assert!(https.connect(&version::TLS13, &[b"h2"]).await.is_err(), "it speaks HTTP/1.1 only");
    let mut other = https.connect(&version::TLS13, &[b"http/1.1"]).await.expect("it is let in");
    assert_eq!(other.ask("GET", "/healthz", None, &json!({})).await.0, 200);
});

#[test]
fn files_that_cannot_be_used_are_told_with_what_is_wrong() {
    let folder = Folder::new();
    let (one, other) = (certificate(), certificate());
    let (chain, key) = files(&folder, &one);
    assert!(Tls::load(&chain, &key).is_ok());
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("the folder can be written");
        path
    };
    let missing = folder.path().join("missing.pem");
    let other_key = write("other.pem", &other.key);
    let empty = write("empty.pem", "");
    let enciphered = write("enciphered.pem", &one.key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"));
    let broken = write("broken.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    for (chain, key, file, reason) in [
        (&missing, &key, TlsFile::Certificate, "it cannot be read: No such file"),
        (&empty, &key, TlsFile::Certificate, "it holds no certificate"),
        (&key, &key, TlsFile::Certificate, "it holds no certificate"),
        (&broken, &key, TlsFile::Certificate, "invalid peer certificate"),
        (&chain, &missing, TlsFile::Key, "it cannot be read: No such file"),
        (&chain, &chain, TlsFile::Key, "it holds no private key"),
        (&chain, &enciphered, TlsFile::Key, "it holds no private key"),
        (&chain, &other_key, TlsFile::Key, "it does not belong to the certificate of TLS_CERT"),
    ] {
        let problem = Tls::load(chain, key).expect_err("it cannot be used");
        assert_eq!(problem.file, file, "{problem:?}");
        assert!(problem.reason.starts_with(reason), "{problem:?}");
    }
}
