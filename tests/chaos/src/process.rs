//! The server under test as a process: started, killed, frozen, started again on the same port and database.

use crate::child::children_of;
use crate::{Child, Doing, Error, Keeper, Result, http, port};
use rustix::process::Signal;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How often the port is tried while the server starts.
const TRY_EVERY: Duration = Duration::from_millis(2);
/// How long one answer of a probe may take.
const PROBE: Duration = Duration::from_secs(5);

/// Where the binary is: `EXAMHALL_BIN`, else `examhall` beside the folder of this program (`target/debug` for tests run by
/// cargo), so that it is of the same build.
///
/// # Errors
/// When it is not there: says how to make it.
pub fn binary() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("EXAMHALL_BIN").filter(|path| !path.is_empty()) {
        let path = PathBuf::from(path);
        return if path.is_file() {
            Ok(path)
        } else {
            Err(Error::new(format!("EXAMHALL_BIN is {}, which is no file", path.display())))
        };
    }
    let program = std::env::current_exe().doing("looking for this program")?;
    // Tests lie in `deps`, one level deeper.
    let folders = program.ancestors().skip(1).take(2).map(|folder| folder.join("examhall"));
    let tried: Vec<PathBuf> = folders.collect();
    if let Some(found) = tried.iter().find(|path| path.is_file()) {
        return Ok(found.clone());
    }
    let last = tried.last().map(|path| path.display().to_string()).unwrap_or_default();
    Err(Error::new(format!("there is no {last}; make it with `cargo build --bin examhall`, or set EXAMHALL_BIN")))
}

/// A server that is started again and again with the same settings.
#[derive(Debug)]
pub struct Server {
    binary: PathBuf,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    port: u16,
    child: Option<Child>,
    keeper: Arc<Keeper>,
}

impl Server {
    /// A server that does not run yet, on a free port. `variables` are its whole environment besides PORT, RATE_LIMITS, ADMISSION and
    /// LOG_LEVEL; `DATA_DIR` or `DATABASE_URL` must be among them.
    ///
    /// # Errors
    /// When there is no binary or no port.
    pub fn new(keeper: &Arc<Keeper>, variables: &[(&str, String)]) -> Result<Self> {
        let folder = keeper.folder().join("server");
        std::fs::create_dir_all(&folder).doing("making a folder for the server")?;
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        Ok(Self { binary: binary()?, folder, variables, port: port::free()?, child: None, keeper: Arc::clone(keeper) })
    }

    /// Another server with the same settings, and so the same database, on a port of its own. It does not run yet.
    ///
    /// # Errors
    /// When there is no port.
    pub fn second(&self) -> Result<Self> {
        let (binary, folder, variables) = (self.binary.clone(), self.folder.clone(), self.variables.clone());
        Ok(Self { binary, folder, variables, port: port::free()?, child: None, keeper: Arc::clone(&self.keeper) })
    }

