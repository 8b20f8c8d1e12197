//! What the scripts in `bench` measure with: the store alone, databases that have grown, and one journey through Examhall and
//! through the stack it replaces. They run it beside what is compared; docs/benchmarks.md explains the figures.

mod cpu;
mod grow;
mod journey;
mod memory;
mod saves;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Address, Options, Store};

/// Measure the store, or a server.
#[derive(Parser)]
struct Arguments {
    /// A postgres:// address, or the file of an SQLite database; all but `journey` need it.
    #[arg(long)]
    database: Option<String>,
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Make people with open attempts, to save to.
    Prepare {
        /// How many.
        #[arg(long, default_value_t = 1_000)]
        attempts: usize,
    },
    /// Save answers as fast as it goes, and tell the rate and the CPU time of each.
    Saves(saves::Saves),
    /// Add sealed attempts and operations of open ones.
    Grow(grow::Grow),
    /// Let users sit through a quiz of a running server, and tell what they waited and what it cost.
    Journey(journey::Journey),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    // The generator shares the processors with what it measures: one thread is its fair share, and enough.
    let mut runtime = match arguments.what {
        What::Journey(_) => tokio::runtime::Builder::new_current_thread(),
        _ => tokio::runtime::Builder::new_multi_thread(),
    };
    let runtime = runtime.enable_all().build();
    let done = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(run(arguments)));
    match done {
        Ok(result) => {
            println!("{result}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<serde_json::Value, String> {
    if let What::Journey(journey) = arguments.what {
        return journey.run().await;
    }
    let database = arguments.database.ok_or("say which database, with --database")?;
    let address = match Address::parse(&database) {
        Ok(address) => address,
        Err(_) if database.contains("://") => {
            return Err("the database is neither postgres:// nor a file".into());
        }
        Err(_) => Address::Sqlite(PathBuf::from(&database)),
    };
    let batch = if let What::Saves(saves) = &arguments.what { saves.batch } else { Options::default().save_batch };
    let options = Options { save_batch: batch, ..Options::default() };
    let store = Store::open(&address, &options).await.map_err(|error| error.to_string())?;
    let result = match arguments.what {
        What::Prepare { attempts } => saves::prepare(&store, attempts).await,
        What::Saves(saves) => saves.run(&store).await,
        What::Grow(grow) => grow.run(&store, &address).await,
        What::Journey(_) => Err("a journey needs no store".into()),
    };
    store.close().await;
    result
}
