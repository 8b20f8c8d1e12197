//! The audit log keeps what was written to it, whoever asks.

use testkit::arrange::candidate;
use testkit::{Engine, both_engines};

both_engines!(the_audit_log_is_append_only, async |t| {
    candidate(&t, "Ada").await;
    let mut raw = t.raw().await;
    let id = raw.number("SELECT MIN(id) FROM audit_log").await;
    let mut attempts = vec![
        "UPDATE audit_log SET action = 'nothing'".to_owned(),
        "DELETE FROM audit_log".to_owned(),
        format!("UPDATE audit_log SET at = 0 WHERE id = {id}"),
    ];
    attempts.push(match t.engine() {
        // Replacing a row deletes it without the delete trigger.
        Engine::Sqlite => {
            format!("REPLACE INTO audit_log (id, at, action, subject, detail) VALUES ({id}, 0, '', '', '')")
        }
        Engine::Postgres => "TRUNCATE audit_log".to_owned(),
    });
    for sql in attempts {
        let refused = raw.execute(&sql).await.expect_err(&sql);
        assert!(refused.to_string().contains("append-only"), "{sql}: {refused}");
    }
    assert_eq!(raw.texts("SELECT action FROM audit_log").await, ["account.create"]);
});

both_engines!(an_entry_tells_who_did_what_to_whom_and_when, async |t| {
    let ada = candidate(&t, "Ada").await;
    t.set_role(ada.id, store::Role::Author, Some(ada.id), testkit::minutes_after_noon(5)).await.unwrap();
    let entry = t
        .raw()
        .await
        .texts(
            "SELECT CAST(at AS TEXT) || ' ' || CAST(actor_id AS TEXT) || ' ' || action || ' ' || subject || ' ' || detail \
             FROM audit_log WHERE action = 'account.role'",
        )
        .await;
    let at = testkit::minutes_after_noon(5).0;
    assert_eq!(entry, [format!("{at} {0} account.role account {0} {{\"role\":\"author\"}}", ada.id)]);
});

both_engines!(a_deed_that_fails_is_not_logged, async |t| {
    candidate(&t, "Ada").await;
    let taken = testkit::arrange::new_account("ada@example.org", "Ada", store::Role::Candidate);
    t.create_account(taken, None, testkit::NOON).await.unwrap_err();
    assert_eq!(t.raw().await.number("SELECT COUNT(*) FROM audit_log").await, 1);
});
