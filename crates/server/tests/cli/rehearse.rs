//! `rehearse` and what is done around it.

use crate::program::{Ended, Hall};
use crate::serve::Server;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use testkit::{TestStore, arrange, both_engines};

#[test]
fn wrong_usage_of_a_rehearsal_ends_with_64() {
    let hall = Hall::new();
    hall.file(
        "two.txt",
        "# examhall rehearsal sessions 1: whoever has this file can sit as these candidates\nabc\ndef\n",
    );
    let run = "rehearse --exam hall --users 3 --url";
    for (arguments, hint) in [
        ("rehearse".to_owned(), "--url"),
        ("rehearse --url http://127.0.0.1:1 --exam hall".into(), "--users"),
        (format!("{run} https://127.0.0.1"), "speaks plain HTTP"),
        (format!("{run} http://127.0.0.1/exams"), "host and port only"),
        (format!("{run} http://127.0.0.1:1 --users 0"), "cannot be used multiple times"),
        (format!("{run} http://127.0.0.1:1 --think fast"), "250ms, 90s"),
        (format!("{run} http://127.0.0.1:1 --replay 120"), "0 to 100"),
        (format!("{run} http://127.0.0.1:1 --verify"), "--ledger"),
        (format!("{run} http://127.0.0.1:1 --sessions two.txt"), "two.txt has 2 sessions for 3 candidates"),
        ("rehearse --url http://127.0.0.1:1 --exam hall --users 900000".into(), "ulimit -n"),
        (format!("{run} http://127.0.0.1:1 --batch 501"), "500"),
        (
            format!("{run} http://127.0.0.1:1 --arrivals 90s --duration 60s"),
            "--arrivals 90s: candidates would still arrive when everybody hands in after --duration 60s; shorten --arrivals",
        ),
        (
            format!("{run} http://127.0.0.1:1 --departures 1h30m --duration 1h"),
            "--departures 1h30m: candidates would hand in before the run begins, which ends after --duration 1h; shorten",
        ),
        ("rehearse prepare --users 3 --exam hall".into(), "--sessions"),
        ("rehearse prepare --users 3 --exam hall --sessions two.txt --lifetime 0".into(), "--lifetime 0"),
        ("rehearse verify".into(), "--ledger"),
        ("rehearse clean --exam hall".into(), "--exam"),
    ] {
        let ended = hall.run(&arguments).expect(64);
        assert!(ended.err.contains(hint) && ended.out.is_empty(), "{arguments}: {}", ended.err);
    }
    hall.run("rehearse verify --ledger nowhere.txt").expect(1);
    let other = hall.run(&format!("{run} http://127.0.0.1:1 --sessions nowhere.txt")).expect(1);
    assert!(other.err.contains("nowhere.txt"), "{}", other.err);
    assert_eq!(hall.names(), ["two.txt"], "nothing was made");
}

#[test]
fn nothing_of_others_is_written_over_and_no_database_is_made_to_look_into() {
    let hall = Hall::new();
    hall.file("list.txt", "my precious list\n");
    hall.file("ledger.txt", "examhall-ledger 1\nA 1 0 0 0 abc\n");
    let refused = hall.run("rehearse prepare --users 3 --exam hall --sessions list.txt").expect(1);
    assert!(refused.err.contains("no file of sessions"), "{}", refused.err);
    for arguments in ["rehearse verify --ledger ledger.txt", "rehearse clean"] {
        let refused = hall.run(arguments).expect(1);
        assert!(refused.err.contains("there is no database"), "{}", refused.err);
    }
    assert_eq!(hall.read("list.txt"), "my precious list\n");
    assert_eq!(hall.names(), ["ledger.txt", "list.txt"], "nothing was made");
}

/// A server of something else: answers every request in the same way, after doing something.
fn other_server(answer: &'static str, mut first: impl FnMut() + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
    let address = listener.local_addr().expect("it is bound");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("somebody connects");
            let mut request = [0; 65_536];
            while stream.read(&mut request).is_ok_and(|size| size > 0) {
                first();
                if stream.write_all(answer.as_bytes()).is_err() {
                    break;
                }
            }
        }
    });
    address
}

