//! `serve`, as far as it is the command line's: what it prints, how it ends, and the demo.

use crate::program::{Ended, Hall, ended};
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command};

/// A running server; killed when a test fails before it is told to stop.
pub(crate) struct Server {
    child: Child,
    out: BufReader<std::process::ChildStdout>,
    printed: String,
}

impl Server {
    /// Starts it and reads what it prints until it has said where it is and how to get in.
    pub(crate) fn start(hall: &Hall, arguments: &str) -> Self {
        let mut child = hall.command(arguments).spawn().expect("the program starts");
        let out = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut server = Self { child, out, printed: String::new() };
        while !server.printed.contains("examhall setup-link") {
            let read = server.out.read_line(&mut server.printed).expect("the program writes UTF-8");
            assert!(read > 0, "the server ended: {}", server.printed);
        }
        server
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> &str {
        &self.printed
    }

    /// The process that was started.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The port it says.
    pub(crate) fn port(&self) -> &str {
        let (_, address) = self.printed.split_once("is running at http").expect("it says where it is");
        let (_, address) = address.split_once("://127.0.0.1:").expect("it listens on this machine");
        address.lines().next().expect("to the end of the line")
    }

    /// Tells it to stop as a supervisor does.
    pub(crate) fn stop(mut self) -> Ended {
        let killed = Command::new("kill").arg(self.child.id().to_string()).status().expect("kill is there");
        assert!(killed.success());
        self.out.read_to_string(&mut self.printed).expect("the program writes UTF-8");
        let mut err = String::new();
        self.child.stderr.take().expect("it is piped").read_to_string(&mut err).expect("the program writes UTF-8");
        let code = self.child.wait().expect("it ends").code();
        Ended { code, out: std::mem::take(&mut self.printed), err }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has mostly ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_pool_that_leaves_few_files_to_people_is_refused_before_anything_is_opened() {
    let hall = Hall::new().with("DATABASE_URL", "postgres://127.0.0.1:1/exams").with("DB_POOL_MAX", "1000");
    let serve = hall.command("serve --port 0");
    let mut limited = Command::new("/bin/sh");
    limited.args(["-c", "ulimit -n 1024 && exec \"$@\"", "sh"]).arg(serve.get_program()).args(serve.get_args());
    limited.env_clear().envs(serve.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let refused = ended(limited).expect(64);
    assert!(refused.err.contains("DB_POOL_MAX (environment) = \"1000\": only 1024 files"), "{}", refused.err);
    assert!(refused.err.contains("LimitNOFILE="), "{}", refused.err);
}

#[test]
fn a_server_says_where_it_is_and_ends_with_0_when_told_to_stop() {
    let hall = Hall::new().with("LOG_FORMAT", "json").with("LOG_LEVEL", "Info");
    let server = Server::start(&hall, "serve --port 0");
    assert_ne!(server.port(), "0");
    assert!(server.printed.contains("/setup?token="), "{}", server.printed);
    let ended = server.stop().expect(0);
    let lines: Vec<&str> = ended.err.lines().collect();
    assert!(lines.len() >= 2, "{}", ended.err);
    for line in lines {
        assert!(
            line.starts_with("{\"timestamp\":\"") && line.ends_with('}') && line.contains("\"level\":\"INFO\""),
            "{line}"
        );
        assert!(!line.contains("token="), "{line}");
    }
}

#[test]
fn a_port_that_is_taken_is_a_fault() {
    let hall = Hall::new();
    let server = Server::start(&hall, "serve --port 0");
    let second = Hall::new().run(&format!("serve --port {}", server.port())).expect(1);
    assert!(second.err.contains("PORT"), "{}", second.err);
    server.stop().expect(0);
}

#[test]
fn a_database_address_that_cannot_be_read_is_wrong_usage() {
    let hall = Hall::new().with("DATABASE_URL", "postgres://localhost:port/x");
    hall.run("serve --port 0").expect(64);
    assert_eq!(hall.names(), [""; 0]);
}

#[test]
fn the_demo_prints_its_sign_ins_and_prints_them_again() {
    let hall = Hall::new();
    let server = Server::start(&hall, "serve --demo --port 0");
    let port = server.port().to_owned();
    let again = hall.run(&format!("demo-accounts --port {port}")).expect(0).out;
    assert!(server.printed.contains(&again), "{}\nis not in\n{}", again, server.printed);
    for role in ["candidate", "author", "invigilator", "admin"] {
        assert!(again.contains(&format!("demo-{role}@example.org")), "{again}");
    }
    server.stop().expect(0);
    let banks = hall.run("export --bank data-engineering").expect(0).out;
    assert!(banks.contains("\"de-001\""));
}
