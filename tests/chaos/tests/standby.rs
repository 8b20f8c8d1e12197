//! PostgreSQL with a synchronous standby that is away: what is given up piles up nowhere, and nothing is promised that only one
//! machine has.

use chaos::Keeper;
use chaos::postgres::Cluster;
use exam::time::Timestamp;
use std::collections::BTreeSet;
use std::time::Duration;
use store::{Address, Options, SaveOutcome, Store};
use testkit::arrange::{candidate, exam, start, submit};
use testkit::{NOON, choose, wait_for};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

const POOL_MAX: u32 = 8;
/// How soon the database is rid of what was given up.
const SOON: Duration = Duration::from_secs(3);
/// How long a write may take while nothing is in its way.
const AT_ONCE: Duration = Duration::from_millis(500);

/// The processes of the application that wait for the standby.
async fn waiting_for_the_standby(observer: &mut sqlx::PgConnection) -> BTreeSet<i32> {
    let waiting = "SELECT pid FROM pg_stat_activity WHERE application_name = 'examhall' AND wait_event = 'SyncRep'";
    let rows: Vec<(i32,)> = sqlx::query_as(waiting).fetch_all(observer).await.expect("PostgreSQL answers");
    rows.into_iter().map(|(pid,)| pid).collect()
}

async fn open(cluster: &Cluster, pool_max: u32) -> Store {
    let options = Options { pool_min: 0, pool_max, save_wait: Duration::from_secs(60), ..Options::default() };
    Store::open(&Address::Postgres(cluster.url()), &options).await.expect("a fresh database opens")
}

/// Sends the standby away. One write has been given up afterwards.
async fn send_standby_away(cluster: &Cluster, store: &Store) {
    cluster.require_standby(true).await.expect("the setting takes effect");
    let mut number = 0;
    while timeout(AT_ONCE, candidate(store, &format!("Nobody {number}"))).await.is_ok() {
        number += 1;
    }
}

#[tokio::test]
async fn what_waits_for_a_standby_that_is_away_is_ended_when_it_was_given_up_and_acknowledged_only_afterwards() {
    let cluster = Cluster::create(&Keeper::new().unwrap(), 40).await.expect("PostgreSQL starts");
    let store = open(&cluster, POOL_MAX).await;
    let exam = exam("cloud").publish(&store).await;
    let mut people = Vec::new();
    for number in 0..8 {
        let person = candidate(&store, &format!("Person {number}")).await;
        people.push((start(&store, &exam, &person, NOON).await, person));
    }
    let mut observer = cluster.connect().await.unwrap();
    let census = cluster.count_connections();
    send_standby_away(&cluster, &store).await;

    // Many more than there may be connections, as people who press reload.
    for round in 0..20 {
        let before = waiting_for_the_standby(&mut observer).await;
        let asking = {
            let store = store.clone();
            tokio::spawn(async move { candidate(&store, &format!("Impatient {round}")).await })
        };
        let waits = async || !waiting_for_the_standby(&mut observer).await.is_subset(&before);
        wait_for("the standby is waited for", waits).await;
        asking.abort();
        assert!(asking.await.is_err_and(|error| error.is_cancelled()));
    }
    let ended = wait_for("none waits", async || waiting_for_the_standby(&mut observer).await.is_empty());
    timeout(SOON, ended).await.expect("what was given up is ended soon");

    let save = |seq, minute: i64| {
        let saving = |(attempt, person): &(store::Attempt, store::Account)| {
            let (store, id, account) = (store.clone(), attempt.id, person.id);
            let at = Timestamp(NOON.0 + 60_000 * minute);
            tokio::spawn(async move { store.save_operations(id, account, vec![choose(seq, 1, "a")], at).await })
        };
        people.iter().map(saving).collect::<Vec<JoinHandle<_>>>()
    };
    let mut saves = save(1, 1);
    // Until each writer has given up twice, and so tried again what an earlier try had written here already.
    let mut seen = BTreeSet::new();
    let from = Instant::now();
    let given_up = wait_for("writers have tried again and again", async || {
        seen.extend(waiting_for_the_standby(&mut observer).await);
        seen.len() >= 6 || from.elapsed() > Duration::from_secs(9)
    });
    given_up.await;
    assert!(seen.len() >= 4, "only {seen:?} have waited");
    // Also those of which this machine has the answer.
    saves.extend(save(1, 1));
    let written: (i64,) =
        sqlx::query_as("SELECT COUNT(*) FROM answer_operations").fetch_one(&mut observer).await.unwrap();
    assert!(written.0 > 0, "this machine has some");
    assert!(saves.iter().all(|save| !save.is_finished()), "nothing is acknowledged that one machine only has");
    assert!(census.most() <= POOL_MAX, "{} connections", census.most());

    cluster.require_standby(false).await.unwrap();
    for save in saves {
        let saved = timeout(Duration::from_secs(20), save).await.expect("it is answered").unwrap();
        let outcome = saved.expect("it is saved").expect("it is the person's own").outcome;
        assert_eq!(outcome, SaveOutcome::Judged { acknowledged: vec![1], rejected: vec![] });
    }
    for (attempt, _) in &people {
        assert_eq!(store.operation_log(attempt.id).await.unwrap().len(), 1);
    }
    assert!(census.most() <= POOL_MAX, "{} connections", census.most());
    store.close().await;
}

