//! The log: to standard error, for people or for machines.
//!
//! A server's lines are written by a thread of their own: whoever reads them (a journal, a container's driver) may stand still, and with
//! it the pipe, and then no answer must wait for a line. What does not fit meanwhile is dropped, and the log says how much that was.

use super::Command;
use crate::config::{Config, LogFormat, LogLevel};
use std::io::{self, IsTerminal as _, Stderr, Write, stderr};
use std::sync::{Arc, OnceLock};
use tracing::Subscriber;
use tracing::level_filters::LevelFilter;
use tracing_appender::non_blocking::{ErrorCounter, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// How many lines may wait to be written: some seconds of a full hall at the usual level, in a few MB.
const LINES_MOST: usize = 32_768;

/// The log of this process; dropped, what still waits is written.
#[must_use]
#[derive(Debug)]
pub struct Log {
    _writing: Option<WorkerGuard>,
}

/// Starts the log. Later calls change nothing.
pub fn start(command: &Command, config: &Config) -> Log {
    let level = match (command, config.log_level) {
        // Commands say themselves what they do.
        (Command::Serve(_), level) => level.filter(),
        (_, LogLevel::Info) => LevelFilter::WARN,
        (_, level) => level.filter(),
    };
    if !command.is_serve() {
        begin(stderr, config.log_format, level);
        return Log { _writing: None };
    }
    let dropped = Arc::new(OnceLock::new());
    let telling = Telling { out: stderr(), dropped: Arc::clone(&dropped), told: 0 };
    let (lines, guard) =
        NonBlockingBuilder::default().buffered_lines_limit(LINES_MOST).thread_name("log").finish(telling);
    let _ = dropped.set(lines.error_counter());
    begin(lines, config.log_format, level);
    Log { _writing: Some(guard) }
}

fn begin(writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static, format: LogFormat, level: LevelFilter) {
    // A second start finds the first one's log in place, which is as good.
    let _ = taking(writer, format, level).try_init();
}

/// What takes the lines that are wanted, and writes them.
fn taking(
    writer: impl for<'w> MakeWriter<'w> + Send + Sync + 'static,
    format: LogFormat,
    level: LevelFilter,
) -> impl Subscriber + Send + Sync {
    // What the driver is told by the database at every start ("relation exists, skipping") is news to nobody.
    let driver = if level == LevelFilter::INFO { LevelFilter::WARN } else { level };
    // What reads the texts of questions quotes them: the log holds neither.
    let reader = level.min(LevelFilter::ERROR);
    let levels = Targets::new().with_default(level).with_target("sqlx", driver).with_target("html5ever", reader);
    // A terminal that has been closed takes nothing any more; to say so there would end the server in a panic.
    let layer = fmt::layer().with_writer(writer).log_internal_errors(false);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(stderr().is_terminal()).boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    };
    // For all layers together: a filter of one layer remembers what it was last asked about, and would drop the next line after the driver
    // has only asked whether its own is wanted.
    tracing_subscriber::registry().with(levels).with(layer)
}

/// Standard error, which is told of what was dropped before.
struct Telling<W = Stderr> {
    out: W,
    dropped: Arc<OnceLock<ErrorCounter>>,
    told: usize,
}

impl<W: Write> Write for Telling<W> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let dropped = self.dropped.get().map_or(0, ErrorCounter::dropped_lines);
        if dropped > self.told {
            writeln!(
                self.out,
                "examhall: {} lines of the log were dropped: they came faster than they were read",
                dropped - self.told
            )?;
            self.told = dropped;
        }
        self.out.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::sync::mpsc::{Receiver, Sender, channel};
    use std::time::Duration;

    /// Takes nothing until it may.
    struct Stuck {
        may: Receiver<()>,
        taken: Sender<Vec<u8>>,
    }

    impl Write for Stuck {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            let _ = self.may.recv();
            self.taken.send(line.to_vec()).map_err(io::Error::other)?;
            Ok(line.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Lines for whoever reads them here.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, line: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("nobody panics here").write(line)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_question_that_a_driver_asks_costs_no_line_and_what_quotes_questions_writes_none() {
        let lines = Lines::default();
        let writer = lines.clone();
        let taking = taking(move || writer.clone(), LogFormat::Json, LevelFilter::INFO);
        tracing::subscriber::with_default(taking, || {
            assert!(!tracing::enabled!(target: "sqlx", tracing::Level::INFO));
            tracing::info!("as many connections may be open at once");
            tracing::warn!(target: "html5ever::serialize", "the text of a question");
        });
        let told = String::from_utf8(lines.0.lock().expect("nobody panics here").clone()).expect("text");
        assert!(told.contains("as many connections"), "{told}");
        assert!(!told.contains("question"), "{told}");
    }

    #[test]
    fn nobody_waits_for_a_log_that_is_not_read_and_it_says_what_it_has_lost() {
        let ((let_go, may), (taken, lines)) = (channel(), channel());
        let dropped = Arc::new(OnceLock::new());
        let telling = Telling { out: Stuck { may, taken }, dropped: Arc::clone(&dropped), told: 0 };
        let (mut writer, guard) = NonBlockingBuilder::default().buffered_lines_limit(10).finish(telling);
        let _ = dropped.set(writer.error_counter());
        for number in 0..100 {
            writer.write_all(format!("line {number}\n").as_bytes()).expect("it is taken, or dropped");
        }
        drop(let_go);
        let mut told = String::new();
        while !(told.contains("were dropped") && told.contains("line 0")) {
            let line = lines.recv_timeout(Duration::from_secs(10)).expect("the log goes on");
            told.push_str(&String::from_utf8(line).expect("text"));
        }
        drop(guard);
    }
}
