//! Passwords that are replaced, by whoever knows the old one or by a link, and what ends with the old one.

use exam::id::AccountId;
use store::{Account, Error, NewAccessCode, NewAccount, PasswordChange, Role, Store};
use testkit::arrange::{FAKE_HASH, account, candidate, new_account};
use testkit::{NOON, TestStore, both_engines, minutes_after_noon, race, wait_for};

const NEW_HASH: &str = "$argon2id$new";

/// A change that Ada asks for by a session, having shown the password that everybody here begins with.
fn change<'a>(ada: &Account, session: &'a str) -> PasswordChange<'a> {
    PasswordChange { account: ada.id, session, checked: FAKE_HASH, new: NEW_HASH }
}

async fn begin(t: &Store, token: &str, account: AccountId) {
    t.create_session(token, account, NOON, minutes_after_noon(60)).await.expect("a session begins");
}

async fn is_signed_in(t: &Store, token: &str) -> bool {
    t.find_session(token, NOON, false).await.expect("it can be looked up").is_some()
}

async fn hash_of(t: &Store, email: &str) -> String {
    t.find_credentials(email).await.expect("it can be read").expect("it is there").1
}

/// Makes a link for an hour.
async fn link(t: &Store, token: &str, account: AccountId) -> bool {
    t.create_password_link(account, token, minutes_after_noon(60), None, NOON).await.expect("the store answers")
}

/// Whose link it is.
async fn whose(t: &Store, token: &str) -> Option<String> {
    t.find_by_password_link(token, NOON, false).await.expect("it can be looked up").map(|account| account.email)
}

async fn use_link(t: &Store, token: &str) -> bool {
    t.use_password_link(token, NEW_HASH, NOON, false).await.expect("the store answers")
}

async fn changes(t: &TestStore, account: AccountId) -> i64 {
    t.count_audit("account.password", &format!("account {account}")).await.expect("it can be read")
}

both_engines!(a_change_ends_all_sessions_of_the_person_but_the_one_it_came_by, async |t| {
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let other = t.second_process().await;
    for token in ["here", "phone", "laptop"] {
        begin(&t, token, ada.id).await;
        assert!(is_signed_in(&t, token).await && is_signed_in(&other, token).await);
    }
    begin(&t, "bob", bob.id).await;

    assert!(t.change_password(change(&ada, "here"), NOON).await.unwrap());
    assert_eq!(hash_of(&t, "ada@example.org").await, NEW_HASH);
    for (token, goes_on) in [("here", true), ("phone", false), ("laptop", false), ("bob", true)] {
        assert_eq!(is_signed_in(&t, token).await, goes_on, "{token}");
        wait_for("another process learns of it", async || is_signed_in(&other, token).await == goes_on).await;
    }
    assert_eq!(changes(&t, ada.id).await, 1);
    let by = t.raw().await.number("SELECT actor_id FROM audit_log WHERE action = 'account.password'").await;
    assert_eq!(by, ada.id.0);
});

both_engines!(what_is_right_no_longer_changes_nothing, async |t| {
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let code = [NewAccessCode { email: "ada@example.org", name: "Ada", code_hash: "code" }];
    t.create_access_codes(&code, FAKE_HASH, minutes_after_noon(60), None, NOON).await.unwrap();
    assert!(t.create_session_by_code("in the hall", "code", NOON, minutes_after_noon(60)).await.unwrap());
    begin(&t, "here", ada.id).await;
    begin(&t, "phone", ada.id).await;
    begin(&t, "bob's", bob.id).await;
    t.create_session("old", ada.id, NOON, NOON).await.unwrap();
    assert!(t.session_began_by_code("in the hall").await.unwrap());
    assert!(!t.session_began_by_code("here").await.unwrap() && !t.session_began_by_code("nobody's").await.unwrap());

    let of_another_password = PasswordChange { checked: "$argon2id$another", ..change(&ada, "here") };
    for refused in [
        of_another_password,
        change(&ada, "in the hall"),
        change(&ada, "bob's"),
        change(&ada, "old"),
        change(&ada, "nobody's"),
        PasswordChange { account: AccountId(4711), ..change(&ada, "here") },
    ] {
        assert!(!t.change_password(refused, NOON).await.unwrap(), "{refused:?}");
    }
    assert_eq!((hash_of(&t, "ada@example.org").await.as_str(), changes(&t, ada.id).await), (FAKE_HASH, 0));
    assert!(is_signed_in(&t, "phone").await && is_signed_in(&t, "in the hall").await);

    t.raw().await.execute(&format!("UPDATE accounts SET disabled_at = 1 WHERE id = {}", ada.id)).await.unwrap();
    assert!(!t.change_password(change(&ada, "here"), NOON).await.unwrap(), "disabled while it was checked");
    assert_eq!(hash_of(&t, "ada@example.org").await, FAKE_HASH);
});

