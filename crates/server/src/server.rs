//! `examhall serve`: from a configuration to a running server, and down again without losing what is in flight.

use crate::admission;
use crate::app::App;
use crate::chance::Chance;
use crate::clock::{ServerClock, SystemClock};
use crate::config::{Config, Problems};
use crate::handover::{Beginning, End, Estate, Process};
use crate::http::assets;
use crate::http::listener::{self, Course, Entrance, Limits, Requests, Stage};
use crate::password::{PasswordError, Passwords};
use crate::{demo, machine, routes, take, token};
use exam::time::Clock;
use std::net::SocketAddr;
use std::os::fd::{AsFd as _, OwnedFd};
use std::sync::Arc;
use std::time::Duration;
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// How often the sweep looks for attempts whose time has run out.
const SWEEP_EVERY: Duration = Duration::from_secs(1);
/// How often expired sessions are removed.
const TIDY_EVERY: Duration = Duration::from_secs(3_600);
/// How often rate limits forget those who have not asked for anything.
const FORGET_EVERY: Duration = Duration::from_secs(60);
/// How soon a loop begins anew that has died.
const ANEW_AFTER: Duration = Duration::from_secs(1);
/// How long the database may take to let go of its connections when the server ends.
const CLOSED_WITHIN: Duration = Duration::from_secs(5);
/// How long a set-up link may be used.
pub const SETUP_LINK_LIFETIME: Duration = Duration::from_secs(30 * 60);

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The address is taken, or not ours.
    #[error("cannot listen on {address}: {source}; choose another PORT or HOST")]
    Listen {
        /// What was tried.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// A setting that only the server needs is wrong.
    #[error(transparent)]
    Settings(Problems),
    /// The demo could not be made.
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    /// Anything the operating system denies.
    #[error("{0}")]
    System(String),
}

impl From<PasswordError> for ServeError {
    fn from(error: PasswordError) -> Self {
        Self::System(error.to_string())
    }
}

/// Runs the server until it is told to stop, or another process has taken its place.
///
/// # Errors
/// When it cannot start, the listener fails, or the process that took its place has died.
pub async fn serve(config: Config, process: Process) -> Result<End, ServeError> {
    let mut beginning = Beginning::of(process).map_err(not_taken_over)?;
    let tls = config.tls().map_err(ServeError::Settings)?;
    let files = raise_file_limit();
    config.fits(files).map_err(ServeError::Settings)?;
    let store = Store::open(&config.address(), &config.store_options()).await?;
    let clock = ServerClock::start();
    let chance = Chance::from_os().map_err(|error| ServeError::System(format!("no randomness: {error}")))?;
    let passwords = Passwords::new(config.password_threads())?;
    // Of a successor, the process before it has done that.
    if !beginning.is_successor() {
        if config.demo {
            demo::seed(&store, &passwords, &chance, clock.now()).await?;
        } else {
            store.end_demo_sessions().await?;
        }
    }
    let most_requests = most_requests(&config, &chance);
    let app = App::new(store.clone(), Arc::new(clock.clone()), chance, passwords, config.site());
    let limits = config.limits(files);
    let listener = listen(&config, beginning.socket.take()).await?;
    let bound = listener.local_addr().map_err(|error| ServeError::System(error.to_string()))?;
    let spare = listener.as_fd().try_clone_to_owned().map_err(not_taken_over)?;
    tracing::info!(connections = limits.connections, "as many connections may be open at once");
    let packed = tokio::task::spawn_blocking(assets::pack_all);
    if beginning.is_successor() && packed.await.is_err() {
        tracing::warn!("static files are packed when they are asked for");
    }
    if !beginning.await_turn(|estate| go_on_with(&app, &clock, &estate)).await.map_err(not_taken_over)? {
        app.store.close().await;
        return Err(ServeError::System("the server that was to be replaced goes on, or is gone".into()));
    }
    app.clocks.compare(&app.store, &clock).await;
    announce(&app, &config, bound, beginning.is_successor()).await?;
    let (stage, staged) = watch::channel(Stage::Serving);
    let requests = Requests::until(most_requests);
    let course = Course::new(staged, Arc::clone(&requests));
    let owner = app.clone();
    let estate = Arc::new(move || Estate { now: owner.now(), memory: owner.admission.room.estate() });
    let mut hand_over = beginning.serve(spare, stage, requests, most_requests, estate).await.map_err(not_taken_over)?;
    let watched = app.clone();
    let watch = tokio::spawn(kept("clock", move || watch_clock(watched.clone(), clock.clone())));
    // It asks the database, which is closed when the last request has ended.
    let watching = watch.abort_handle();
    let mut until = course.clone();
    let conducted = async {
        tokio::select! {
            () = hand_over.conduct() => {}
            () = async {
                until.left().await;
                watching.abort();
                std::future::pending::<()>().await;
            } => {}
        }
    };
    let served = run_course(app, Entrance::new(listener, tls), conducted, limits, course).await;
    watch.abort();
    served?;
    hand_over.end().ok_or_else(|| ServeError::System("the process that had taken over has died".into()))
}

