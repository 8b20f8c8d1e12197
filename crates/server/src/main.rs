//! The program `examhall`: reads the command line and the environment, which nothing else does, and runs the command.

use server::cli;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let lossy = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
    let environment = std::env::vars_os().map(|(name, value)| (lossy(name), lossy(value))).collect();
    let (command, config) = match cli::read(std::env::args_os(), &environment, Path::new("")) {
        Ok(ready) => ready,
        Err(code) => return code,
    };
    cli::logging::start(&command, &config);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(config.workers).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(cli::run(command, config)),
        Err(error) => {
            eprintln!("examhall: threads cannot be started: {error}");
            ExitCode::FAILURE
        }
    }
}
