use super::*;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A folder of its own, removed at the end, with an `examhall.toml` of this text.
struct Folder(PathBuf);

impl Folder {
    fn with_file(name: &str, text: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("examhall-config-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        std::fs::write(folder.join("examhall.toml"), text).expect("the file can be written");
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).expect("the folder can be removed");
    }
}

fn nowhere() -> &'static Path {
    Path::new("/nonexistent")
}

fn from_environment(pairs: &[(&str, &str)]) -> Result<Config, String> {
    Config::load(&Flags::default(), &environment(pairs), nowhere()).map_err(|problems| problems.to_string())
}

#[test]
fn nothing_set_gives_the_defaults() {
    let config = from_environment(&[]).expect("nothing is wrong");
    assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 5000));
    assert_eq!(config.address(), store::Address::Sqlite("./examhall-data/examhall.db".into()));
    assert_eq!((config.db_pool_min, config.db_pool_max), (5, 50));
    assert!(config.workers >= 1 && !config.demo);
    assert_eq!(config.base_url(5000), "http://127.0.0.1:5000");
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = Folder::with_file("layers", "host = \"0.0.0.0\"\nport = 7001\nsign_up = \"closed\"\n");
    let variables = environment(&[("PORT", "7002"), ("HOST", "::1")]);
    let flags = Flags { port: Some("7003".into()), ..Flags::default() };
    let config = Config::load(&flags, &variables, &folder.0).expect("nothing is wrong");
    assert_eq!((config.host.as_str(), config.port, config.sign_up), ("::1", 7003, SignUp::Closed));
    let config = Config::load(&Flags::default(), &environment(&[]), &folder.0).expect("nothing is wrong");
    assert_eq!((config.host.as_str(), config.port), ("0.0.0.0", 7001));
    assert_eq!(config.base_url(config.port), "http://localhost:7001");
}

#[test]
fn every_wrong_value_is_reported_at_once_with_its_place() {
    let folder = Folder::with_file("wrong", "prot = 1\nlog_level = true\ndb_pool_min = 60\nworkers = 0\n");
    let flags = Flags { port: Some("80000".into()), ..Flags::default() };
    let variables = environment(&[("SIGN_UP", "maybe"), ("GUNICORN_TIMEOUT", "1m")]);
    let problems = Config::load(&flags, &variables, &folder.0).expect_err("all of it is wrong").to_string();
    let file = folder.0.join("examhall.toml").display().to_string();
    for expected in [
        format!("prot ({file}): there is no such setting. Known settings: host, port,"),
        format!("log_level ({file}) = \"true\": it is a boolean. Give a text"),
        "--port = \"80000\": it is not a port. Give a number".into(),
        "SIGN_UP (environment) = \"maybe\": it is none of the possible values. Use open, invite or closed.".into(),
        "GUNICORN_TIMEOUT (environment) = \"1m\": it is not a number of seconds".into(),
        format!("db_pool_min ({file}) = \"60\": it is above DB_POOL_MAX, which is 50. Raise"),
        format!("workers ({file}) = \"0\": it is not a whole number from 1 to 1024."),
    ] {
        assert!(problems.contains(&expected), "{expected}\nis not in\n{problems}");
    }
    assert_eq!(problems.lines().count(), 7);
}

#[test]
fn a_file_that_is_no_toml_is_refused_without_quoting_it() {
    let folder = Folder::with_file("toml", "port = 1\ndatabase_url = \"postgres://a:secret@b\" x\n");
    let problems =
        Config::load(&Flags::default(), &environment(&[]), &folder.0).expect_err("it is not TOML").to_string();
    assert!(problems.contains("line 2 is not TOML") && !problems.contains("secret"), "{problems}");
}

#[test]
fn a_file_named_by_a_flag_must_exist() {
    let flags = Flags { config: Some("/nonexistent/other.toml".into()), ..Flags::default() };
    let problems = Config::load(&flags, &environment(&[]), nowhere()).expect_err("it is not there").to_string();
    assert!(problems.starts_with("/nonexistent/other.toml: it cannot be read"), "{problems}");
}