fn not_taken_over(error: std::io::Error) -> ServeError {
    ServeError::System(format!("the server cannot begin: {error}"))
}

/// The socket that was given, or one of our own.
async fn listen(config: &Config, given: Option<OwnedFd>) -> Result<TcpListener, ServeError> {
    if let Some(socket) = given {
        return listener::take(socket)
            .map_err(|error| ServeError::System(format!("the socket that was given cannot be listened on: {error}")));
    }
    let address = config.listen_address();
    listener::bind(&address).await.map_err(|source| ServeError::Listen { address, source })
}

/// After how many requests another process is to take over.
fn most_requests(config: &Config, chance: &Chance) -> Option<u64> {
    let jitter = chance.seed() % (config.max_requests_jitter + 1);
    (config.max_requests > 0).then(|| config.max_requests + jitter)
}

/// How far the clock of the process before may be from the system's, which is then better kept.
const CLOCKS_AGREE_MS: u64 = 20;

/// Goes on by the clock of the process before where that differs from the system's, which somebody has set since it started:
/// deadlines must not move with a hand-over. Nor must people lose their places in the waiting room.
fn go_on_with(app: &App, clock: &ServerClock, estate: &Estate) {
    if estate.now.0.abs_diff(clock.now().0) > CLOCKS_AGREE_MS {
        clock.set(estate.now);
    }
    if !app.admission.room.inherit(&estate.memory) {
        tracing::warn!(
            "the waiting room begins anew: the process before is of a version that tells nothing of its own"
        );
    }
}

/// Lets this process open as many files as the system allows it; how many that are. A connection is a file.
fn raise_file_limit() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let now = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => raised.current,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            limit.current
        }
    };
    machine::files_of(now)
}

/// How far the system's clock may move against the server's before it is told; ordinary corrections are slower.
const CLOCK_MOVED_MS: i64 = 250;

/// Compares the server's clock with the database's, and tells the log when somebody sets the system's: deadlines go on by the
/// time the server started with.
async fn watch_clock(app: App, clock: ServerClock) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    let mut told = 0;
    loop {
        tick.tick().await;
        app.clocks.compare(&app.store, &clock).await;
        app.clocks.follow(&app.store, &clock, &SystemClock).await;
        let behind_ms = clock.behind(&SystemClock);
        if (behind_ms - told).abs() > CLOCK_MOVED_MS {
            told = behind_ms;
            tracing::warn!(
                behind_ms,
                "the system's clock was set; deadlines go on by the time this server started with, restart it when nobody sits an exam"
            );
        }
    }
}

/// Serves on a listener until `stop` resolves, then lets running requests end within their grace.
///
/// # Errors
/// When it cannot begin, or one of its loops dies.
pub async fn run(
    app: App,
    entrance: impl Into<Entrance>,
    stop: impl Future<Output = ()> + Send + 'static,
    limits: Limits,
) -> Result<(), ServeError> {
    let (stage, staged) = watch::channel(Stage::Serving);
    let stop = async move {
        stop.await;
        tracing::info!("stopping: no new connections, running requests may end");
        stage.send_replace(Stage::Stopping);
        // Everything that listens takes a sender that is gone for a stop as well.
        std::future::pending::<()>().await;
    };
    run_course(app, entrance.into(), stop, limits, Course::new(staged, Requests::until(None))).await
}

