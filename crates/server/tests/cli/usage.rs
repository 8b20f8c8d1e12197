//! Wrong usage, wrong settings and faults, told apart by their codes.

use crate::program::Hall;
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn wrong_usage_ends_with_64_and_says_what_is_right() {
    let hall = Hall::new();
    for (arguments, hint) in [
        ("", "Usage"),
        ("teach", "unrecognized subcommand"),
        ("serve --prot 80", "--prot"),
        ("import --bank cloud", "<FILE>"),
        ("import a.csv", "--bank"),
        ("import a.csv --bank Cloud_Basics", "small letters"),
        ("import a.csv --bank cloud --format docx", "gift, aiken, csv, tsv, archive"),
        ("export", "--bank"),
        ("exam create --slug x --title X --bank b --questions 0 --time-limit 30m", "1..=500"),
        ("exam create --slug x --title X --bank b --questions 5 --time-limit 30", "90s, 30m or 1h30m"),
        ("exam create --slug x --title X --bank b --questions 5", "--time-limit 30m"),
        ("exam create --slug x --title X --bank b --questions 5 --time-limit 30m --pass 170", "0 to 100"),
        ("exam create --slug x --title X --bank b --questions 5 --mode quiz", "exam or practice"),
        ("exam create --slug new --title X --bank b --questions 5 --time-limit 30m", "is a page of the staff area"),
        ("exam create --slug x --title X --time-limit 30m", "--bank"),
        ("exam create --slug x --title X --bank b --draw bank=b,questions=5 --time-limit 30m", "cannot be used with"),
        ("exam create --slug x --title X --draw bank=b --time-limit 30m", "it lacks questions="),
        ("exam create --slug x --title X --draw questions=5 --time-limit 30m", "it lacks bank="),
        ("exam create --slug x --title X --draw bank=b,questions=0 --time-limit 30m", "from 1 to 500"),
        ("exam create --slug x --title X --draw bank=b,questions=5,size=2 --time-limit 30m", "size= is none of"),
        ("exam create --slug x --title X --draw bank=b,questions=5,bank=c --time-limit 30m", "bank= twice"),
        (
            "exam create --slug x --title X --draw bank=b,questions=5,difficulty=evil --time-limit 30m",
            "easy, medium or hard",
        ),
        ("exam publish", "<SLUG>"),
        ("account create --email a@example.org --name A --role boss --password-stdin", "candidate, author"),
        ("account create --email a@example.org --name A --role admin", "--password-stdin"),
        ("account password --email a@example.org", "--password-stdin"),
        ("account password --password-stdin", "--email"),
    ] {
        let ended = hall.run(arguments).expect(64);
        assert!(ended.err.contains(hint), "{arguments}: {}", ended.err);
        assert_eq!(ended.out, "", "{arguments}");
    }
    assert_eq!(hall.names(), [""; 0], "nothing was made");
}

#[test]
fn help_and_version_end_with_0() {
    let hall = Hall::new();
    assert!(hall.run("--version").expect(0).out.starts_with("examhall 0."));
    let help = hall.run("--help").expect(0).out;
    for command in [
        "serve",
        "import",
        "export",
        "exam",
        "account",
        "setup-link",
        "migrate",
        "demo-accounts",
        "config",
        "doctor",
        "rehearse",
    ] {
        assert!(help.contains(command), "{command} is not in {help}");
        assert!(hall.run(&format!("{command} --help")).expect(0).out.contains("Usage: examhall"), "{command}");
    }
}

#[test]
fn a_misspelt_database_address_never_becomes_a_file() {
    for address in ["postgre://ana:s3cret@localhost/exams", "sqlite://exams.db", "exams.db", "mysql://localhost/exams"]
    {
        let hall = Hall::new().with("DATABASE_URL", address);
        let ended = hall.run("migrate").expect(64);
        assert!(ended.err.contains("DATABASE_URL (environment): it does not start with postgres://"), "{}", ended.err);
        assert!(!ended.err.contains("s3cret"));
        assert_eq!(hall.names(), [""; 0], "{address}");
    }
    for address in ["postgres://localhost:port/x", "postgres://", "postgresql:///"] {
        let hall = Hall::new();
        hall.run(&format!("migrate --database-url {address}")).expect(64);
        assert_eq!(hall.names(), [""; 0], "{address}");
    }
}

