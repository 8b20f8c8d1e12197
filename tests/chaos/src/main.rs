//! `chaos`: runs a scenario and says what it found. Ends with 0 when everything was as promised, 2 when it was not, 1 when the
//! run could not be made.

use chaos::scenario::kill::Kill;
use chaos::{Outcome, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Parser)]
#[command(
    about = "Faults on purpose: what Examhall promises, held against kills, full disks, bad networks and a wrong clock"
)]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
    /// Write the outcome as JSON to a file
    #[arg(long, global = true)]
    json: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Scenario {
    /// kill -9 of the server at random moments under load
    Kill(Kill),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::select! {
        outcome = run(&arguments.scenario) => outcome,
        _ = tokio::signal::ctrl_c() => {
            eprintln!("chaos: interrupted");
            return ExitCode::FAILURE;
        }
    };
    match outcome {
        Ok(outcome) => {
            println!("{outcome}");
            if let Some(path) = &arguments.json
                && let Err(error) = outcome.write(path)
            {
                eprintln!("chaos: {error}");
                return ExitCode::FAILURE;
            }
            if outcome.is_clean() { ExitCode::SUCCESS } else { ExitCode::from(2) }
        }
        Err(error) => {
            eprintln!("chaos: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(scenario: &Scenario) -> Result<Outcome> {
    match scenario {
        Scenario::Kill(kill) => kill.run().await,
    }
}
