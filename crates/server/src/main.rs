//! The program `examhall`: reads the command line and the environment, which nothing else does, and runs the command.

use rustix::fs::Mode;
use rustix::process::umask;
use server::cli;
use server::config::Environment;
use server::handover::{Process, keeper};
use std::path::Path;
use std::process::ExitCode;

/// A server runs for months: what it lets go of is to be used again. That of glibc kept some 0.6 KB for each attempt that had ended, of
/// which a sixth was in use.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    // What is made here, the database first of all, holds keys, answers and hashes: it is for this account alone.
    let others = Mode::RWXG | Mode::RWXO;
    umask(umask(others) | others);
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let environment: Environment = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    // Before anything is read that may be wrong by now: a keeper has none of it.
    if let Some(kept) = keeper::asked_for(environment.get(keeper::KEEPER_VARIABLE)) {
        return kept.map_or_else(|error| failed(&error.to_string()), keeper::Keeper::keep);
    }
    let (command, config) = match cli::read(std::env::args_os(), &environment, Path::new("")) {
        Ok(ready) => ready,
        Err(code) => return code,
    };
    // Before there are threads, of which the log is the first: one that does not hold back signals would be ended by them.
    let process = command.is_serve().then(|| Process::begin(std::env::args_os().collect(), &environment));
    let process = match process.transpose() {
        Ok(process) => process,
        Err(error) => return failed(&error),
    };
    let log = cli::logging::start(&command, &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(config.workers).enable_all().build();
    match (runtime, process) {
        (Ok(runtime), Some(process)) => runtime.block_on(cli::serve(command, config, process, log)),
        (Ok(runtime), None) => runtime.block_on(cli::run(command, config)),
        (Err(error), _) => failed(&format!("threads cannot be started: {error}")),
    }
}

fn failed(why: &str) -> ExitCode {
    eprintln!("examhall: {why}");
    ExitCode::FAILURE
}