#[test]
fn a_database_address_is_never_printed_with_its_password() {
    let config = from_environment(&[("DATABASE_URL", "postgres://ana:s3c@ret@db.local:5433/exams?password=s3c")]);
    let config = config.expect("nothing is wrong");
    assert!(!format!("{config:?}").contains("s3c"));
    assert_eq!(config.database_name(), "postgres://db.local:5433/exams");
    let in_parameters = "postgres://db/exams?user=hall@corp&password=s3c";
    let config = from_environment(&[("DATABASE_URL", in_parameters)]).expect("nothing is wrong");
    assert_eq!(config.database_name(), "postgres://db/exams");
    let problems = from_environment(&[("DATABASE_URL", "postgre://ana:s3cret@db/exams")]).expect_err("misspelt");
    assert!(problems.starts_with("DATABASE_URL (environment): it does not start with postgres://"), "{problems}");
    assert!(!problems.contains("s3cret"));
}

#[test]
fn a_small_pool_needs_its_maximum_only() {
    let config = from_environment(&[("DB_POOL_MAX", "3")]).expect("nothing is wrong");
    assert_eq!((config.db_pool_min, config.db_pool_max), (3, 3));
}

#[test]
fn levels_are_read_whatever_their_case_and_empty_variables_are_unset() {
    let config = from_environment(&[("LOG_LEVEL", "WaRn"), ("PORT", ""), ("WORKERS", " "), ("GUNICORN_WORKERS", "3")]);
    let config = config.expect("nothing is wrong");
    assert_eq!((config.log_level, config.port, config.workers), (LogLevel::Warn, 5000, 3));
}

#[test]
fn a_process_is_never_replaced_by_default_and_both_names_of_the_limit_work() {
    let limits = |pairs: &[(&str, &str)]| {
        from_environment(pairs).map(|config| (config.max_requests, config.max_requests_jitter))
    };
    assert_eq!(limits(&[]), Ok((0, 0)));
    assert_eq!(limits(&[("MAX_REQUESTS", "10000"), ("MAX_REQUESTS_JITTER", "1000")]), Ok((10_000, 1_000)));
    let theirs = [("GUNICORN_MAX_REQUESTS", "0"), ("GUNICORN_MAX_REQUESTS_JITTER", "50")];
    assert_eq!(limits(&theirs), Ok((0, 50)));
    let wrong = limits(&[("GUNICORN_MAX_REQUESTS", "-1")]).expect_err("fewer than none");
    assert!(wrong.starts_with("GUNICORN_MAX_REQUESTS (environment) = \"-1\": it is not a whole number"), "{wrong}");
}

#[test]
fn a_host_is_an_address_or_a_name() {
    for (text, host) in [("[::1]", "::1"), ("localhost", "localhost"), ("0.0.0.0", "0.0.0.0")] {
        assert_eq!(from_environment(&[("HOST", text)]).expect("a host").host, host);
    }
    for text in ["http://x", "localhost:80", "a b", "1.2.3.4/24"] {
        assert!(from_environment(&[("HOST", text)]).is_err(), "{text}");
    }
}