both_engines!(no_session_of_the_old_password_outlives_a_change, async |t| {
    for round in 0..20 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let (own, late) = (format!("own {round}"), format!("late {round}"));
        begin(&t, &own, ada.id).await;
        race(&t, 2, async |number, store| {
            if number == 0 {
                let expires = minutes_after_noon(60);
                store.create_checked_session(&late, ada.id, FAKE_HASH, NOON, expires).await.unwrap();
            } else {
                assert!(store.change_password(change(&ada, &own), NOON).await.unwrap());
            }
        })
        .await;
        assert!(is_signed_in(&t, &own).await && !is_signed_in(&t, &late).await, "round {round}");
    }
});

both_engines!(of_many_changes_at_once_one_counts, async |t| {
    let ada = candidate(&t, "Ada").await;
    for number in 0..10 {
        begin(&t, &format!("session {number}"), ada.id).await;
    }
    let changed = race(&t, 10, async |number, store| {
        store.change_password(change(&ada, &format!("session {number}")), NOON).await.unwrap()
    })
    .await;
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1);
    for (number, changed) in changed.iter().enumerate() {
        assert_eq!(is_signed_in(&t, &format!("session {number}")).await, *changed, "{number}");
    }
    assert_eq!(changes(&t, ada.id).await, 1);
});

both_engines!(a_link_sets_a_password_once_and_ends_all_sessions, async |t| {
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let other = t.second_process().await;
    begin(&t, "phone", ada.id).await;
    begin(&t, "bob", bob.id).await;
    assert!(is_signed_in(&other, "phone").await);
    assert!(link(&t, "link", ada.id).await && link(&t, "bob's link", bob.id).await);
    assert_eq!(t.count_audit("account.password_link", &format!("account {}", ada.id)).await.unwrap(), 1);
    assert_eq!(whose(&t, "link").await.as_deref(), Some("ada@example.org"));
    assert!(is_signed_in(&t, "phone").await, "a link that is made ends nothing");

    assert!(use_link(&t, "link").await);
    assert_eq!(hash_of(&t, "ada@example.org").await, NEW_HASH);
    assert!(!is_signed_in(&t, "phone").await && is_signed_in(&t, "bob").await);
    wait_for("another process learns of it", async || !is_signed_in(&other, "phone").await).await;
    assert_eq!(whose(&t, "link").await, None);
    assert!(!t.use_password_link("link", "$argon2id$again", NOON, false).await.unwrap());
    assert_eq!((hash_of(&t, "ada@example.org").await.as_str(), changes(&t, ada.id).await), (NEW_HASH, 1));
    assert_eq!(whose(&t, "bob's link").await.as_deref(), Some("bob@example.org"), "each has their own");
});

both_engines!(a_link_raced_by_many_counts_once, async |t| {
    for round in 0..5 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let token = format!("link {round}");
        assert!(link(&t, &token, ada.id).await);
        let used = race(&t, 10, async |number, store| {
            store.use_password_link(&token, &format!("$argon2id${number}"), NOON, false).await.unwrap()
        })
        .await;
        let winners: Vec<usize> = (0..10).filter(|number| used[*number]).collect();
        assert_eq!(winners.len(), 1, "{used:?}");
        assert_eq!(hash_of(&t, &ada.email).await, format!("$argon2id${}", winners[0]));
        assert_eq!(changes(&t, ada.id).await, 1);
    }
});

