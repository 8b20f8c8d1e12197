//! The application: what every request may use, made once at start and passed to handlers. There are no globals.

use crate::chance::Chance;
use crate::clocks::Clocks;
use crate::config::SignUp;
use crate::http::assets;
use crate::messages::Messages;
use crate::password::Passwords;
use crate::published::Published;
use crate::take::sitting::{SITTINGS, Sittings};
use crate::view::page::Shell;
use exam::time::{Clock, Timestamp};
use std::ops::Deref;
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
    /// Who may make an account.
    pub sign_up: SignUp,
    /// Whether demo accounts may sign in.
    pub demo: bool,
    /// How long a request may take.
    pub request_timeout: Duration,
}

impl Site {
    /// Whether browsers reach us over HTTPS, so that cookies can be bound to it.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}

impl App {
    /// Puts the application together.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>, chance: Chance, passwords: Passwords, site: Site) -> Self {
        let shell = Shell {
            messages: Messages::english(),
            asset_prefix: assets::prefix(),
            demo: site.demo,
            sign_up_open: site.sign_up == SignUp::Open,
        };
        Self(Arc::new(Parts {
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
