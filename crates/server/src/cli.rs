//! The command line: `examhall <command>`, documented in docs/cli.md.
//!
//! A command prints what it did to standard output and what went wrong to standard error, and ends with one of four codes:
//! 0 done, 1 a fault, 2 refused (in whole or in part), 64 wrong usage or settings.

mod account;
mod demo_accounts;
mod doctor;
mod exam;
mod export;
mod import;
pub mod logging;
mod migrate;
mod outcome;
mod rehearse;
mod serve;
mod set_up_link;
mod settings;
mod values;

use crate::config::{Config, Environment, Flags};
use crate::handover::{End, Process};
use clap::{Parser, Subcommand};
use logging::Log;
use outcome::{Failure, Outcome, print};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::Store;

/// An exam hall that holds everyone.
#[derive(Parser)]
#[command(name = "examhall", version, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Settings come from flags, then the environment (such as PORT), then examhall.toml.")]
struct CommandLine {
    #[command(flatten)]
    flags: Flags,
    #[command(subcommand)]
    command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Import questions into a bank
    Import(import::Import),
    /// Export a bank as an Examhall archive
    Export(export::Export),
    /// Make and publish exams
    #[command(subcommand)]
    Exam(exam::Exam),
    /// Make accounts, set their passwords, and make access codes for them
    #[command(subcommand)]
    Account(account::Account),
    /// Print a link to set up the first admin
    SetupLink,
    /// Bring the database's schema up to date
    Migrate,
    /// Print how to sign in to the demo
    DemoAccounts,
    /// Tell what the settings are
    #[command(subcommand)]
    Config(settings::Settings),
    /// Find out what is wrong with this installation, or may become so
    Doctor(doctor::Doctor),
    /// Let virtual candidates sit an exam, and find out whether this installation is ready
    Rehearse(Box<rehearse::Rehearse>),
}

/// Reads command and settings; prints what is wrong with them.
///
/// # Errors
/// The code to end with: 0 when only help or version was asked for, 64 when something is wrong.
pub fn read(
    arguments: impl IntoIterator<Item = OsString>,
    environment: &Environment,
    directory: &Path,
) -> Result<(Command, Config), ExitCode> {
    let line = CommandLine::try_parse_from(arguments).map_err(|error| {
        let code = if error.use_stderr() { outcome::USAGE } else { outcome::DONE };
        // Nobody reads it: there is nobody to tell.
        let _ = error.print();
        ExitCode::from(code)
    })?;
    match Config::load(&line.flags, environment, directory) {
        Ok(config) => Ok((line.command, config)),
        Err(problems) => {
            eprintln!("{problems}");
            Err(ExitCode::from(outcome::USAGE))
        }
    }
}

impl Command {
    /// Whether it is the server.
    #[must_use]
    pub fn is_serve(&self) -> bool {
        matches!(self, Self::Serve(_))
    }
}

/// Runs the server in this process.
pub async fn serve(command: Command, config: Config, process: Process, log: Log) -> ExitCode {
    let Command::Serve(serve) = command else { return run(command, config).await };
    match serve.run(config, process).await {
        Ok(End::Done) => ExitCode::from(outcome::DONE),
        Ok(End::Keep(keep)) => {
            // The process becomes another program: what still waits to be written would be gone.
            drop(log);
            keep.begin()
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Runs a command other than the server.
pub async fn run(command: Command, config: Config) -> ExitCode {
    let outcome = match command {
        Command::Serve(_) => Err(Failure::Usage("the server needs a process".into())),
        Command::Import(import) => import.run(&config).await,
        Command::Export(export) => export.run(&config).await,
        Command::Exam(exam) => exam.run(&config).await,
        Command::Account(account) => account.run(&config).await,
        Command::SetupLink => set_up_link::run(&config).await,
        Command::Migrate => migrate::run(&config).await,
        Command::DemoAccounts => demo_accounts::run(&config).await,
        Command::Config(settings) => settings.run(&config),
        Command::Doctor(doctor) => doctor.run(&config).await,
        Command::Rehearse(rehearse) => rehearse.run(&config).await,
    };
    match outcome {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.code())
        }
    }
}

/// Opens the database that the settings name.
async fn open(config: &Config) -> Result<Store, Failure> {
    let opened = Store::open(&config.address(), &config.store_options()).await;
    opened.map_err(|error| not_opened(&error, &config.database_name()))
}

/// The file of the embedded database, when it is not there: looking something up must not make one.
fn missing_database(config: &Config) -> Option<PathBuf> {
    match config.address() {
        store::Address::Sqlite(file) if !file.exists() => Some(file),
        _ => None,
    }
}

fn not_opened(error: &store::Error, database: &str) -> Failure {
    match error {
        store::Error::Address(_) => Failure::Usage(error.to_string()),
        error => Failure::Fault(format!("{database}: {error}")),
    }
}
