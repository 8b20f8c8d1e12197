//! `account create`, `account password`, `setup-link` and `demo-accounts`.

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

const PASSWORD: &str = "account password --password-stdin --email";

both_engines!(an_operator_who_is_locked_out_sets_another_password, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.run_with_input(&format!("{CREATE} admin"), "correct horse battery\n").expect(0);
    let (ana, _) = t.find_credentials("ana@example.org").await.expect("found").expect("there");
    let now = SystemClock.now();
    t.create_session("phone", ana.id, now, now.after(Duration::from_secs(600))).await.expect("a session begins");
    t.create_password_link(ana.id, "link", now.after(Duration::from_secs(600)), None, now)
        .await
        .expect("a link is made");

    let ended = hall.run_with_input(&format!("{PASSWORD} ANA@example.org"), "eight green bicycles\n").expect(0);
    assert_eq!((ended.out.as_str(), ended.err.as_str()), ("changed the password of Ana@example.org\n", ""));
    let (_, hash) = t.find_credentials("ana@example.org").await.expect("found").expect("there");
    let passwords = Passwords::new(1).expect("randomness");
    assert!(passwords.verify("eight green bicycles".into(), Some(hash.clone())).await.expect("checked"));
    assert!(!passwords.verify("correct horse battery".into(), Some(hash)).await.expect("checked"));
    assert_eq!(t.find_session("phone", now, false).await.expect("known"), None, "all sessions have ended");
    assert_eq!(t.find_by_password_link("link", now, false).await.expect("known"), None);
    let nobody = "SELECT COUNT(*) FROM audit_log WHERE action = 'account.password' AND actor_id IS NULL";
    assert_eq!(t.raw().await.number(nobody).await, 1);

    let refused = hall.run_with_input(&format!("{PASSWORD} bo@example.org"), "eight green bicycles\n").expect(2);
    assert!(refused.err.contains("no account with the address bo@example.org"), "{}", refused.err);
    for (input, hint) in [("short", "10"), ("", "password"), ("one line\nanother line\n", "more than one line")] {
        let refused = hall.run_with_input(&format!("{PASSWORD} ana@example.org"), input).expect(64);
        assert!(refused.err.contains(hint), "{input:?}: {}", refused.err);
    }
    assert_eq!(t.raw().await.number(nobody).await, 1);

    t.set_disabled(ana.id, true, None, now).await.expect_err("she is the last admin");
    t.raw().await.execute("UPDATE accounts SET disabled_at = 1").await.expect("it can be written");
    let ended = hall.run_with_input(&format!("{PASSWORD} ana@example.org"), "nine blue elephants").expect(0);
    assert!(ended.err.contains("The account is disabled"), "{}", ended.err);
});

#[test]
fn a_password_is_set_in_a_database_that_is_there() {
    let hall = Hall::new();
    let refused = hall.run_with_input(&format!("{PASSWORD} ana@example.org"), "eight green bicycles").expect(2);
    assert!(refused.out.is_empty() && refused.err.contains("there is no database"), "{}", refused.err);
    assert!(hall.names().is_empty(), "{:?}", hall.names());
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
