//! Sessions: how long they last, and for whom.

use store::{NewAccount, Role};
use testkit::arrange::{FAKE_HASH, candidate, new_account};
use testkit::{NOON, both_engines, minutes_after_noon, race};

both_engines!(a_session_lasts_until_it_expires, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.create_session("hash", ada.id, NOON, minutes_after_noon(30)).await.unwrap();
    let end = minutes_after_noon(30);
    assert_eq!(t.find_session("hash", (end.0 - 1).into(), false).await.unwrap(), Some(ada.into()));
    assert_eq!(t.find_session("hash", end, false).await.unwrap(), None);
    assert_eq!(t.find_session("other", NOON, false).await.unwrap(), None);
});

both_engines!(signing_out_ends_one_session, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.create_session("phone", ada.id, NOON, minutes_after_noon(30)).await.unwrap();
    t.create_session("laptop", ada.id, NOON, minutes_after_noon(30)).await.unwrap();
    t.delete_session("phone").await.unwrap();
    t.delete_session("phone").await.unwrap();
    assert_eq!(t.find_session("phone", NOON, false).await.unwrap(), None);
    assert_eq!(t.find_session("laptop", NOON, false).await.unwrap(), Some(ada.into()));
});

both_engines!(the_sweep_removes_expired_sessions_only, async |t| {
    let ada = candidate(&t, "Ada").await;
    for (token, minutes) in [("old", 10), ("at the moment", 20), ("new", 30)] {
        t.create_session(token, ada.id, NOON, minutes_after_noon(minutes)).await.unwrap();
    }
    assert_eq!(t.sweep_sessions(minutes_after_noon(20)).await.unwrap(), 2);
    assert_eq!(t.sweep_sessions(minutes_after_noon(20)).await.unwrap(), 0);
    assert_eq!(t.find_session("new", minutes_after_noon(20), false).await.unwrap(), Some(ada.into()));
});

both_engines!(demo_accounts_have_sessions_under_demo_only, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    let ada = candidate(&t, "Ada").await;
    t.create_session("demo", demo.id, NOON, minutes_after_noon(30)).await.unwrap();
    t.create_session("ada", ada.id, NOON, minutes_after_noon(30)).await.unwrap();

    assert_eq!(t.find_session("demo", NOON, true).await.unwrap(), Some(demo.into()));
    assert_eq!(t.find_session("demo", NOON, false).await.unwrap(), None);
    assert_eq!(t.find_session("ada", NOON, true).await.unwrap(), Some(ada.clone().into()));

    t.end_demo_sessions().await.unwrap();
    assert_eq!(t.find_session("demo", NOON, true).await.unwrap(), None, "it does not come back with the next --demo");
    assert_eq!(t.find_session("ada", NOON, false).await.unwrap(), Some(ada.into()));
});

both_engines!(only_an_account_that_is_there_has_sessions, async |t| {
    assert!(t.create_session("hash", 4711.into(), NOON, minutes_after_noon(30)).await.is_err());
});

both_engines!(a_password_that_was_changed_meanwhile_begins_no_session, async |t| {
    let ada = candidate(&t, "Ada").await;
    let expires = minutes_after_noon(30);
    assert!(t.create_checked_session("before", ada.id, FAKE_HASH, NOON, expires).await.unwrap());
    assert_eq!(t.find_session("before", NOON, false).await.unwrap(), Some(ada.clone().into()));
    t.set_password(ada.id, "$argon2id$new", None, NOON).await.unwrap();
    assert!(!t.create_checked_session("after", ada.id, FAKE_HASH, NOON, expires).await.unwrap());
    assert_eq!(t.find_session("after", NOON, false).await.unwrap(), None);
    assert!(!t.create_checked_session("nobody", 4711.into(), FAKE_HASH, NOON, expires).await.unwrap());
});

both_engines!(a_session_never_outlives_a_change_of_the_password_it_came_from, async |t| {
    for round in 0..20 {
        let ada = candidate(&t, &format!("Ada {round}")).await;
        let (old, expires) = (format!("old {round}"), minutes_after_noon(30));
        race(&t, 2, async |number, store| {
            if number == 0 {
                store.create_checked_session(&old, ada.id, FAKE_HASH, NOON, expires).await.unwrap();
            } else {
                assert!(store.set_password(ada.id, "$argon2id$new", None, NOON).await.unwrap());
            }
        })
        .await;
        assert_eq!(t.find_session(&old, NOON, false).await.unwrap(), None, "round {round}");
    }
});