#[test]
fn a_public_url_is_an_origin() {
    for (text, origin) in [
        ("https://Exams.Example.org/", "https://exams.example.org"),
        ("HTTPS://exams.example.org:443", "https://exams.example.org"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://[::1]:5000", "http://[::1]:5000"),
    ] {
        let config = from_environment(&[("PUBLIC_URL", text)]).expect("an origin");
        assert_eq!(config.public_url.as_deref(), Some(origin));
        assert_eq!(config.base_url(1), origin);
    }
    for text in [
        "exams.example.org",
        "ftp://x",
        "https://x/exams",
        "https://a:b@x",
        "https://",
        "https://x?y",
        "https://x#y",
        "https://x:port",
    ] {
        assert!(from_environment(&[("PUBLIC_URL", text)]).is_err(), "{text}");
    }
}

#[test]
fn there_are_as_many_connections_as_files_allow_or_as_are_asked_for() {
    let config = from_environment(&[]).expect("nothing is wrong");
    // A fortieth, and the database's, are for other things.
    assert_eq!(config.limits(20_000).connections, 20_000 - 500 - 50);
    assert_eq!(config.limits(100).connections, 1, "it starts with whatever there is");
    assert_eq!(
        (config.limits(20_000).idle, config.limits(20_000).grace),
        (Duration::from_secs(75), Duration::from_secs(30))
    );
    let old_names = [("GUNICORN_WORKERS", "5"), ("GUNICORN_WORKER_CONNECTIONS", "1000"), ("GUNICORN_KEEPALIVE", "2")];
    let config = from_environment(&old_names).expect("nothing is wrong");
    assert_eq!((config.limits(20_000).connections, config.limits(20_000).idle), (5_000, Duration::from_secs(2)));
    assert_eq!(config.limits(1_000).connections, 1_000 - 64 - 50, "files are the end of it");
}

#[test]
fn a_pool_leaves_at_least_half_of_the_files_to_people() {
    let url = ("DATABASE_URL", "postgres://db/exams");
    let large = from_environment(&[url, ("DB_POOL_MAX", "1000")]).expect("nothing is wrong yet");
    let told = large.fits(1_024).expect_err("it would be one connection").to_string();
    assert!(told.starts_with("DB_POOL_MAX (environment) = \"1000\": only 1024 files may be open, and more"), "{told}");
    assert!(
        told.contains("to 2128 at least (LimitNOFILE= in the unit") && told.ends_with("or set 448 at most."),
        "{told}"
    );
    assert!(large.fits(2_127).is_err() && large.fits(2_128).is_ok());
    assert!(large.limits(2_128).connections >= 1_000);
    let told = large.fits(100).expect_err("nor would any other").to_string();
    assert!(!told.contains("at most"), "{told}");
    let told = from_environment(&[url]).expect("nothing is wrong yet").fits(200).expect_err("too few").to_string();
    assert!(told.starts_with("db_pool_max (default) = \"50\": "), "{told}");
    // The embedded database has seventeen connections, whatever the maximum.
    let embedded = from_environment(&[("DB_POOL_MAX", "1000")]).expect("nothing is wrong");
    assert_eq!(embedded.fits(100), Ok(()), "it starts with whatever there is");
    assert_eq!(embedded.limits(1_024).connections, 1_024 - 64 - 64);
}

#[test]
fn it_listens_on_addresses_of_both_kinds_and_on_names() {
    for (host, address) in [("127.0.0.1", "127.0.0.1:80"), ("::1", "[::1]:80"), ("exams.local", "exams.local:80")] {
        let config = from_environment(&[("HOST", host), ("PORT", "80")]).expect("nothing is wrong");
        assert_eq!(config.listen_address(), address);
    }
}

#[test]
fn every_setting_is_explained_once_with_a_sentence_and_a_place() {
    let config = from_environment(&[]).expect("nothing is wrong");
    let keys: Vec<&str> = config.explained.iter().map(|explained| explained.key).collect();
    let all: Vec<&str> = sources::ALL.iter().map(|setting| setting.key).collect();
    assert_eq!(keys, all, "each is read once, in the order of the list");
    for explained in &config.explained {
        assert!(explained.meaning.ends_with('.') && explained.meaning.len() > 20, "{explained:?}");
        assert_eq!(explained.place, Place::Default(explained.key));
    }
    assert_eq!(config.told().count(), all.len(), "debug builds tell of all of them");
}

#[test]
fn an_explanation_says_which_of_several_places_counts() {
    let folder = Folder::with_file("explained", "workers = 2\nport = 7001\n");
    let variables = environment(&[("GUNICORN_WORKERS", "5"), ("PORT", "7002"), ("DB_POOL_MAX", "3")]);
    let flags = Flags { port: Some("7003".into()), ..Flags::default() };
    let config = Config::load(&flags, &variables, &folder.0).expect("nothing is wrong");
    let file = folder.0.join("examhall.toml");
    let of = |key| config.told().find(|explained| explained.key == key).expect("it is told");
    let port = of("port");
    assert_eq!((port.value.as_deref(), &port.place), (Some("7003"), &Place::Flag("--port")));
    assert_eq!(port.overruled, [Place::Variable("PORT"), Place::File(file.clone(), "port".into())]);
    let workers = of("workers");
    assert_eq!((workers.value.as_deref(), &workers.place), (Some("5"), &Place::Variable("GUNICORN_WORKERS")));
    let least = of("db_pool_min");
    assert_eq!((least.value.as_deref(), &least.place), (Some("3"), &Place::Default("db_pool_min")));
    let on_postgres = Config { database_url: DatabaseUrl::parse("postgres://db/exams").ok(), ..config.clone() };
    assert_eq!(on_postgres.comes_to(least, 1_000).as_deref(), Some("Lowered with DB_POOL_MAX."));
    assert_eq!(config.comes_to(workers, 1_000), None);
    let threads = config.comes_to(of("password_threads"), 1_000).expect("it comes to something");
    assert!(threads.starts_with("2: half of the workers"), "{threads}");
}

#[test]
fn what_the_embedded_database_does_not_use_is_told_as_such() {
    let set = [("DB_POOL_MIN", "7"), ("DB_POOL_MAX", "40"), ("DB_STATEMENT_TIMEOUT", "10")];
    let comes_to = |config: &Config, key: &str| {
        let explained = config.told().find(|explained| explained.key == key).expect("it is told");
        config.comes_to(explained, 1_000)
    };
    let embedded = from_environment(&set).expect("nothing is wrong");
    for key in ["db_pool_min", "db_statement_timeout"] {
        assert_eq!(comes_to(&embedded, key).as_deref(), Some("Not used with the embedded database."), "{key}");
    }
    let most = comes_to(&embedded, "db_pool_max").expect("it comes to something");
    assert!(most.contains("one connection that writes and 16 that read"), "{most}");
    let url = ("DATABASE_URL", "postgres://db/exams");
    let on_postgres = from_environment(&[url, set[0], set[1], set[2]]).expect("nothing is wrong");
    for key in ["db_pool_min", "db_pool_max", "db_statement_timeout"] {
        assert_eq!(comes_to(&on_postgres, key), None, "{key}");
    }
}

#[test]
fn what_connections_come_to_depends_on_files() {
    let told = |pairs: &[(&str, &str)]| {
        let config = from_environment(pairs).expect("nothing is wrong");
        let explained = config.told().find(|explained| explained.key == "worker_connections").expect("it is told");
        (explained.value.clone(), config.comes_to(explained, 20_000).expect("it comes to something"))
    };
    assert_eq!(told(&[]), (None, "19450 connections in all, since 20000 files may be open.".into()));
    let (value, comes_to) = told(&[("WORKERS", "5"), ("WORKER_CONNECTIONS", "1000")]);
    assert_eq!((value.as_deref(), comes_to.as_str()), (Some("1000"), "5000 connections in all, for 5 workers."));
    let (_, comes_to) = told(&[("WORKERS", "50"), ("WORKER_CONNECTIONS", "1000")]);
    assert!(comes_to.starts_with("19450 connections in all and not 50000, since only 20000 files"), "{comes_to}");
}

#[test]
fn no_explanation_holds_a_secret() {
    let token = "0123456789abcdef";
    let url = "postgres://ana:s3cret@db.local/exams?password=s3cret";
    let config = from_environment(&[("METRICS_TOKEN", token), ("DATABASE_URL", url)]).expect("nothing is wrong");
    let told = format!("{:?}", config.explained);
    assert!(!told.contains(token) && !told.contains("s3cret"), "{told}");
    let of = |key| config.told().find(|explained| explained.key == key).expect("it is told").value.as_deref();
    assert_eq!(of("metrics_token"), Some("set, not shown"));
    assert_eq!(of("database_url"), Some("postgres://db.local/exams"));
}

#[test]
fn the_manual_lists_every_variable_of_every_setting() {
    // Read when the test runs: what is built from needs no manuals.
    let manual = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let manual = std::fs::read_to_string(manual).expect("there is a manual");
    for setting in sources::ALL.iter().filter(|setting| !setting.debug_only) {
        for variable in setting.variables {
            let listed = manual.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{variable}`")));
            assert!(listed, "{variable} has no row in docs/configuration.md");
        }
    }
    let variables: Vec<&str> = sources::ALL.iter().flat_map(|setting| setting.variables).copied().collect();
    for row in manual.lines().filter(|line| line.starts_with("| `")) {
        let names = row.split('|').nth(1).unwrap_or_default();
        for name in names.split('`').skip(1).step_by(2) {
            assert!(variables.contains(&name), "docs/configuration.md has {name}, which is no setting");
        }
    }
}