/// Serves on a listener for as long as its course says, while `conducted` decides on that; then lets running requests end within
/// their grace.
async fn run_course(
    app: App,
    entrance: Entrance,
    conducted: impl Future<Output = ()>,
    limits: Limits,
    mut course: Course,
) -> Result<(), ServeError> {
    let front = routes::front(&app).map_err(|error| ServeError::System(format!("PUBLIC_URL: {error:?}")))?;
    let grace = limits.grace;
    let mut loops = tokio::spawn(background(app.clone(), course.clone()));
    let serving = listener::serve(entrance, front, limits, Arc::clone(&app.connections), course.clone());
    let ended = tokio::select! {
        ended = async {
            tokio::select! {
                () = serving => {}
                () = conducted => {}
            }
            (&mut loops).await
        } => ended.map_err(|error| ServeError::System(format!("a background loop died: {error}"))),
        () = async {
            course.left().await;
            // Two processes have connections to the database now.
            app.store.release_idle();
            tokio::time::sleep(grace).await;
        } => {
            tracing::warn!("what was still running after GRACEFUL_TIMEOUT is cut off");
            // An attempt that the sweep was about to end is ended by the next one.
            loops.abort();
            Ok(())
        }
    };
    // Everything that was acknowledged is committed; a database that stands still must not keep the process.
    if tokio::time::timeout(CLOSED_WITHIN, app.store.close()).await.is_err() {
        tracing::warn!("the database has not let go of its connections; they are cut off");
    }
    ended?;
    tracing::info!("stopped");
    Ok(())
}

/// Runs a loop until it ends. One that dies of a defect is told of and begins anew: the server goes on, and must not go on without it.
async fn kept<F: Future<Output = ()> + Send + 'static>(name: &'static str, begin: impl Fn() -> F) {
    loop {
        // Ends with whoever waits for it.
        let mut running = JoinSet::new();
        running.spawn(begin());
        match running.join_next().await {
            Some(Err(error)) => tracing::error!(%error, name, "a loop of the server has died, and begins anew"),
            _ => return,
        }
        tokio::time::sleep(ANEW_AFTER).await;
    }
}

/// The loops that run beside requests, until the server stops or another has them.
async fn background(app: App, course: Course) {
    let (owner, until) = (app.clone(), course.clone());
    // A task of its own: the sweep may take a while.
    let gates = kept("gates", move || {
        let (app, mut course) = (owner.clone(), until.clone());
        async move {
            tokio::select! {
                () = admission::keep(&app) => {}
                () = course.left() => {}
            }
        }
    });
    let chores = kept("chores", move || chores(app.clone(), course.clone()));
    tokio::join!(gates, chores);
}

/// What is to be done again and again.
async fn chores(app: App, mut course: Course) {
    let is_over = course.clone();
    let mut sweep = tokio::time::interval(SWEEP_EVERY);
    let mut tidy = tokio::time::interval(TIDY_EVERY);
    let mut forget = tokio::time::interval(FORGET_EVERY);
    sweep.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = sweep.tick() => match take::sweep::sweep(&app, &|| is_over.is_leaving()).await {
                Ok(0) => {}
                Ok(ended) => tracing::info!(ended, "attempts whose time had run out were ended"),
                Err(error) => tracing::error!(%error, "overdue attempts cannot be looked for"),
            },
            _ = tidy.tick() => if let Err(error) = app.store.sweep_sessions(app.now()).await {
                tracing::warn!(%error, "expired sessions cannot be removed");
            },
            _ = forget.tick() => app.rates.forget(),
            () = course.left() => break,
        }
    }
}

/// A fresh set-up link; earlier ones stop working. None once there is an admin.
///
/// # Errors
/// When the database fails.
pub async fn setup_link(
    store: &Store,
    clock: &dyn Clock,
    chance: &Chance,
    base: &str,
) -> store::Result<Option<String>> {
    if store.has_admin().await? {
        return Ok(None);
    }
    let token = chance.token();
    store.create_setup_token(&token::hash(&token), clock.now().after(SETUP_LINK_LIFETIME)).await?;
    Ok(Some(format!("{base}/setup?token={token}")))
}

/// Says on the terminal where to go now. Links with tokens go to standard output only, never to the log.
async fn announce(app: &App, config: &Config, bound: SocketAddr, is_successor: bool) -> Result<(), ServeError> {
    let base = config.base_url(bound.port());
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        database = app.store.engine(),
        workers = config.workers,
        pool_min = config.db_pool_min,
        pool_max = config.db_pool_max,
        demo = config.demo,
        "listening on {bound}"
    );
    if is_successor {
        // Nothing that people wait for has changed, and a fresh set-up link would end the one they have.
        return Ok(());
    }
    println!("\nExamhall {} is running at {base}", env!("CARGO_PKG_VERSION"));
    println!("Database: {}\n", config.database_name());
    if config.demo
        && let Some(text) = demo::announcement(&app.store, &base).await?
    {
        println!("{text}");
    }
    if let Some(link) = setup_link(&app.store, app.clock.as_ref(), &app.chance, &base).await? {
        println!("Make the first admin: {link}");
        println!(
            "The link works once and for 30 minutes; print another with: examhall setup-link\n\
             (and the --data-dir, --port or variables that this server was given)\n"
        );
    }
    Ok(())
}
