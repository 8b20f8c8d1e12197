//! What the scripts in `bench` measure with: the store alone, databases that have grown, one journey through Examhall and
//! through the stack it replaces, people who come to a full hall, and hyper and a hash alone beside the whole server. They run it beside what is compared; docs/benchmarks.md explains the figures.

mod arrivals;
mod bare;
mod cpu;
mod grow;
mod hash;
mod journey;
mod load;
mod memory;
mod saves;
mod wire;

use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use store::{Address, Options, Store};

/// Measure the store, or a server.
#[derive(Parser)]
struct Arguments {
    /// A postgres:// address, or the file of an SQLite database, for what measures the store.
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
    /// Let people come to an exam of a running server, through its waiting room.
    Arrivals(arrivals::Arrivals),
    /// Ask a running server for the same again and again, and tell what each answer costs it.
    Load(load::Load),
    /// Hash passwords one after another, and nothing else.
    Hash(hash::Hash),
    /// Answer as a running server does, with nothing but hyper.
    Bare(bare::Bare),
}

impl What {
    fn needs_store(&self) -> bool {
        matches!(self, Self::Prepare { .. } | Self::Saves(_) | Self::Grow(_))
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    match &arguments.what {
        What::Bare(bare) => _ = runtime.worker_threads(bare.threads),
        what if what.needs_store() => {}
        // The generator shares the processors with what it measures: one thread is its fair share, and enough.
        _ => runtime = tokio::runtime::Builder::new_current_thread(),
    }
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
    let what = match arguments.what {
        What::Journey(journey) => return journey.run().await,
        What::Arrivals(arrivals) => return arrivals.run().await,
        What::Load(load) => return load.run().await,
        What::Hash(hash) => return hash.run(),
        What::Bare(bare) => return bare.run().await,
        what => what,
    };
    let database = arguments.database.ok_or("say which database, with --database")?;
    let address = match Address::parse(&database) {
        Ok(address) => address,
        Err(_) if database.contains("://") => {
            return Err("the database is neither postgres:// nor a file".into());
        }
        Err(_) => Address::Sqlite(PathBuf::from(&database)),
    };
    let batch = if let What::Saves(saves) = &what { saves.batch } else { Options::default().save_batch };
    let options = Options { save_batch: batch, ..Options::default() };
    let store = Store::open(&address, &options).await.map_err(|error| error.to_string())?;
    let result = match what {
        What::Prepare { attempts } => saves::prepare(&store, attempts).await,
        What::Saves(saves) => saves.run(&store).await,
        What::Grow(grow) => grow.run(&store, &address).await,
        _ => Err("this needs no store".into()),
    };
    store.close().await;
    result
}