    /// Sets or replaces a variable of later starts.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Removes a variable of later starts.
    pub fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| known != name);
    }

    /// `127.0.0.1:port`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// What it has written to standard error, over all starts.
    #[must_use]
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// The last lines of the log, for messages.
    #[must_use]
    pub fn last_words(&self) -> String {
        let text = std::fs::read(self.log()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text[text.len().saturating_sub(2_000)..]).into_owned();
        text.lines().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// The program with the server's settings.
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command
            .env("PORT", self.port.to_string())
            .env("RATE_LIMITS", "off")
            .env("ADMISSION", "off")
            .env("LOG_LEVEL", "warn");
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs a command of examhall on the same database, to its end.
    ///
    /// # Errors
    /// When it does not end with 0: says what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command();
        // Faults are for the server.
        command.env_remove("LD_PRELOAD").env_remove("EXAMHALL_CONTROL");
        let output = command.args(arguments).output().doing(format!("starting {}", self.binary.display()))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let printed = text(&output.stdout) + &text(&output.stderr);
        Err(Error::new(format!("examhall {}: {}: {printed}", arguments.join(" "), output.status)))
    }

    /// Starts it without waiting.
    ///
    /// # Errors
    /// When it runs already, or does not start.
    pub fn spawn(&mut self) -> Result<()> {
        if self.child.is_some() {
            return Err(Error::new("the server runs already"));
        }
        let log = OpenOptions::new().create(true).append(true).open(self.log()).doing("opening the log")?;
        let mut command = self.command();
        command.arg("serve").stdout(Stdio::null()).stderr(log);
        self.child = Some(Child::start(command, &self.keeper)?);
        Ok(())
    }

    /// Starts it and waits until it is ready; how long that took.
    ///
    /// # Errors
    /// When it ends, or is not ready within `limit`.
    pub async fn start(&mut self, limit: Duration) -> Result<Duration> {
        let from = Instant::now();
        self.spawn()?;
        self.wait_ready(limit).await?;
        Ok(from.elapsed())
    }

    /// Waits until `/readyz` answers 200; how long that took.
    ///
    /// # Errors
    /// When the server ends, or is not ready within `limit`.
    pub async fn wait_ready(&mut self, limit: Duration) -> Result<Duration> {
        let from = Instant::now();
        loop {
            if self.is_ready().await {
                return Ok(from.elapsed());
            }
            let child = self.child.as_mut().ok_or_else(|| Error::new("the server does not run"))?;
            if let Some(status) = child.ended()? {
                self.child = None;
                return Err(Error::new(format!("the server ended with {status}: {}", self.last_words())));
            }
            if from.elapsed() > limit {
                let words = self.last_words();
                return Err(Error::new(format!("the server is not ready after {} ms: {words}", limit.as_millis())));
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// Whether `/readyz` answers 200 now.
    pub async fn is_ready(&self) -> bool {
        http::ask(&self.address(), "GET", "/readyz", None, None, PROBE).await.is_ok_and(|answer| answer.status == 200)
    }

    /// Whether the process runs.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn is_running(&mut self) -> Result<bool> {
        match &mut self.child {
            Some(child) => Ok(child.ended()?.is_none()),
            None => Ok(false),
        }
    }

    /// kill -9.
    ///
    /// # Errors
    /// When it does not run, or had ended by itself: says its last words.
    pub async fn kill(&mut self) -> Result<()> {
        let mut child = self.child.take().ok_or_else(|| Error::new("the server does not run"))?;
        child.kill().await.map_err(|error| Error::new(format!("{error}: {}", self.last_words())))
    }

    /// SIGTERM, and waits for the end; whether it ended well.
    ///
    /// # Errors
    /// When it runs on after `limit`; then it is killed.
    pub async fn stop(&mut self, limit: Duration) -> Result<bool> {
        let mut child = self.child.take().ok_or_else(|| Error::new("the server does not run"))?;
        if child.ended()?.is_none() {
            child.signal(Signal::TERM)?;
        }
        Ok(child.wait(limit).await?.success())
    }

    /// SIGHUP: a fresh process is to take over.
    ///
    /// # Errors
    /// When it does not run.
    pub fn hand_over(&self) -> Result<()> {
        self.signal(Signal::HUP)
    }

    /// SIGTERM, without waiting for what comes of it.
    ///
    /// # Errors
    /// When it does not run.
    pub fn ask_to_stop(&self) -> Result<()> {
        self.signal(Signal::TERM)
    }

    /// The id of the process that was started, which stays whatever serves.
    ///
    /// # Errors
    /// When it does not run.
    pub fn id(&self) -> Result<u32> {
        Ok(self.running()?.id())
    }

    /// The process that serves when no hand-over is under way: the one that was started, or the only child of what that has
    /// become. None while one is.
    ///
    /// # Errors
    /// When it does not run.
    pub fn serving(&self) -> Result<Option<u32>> {
        let child = self.running()?;
        let serving = child.keeps().unwrap_or(child.id());
        Ok(children_of(serving)?.is_empty().then_some(serving))
    }

    /// Waits until another process than `before` serves, and none is left of those before it; its id.
    ///
    /// # Errors
    /// When the server ends, or it takes longer than `limit`.
    pub async fn handed_over(&mut self, before: u32, limit: Duration) -> Result<u32> {
        let until = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended()? {
                return Err(Error::new(format!("the server ended with {status}: {}", self.last_words())));
            }
            // Between two looks a process may end.
            if let Ok(Some(serving)) = self.serving()
                && serving != before
            {
                return Ok(serving);
            }
            if Instant::now() > until {
                let words = self.last_words();
                return Err(Error::new(format!("no hand-over within {} ms: {words}", limit.as_millis())));
            }
            sleep(TRY_EVERY).await;
        }
    }

    /// How the process has ended that was started; None while it runs.
    ///
    /// # Errors
    /// When it was not started, or the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.as_mut().ok_or_else(|| Error::new("the server does not run"))?.ended()
    }

    /// Waits for the end of the process that was started.
    ///
    /// # Errors
    /// When it does not run, or goes on after `limit`.
    pub async fn wait(&mut self, limit: Duration) -> Result<ExitStatus> {
        let mut child = self.child.take().ok_or_else(|| Error::new("the server does not run"))?;
        child.wait(limit).await.map_err(|error| Error::new(format!("{error}: {}", self.last_words())))
    }

    /// Stops the process as a debugger would.
    ///
    /// # Errors
    /// When it does not run.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// When it does not run.
    pub fn thaw(&self) -> Result<()> {
        self.signal(Signal::CONT)
    }

    fn signal(&self, signal: Signal) -> Result<()> {
        self.running()?.signal(signal)
    }

    fn running(&self) -> Result<&Child> {
        self.child.as_ref().ok_or_else(|| Error::new("the server does not run"))
    }

    /// Starts it from now on from a link of this name in its folder, behind which another program may be put.
    ///
    /// # Errors
    /// When the link cannot be made.
    pub fn start_from_link(&mut self) -> Result<PathBuf> {
        let link = self.folder.join("examhall");
        std::os::unix::fs::symlink(&self.binary, &link).doing("making a link")?;
        Ok(std::mem::replace(&mut self.binary, link))
    }

    /// Its folder, in which it runs.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}
