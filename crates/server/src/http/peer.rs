//! Where a request comes from: the other end of its connection, or what a proxy says that is trusted.

use crate::http::listener::Peer;
use axum::http::{Extensions, HeaderMap};
use ipnet::{IpNet, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr};

/// The headers by which proxies tell for whom they ask.
const FORWARDING: [&str; 4] = ["x-forwarded-for", "forwarded", "x-real-ip", "via"];

fn other_end(extensions: &Extensions) -> IpAddr {
    extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.to_canonical())
}

/// Whether a request was made on this machine and not passed on for somebody else.
#[must_use]
pub fn is_local(extensions: &Extensions, headers: &HeaderMap) -> bool {
    other_end(extensions).is_loopback() && !FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// Where a request comes from. Each proxy adds to `X-Forwarded-For` whom it was asked by; what stands before the first one that is
/// not trusted, anybody may have written.
#[must_use]
pub fn origin(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut origin = other_end(extensions);
    let lines = headers.get_all(FORWARDING[0]).iter().filter_map(|line| line.to_str().ok());
    let hops: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
    for hop in hops.into_iter().rev() {
        if !trusted.iter().any(|network| network.contains(&origin)) {
            break;
        }
        let Some(before) = address(hop) else { break };
        origin = before.to_canonical();
    }
    origin
}

/// An address, perhaps with a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.split(']').next());
    let with_port = || text.rsplit_once(':').and_then(|(address, _)| address.parse::<Ipv4Addr>().ok()).map(IpAddr::V4);
    bare.unwrap_or(text).parse().ok().or_else(with_port)
}

/// What is counted as one place: of the addresses of version 6, a household or hall has a network of them.
#[must_use]
pub fn place(origin: IpAddr) -> IpAddr {
    match origin {
        IpAddr::V4(_) => origin,
        IpAddr::V6(address) => Ipv6Net::new(address, 64).map_or(origin, |network| IpAddr::V6(network.network())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn asked(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(Peer(peer.parse().unwrap()));
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append(FORWARDING[0], HeaderValue::from_str(line).unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        origin(&extensions, &headers, &trusted).to_string()
    }

    #[test]
    fn what_a_proxy_says_counts_when_it_is_trusted_and_no_further() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(asked("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9", "anybody may send that header");
        assert_eq!(asked("203.0.113.9", &["198.51.100.1"], &proxies), "203.0.113.9");
        assert_eq!(asked("10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1, 198.51.100.1"], &proxies), "198.51.100.1", "the first one is made up");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1, 198.51.100.1, 10.2.0.1"], &proxies), "198.51.100.1");
        assert_eq!(asked("10.0.0.1", &["1.1.1.1", "198.51.100.1"], &proxies), "198.51.100.1", "lines are one list");
        assert_eq!(asked("10.0.0.1", &["nonsense"], &proxies), "10.0.0.1");
        assert_eq!(asked("10.0.0.1", &["198.51.100.1:4711"], &proxies), "198.51.100.1");
        assert_eq!(asked("10.0.0.1", &["[2001:db8::1]:4711"], &proxies), "2001:db8::1");
        assert_eq!(asked("::ffff:10.0.0.1", &["198.51.100.1"], &proxies), "198.51.100.1");
    }

    #[test]
    fn a_request_is_local_only_when_nobody_passed_it_on() {
        let mut extensions = Extensions::new();
        assert!(!is_local(&extensions, &HeaderMap::new()), "nothing is known of it");
        extensions.insert(Peer("127.0.0.1".parse().unwrap()));
        assert!(is_local(&extensions, &HeaderMap::new()));
        for name in FORWARDING {
            let mut headers = HeaderMap::new();
            headers.insert(name, HeaderValue::from_static("x"));
            assert!(!is_local(&extensions, &headers), "{name}");
        }
        extensions.insert(Peer("203.0.113.9".parse().unwrap()));
        assert!(!is_local(&extensions, &HeaderMap::new()));
    }

    #[test]
    fn a_network_of_version_6_is_one_place() {
        let place_of = |text: &str| place(text.parse().unwrap()).to_string();
        assert_eq!(place_of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(place_of("198.51.100.7"), "198.51.100.7");
    }
}