/// Everything that a writer of answers says while its transaction changes nothing: again what was saved, a form without a change,
/// a submit of what has ended, a save after it.
#[tokio::test]
async fn what_changes_nothing_is_acknowledged_no_sooner_than_what_it_repeats() {
    let cluster = Cluster::create(&Keeper::new().unwrap(), 40).await.expect("PostgreSQL starts");
    let store = open(&cluster, POOL_MAX).await;
    let exam = exam("cloud").publish(&store).await;
    let (ada, bob) = (candidate(&store, "Ada").await, candidate(&store, "Bob").await);
    let (open, ended) = (start(&store, &exam, &ada, NOON).await, start(&store, &exam, &bob, NOON).await);
    for (attempt, person) in [(&open, &ada), (&ended, &bob)] {
        store.save_operations(attempt.id, person.id, vec![choose(1, 1, "a")], NOON).await.unwrap();
    }
    submit(&store, &exam, &ended, NOON).await;
    send_standby_away(&cluster, &store).await;

    let operation = choose(1, 1, "a");
    let form = |writer| store::FormAnswer { writer, last_seq: 1, question: 1, response: operation.response.clone() };
    let again = |attempt: &store::Attempt, person: &store::Account| {
        let (store, id, account) = (store.clone(), attempt.id, person.id);
        tokio::spawn(async move {
            store.save_operations(id, account, vec![choose(1, 1, "a")], NOON).await.unwrap();
        })
    };
    let unchanged = |attempt: &store::Attempt, person: &store::Account| {
        let (store, id, account, form) = (store.clone(), attempt.id, person.id, form(attempt.pen_holder));
        tokio::spawn(async move {
            store.save_form(id, account, form, NOON).await.unwrap();
        })
    };
    let handed_in = {
        let (store, exam, ended) = (store.clone(), exam.clone(), ended.clone());
        tokio::spawn(async move { drop(submit(&store, &exam, &ended, NOON).await) })
    };
    let asked = [again(&open, &ada), again(&ended, &bob), unchanged(&open, &ada), unchanged(&ended, &bob), handed_in];
    let mut observer = cluster.connect().await.unwrap();
    // Both writers have given up, and have tried again.
    let mut seen = BTreeSet::new();
    wait_for("writers have tried again", async || {
        seen.extend(waiting_for_the_standby(&mut observer).await);
        seen.len() >= 4
    })
    .await;
    assert!(asked.iter().all(|asked| !asked.is_finished()), "none is acknowledged before the standby has it");
    cluster.require_standby(false).await.unwrap();
    for asked in asked {
        timeout(Duration::from_secs(20), asked).await.expect("it is answered").unwrap();
    }
    store.close().await;
}
