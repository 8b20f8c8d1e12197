//! Accounts and what ends their sessions.

use exam::id::AccountId;
use store::{AccountFilter, Error, NewAccount, Role};
use testkit::arrange::{FAKE_HASH, account, candidate, new_account};
use testkit::{NOON, both_engines, minutes_after_noon, race};

both_engines!(an_address_is_taken_whatever_its_case, async |t| {
    let ada = t.create_account(new_account(" Ada@Example.org ", " Ada ", Role::Candidate), None, NOON).await.unwrap();
    assert_eq!((ada.email.as_str(), ada.name.as_str(), ada.created_at), ("Ada@Example.org", "Ada", NOON));

    let again = t.create_account(new_account("ADA@example.ORG", "Another", Role::Candidate), None, NOON).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert_eq!(t.list_accounts(&AccountFilter { limit: 10, ..Default::default() }).await.unwrap().accounts.len(), 1);

    let (found, hash) = t.find_credentials("aDa@exAmple.oRg ").await.unwrap().expect("the account of the address");
    assert_eq!((found, hash.as_str()), (ada, FAKE_HASH));
    assert!(t.find_credentials("nobody@example.org").await.unwrap().is_none());
});

both_engines!(an_address_beyond_ascii_is_taken_whatever_its_case, async |t| {
    t.create_account(new_account("Жанна@example.org", "Жанна", Role::Candidate), None, NOON).await.unwrap();
    let again = t.create_account(new_account("ЖАННА@example.org", "Жанна", Role::Candidate), None, NOON).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
    assert!(t.find_credentials("жанна@EXAMPLE.org").await.unwrap().is_some());
});

both_engines!(one_of_many_who_take_an_address_at_once_gets_it, async |t| {
    let results = race(&t, 10, async |_, store| {
        store.create_account(new_account("ada@example.org", "Ada", Role::Candidate), None, NOON).await
    })
    .await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    assert!(results.iter().all(|result| matches!(result, Ok(_) | Err(Error::Conflict(_)))), "{results:?}");
});

both_engines!(a_disabled_person_is_signed_out_and_stays_out, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.create_session("phone", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    t.create_session("laptop", ada.id, NOON, minutes_after_noon(60)).await.unwrap();

    assert!(t.set_disabled(ada.id, true, None, minutes_after_noon(1)).await.unwrap());
    for token in ["phone", "laptop"] {
        assert_eq!(t.find_session(token, minutes_after_noon(2), false).await.unwrap(), None);
    }
    let disabled = t.find_account(ada.id).await.unwrap().unwrap();
    assert_eq!(disabled.disabled_at, Some(minutes_after_noon(1)));
    // A sign-in that was on its way when the account was disabled.
    t.create_session("tablet", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    assert_eq!(t.find_session("tablet", minutes_after_noon(2), false).await.unwrap(), None);

    assert!(t.set_disabled(ada.id, false, None, minutes_after_noon(3)).await.unwrap());
    assert_eq!(t.find_account(ada.id).await.unwrap().unwrap().disabled_at, None);
    assert_eq!(t.find_session("phone", minutes_after_noon(4), false).await.unwrap(), None, "old sessions stay ended");
});

both_engines!(a_new_password_ends_all_sessions_of_the_person_and_of_nobody_else, async |t| {
    let (ada, bob) = (candidate(&t, "Ada").await, candidate(&t, "Bob").await);
    t.create_session("ada", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    t.create_session("bob", bob.id, NOON, minutes_after_noon(60)).await.unwrap();

    assert!(t.set_password(ada.id, "$argon2id$new", None, NOON).await.unwrap());

    assert_eq!(t.find_session("ada", NOON, false).await.unwrap(), None);
    assert_eq!(t.find_session("bob", NOON, false).await.unwrap(), Some(bob.into()));
    assert_eq!(t.find_credentials("ada@example.org").await.unwrap().unwrap().1, "$argon2id$new");
});

both_engines!(changes_of_an_account_that_is_not_there_change_nothing, async |t| {
    let nobody = AccountId(4711);
    assert!(!t.set_role(nobody, Role::Admin, None, NOON).await.unwrap());
    assert!(!t.set_disabled(nobody, true, None, NOON).await.unwrap());
    assert!(!t.set_password(nobody, FAKE_HASH, None, NOON).await.unwrap());
    assert_eq!(t.find_account(nobody).await.unwrap(), None);
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM audit_log").await, 0);
});

both_engines!(every_change_of_an_account_is_logged, async |t| {
    let (ada, root) = (candidate(&t, "Ada").await, account(&t, "Root", Role::Admin).await);
    t.set_role(ada.id, Role::Author, Some(root.id), NOON).await.unwrap();
    t.set_password(ada.id, FAKE_HASH, Some(ada.id), NOON).await.unwrap();
    t.set_disabled(ada.id, true, Some(root.id), NOON).await.unwrap();
    t.set_disabled(ada.id, false, None, NOON).await.unwrap();
    let subject = format!("account {}", ada.id);
    for action in ["create", "role", "password", "disable", "enable"] {
        assert_eq!(t.count_audit(&format!("account.{action}"), &subject).await.unwrap(), 1, "{action}");
    }
});

both_engines!(an_admin_counts_while_able_to_sign_in_without_demo, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    t.create_account(demo, None, NOON).await.unwrap();
    account(&t, "Author", Role::Author).await;
    assert!(!t.has_admin().await.unwrap());
    let root = account(&t, "Root", Role::Admin).await;
    assert!(t.has_admin().await.unwrap());
    t.raw().await.execute(&format!("UPDATE accounts SET disabled_at = 1 WHERE id = {}", root.id)).await.unwrap();
    assert!(!t.has_admin().await.unwrap());
});

both_engines!(what_a_demo_account_makes_is_a_demo_account, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    let mallory = new_account("mallory@example.org", "Mallory", Role::Admin);
    let mallory = t.create_account(mallory, Some(demo.id), NOON).await.unwrap();
    assert!(mallory.demo && !t.has_admin().await.unwrap());
    t.create_session("mallory", mallory.id, NOON, minutes_after_noon(60)).await.unwrap();
    assert_eq!(t.find_session("mallory", NOON, false).await.unwrap(), None, "it ends with the demo");
    let root = account(&t, "Root", Role::Admin).await;
    let ada = t.create_account(new_account("ada@example.org", "Ada", Role::Admin), Some(root.id), NOON).await.unwrap();
    assert!(!ada.demo);
});