const NOT_FOUND: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n";
/// All that the check before a run wants to know; to everything else it is no answer.
const HAS_HALL: &str = "HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{\"exams\":[{\"slug\":\"hall\"}]}";

#[test]
fn a_wrong_address_is_told_before_the_run_and_nothing_is_made() {
    let hall = Hall::new();
    let run = "rehearse --exam hall --users 1 --arrivals 1h --duration 2h --ledger l.txt --url";
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("there is a free port");
    let ended = hall.run(&format!("{run} http://{closed}")).expect(1);
    assert!(ended.err.contains(&format!("http://{closed} does not answer")), "{}", ended.err);
    assert!(ended.err.contains("start the server, or correct --url"), "{}", ended.err);
    let other = other_server(NOT_FOUND, || {});
    let ended = hall.run(&format!("{run} http://{other}")).expect(1);
    assert!(ended.err.contains("is not where an Examhall server listens"), "{}", ended.err);
    assert!(ended.err.contains("status 404") && ended.err.contains("correct --url"), "{}", ended.err);
    assert_eq!(hall.names(), [""; 0], "nothing was made");
}

#[test]
fn a_database_that_went_away_during_the_run_is_not_made_anew_to_look_into() {
    let hall = Hall::new().with("DATA_DIR", "data");
    hall.run("migrate").expect(0);
    let data = hall.path("data");
    let gone = data.clone();
    let url = other_server(HAS_HALL, move || {
        // The run's first request comes when the database has been looked at, and closed.
        let _ = std::fs::remove_dir_all(&gone);
    });
    let run = "--exam hall --users 1 --arrivals 0 --duration 1s --ledger l.txt --verify";
    let ended = hall.run(&format!("rehearse --url http://{url} {run}")).expect(1);
    assert!(ended.err.contains("the ledger was not held against the database: there is no database"), "{}", ended.err);
    assert!(ended.out.contains("NO-GO"), "{}", ended.out);
    assert!(!data.exists(), "no database was made");
}

#[test]
fn two_runs_do_not_share_sessions_unless_each_says_which_it_skips() {
    let hall = Hall::new();
    hall.file("one.txt", "# examhall rehearsal sessions 1: whoever has this file can sit as these candidates\nabc\n");
    let url = other_server(HAS_HALL, || {});
    let run =
        format!("rehearse --url http://{url} --exam hall --users 1 --arrivals 0 --duration 1s --sessions one.txt");
    let file = std::fs::File::open(hall.path("one.txt")).expect("it is there");
    file.lock().expect("nobody else uses it");
    for skip in ["", " --skip 0"] {
        let refused = hall.run(&format!("{run}{skip}")).expect(1);
        assert!(refused.err.contains("one.txt: another rehearsal uses these sessions"), "{}", refused.err);
        assert!(refused.err.contains("`examhall rehearse prepare`"), "{}", refused.err);
    }
    file.unlock().expect("it was locked");
    file.lock_shared().expect("nobody else uses it");
    let refused = hall.run(&run).expect(1);
    assert!(refused.err.contains("`--skip 0`"), "{}", refused.err);
    let both = hall.run(&format!("{run} --skip 0")).expect(2);
    assert!(both.out.contains("NO-GO"), "it took place: {}", both.out);
    file.unlock().expect("it was locked");
    assert!(hall.run(&run).expect(2).out.contains("NO-GO"), "one after the other they may");
}

fn json(ended: &Ended) -> serde_json::Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{error}: {}", ended.out))
}

