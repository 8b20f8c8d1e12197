//! First run: set-up links and values of the installation.

use store::{Error, Role};
use testkit::arrange::{account, new_account};
use testkit::{NOON, both_engines, minutes_after_noon, race};

both_engines!(a_set_up_link_makes_one_admin, async |t| {
    t.create_setup_token("link", minutes_after_noon(30)).await.unwrap();
    assert!(t.setup_token_is_valid("link", NOON).await.unwrap());
    let made = t.use_setup_token("link", new_account("root@example.org", "Root", Role::Admin), NOON).await.unwrap();
    let root = t.find_account(made.expect("the link was valid")).await.unwrap().unwrap();
    assert_eq!((root.role, root.demo, root.email.as_str()), (Role::Admin, false, "root@example.org"));
    assert!(t.find_credentials("ROOT@example.org").await.unwrap().is_some());
    assert_eq!(t.count_audit("account.set_up", &format!("account {}", root.id)).await.unwrap(), 1);

    assert!(!t.setup_token_is_valid("link", NOON).await.unwrap());
    let again = t.use_setup_token("link", new_account("eve@example.org", "Eve", Role::Admin), NOON).await.unwrap();
    assert_eq!(again, None);
    assert!(t.find_credentials("eve@example.org").await.unwrap().is_none());
});

both_engines!(a_set_up_link_raced_by_many_makes_one_admin, async |t| {
    t.create_setup_token("link", minutes_after_noon(30)).await.unwrap();
    let made = race(&t, 10, async |number, store| {
        let email = format!("root{number}@example.org");
        store.use_setup_token("link", new_account(&email, "Root", Role::Admin), NOON).await.unwrap()
    })
    .await;
    assert_eq!(made.iter().flatten().count(), 1);
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM accounts").await, 1);
});

both_engines!(an_expired_or_unknown_set_up_link_makes_nobody, async |t| {
    t.create_setup_token("link", minutes_after_noon(30)).await.unwrap();
    for (token, now) in [("link", minutes_after_noon(30)), ("other", NOON)] {
        assert!(!t.setup_token_is_valid(token, now).await.unwrap());
        let made = t.use_setup_token(token, new_account("eve@example.org", "Eve", Role::Admin), now).await.unwrap();
        assert_eq!(made, None);
    }
    assert!(t.setup_token_is_valid("link", NOON).await.unwrap(), "nobody used it up");
});

both_engines!(the_set_up_link_printed_last_is_the_one_that_works, async |t| {
    t.create_setup_token("first", minutes_after_noon(30)).await.unwrap();
    t.create_setup_token("second", minutes_after_noon(30)).await.unwrap();
    assert!(!t.setup_token_is_valid("first", NOON).await.unwrap());
    assert!(t.setup_token_is_valid("second", NOON).await.unwrap());
});

both_engines!(a_set_up_with_a_taken_address_keeps_the_link, async |t| {
    account(&t, "Ada", Role::Candidate).await;
    t.create_setup_token("link", minutes_after_noon(30)).await.unwrap();
    let taken = t.use_setup_token("link", new_account("ada@example.org", "Ada", Role::Admin), NOON).await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
    assert!(t.setup_token_is_valid("link", NOON).await.unwrap());
    let made = t.use_setup_token("link", new_account("root@example.org", "Root", Role::Admin), NOON).await.unwrap();
    assert!(made.is_some());
});

both_engines!(processes_agree_on_the_values_of_the_installation, async |t| {
    let mut values = race(&t, 10, async |number, store| {
        store.install_value("demo secret", || format!("made by {number}")).await.unwrap()
    })
    .await;
    values.dedup();
    assert_eq!(values.len(), 1, "{values:?}");
    let kept = t.install_value("demo secret", || unreachable!("it is there")).await.unwrap();
    assert_eq!(kept, values[0]);
    assert_eq!(t.install_value("other", || "another".into()).await.unwrap(), "another");
});
