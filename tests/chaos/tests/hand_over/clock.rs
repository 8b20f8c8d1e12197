//! Deadlines and hand-overs.

use super::SOON;
use chaos::hall::{EXAM, Engine, Furnishing, Hall, Setting};
use chaos::person::Saved;
use chaos::{Keeper, Person, Shim};

#[tokio::test]
async fn a_hand_over_moves_no_deadline_though_somebody_has_set_the_clock() {
    let keeper = Keeper::new().unwrap();
    let shim = Shim::build(&keeper).unwrap();
    let setting = Setting { users: 1, ..Setting::default() };
    let mut variables = shim.variables();
    variables.push(("GRACEFUL_TIMEOUT", "2".into()));
    let furnishing = Furnishing { variables, ..Furnishing::default() };
    let mut hall = Hall::open("clock", Engine::Sqlite, &setting, keeper, furnishing).await.unwrap();
    let (ledger, _) = hall.ledger().unwrap();
    let person = Person::new(&hall.server.address(), &hall.tokens()[0], &ledger);
    let mut line = person.line();
    let paper = person.start(&mut line, EXAM).await.unwrap();
    let (question, response) = &paper.responses[0];
    for (seq, hours) in [(1, 3), (2, -3)] {
        shim.step_clock(hours * 3_600_000).unwrap();
        let before = hall.server.serving().unwrap().unwrap();
        hall.server.hand_over().unwrap();
        hall.server.handed_over(before, SOON).await.unwrap();
        let mut line = person.line();
        let saved = person.save(&mut line, &paper, seq, *question, response).await.unwrap();
        assert_eq!(saved, Saved::Acknowledged, "an attempt of two hours, after a step of {hours} hours");
        assert_eq!(person.state(&mut line, &paper).await.unwrap(), "open");
    }
    assert!(hall.server.stop(SOON).await.unwrap());
}
