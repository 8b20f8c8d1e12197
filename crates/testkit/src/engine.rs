//! One test body, both engines.

use crate::{TestStore, fresh_store};
use std::time::Duration;

/// A database engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one.
    Sqlite,
    /// The one at `TEST_POSTGRES`.
    Postgres,
}

/// Writes a test once and runs it on both engines, as `name::sqlite` and `name::postgres`. The body gets a [`TestStore`]
/// on a fresh database.
#[macro_export]
macro_rules! both_engines {
    ($name:ident, $body:expr $(,)?) => {
        #[cfg(test)]
        mod $name {
            use super::*;

            fn on(engine: $crate::Engine) {
                $crate::run(engine, $body);
            }

            #[test]
            fn sqlite() {
                on($crate::Engine::Sqlite);
            }

            #[test]
            fn postgres() {
                on($crate::Engine::Postgres);
            }
        }
    };
}

/// Runs a test body on a fresh database of an engine, with two threads for what it spawns.
///
/// # Panics
/// When the body does, or when it hangs for two minutes.
pub fn run(engine: Engine, body: impl AsyncFnOnce(TestStore)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads can be started").block_on(async {
        let test = async { body(fresh_store(engine).await).await };
        tokio::time::timeout(Duration::from_secs(120), test).await.expect("the test hangs");
    });
}
