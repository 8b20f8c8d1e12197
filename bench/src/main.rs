//! Benchmarks that need more than HTTP: the store alone, and databases that have grown. `bench/*.sh` run them beside what they
//! are compared with; docs/benchmarks.md explains the figures.

mod cpu;
mod grow;
mod saves;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Address, Options, Store};

/// Measure the store.
#[derive(Parser)]
struct Arguments {
    /// A postgres:// address, or the file of an SQLite database.
    #[arg(long)]
    database: String,
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
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
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
    let address = match Address::parse(&arguments.database) {
        Ok(address) => address,
        Err(_) if arguments.database.contains("://") => {
            return Err("the database is neither postgres:// nor a file".into());
        }
        Err(_) => Address::Sqlite(PathBuf::from(&arguments.database)),
    };
    let batch = if let What::Saves(saves) = &arguments.what { saves.batch } else { Options::default().save_batch };
    let options = Options { save_batch: batch, ..Options::default() };
    let store = Store::open(&address, &options).await.map_err(|error| error.to_string())?;
    let result = match arguments.what {
        What::Prepare { attempts } => saves::prepare(&store, attempts).await,
        What::Saves(saves) => saves.run(&store).await,
        What::Grow(grow) => grow.run(&store, &address).await,
    };
    store.close().await;
    result
}