both_engines!(a_demo_account_changes_demo_accounts_only, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    let visitor = NewAccount { demo: true, ..new_account("visitor@example.org", "Visitor", Role::Candidate) };
    let visitor = t.create_account(visitor, None, NOON).await.unwrap();
    // Mallory signed up and would be an admin for good.
    let (mallory, _) = (candidate(&t, "Mallory").await, account(&t, "Root", Role::Admin).await);
    for refused in [
        t.set_role(mallory.id, Role::Admin, Some(demo.id), NOON).await,
        t.set_disabled(mallory.id, true, Some(demo.id), NOON).await,
        t.set_password(mallory.id, FAKE_HASH, Some(demo.id), NOON).await,
    ] {
        assert!(matches!(refused, Err(Error::BeyondDemo)), "{refused:?}");
    }
    assert_eq!(t.find_account(mallory.id).await.unwrap(), Some(mallory));
    assert!(t.set_role(visitor.id, Role::Author, Some(demo.id), NOON).await.unwrap());
    assert!(t.set_disabled(visitor.id, true, Some(demo.id), NOON).await.unwrap());
});

both_engines!(the_last_admin_stays_one, async |t| {
    let (root, ada) = (account(&t, "Root", Role::Admin).await, account(&t, "Ada", Role::Author).await);
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    for actor in [None, Some(ada.id)] {
        assert!(matches!(t.set_role(root.id, Role::Author, actor, NOON).await, Err(Error::LockOut)));
        assert!(matches!(t.set_disabled(root.id, true, actor, NOON).await, Err(Error::LockOut)));
    }
    assert!(t.set_role(root.id, Role::Admin, None, NOON).await.unwrap(), "which changes nothing");
    assert!(t.set_disabled(demo.id, true, None, NOON).await.unwrap(), "a demo admin has a stand-in");

    t.set_role(ada.id, Role::Admin, Some(root.id), NOON).await.unwrap();
    let own = t.set_role(ada.id, Role::Author, Some(ada.id), NOON).await;
    assert!(matches!(own, Err(Error::LockOut)), "nobody takes it from themselves by a slip");
    assert!(t.set_role(root.id, Role::Author, Some(ada.id), NOON).await.unwrap());
    assert!(t.has_admin().await.unwrap());
});

