//! Content that is the same for everybody: kept as the bytes that are sent, compressed once and not for each answer.

use crate::token;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest as _, Sha256};
use std::io::{self, Write as _};

/// What is shorter does not become smaller.
const SHORT: usize = 200;

/// How many headers an answer has, with those that every one carries.
const HEADERS: usize = 16;

/// How hard it is tried to make something smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// For what is kept as long as the program runs.
    Most,
    /// For what changes now and then.
    Some,
}

/// Content, plain and in the forms that browsers unpack.
#[derive(Debug, Clone)]
pub struct Packed {
    kind: HeaderValue,
    tag: HeaderValue,
    plain: Bytes,
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Packed {
    /// Packs content of a kind (media type).
    #[must_use]
    pub fn new(kind: HeaderValue, plain: impl Into<Bytes>, effort: Effort) -> Self {
        let plain = plain.into();
        let smaller = |packed: io::Result<Vec<u8>>| {
            // Memory that is written to does not fail; and what cannot be packed is sent as it is.
            packed.ok().filter(|packed| packed.len() < plain.len()).map(Bytes::from)
        };
        let is_short = plain.len() < SHORT;
        let gzip = if is_short { None } else { smaller(gzip(&plain, effort)) };
        let brotli = if is_short { None } else { smaller(brotli(&plain, effort)) };
        let hash = token::hex(&Sha256::digest(&plain)[..8]);
        // Hexadecimal digits in quotes are a valid header.
        let tag = HeaderValue::from_str(&format!("\"{hash}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""));
        Self { kind, tag, plain, gzip, brotli }
    }

    /// As the answer to a request; without the content when the client has it already.
    #[must_use]
    pub fn answer(&self, asked: &HeaderMap, caching: HeaderValue) -> Response {
        // Proxies that pack anew mark a tag as weak.
        let known = asked.get(header::IF_NONE_MATCH).and_then(|tags| tags.to_str().ok()).unwrap_or_default();
        let is_known = |tag: &str| tag.trim().trim_start_matches("W/").as_bytes() == self.tag.as_bytes();
        let mut answer = Response::new(Body::empty());
        // All that will be on it, so that it need not grow.
        answer.headers_mut().reserve(HEADERS);
        if known.split(',').any(is_known) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            self.content(asked, &mut answer);
        }
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, caching);
        headers.insert(header::ETAG, self.tag.clone());
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        answer
    }

    fn content(&self, asked: &HeaderMap, answer: &mut Response) {
        let (encoding, bytes) = match (&self.brotli, &self.gzip) {
            (Some(bytes), _) if takes(asked, "br") => (Some("br"), bytes),
            (_, Some(bytes)) if takes(asked, "gzip") => (Some("gzip"), bytes),
            _ => (None, &self.plain),
        };
        *answer.body_mut() = Body::from(bytes.clone());
        answer.headers_mut().insert(header::CONTENT_TYPE, self.kind.clone());
        if let Some(encoding) = encoding {
            answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
}

/// Whether a client takes an encoding (RFC 9110, 12.5.3): it names it, and does not name it with the weight 0.
pub(super) fn takes(asked: &HeaderMap, encoding: &str) -> bool {
    let lines = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut named = lines.flat_map(|line| line.split(',')).filter_map(|part| {
        let mut parts = part.split(';').map(str::trim);
        let is_it = parts.next()?.eq_ignore_ascii_case(encoding);
        let weight = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(Ok(1.0), str::parse::<f32>);
        is_it.then(|| weight.is_ok_and(|weight| weight > 0.0))
    });
    named.next().unwrap_or(false)
}

fn gzip(plain: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    let level = if effort == Effort::Most { Compression::best() } else { Compression::default() };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(plain)?;
    encoder.finish()
}

fn brotli(plain: &[u8], effort: Effort) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let quality = if effort == Effort::Most { 11 } else { 5 };
    let mut encoder = brotli::CompressorWriter::new(&mut packed, 4_096, quality, 22);
    encoder.write_all(plain)?;
    encoder.flush()?;
    drop(encoder);
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(header::HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn encoding(packed: &Packed, accepted: &'static str) -> Option<String> {
        let answer =
            packed.answer(&headers(&[(header::ACCEPT_ENCODING, accepted)]), HeaderValue::from_static("no-cache"));
        let encoding = answer.headers().get(header::CONTENT_ENCODING)?;
        Some(encoding.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_client_gets_the_smallest_form_that_it_takes() {
        let text = "The same words again and again. ".repeat(200);
        for effort in [Effort::Most, Effort::Some] {
            let packed = Packed::new(HeaderValue::from_static("text/plain"), text.clone(), effort);
            assert_eq!(encoding(&packed, "gzip, deflate, br").as_deref(), Some("br"));
            assert_eq!(encoding(&packed, "GZIP;q=0.5").as_deref(), Some("gzip"));
            assert_eq!(encoding(&packed, "br;q=0, gzip;q=1.0").as_deref(), Some("gzip"));
            for none in ["", "identity", "br;q=0", "brx", "br;q=nonsense"] {
                assert_eq!(encoding(&packed, none), None, "{none}");
            }
            let (gzip, brotli) = (packed.gzip.unwrap(), packed.brotli.unwrap());
            assert!(brotli.len() < gzip.len() && gzip.len() < text.len() / 10);
            let mut unpacked = String::new();
            io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&gzip[..]), &mut unpacked).unwrap();
            assert_eq!(unpacked, text);
            let mut unpacked = Vec::new();
            brotli::BrotliDecompress(&mut &brotli[..], &mut unpacked).unwrap();
            assert_eq!(unpacked, text.as_bytes());
        }
    }

    #[test]
    fn what_is_short_or_does_not_become_smaller_is_sent_as_it_is() {
        let short = Packed::new(HeaderValue::from_static("text/plain"), "short", Effort::Most);
        assert_eq!(encoding(&short, "br, gzip"), None);
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            state.to_be_bytes()[0]
        })
        .take(4_000)
        .collect();
        assert_eq!(encoding(&Packed::new(HeaderValue::from_static("image/x"), noise, Effort::Most), "br, gzip"), None);
    }

    #[test]
    fn who_has_it_already_is_told_so_without_it() {
        let packed = Packed::new(HeaderValue::from_static("text/plain"), "x".repeat(5_000), Effort::Most);
        let caching = || HeaderValue::from_static("no-cache");
        let first = packed.answer(&HeaderMap::new(), caching());
        let tag = first.headers()[header::ETAG].clone();
        for tags in [tag.to_str().unwrap().to_owned(), format!("\"other\", W/{}", tag.to_str().unwrap())] {
            let mut asked = HeaderMap::new();
            asked.insert(header::IF_NONE_MATCH, tags.parse().unwrap());
            let again = packed.answer(&asked, caching());
            assert_eq!((again.status(), &again.headers()[header::ETAG]), (StatusCode::NOT_MODIFIED, &tag));
        }
        let other = headers(&[(header::IF_NONE_MATCH, "\"0000\"")]);
        assert_eq!(packed.answer(&other, caching()).status(), StatusCode::OK);
    }
}
