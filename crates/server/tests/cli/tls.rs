//! `serve` with a certificate.

use crate::program::Hall;
use crate::serve::Server;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::sync::Arc;
use testkit::{Certificate, certificate, wait_for};

/// A folder with a certificate and its key, which the settings name.
fn hall(certificate: &Certificate) -> Hall {
    let hall = Hall::new().with("TLS_CERT", "fullchain.pem").with("TLS_KEY", "privkey.pem");
    hall.file("fullchain.pem", &certificate.certificate);
    hall.file("privkey.pem", &certificate.key);
    hall
}

/// The first bytes that a server answers to what no client of TLS begins with.
fn greeted(port: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens");
    stream.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").expect("it is taken");
    let mut answer = Vec::new();
    // It may be reset behind the answer.
    let _ = stream.read_to_end(&mut answer);
    answer
}

/// Whether a server shows this certificate to who connects.
fn shows(port: &str, certificate: &Certificate) -> bool {
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(certificate.certificate.as_bytes()).expect("it is PEM");
    roots.add(trusted).expect("it is a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().expect("ring speaks them");
    let config = Arc::new(config.with_root_certificates(roots).with_no_client_auth());
    let mut client = ClientConnection::new(config, "localhost".try_into().expect("a name")).expect("it is configured");
    let mut stream = TcpStream::connect(format!("127.0.0.1:{port}")).expect("it listens all the time");
    client.complete_io(&mut stream).is_ok()
}

#[tokio::test]
async fn a_fresh_process_takes_a_renewed_certificate_in_and_nobody_is_refused_meanwhile() {
    let (old, new) = (certificate(), certificate());
    let hall = hall(&old);
    let server = Server::start(&hall, "serve --port 0");
    assert!(shows(server.port(), &old) && !shows(server.port(), &new));
    hall.file("fullchain.pem", &new.certificate);
    hall.file("privkey.pem", &new.key);
    assert!(shows(server.port(), &old), "they are read once");
    let told = Command::new("kill").args(["-HUP", &server.id().to_string()]).status().expect("kill is there");
    assert!(told.success());
    wait_for("the new certificate", async || shows(server.port(), &new)).await;
    server.stop().expect(0);
}

#[test]
fn a_server_with_a_certificate_speaks_https_only() {
    let server = Server::start(&hall(&certificate()), "serve --port 0");
    assert!(server.printed().contains("is running at https://127.0.0.1:"), "{}", server.printed());
    assert!(server.printed().contains("admin: https://127.0.0.1:"), "{}", server.printed());
    // A fatal alert, in a record of TLS.
    assert_eq!(greeted(server.port()).first(), Some(&0x15));
    server.stop().expect(0);
}

#[test]
fn files_that_cannot_be_used_are_wrong_settings_like_others() {
    let hall = hall(&certificate());
    hall.file("privkey.pem", &certificate().key);
    let refused = hall.run("serve --port 0").expect(64);
    let told =
        "TLS_KEY (environment) = \"privkey.pem\": it does not belong to the certificate of TLS_CERT. Name the key";
    assert!(refused.err.contains(told), "{}", refused.err);
    std::fs::remove_file(hall.path("fullchain.pem")).expect("it is there");
    let refused = hall.run("serve --port 0").expect(64);
    assert!(refused.err.contains("TLS_CERT (environment) = \"fullchain.pem\": it cannot be read"), "{}", refused.err);
    assert_eq!(hall.names(), ["privkey.pem"], "nothing was made");
    // Whoever must not read the key can still do other things.
    hall.run("migrate").expect(0);
}

#[test]
fn a_certificate_and_a_key_go_together() {
    for (name, told) in [("TLS_CERT", "there is no TLS_KEY"), ("TLS_KEY", "there is no TLS_CERT")] {
        let refused = Hall::new().with(name, "some.pem").run("serve --port 0").expect(64);
        assert!(refused.err.contains(&format!("{name} (environment) = \"some.pem\": {told}")), "{}", refused.err);
    }
}
