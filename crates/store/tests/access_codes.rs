//! Access codes: for whom they are, until when, and what takes their place.

use store::{CodeRefusal, CodesMade, Error, NewAccessCode, NewAccount, Role, Store};
use testkit::arrange::{FAKE_HASH, account, candidate, new_account};
use testkit::{NOON, both_engines, minutes_after_noon, race};

const NO_PASSWORD: &str = "$argon2id$nobody";

fn code<'a>(email: &'a str, name: &'a str, code_hash: &'a str) -> NewAccessCode<'a> {
    NewAccessCode { email, name, code_hash }
}

async fn make(t: &Store, people: &[NewAccessCode<'_>]) -> CodesMade {
    t.create_access_codes(people, NO_PASSWORD, minutes_after_noon(60), None, NOON).await.expect("the store answers")
}

/// Whose code it is.
async fn whose(t: &Store, code_hash: &str) -> Option<String> {
    t.find_by_access_code(code_hash, NOON, false).await.expect("it can be looked up").map(|account| account.email)
}

both_engines!(people_get_codes_and_accounts_where_they_have_none, async |t| {
    let ada = candidate(&t, "Ada").await;
    let people = [code(" ADA@example.org", "Ada Elsewhere", "ada's"), code("Bo@example.org ", " Bo Lund ", "bo's")];
    assert_eq!(make(&t, &people).await, CodesMade::All { accounts: 1 });

    assert_eq!(t.find_by_access_code("ada's", NOON, false).await.unwrap(), Some(ada.clone()), "as she was");
    let bo = t.find_by_access_code("bo's", NOON, false).await.unwrap().expect("he has one");
    assert_eq!((bo.email.as_str(), bo.name.as_str(), bo.role), ("Bo@example.org", "Bo Lund", Role::Candidate));
    assert_eq!(t.find_credentials("ada@example.org").await.unwrap().unwrap().1, FAKE_HASH, "her password stays");
    assert_eq!(t.find_credentials("bo@example.org").await.unwrap().unwrap().1, NO_PASSWORD);
    assert_eq!(whose(&t, "nobody's").await, None);
    for (id, created) in [(ada.id, 0), (bo.id, 1)] {
        let subject = format!("account {id}");
        assert_eq!(t.count_audit("account.access_code", &subject).await.unwrap(), 1);
        assert_eq!(t.count_audit("account.create", &subject).await.unwrap() - i64::from(id == ada.id), created);
    }
});

both_engines!(a_code_may_be_used_again_until_it_expires, async |t| {
    let ada = candidate(&t, "Ada").await;
    make(&t, &[code("ada@example.org", "Ada", "code")]).await;
    let end = minutes_after_noon(60);
    let last = (end.0 - 1).into();
    for (token, at) in [("laptop", NOON), ("phone", last)] {
        assert_eq!(t.find_by_access_code("code", at, false).await.unwrap(), Some(ada.clone()));
        assert!(t.create_session_by_code(token, "code", at, minutes_after_noon(600)).await.unwrap());
        assert_eq!(t.find_session(token, at, false).await.unwrap(), Some(ada.clone().into()));
    }
    assert_eq!(t.find_by_access_code("code", end, false).await.unwrap(), None);
    assert!(!t.create_session_by_code("late", "code", end, minutes_after_noon(600)).await.unwrap());
    assert_eq!(t.find_session("late", end, false).await.unwrap(), None);
    assert_eq!(t.find_session("phone", end, false).await.unwrap(), Some(ada.into()), "a session outlasts its code");
});

both_engines!(a_new_code_takes_the_place_of_earlier_ones_and_leaves_sessions_and_others_alone, async |t| {
    let ada = candidate(&t, "Ada").await;
    make(&t, &[code("ada@example.org", "Ada", "first"), code("bo@example.org", "Bo", "bo's")]).await;
    assert!(t.create_session_by_code("laptop", "first", NOON, minutes_after_noon(600)).await.unwrap());
    make(&t, &[code("ada@example.org", "Ada", "second")]).await;

    assert_eq!(whose(&t, "first").await, None);
    assert!(!t.create_session_by_code("late", "first", NOON, minutes_after_noon(600)).await.unwrap());
    assert_eq!(whose(&t, "second").await, Some("ada@example.org".into()));
    assert_eq!(whose(&t, "bo's").await, Some("bo@example.org".into()));
    assert_eq!(t.find_session("laptop", NOON, false).await.unwrap(), Some(ada.into()));
});

both_engines!(staff_and_disabled_people_get_no_code_and_then_nobody_does, async |t| {
    account(&t, "Root", Role::Admin).await;
    let cy = candidate(&t, "Cy").await;
    t.set_disabled(cy.id, true, None, NOON).await.unwrap();
    let people = [
        code("bo@example.org", "Bo", "bo's"),
        code("root@example.org", "Root", "root's"),
        code("cy@example.org", "Cy", "cy's"),
    ];
    let refused = vec![(1, CodeRefusal::Staff), (2, CodeRefusal::Disabled)];
    assert_eq!(make(&t, &people).await, CodesMade::None(refused));
    assert_eq!(whose(&t, "bo's").await, None);
    assert_eq!(t.find_credentials("bo@example.org").await.unwrap(), None, "no account was made either");
});

both_engines!(a_code_opens_nothing_once_its_person_is_disabled_or_joins_the_staff, async |t| {
    let ada = candidate(&t, "Ada").await;
    make(&t, &[code("ada@example.org", "Ada", "code")]).await;
    let is_open = async || {
        let found = whose(&t, "code").await.is_some();
        let begun = t.create_session_by_code(&format!("{found}"), "code", NOON, minutes_after_noon(600)).await.unwrap();
        t.delete_session(&format!("{found}")).await.unwrap();
        assert_eq!(found, begun);
        found
    };
    assert!(is_open().await);
    t.set_disabled(ada.id, true, None, NOON).await.unwrap();
    assert!(!is_open().await);
    t.set_disabled(ada.id, false, None, NOON).await.unwrap();
    assert!(is_open().await);
    for role in [Role::Invigilator, Role::Author, Role::Admin] {
        t.set_role(ada.id, role, None, NOON).await.unwrap();
        assert!(!is_open().await, "{role:?}");
        account(&t, &format!("Root {role:?}"), Role::Admin).await;
        t.set_role(ada.id, Role::Candidate, None, NOON).await.unwrap();
    }
    assert!(is_open().await);
});

both_engines!(codes_of_demo_accounts_open_under_demo_only_and_a_demo_admin_makes_no_others, async |t| {
    let demo = NewAccount { demo: true, ..new_account("demo@example.org", "Demo", Role::Admin) };
    let demo = t.create_account(demo, None, NOON).await.unwrap();
    candidate(&t, "Ada").await;
    let expires = minutes_after_noon(60);
    let visitor = [code("visitor@example.org", "Visitor", "visitor's")];
    t.create_access_codes(&visitor, NO_PASSWORD, expires, Some(demo.id), NOON).await.unwrap();
    assert_eq!(t.find_by_access_code("visitor's", NOON, false).await.unwrap(), None);
    assert!(t.find_by_access_code("visitor's", NOON, true).await.unwrap().is_some_and(|account| account.demo));

    let ada = [code("ada@example.org", "Ada", "ada's")];
    let refused = t.create_access_codes(&ada, NO_PASSWORD, expires, Some(demo.id), NOON).await;
    assert!(matches!(refused, Err(Error::BeyondDemo)), "{refused:?}");
    assert_eq!(whose(&t, "ada's").await, None);
});

both_engines!(of_lists_made_at_the_same_time_one_replaces_the_other, async |t| {
    for round in 0..5 {
        race(&t, 3, async |number, store| {
            let emails: Vec<String> = (0..20).map(|person| format!("c{round}-{person}@example.org")).collect();
            let hashes: Vec<String> = (0..20).map(|person| format!("{round} {number} {person}")).collect();
            let mut people: Vec<_> = emails.iter().zip(&hashes).map(|(email, hash)| code(email, "C", hash)).collect();
            people.rotate_left(number * 7);
            make(store, &people).await;
        })
        .await;
        for person in 0..20 {
            let mut open = 0;
            for number in 0..3 {
                open += usize::from(whose(&t, &format!("{round} {number} {person}")).await.is_some());
            }
            assert_eq!(open, 1, "round {round}, person {person}");
        }
    }
});

both_engines!(twenty_thousand_people_get_their_codes_in_one_go, async |t| {
    let emails: Vec<String> = (0..20_000).map(|person| format!("c{person}@example.org")).collect();
    for round in ["first", "second"] {
        let hashes: Vec<String> = emails.iter().map(|email| format!("{round} {email}")).collect();
        let people: Vec<_> = emails.iter().zip(&hashes).map(|(email, hash)| code(email, "C", hash)).collect();
        let accounts = if round == "first" { 20_000 } else { 0 };
        assert_eq!(make(&t, &people).await, CodesMade::All { accounts });
    }
    assert_eq!(whose(&t, "first c19999@example.org").await, None);
    assert_eq!(whose(&t, "second c19999@example.org").await, Some("c19999@example.org".into()));
});