#[test]
fn all_wrong_settings_are_told_at_once() {
    let hall = Hall::new().with("PORT", "http").with("SIGN_UP", "sometimes").with("DB_POOL_MIN", "70");
    hall.file("examhall.toml", "hots = \"0.0.0.0\"\ngraceful_timeout = 0\n");
    let ended = hall.run("serve --host 10.0.0.1:80").expect(64);
    for problem in [
        "hots (examhall.toml): there is no such setting.",
        "--host = \"10.0.0.1:80\": it holds a port. Give the port as PORT.",
        "PORT (environment) = \"http\": it is not a port.",
        "SIGN_UP (environment) = \"sometimes\": it is none of the possible values. Use open, invite or closed.",
        "DB_POOL_MIN (environment) = \"70\": it is above DB_POOL_MAX, which is 50.",
        "graceful_timeout (examhall.toml) = \"0\": it is not a number of seconds",
    ] {
        assert!(ended.err.contains(problem), "{problem}\nis not in\n{}", ended.err);
    }
    assert_eq!(hall.names(), ["examhall.toml"], "nothing was made");
}

#[test]
fn a_database_that_is_not_there_is_a_fault() {
    let hall =
        Hall::new().with("DATABASE_URL", "postgres://ana:s3cret@127.0.0.1:1/exams").with("DB_CONNECT_TIMEOUT", "1");
    let ended = hall.run("migrate").expect(1);
    assert!(ended.err.starts_with("examhall: postgres://127.0.0.1:1/exams: connection refused: "), "{}", ended.err);
    assert!(!ended.err.contains("s3cret"), "{}", ended.err);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told_in_one_way() {
    let hall = Hall::new();
    hall.file("file", "");
    // One that cannot be made, and one that takes no files, whoever asks.
    for folder in ["file/data", "/proc"] {
        let ended = hall.run(&format!("migrate --data-dir {folder}")).expect(64);
        assert!(ended.err.contains("set DATA_DIR") && !ended.err.contains("code"), "{}", ended.err);
    }
    hall.file("examhall.db", &"Dear diary, this is no database. ".repeat(100));
    let ended = hall.run("migrate --data-dir .").expect(1);
    assert!(ended.err.contains("this is not a database"), "{}", ended.err);
}

#[test]
fn the_database_is_made_in_the_data_folder() {
    let hall = Hall::new();
    let out = hall.run("migrate").expect(0).out;
    assert_eq!(out, "the schema of ./examhall-data/examhall.db is up to date\n");
    for made in ["examhall-data", "examhall-data/examhall.db"] {
        let mode = std::fs::metadata(hall.path(made)).expect("it was made").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{made} is for this account alone");
    }
    assert_eq!(hall.names(), ["examhall-data"]);
    hall.file("examhall.toml", "data_dir = \"elsewhere\"\n");
    assert!(hall.run("migrate").expect(0).out.contains(" elsewhere/examhall.db "));
    assert!(hall.run("migrate --data-dir here").expect(0).out.contains(" here/examhall.db "));
}

#[test]
fn a_data_folder_that_cannot_be_written_is_a_wrong_setting() {
    let hall = Hall::new();
    hall.file("folder", "a file in its place");
    for folder in ["/proc", "folder", "folder/below"] {
        let ended = hall.run(&format!("migrate --data-dir {folder}")).expect(64);
        assert!(ended.err.contains("DATA_DIR"), "{folder}: {}", ended.err);
        assert!(!ended.err.contains("code:"), "{folder}: {}", ended.err);
    }
    assert_eq!(hall.names(), ["folder"], "nothing was made");
}

#[test]
fn a_file_that_is_no_database_is_a_fault_in_words() {
    let hall = Hall::new();
    hall.run("migrate --data-dir data").expect(0);
    hall.file("data/examhall.db", &"This was a letter once. ".repeat(400));
    let ended = hall.run("migrate --data-dir data").expect(1);
    assert!(ended.err.contains("data/examhall.db: this is not a database, or it is damaged"), "{}", ended.err);
}
