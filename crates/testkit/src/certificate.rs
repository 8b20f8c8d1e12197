//! Certificates that nobody but a test trusts.

/// A certificate and its key, both in PEM.
#[derive(Debug, Clone)]
pub struct Certificate {
    /// The certificate, signed by itself.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// A new certificate of 127.0.0.1 and localhost.
///
/// # Panics
/// When none can be made.
#[must_use]
pub fn certificate() -> Certificate {
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).expect("a certificate is made");
    Certificate { certificate: made.cert.pem(), key: made.signing_key.serialize_pem() }
}