both_engines!(an_operator_prepares_rehearses_verifies_and_cleans_up, async |t: TestStore| {
    arrange::exam("hall").attempts(1).publish(&t).await;
    let hall = Hall::on(&t);
    let prepare = |users: u32| hall.run(&format!("rehearse prepare --users {users} --exam hall --sessions s.txt"));
    assert!(prepare(3).expect(0).out.starts_with("3 candidates are ready to sit hall"));
    let mode = std::fs::metadata(hall.path("s.txt")).expect("the file is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let emails = |text: &str| -> Vec<String> {
        text.lines().skip(1).filter_map(|line| Some(line.split_once(' ')?.1.to_owned())).collect()
    };
    let first = emails(&hall.read("s.txt"));
    prepare(4).expect(0);
    let second = emails(&hall.read("s.txt"));
    assert_eq!(second, [1, 2, 3, 4].map(|number| format!("rehearsal-{number}@example.invalid")));
    assert_eq!(first, second[..3], "the same candidates serve again");

    let server = Server::start(&hall, "serve --port 0");
    let run = format!(
        "rehearse --url http://127.0.0.1:{} --exam hall --users 4 --think 0 --arrivals 0 --duration 60s --resume 20% --replay 20% \
         --save-p99 60s --sessions s.txt --seed 5 --ledger l.txt",
        server.port()
    );
    let report = json(&hall.run(&format!("{run} --verify --json")).expect(0));
    assert_eq!((&report["decision"]["go"], &report["verdict"]["attempts"]), (&true.into(), &4.into()), "{report}");
    assert_eq!((&report["handed_in"], &report["planned"]["seed"]), (&4.into(), &5.into()), "{report}");
    assert!(report["verdict"]["acknowledged"].as_u64() >= Some(12), "{report}");

    let again = hall.run(&run).expect(2);
    assert!(again.out.contains("NO-GO") && again.out.contains("no_attempts_left"), "{}", again.out);
    let why = "4 of 4 candidates could not go on: they have no attempt left in this exam";
    assert!(again.out.contains(why), "{}", again.out);
    let wrong = hall.run(&run.replace("--exam hall", "--exam hell")).expect(2);
    assert!(wrong.err.contains("there is no published exam hell at http://127.0.0.1:"), "{}", wrong.err);
    assert!(wrong.err.contains("correct --exam"), "{}", wrong.err);
    prepare(2).expect(0);
    let fresh = [5, 6].map(|number| format!("rehearsal-{number}@example.invalid"));
    assert_eq!(emails(&hall.read("s.txt")), fresh, "those who have no attempt left are passed over");
    server.stop().expect(0);

    let verified = hall.run("rehearse verify --ledger l.txt").expect(0);
    assert!(verified.out.contains("every promise was kept"), "{}", verified.out);
    let ledger = hall.read("l.txt");
    let (cut, _) = ledger.trim_end().rsplit_once('\n').expect("it has lines");
    hall.file("cut.txt", &format!("{cut}\n"));
    let cut = hall.run("rehearse verify --ledger cut.txt").expect(0);
    assert!(cut.out.contains("The ledger was not closed"), "{}", cut.out);
    let attempt = ledger.lines().find(|line| line.starts_with("A ")).and_then(|line| line.split(' ').nth(5));
    t.raw().await.execute("DELETE FROM grades").await.expect("the grades go");
    let verdict = json(&hall.run("rehearse verify --ledger l.txt --json").expect(2));
    assert_eq!(verdict["violations"].as_array().map(Vec::len), Some(4), "{verdict}");
    assert_eq!(verdict["violations"][0]["attempt"].as_str(), attempt, "{verdict}");
    assert_eq!(verdict["violations"][0]["promise"], "graded_once");

    assert!(hall.run("rehearse clean").expect(0).out.starts_with("disabled 6 rehearsal candidates"));
    assert!(hall.run("rehearse clean").expect(0).out.starts_with("disabled 0 rehearsal candidates"));
    let missing = hall.run("rehearse prepare --users 1 --exam nowhere --sessions s.txt").expect(2);
    assert!(missing.err.contains("no published exam nowhere"), "{}", missing.err);
});
