//! The whole application on a port of its own, and people who talk to it over HTTP.

use crate::{TestClock, TestStore, arrange};
use exam::time::Clock;
use reqwest::{Method, RequestBuilder, Response, redirect};
use server::app::{App, Site};
use server::chance::Chance;
use server::config::{Config, SignUp};
use server::http::listener::Limits;
use server::password::Passwords;
use server::{routes, server as running, token};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use store::{Account, Role, Store};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The application over a test's store. Its clock stands still; its background loops run. It stops when it is dropped.
pub struct TestApp {
    /// Where it listens: `http://127.0.0.1:port`.
    pub base: String,
    /// Its clock.
    pub clock: TestClock,
    /// The application, for calls without HTTP, such as a sweep.
    pub app: App,
    names: AtomicU32,
    _stop: oneshot::Sender<()>,
}

impl TestApp {
    /// Starts it with open sign-up.
    pub async fn start(t: &TestStore) -> Self {
        Self::start_with(t, |_| {}).await
    }

    /// Starts it with another site.
    pub async fn start_with(t: &TestStore, change: impl FnOnce(&mut Site)) -> Self {
        Self::start_on(t.handle(), change).await
    }

    /// Starts it on a store with options of its own, and with another site.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_on(store: Store, change: impl FnOnce(&mut Site)) -> Self {
        // Tests send more in a second than people do in an hour, and many of them run at once.
        let config = Config { rate_limits: false, sign_up: SignUp::Open, ..Config::default() };
        let mut site = config.site();
        // Of a database on this machine, wherever its files are.
        site.data_folder = (store.engine() == "sqlite").then(std::env::temp_dir);
        change(&mut site);
        let clock = TestClock::new();
        let passwords = Passwords::new(2).expect("the operating system has randomness");
        let app = App::new(store, Arc::new(clock.clone()), Chance::from_seed(1), passwords, site);
        // A busy machine is no crowd.
        app.admission.set_by_hand();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let base = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (stop, stopped) = oneshot::channel::<()>();
        let serving = app.clone();
        tokio::spawn(async move {
            let stop = async {
                // An error is the sender's drop: the test is over.
                let _ = stopped.await;
            };
            running::run(serving, listener, stop, Limits { grace: Duration::ZERO, ..Limits::default() })
                .await
                .expect("the server runs");
        });
        Self { base, clock, app, names: AtomicU32::new(0), _stop: stop }
    }

    /// The store under it.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.app.store
    }

    /// Whether it keeps in memory what the saves of an attempt need.
    #[must_use]
    pub fn remembers(&self, attempt: &str) -> bool {
        self.app.sittings.contains_key(attempt)
    }

    /// Everything it serves, as the route table lists it.
    #[must_use]
    pub fn routes(&self) -> Vec<routes::Route> {
        routes::table()
    }

    /// Somebody who has not signed in. Follows no redirects, keeps no cookies.
    ///
    /// # Panics
    /// When no client can be made.
    #[must_use]
    pub fn guest(&self) -> Visitor {
        let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build();
        Visitor { base: self.base.clone(), http: http.expect("a plain client"), token: None, account: None }
    }

    /// A new candidate who has signed in.
    pub async fn candidate(&self) -> Visitor {
        self.person(Role::Candidate).await
    }

    /// A new person of a role who has signed in (without the cost of a password).
    ///
    /// # Panics
    /// When the database fails.
    pub async fn person(&self, role: Role) -> Visitor {
        let number = self.names.fetch_add(1, Ordering::SeqCst);
        let account = arrange::account(self.store(), &format!("{} {number}", role.name()), role).await;
        self.sign_in(&account).await
    }

    /// Signs an account in.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn sign_in(&self, account: &Account) -> Visitor {
        let token = self.app.chance.token();
        let now = self.clock.now();
        let expires = now.after(Duration::from_secs(14 * 86_400));
        let made = self.store().create_session(&token::hash(&token), account.id, now, expires).await;
        made.expect("a session can be made");
        Visitor { token: Some(token), account: Some(account.clone()), ..self.guest() }
    }
}

/// Somebody who talks to the application.
#[derive(Clone)]
pub struct Visitor {
    base: String,
    http: reqwest::Client,
    /// The token of the session, sent as the browser's cookie.
    pub token: Option<String>,
    /// Whose it is.
    pub account: Option<Account>,
}

impl Visitor {
    /// The same visitor with a session's token.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// A request with this person's session.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.header("cookie", format!("examhall_session={token}")),
            None => request,
        }
    }

    /// GET.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.expect("an answer")
    }

    /// POST of a form.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let body = serde_urlencoded::to_string(fields).expect("pairs of texts");
        let request = self.request(Method::POST, path).header("content-type", "application/x-www-form-urlencoded");
        request.body(body).send().await.expect("an answer")
    }

    /// A call of the API with a JSON body.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn call(&self, method: Method, path: &str, body: &serde_json::Value) -> Response {
        self.request(method, path).json(body).send().await.expect("an answer")
    }

    /// A call of the API that must succeed with a status; its body.
    ///
    /// # Panics
    /// When it does not.
    pub async fn expect(&self, status: u16, method: Method, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let response = self.call(method.clone(), path, body).await;
        let got = response.status().as_u16();
        let text = response.text().await.expect("a whole body");
        assert_eq!(got, status, "{method} {path}: {text}");
        if text.is_empty() { serde_json::Value::Null } else { serde_json::from_str(&text).expect("JSON") }
    }
}