both_engines!(a_link_ends_with_time_with_the_next_one_and_with_what_it_was_made_for, async |t| {
    let (ada, root) = (candidate(&t, "Ada").await, account(&t, "Root", Role::Admin).await);
    let expires = minutes_after_noon(60);
    assert!(link(&t, "first", ada.id).await && link(&t, "second", ada.id).await);
    assert_eq!(whose(&t, "first").await, None);
    assert!(!use_link(&t, "first").await && !use_link(&t, "guessed").await && !use_link(&t, "").await);
    assert!(whose(&t, "second").await.is_some(), "nobody used it up");
    assert_eq!(t.find_by_password_link("second", expires, false).await.unwrap(), None);
    assert!(!t.use_password_link("second", NEW_HASH, expires, false).await.unwrap());

    // Disabled by a server that knows of no links: they end with the account, not with its row.
    t.raw().await.execute(&format!("UPDATE accounts SET disabled_at = 1 WHERE id = {}", ada.id)).await.unwrap();
    assert_eq!(whose(&t, "second").await, None);
    assert!(!use_link(&t, "second").await && !link(&t, "third", ada.id).await);
    t.set_disabled(ada.id, false, None, NOON).await.unwrap();
    assert!(whose(&t, "second").await.is_some());

    t.set_disabled(ada.id, true, None, NOON).await.unwrap();
    t.set_disabled(ada.id, false, None, NOON).await.unwrap();
    assert!(whose(&t, "second").await.is_none() && !use_link(&t, "second").await, "it does not come back");
    assert!(link(&t, "of a candidate", ada.id).await);
    t.set_role(ada.id, Role::Admin, Some(root.id), NOON).await.unwrap();
    assert!(!use_link(&t, "of a candidate").await, "it was for a candidate");
    assert!(link(&t, "left over", ada.id).await);
    begin(&t, "here", ada.id).await;
    assert!(t.change_password(change(&ada, "here"), NOON).await.unwrap());
    assert!(!use_link(&t, "left over").await, "she knows her password");
    assert!(link(&t, "left over", ada.id).await);
    assert!(t.set_password(ada.id, FAKE_HASH, None, NOON).await.unwrap());
    assert!(!use_link(&t, "left over").await);
    assert_eq!(hash_of(&t, "ada@example.org").await, FAKE_HASH);
    assert!(!link(&t, "nobody's", AccountId(4711)).await);
});

both_engines!(changes_that_cross_wait_for_each_other_and_never_for_ever, async |t| {
    for round in 0..10 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let (token, own) = (format!("link {round}"), format!("own {round}"));
        assert!(link(&t, &token, ada.id).await);
        begin(&t, &own, ada.id).await;
        race(&t, 6, async |number, store| match number {
            0 => store.use_password_link(&token, NEW_HASH, NOON, false).await.unwrap(),
            1 => store.change_password(change(&ada, &own), NOON).await.unwrap(),
            2 => store.set_disabled(ada.id, false, None, NOON).await.unwrap(),
            3 => store.set_role(ada.id, Role::Author, None, NOON).await.unwrap(),
            4 => link(store, &format!("next {round}"), ada.id).await,
            _ => store.set_disabled(ada.id, true, None, NOON).await.unwrap(),
        })
        .await;
    }
});

both_engines!(links_of_demo_accounts_work_under_demo_only_and_a_demo_admin_makes_no_others, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    let visitor = NewAccount { demo: true, ..new_account("visitor@example.org", "Visitor", Role::Candidate) };
    let visitor = t.create_account(visitor, None, NOON).await.unwrap();
    let ada = candidate(&t, "Ada").await;
    let expires = minutes_after_noon(60);
    let refused = t.create_password_link(ada.id, "ada's", expires, Some(demo.id), NOON).await;
    assert!(matches!(refused, Err(Error::BeyondDemo)), "{refused:?}");
    assert!(t.create_password_link(visitor.id, "visitor's", expires, Some(demo.id), NOON).await.unwrap());
    assert_eq!(whose(&t, "visitor's").await, None);
    assert!(!use_link(&t, "visitor's").await);
    assert!(t.find_by_password_link("visitor's", NOON, true).await.unwrap().is_some_and(|account| account.demo));
    assert!(t.use_password_link("visitor's", NEW_HASH, NOON, true).await.unwrap());
});

both_engines!(sessions_from_before_are_taken_for_those_of_a_code_where_there_was_one, async |t| {
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    let code = [NewAccessCode { email: "ada@example.org", name: "Ada", code_hash: "code" }];
    t.create_access_codes(&code, FAKE_HASH, minutes_after_noon(60), None, NOON).await.unwrap();
    begin(&t, "ada", ada.id).await;
    begin(&t, "bob", bob.id).await;
    // As the version before leaves it.
    let mut raw = t.raw().await;
    for back in [
        "DROP TABLE password_links",
        "ALTER TABLE sessions DROP COLUMN by_code",
        "DELETE FROM _sqlx_migrations WHERE version = 4",
    ] {
        raw.execute(back).await.unwrap();
    }
    let opened = t.second_process().await;
    assert!(opened.session_began_by_code("ada").await.unwrap());
    assert!(!opened.session_began_by_code("bob").await.unwrap());
    assert!(opened.change_password(change(&bob, "bob"), NOON).await.unwrap());
});
