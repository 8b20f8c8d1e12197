//! Running the program in a folder of its own, away from the environment of the test.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use store::Address;
use testkit::{Folder, TestStore};

/// A folder with files, in which commands run.
pub(crate) struct Hall {
    folder: Folder,
    variables: Vec<(&'static str, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Hall {
    /// An empty folder, whose embedded database is not there yet.
    pub(crate) fn new() -> Self {
        Self { folder: Folder::new(), variables: Vec::new() }
    }

    /// An empty folder; commands use the database of a test.
    pub(crate) fn on(store: &TestStore) -> Self {
        let variable = match store.address() {
            Address::Postgres(url) => ("DATABASE_URL", url.clone()),
            Address::Sqlite(file) => {
                ("DATA_DIR", file.parent().expect("it is in a folder").to_string_lossy().into_owned())
            }
        };
        Self::new().with(variable.0, &variable.1)
    }

    /// Sets an environment variable of the commands.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.variables.push((name, value.to_owned()));
        self
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, content: &str) {
        std::fs::write(self.path(name), content).expect("the file can be written");
    }

    /// Reads a file.
    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file can be read")
    }

    /// Where a file is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The names of all files and folders, sorted.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder is there");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// The program with arguments, separated by blanks.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_examhall"));
        command.args(arguments.split_whitespace()).current_dir(self.folder.path()).env_clear();
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &str) -> Ended {
        ended(self.command(arguments))
    }

    /// Runs a command with something on its standard input.
    pub(crate) fn run_with_input(&self, arguments: &str, input: &str) -> Ended {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it is piped");
        // A command that refuses its arguments has ended without reading.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Ended::of(&output)
    }
}

/// Runs a command to its end.
pub(crate) fn ended(mut command: Command) -> Ended {
    Ended::of(&command.output().expect("the program starts"))
}

impl Ended {
    fn of(output: &std::process::Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("the program writes UTF-8");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Asserts the code; gives what was printed.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "out: {}\nerr: {}", self.out, self.err);
        self
    }
}
