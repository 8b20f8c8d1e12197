//! HTTPS without a proxy in front: connections are enciphered when the server has a certificate.
//!
//! Certificate and key are read once, at start; a hand-over brings a renewed certificate in.

use super::connection::{self, Ended, Wire};
use super::course::Course;
use super::{Limits, Peer};
use crate::http::at_hand::Front;
use rustls::crypto::ring;
use rustls::pki_types::pem::{Error as PemError, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, version};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::AsyncBufRead as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// What the server proves with who it is.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

/// Why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsProblem {
    /// Which of the two files is wrong.
    pub file: TlsFile,
    /// What is wrong with it, as part of a sentence.
    pub reason: String,
    /// What to do, as a sentence.
    pub remedy: &'static str,
}

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsFile {
    /// The certificate with its chain.
    Certificate,
    /// Its private key.
    Key,
}

const NO_CERTIFICATE: &str =
    "Name a PEM file with the certificate, followed by those of its chain, such as fullchain.pem.";
const NO_KEY: &str = "Name a PEM file with the private key, not enciphered, such as privkey.pem.";

impl Tls {
    /// Reads the certificate, followed by those of its chain, and its private key, both in PEM. TLS 1.2 and 1.3, HTTP/1.1.
    ///
    /// # Errors
    /// When one of the files cannot be read or used, or they do not belong together.
    pub fn load(certificate: &Path, key: &Path) -> Result<Self, TlsProblem> {
        let problem = |file, reason: String, remedy| TlsProblem { file, reason, remedy };
        let no_certificate = |reason| problem(TlsFile::Certificate, reason, NO_CERTIFICATE);
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| no_certificate(unreadable(error)))?;
        if chain.is_empty() {
            return Err(no_certificate("it holds no certificate".into()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(|error| match error {
            PemError::NoItemsFound => problem(TlsFile::Key, "it holds no private key that can be read".into(), NO_KEY),
            error => problem(TlsFile::Key, unreadable(error), NO_KEY),
        })?;
        let provider = Arc::new(ring::default_provider());
        let defect = |error: rustls::Error| problem(TlsFile::Certificate, error.to_string(), NO_CERTIFICATE);
        let builder = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(defect)?
            .with_no_client_auth();
        let mut config = builder.with_single_cert(chain, key).map_err(|error| match error {
            rustls::Error::InconsistentKeys(_) => {
                let reason = "it does not belong to the certificate of TLS_CERT".into();
                problem(TlsFile::Key, reason, "Name the key with which that certificate was asked for.")
            }
            rustls::Error::General(reason) => problem(TlsFile::Key, reason, NO_KEY),
            error => defect(error),
        })?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        // Whoever comes back proves with a ticket that they were here, which costs neither side a signature.
        config.ticketer = ring::Ticketer::new().map_err(defect)?;
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

fn unreadable(error: PemError) -> String {
    match error {
        PemError::Io(error) => format!("it cannot be read: {error}"),
        error => format!("it is not PEM: {error}"),
    }
}

/// Answers the requests of a connection after its handshake, which has no more time than the head of the first request together
/// with it: whoever is slow with both holds a place for no longer than whoever is silent.
pub(super) async fn hold(
    tls: Tls,
    stream: TcpStream,
    peer: Peer,
    front: Front,
    limits: Arc<Limits>,
    mut course: Course,
    place: f64,
) -> Ended {
    let taken = Instant::now();
    // In boxes: the handshake is over soon, and what is left of the connection is moved from hand to hand.
    let shaken = Box::pin(timeout_at(taken + limits.head, tls.0.accept(stream)));
    let shaken = tokio::select! {
        biased;
        shaken = shaken => shaken,
        () = course.idle_over(&limits, place) => return Ended::Closed,
    };
    match shaken {
        Ok(Ok(stream)) => connection::hold(Box::new(stream), taken, peer, front, limits, course, place).await,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection was closed: its handshake failed");
            Ended::Closed
        }
        Err(_) => Ended::TooSlow("the handshake"),
    }
}

impl Wire for Box<TlsStream<TcpStream>> {
    fn poll_wakes(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // What has come may be of the protocol's own, and nothing of a request.
        std::pin::Pin::new(&mut **self).poll_fill_buf(cx).map(|_| ())
    }
}
