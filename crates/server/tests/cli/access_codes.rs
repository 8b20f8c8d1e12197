//! `account codes`.

use crate::program::Hall;
use exam::time::Clock as _;
use server::account::access_code::AccessCode;
use server::clock::SystemClock;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;
use store::{Account, Role};
use testkit::arrange::{account, candidate};
use testkit::{NOON, TestStore, both_engines};

const LIST: &str = "name;email\nAda;ADA@example.org\n\"Lund, Bo\";bo@example.org\n";

/// Whose code it is so long after now.
async fn whose(t: &TestStore, code: &str, after: Duration) -> Option<Account> {
    let hash = AccessCode::read(code).unwrap_or_else(|| panic!("{code} is no code")).hash();
    t.find_by_access_code(&hash, SystemClock.now().after(after), false).await.expect("it can be looked up")
}

/// The code on a line of a table.
fn code_of(table: &str, line: usize) -> &str {
    table.lines().nth(line).expect("a line").rsplit(',').nth(1).expect("a code")
}

both_engines!(everybody_on_the_list_gets_a_code_and_an_account, async |t: TestStore| {
    let ada = candidate(&t, "Ada").await;
    let hall = Hall::on(&t);
    hall.file("people.csv", LIST);
    let ended = hall.run("account codes --file people.csv --expires 2h").expect(0);
    assert!(ended.err.starts_with("made 2 codes and 1 new accounts; the codes work until 2"), "{}", ended.err);
    let lines: Vec<&str> = ended.out.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "email,name,code,expires_at"));
    assert!(lines[1].starts_with("ADA@example.org,Ada,") && lines[1].ends_with('Z'), "{}", lines[1]);
    assert!(lines[2].starts_with("bo@example.org,\"Lund, Bo\","), "{}", lines[2]);

    let (first, second) = (code_of(&ended.out, 1), code_of(&ended.out, 2));
    assert_eq!(first.len(), "7K3M-Q9TX-2WHD".len());
    let almost = Duration::from_secs(2 * 3_600 - 60);
    assert_eq!(whose(&t, first, almost).await.as_ref(), Some(&ada));
    let bo = whose(&t, second, almost).await.expect("he has one");
    assert_eq!((bo.name.as_str(), bo.role), ("Lund, Bo", Role::Candidate));
    assert_eq!(whose(&t, first, Duration::from_secs(2 * 3_600)).await, None);

    // Printed again, for those who lost theirs: the list printed last is the one that works.
    let again = hall.run("account codes --file people.csv").expect(0);
    assert!(again.err.starts_with("made 2 codes and 0 new accounts"), "{}", again.err);
    assert_eq!(whose(&t, first, Duration::ZERO).await, None);
    assert_eq!(whose(&t, code_of(&again.out, 1), Duration::from_secs(7 * 86_400 - 60)).await, Some(ada));
});

both_engines!(all_bad_lines_are_told_at_once_and_nobody_gets_a_code, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file("people.csv", "email,name\nbo@example.org,Bo\nana@,Ana\n,\nBO@example.org,Bo\ncy@example.org,\ndi\n");
    let refused = hall.run("account codes --file people.csv --out codes.csv").expect(2);
    let told: Vec<&str> = refused.err.lines().collect();
    for (line, (start, reason)) in [
        ("people.csv:3: refused: ", "in the form name@example.org"),
        ("people.csv:5: refused: ", "BO@example.org is on line 2 already"),
        ("people.csv:6: refused: ", "Enter a name"),
        ("people.csv:7: refused: ", "has 1 cells, but the header has 2"),
        ("examhall: nobody got a code", "people.csv were refused: 4"),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(told[line].starts_with(start) && told[line].contains(reason), "{line}: {told:#?}");
    }
    assert_eq!((told.len(), refused.out.as_str()), (5, ""));
    assert_eq!(hall.names(), ["people.csv"]);
    assert_eq!(t.find_credentials("bo@example.org").await.expect("it can be read"), None);
});

both_engines!(staff_get_no_codes_and_no_file_is_left_behind, async |t: TestStore| {
    account(&t, "Root", Role::Admin).await;
    let cy = candidate(&t, "Cy").await;
    t.set_disabled(cy.id, true, None, NOON).await.expect("a candidate can be disabled");
    let hall = Hall::on(&t);
    hall.file("people.csv", "email,name\nbo@example.org,Bo\nroot@example.org,Root\ncy@example.org,Cy\n");
    let refused = hall.run("account codes --file people.csv --out codes.csv").expect(2);
    assert!(refused.err.contains("people.csv:3: refused: The account belongs to the staff"), "{}", refused.err);
    assert!(refused.err.contains("people.csv:4: refused: The account is disabled"), "{}", refused.err);
    assert_eq!(hall.names(), ["people.csv"]);
    assert_eq!(t.find_credentials("bo@example.org").await.expect("it can be read"), None);
});

both_engines!(a_file_of_codes_is_for_its_owner_only_and_replaces_no_other, async |t: TestStore| {
    let hall = Hall::on(&t);
    hall.file("people.csv", LIST);
    let ended = hall.run("account codes --file people.csv --out codes.csv").expect(0);
    assert_eq!(ended.out, "");
    let mode = std::fs::metadata(hall.path("codes.csv")).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let table = hall.read("codes.csv");
    assert!(whose(&t, code_of(&table, 2), Duration::ZERO).await.is_some(), "{table}");

    let refused = hall.run("account codes --file people.csv --out codes.csv").expect(2);
    assert!(refused.err.contains("codes.csv is there already"), "{}", refused.err);
    assert_eq!(hall.read("codes.csv"), table);
    assert!(whose(&t, code_of(&table, 2), Duration::ZERO).await.is_some(), "the codes in it still work");
    hall.run("account codes --file people.csv --out missing/codes.csv").expect(1);
    assert!(whose(&t, code_of(&table, 2), Duration::ZERO).await.is_some(), "and still do");
});

#[test]
fn values_that_cannot_be_right_are_wrong_usage_and_files_that_cannot_be_read_are_refused() {
    let hall = Hall::new();
    hall.file("people.csv", LIST);
    hall.file("numbers.csv", "seat,room\n1,2\n");
    for (expires, hint) in [("yesterday", "2027-01-15"), ("31d", "30 days"), ("2020-01-01", "is over already")] {
        let ended = hall.run(&format!("account codes --file people.csv --expires {expires}")).expect(64);
        assert!(ended.err.contains(hint), "{expires}: {}", ended.err);
    }
    assert!(hall.run("account codes").expect(64).err.contains("--file"));
    let refused = hall.run("account codes --file numbers.csv").expect(2);
    assert!(refused.err.contains("lacks email and name. It has: seat, room."), "{}", refused.err);
    assert!(hall.run("account codes --file nobody.csv").expect(2).err.contains("nobody.csv cannot be read"));
    assert_eq!(hall.names(), ["numbers.csv", "people.csv"], "nothing was made");
}
