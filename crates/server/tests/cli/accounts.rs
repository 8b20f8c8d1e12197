//! `account create`, `setup-link` and `demo-accounts`.

use crate::program::Hall;
use exam::time::{Clock as _, Timestamp};
use server::clock::SystemClock;
use server::password::Passwords;
use server::token;
use std::time::Duration;
use store::Role;
use testkit::{TestStore, both_engines};

const CREATE: &str = "account create --email Ana@example.org --name Ana --password-stdin --role";

both_engines!(an_account_is_made_with_the_password_from_standard_input, async |t: TestStore| {
    let hall = Hall::on(&t);
    let ended = hall.run_with_input(&format!("{CREATE} author"), "correct horse battery\n").expect(0);
    assert_eq!(ended.out, "created author Ana@example.org\n");
    let (account, hash) = t.find_credentials("ana@example.org").await.expect("found").expect("there");
    assert_eq!((account.role, account.name.as_str(), account.demo), (Role::Author, "Ana", false));
    let passwords = Passwords::new(1).expect("randomness");
    assert!(passwords.verify("correct horse battery".into(), Some(hash)).await.expect("checked"));

    let again = hall.run_with_input(&format!("{CREATE} admin"), "another password\n").expect(2);
    assert!(again.err.contains("an account with the address Ana@example.org already"), "{}", again.err);
    assert!(!t.has_admin().await.expect("known"));
});

#[test]
fn values_that_no_account_can_have_are_wrong_usage() {
    let hall = Hall::new();
    for (input, hint) in [("short", "10"), ("", "password"), ("one line\nanother line\n", "more than one line")] {
        let ended = hall.run_with_input(&format!("{CREATE} admin"), input).expect(64);
        assert!(ended.err.contains(hint), "{input:?}: {}", ended.err);
    }
    let arguments = "account create --email ana --name A --role candidate --password-stdin";
    assert!(hall.run_with_input(arguments, "correct horse battery").expect(64).err.contains('@'));
    assert_eq!(hall.names(), [""; 0], "nothing was made");
}

fn token_of(link: &str) -> String {
    token::hash(link.trim_end().split_once("/setup?token=").expect("it is a set-up link").1)
}

both_engines!(the_set_up_link_printed_last_works_for_thirty_minutes, async |t: TestStore| {
    let hall = Hall::on(&t).with("PUBLIC_URL", "https://exams.example.org/");
    let first = hall.run("setup-link").expect(0).out;
    let second = hall.run("setup-link").expect(0).out;
    assert!(second.starts_with("https://exams.example.org/setup?token="), "{second}");
    let valid = async |link: &str, at: Timestamp| t.setup_token_is_valid(&token_of(link), at).await.expect("known");
    let now = SystemClock.now();
    assert!(valid(&second, now).await);
    assert!(!valid(&first, now).await);
    assert!(valid(&second, now.after(Duration::from_secs(29 * 60))).await);
    assert!(!valid(&second, now.after(Duration::from_secs(31 * 60))).await);

    hall.run_with_input(&format!("{CREATE} admin"), "correct horse battery").expect(0);
    let refused = hall.run("setup-link").expect(2);
    assert!(refused.out.is_empty() && refused.err.contains("account create"), "{}", refused.err);
});

#[test]
fn a_set_up_link_is_for_a_database_that_is_there() {
    let hall = Hall::new();
    let refused = hall.run("setup-link").expect(2);
    assert!(refused.out.is_empty() && refused.err.contains("there is no database"), "{}", refused.err);
    assert!(hall.names().is_empty(), "{:?}", hall.names());
}

#[test]
fn without_a_demo_there_are_no_demo_accounts() {
    let refused = Hall::new().run("demo-accounts").expect(2);
    assert!(refused.err.contains("examhall serve --demo"), "{}", refused.err);
}
