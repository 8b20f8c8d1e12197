//! The application: what every request may use, made once at start and passed to handlers. There are no globals.

use crate::admission::{Admission, Delay};
use crate::chance::Chance;
use crate::clocks::Clocks;
use crate::config::{MetricsToken, SignUp};
use crate::http::listener::Connections;
use crate::http::rates::Rates;
use crate::http::{assets, security};
use crate::metrics::Metrics;
use crate::operations::Watch;
use crate::password::Passwords;
use crate::presence::Presence;
use crate::published::Published;
use crate::take::sitting::{SITTINGS, Sittings};
use crate::view::page::Shell;
use axum::http::HeaderValue;
use exam::time::{Clock, Timestamp};
use ipnet::IpNet;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::Store;

/// What handlers are given: cheap to clone, since each layer of each request does.
#[derive(Clone)]
pub struct App(Arc<Parts>);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// What the application is made of.
pub struct Parts {
    /// The database.
    pub store: Store,
    /// The server's clock, which decides.
    pub clock: Arc<dyn Clock>,
    /// Whether it agrees with the database's.
    pub clocks: Clocks,
    /// Where tokens, ids and seeds come from.
    pub chance: Chance,
    /// Hashes and checks passwords.
    pub passwords: Passwords,
    /// The published exams.
    pub published: Published,
    /// The attempts that are being sat, as far as they never change.
    pub sittings: Sittings,
    /// Who gets in when more come than fit.
    pub admission: Admission,
    /// How late things are.
    pub delay: Delay,
    /// Who has asked for how much.
    pub rates: Rates,
    /// Who is here.
    pub presence: Presence,
    /// The connections of clients.
    pub connections: Arc<Connections>,
    /// What is counted.
    pub metrics: Metrics,
    /// What was last seen of it all.
    pub watch: Watch,
    /// What browsers may load with a page.
    pub content_policy: HeaderValue,
    /// What all pages share: texts, asset address, demo notice.
    pub shell: Arc<Shell>,
    /// How the outside sees this server and what it may do.
    pub site: Site,
}

/// How the outside sees this server and what it may do.
#[derive(Debug, Clone)]
pub struct Site {
    /// `https://exams.example.org`, when it is known.
    pub public_url: Option<String>,
    /// Whether this server speaks HTTPS itself.
    pub tls: bool,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// Whether demo accounts may sign in.
    pub demo: bool,
    /// How long a request may take.
    pub request_timeout: Duration,
    /// The proxies whose word is taken for where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether anybody is held to a number of requests.
    pub rate_limits: bool,
    /// Whether less is let in while things are late.
    pub admission: bool,
    /// What whoever reads the metrics from elsewhere has to show.
    pub metrics_token: Option<MetricsToken>,
    /// Where browsers get static files from; None: from this server.
    pub asset_url: Option<String>,
    /// Threads that run requests.
    pub workers: usize,
    /// The folder of the embedded database, where that is used.
    pub data_folder: Option<PathBuf>,
}

impl Site {
    /// Whether browsers reach us over HTTPS, so that cookies can be bound to it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.tls || self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

impl App {
    /// Puts the application together.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, chance: Chance, passwords: Passwords, site: Site) -> Self {
        let shell = Shell {
            asset_prefix: assets::prefix(site.asset_url.as_deref()),
            player_modules: assets::modules(&[
                "js/take.js",
                "js/marks/marks.js",
                "js/times.js",
                "js/player/sign-out.js",
            ])
            .into(),
            demo: site.demo,
            sign_up_open: site.sign_up == SignUp::Open,
        };
        Self(Arc::new(Parts {
            admission: Admission::new(chance.key()),
            delay: Delay::default(),
            rates: Rates::new(site.rate_limits),
            presence: Presence::default(),
            connections: Arc::default(),
            metrics: Metrics::default(),
            watch: Watch::begin(chance.public_id()),
            content_policy: security::content_policy(site.asset_url.as_deref()),
            published: Published::new(store.clone()),
            sittings: Sittings::new(SITTINGS),
            store,
            clock,
            clocks: Clocks::default(),
            chance,
            passwords,
            shell: Arc::new(shell),
            site,
        }))
    }

    /// The server's current time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
