//! `chaos`: runs a scenario and says what it found. Ends with 0 when everything was as promised, 2 when it was not, 1 when the
//! run could not be made. A control is the other way round: 0 when the check has noticed.

use chaos::scenario::{
    clock::Clock, control::Control, disk::DiskFaults, hand_over::HandOver, kill::Kill, network::Network,
    postgres::Postgres, race::Race, slow::Slow,
};
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
    /// PostgreSQL restarted, crashed, cut off before it could answer, and away for a while
    Postgres(Postgres),
    /// A full disk, a disk that refuses to sync, and power cuts
    Disk(DiskFaults),
    /// Requests duplicated, replayed, reordered, delayed and cut
    Network(Network),
    /// PostgreSQL slow, frozen, locked and out of connections
    Slow(Slow),
    /// Saves that race the submit of their attempt
    Race(Race),
    /// Saves and submits at the edge of the deadline, and a clock that is stepped
    Clock(Clock),
    /// The server replaced by a fresh process again and again, under load
    HandOver(HandOver),
    /// A run with a protection switched off, which the check must notice
    Control(Control),
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = tokio::select! {
        run = run(&arguments.scenario) => run,
        _ = tokio::signal::ctrl_c() => {
            eprintln!("chaos: interrupted");
            return ExitCode::FAILURE;
        }
    };
    let written = run.and_then(|(outcome, good)| {
        println!("{outcome}");
        if let Scenario::Control(control) = &arguments.scenario {
            let word = if good { "noticed" } else { "NOT noticed" };
            println!("chaos control {}: {word}", control.name);
        }
        arguments.json.as_ref().map_or(Ok(()), |path| outcome.write(path)).map(|()| good)
    });
    match written {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(2),
        Err(error) => {
            eprintln!("chaos: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The outcome, and whether it is what it should be.
async fn run(scenario: &Scenario) -> Result<(Outcome, bool)> {
    let outcome = match scenario {
        Scenario::Kill(kill) => kill.run().await?,
        Scenario::Postgres(postgres) => postgres.run().await?,
        Scenario::Disk(disk) => disk.run().await?,
        Scenario::Network(network) => network.run().await?,
        Scenario::Slow(slow) => slow.run().await?,
        Scenario::Race(race) => race.run().await?,
        Scenario::Clock(clock) => clock.run().await?,
        Scenario::HandOver(hand_over) => hand_over.run().await?,
        Scenario::Control(control) => return control.run().await,
    };
    let clean = outcome.is_clean();
    Ok((outcome, clean))
}