both_engines!(admins_who_take_the_role_from_each_other_leave_one, async |t| {
    for round in 0..10 {
        // The survivor of the round before makes room.
        t.raw().await.execute("UPDATE accounts SET role = 'author'").await.unwrap();
        let mut admins = Vec::new();
        for name in ["One", "Two"] {
            admins.push(account(&t, &format!("{name} {round}"), Role::Admin).await);
        }
        let results = race(&t, 2, async |number, store| {
            let (me, other) = (&admins[number], &admins[1 - number]);
            if round % 2 == 0 {
                store.set_role(other.id, Role::Author, Some(me.id), NOON).await
            } else {
                store.set_disabled(other.id, true, Some(me.id), NOON).await
            }
        })
        .await;
        let lost = results.iter().filter(|result| matches!(result, Err(Error::LockOut))).count();
        assert_eq!(lost, 1, "round {round}: {results:?}");
        assert!(t.has_admin().await.unwrap());
    }
});

both_engines!(accounts_are_paged_newest_first_without_gaps_or_repeats, async |t| {
    let mut expected = Vec::new();
    for number in 0..7 {
        expected.insert(0, candidate(&t, &format!("Person {number}")).await.id);
    }
    let mut filter = AccountFilter { limit: 3, ..Default::default() };
    let mut seen = Vec::new();
    let mut pages = 0;
    loop {
        let page = t.list_accounts(&filter).await.unwrap();
        seen.extend(page.accounts.iter().map(|account| account.id));
        pages += 1;
        filter.before = page.next;
        if page.next.is_none() {
            break;
        }
    }
    assert_eq!((seen, pages), (expected, 3));
});

both_engines!(a_page_that_ends_exactly_at_the_last_account_is_the_last, async |t| {
    for number in 0..4 {
        candidate(&t, &format!("Person {number}")).await;
    }
    let page = t.list_accounts(&AccountFilter { limit: 4, ..Default::default() }).await.unwrap();
    assert_eq!((page.accounts.len(), page.next), (4, None));
});

both_engines!(accounts_are_found_by_part_of_name_or_address, async |t| {
    for (email, name) in [
        ("a_b@example.org", "Özgür Ünal"),
        ("axb@example.org", "100% Sure"),
        ("wow@example.org", "Wow! Yes"),
        ("zoe@uni.example", "Zoë Ångström"),
    ] {
        t.create_account(new_account(email, name, Role::Candidate), None, NOON).await.unwrap();
    }
    let found = async |text: &str| {
        let filter = AccountFilter { text: text.into(), limit: 10, ..Default::default() };
        let page = t.list_accounts(&filter).await.unwrap();
        page.accounts.into_iter().map(|account| account.email).collect::<Vec<_>>()
    };
    assert_eq!(found("").await.len(), 4);
    assert_eq!(found("UNI.example").await, ["zoe@uni.example"]);
    assert_eq!(found(" sure ").await, ["axb@example.org"]);
    // These mean something to LIKE.
    assert_eq!(found("a_b").await, ["a_b@example.org"]);
    assert_eq!(found("%").await, ["axb@example.org"]);
    assert_eq!(found("!").await, ["wow@example.org"]);
    assert_eq!(found(r"\").await, [""; 0]);
    // Case is ignored beyond ASCII too, on both engines.
    assert_eq!(found("özGÜR").await, ["a_b@example.org"]);
    assert_eq!(found("ÅNGSTRÖM").await, ["zoe@uni.example"]);
});

both_engines!(the_sessions_of_a_candidate_end_when_they_join_the_staff_and_not_when_staff_change_roles, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.create_session("in the hall", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    assert!(t.find_session("in the hall", NOON, false).await.unwrap().is_some());
    assert!(t.set_role(ada.id, Role::Invigilator, None, NOON).await.unwrap());
    assert!(t.find_session("in the hall", NOON, false).await.unwrap().is_none(), "whoever has it is no invigilator");
    t.create_session("at home", ada.id, NOON, minutes_after_noon(60)).await.unwrap();
    assert!(t.set_role(ada.id, Role::Author, None, NOON).await.unwrap());
    let found = t.find_session("at home", NOON, false).await.unwrap().expect("it goes on");
    assert_eq!(found.role, Role::Author);
});
