//! The short sample of every kind of fault, as part of `./test`. docs/chaos.md says how the long runs are made.

use chaos::Outcome;
use chaos::hall::{Engine, Setting};
use chaos::scenario::control::Control;
use chaos::scenario::disk::DiskFaults;
use chaos::scenario::hand_over::HandOver;
use chaos::scenario::kill::Kill;
use chaos::scenario::network::Network;
use chaos::scenario::postgres::Postgres;
use chaos::scenario::race::Race;
use chaos::scenario::slow::Slow;
use std::time::Duration;

/// Few candidates: each costs a password hash. How soon a debug build on a busy machine is back says nothing; that it comes
/// back does.
fn setting() -> Setting {
    Setting { users: 8, back_within: 20.0, ..Setting::default() }
}

#[track_caller]
fn assert_clean(outcome: chaos::Result<Outcome>) {
    let outcome = outcome.expect("the run can be made");
    assert!(outcome.is_clean(), "{outcome}");
}

async fn kill(engine: Engine) -> chaos::Result<Outcome> {
    Kill { engine, cycles: 10, verify_every: 5, setting: setting() }.run().await
}

mod nothing_acknowledged_is_lost_when_the_server_is_killed {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        assert_clean(kill(Engine::Sqlite).await);
    }

    #[tokio::test]
    async fn postgres() {
        assert_clean(kill(Engine::Postgres).await);
    }
}

async fn hand_over(engine: Engine) -> chaos::Result<Outcome> {
    HandOver { engine, signals: 2, max_requests: 1, setting: setting() }.run().await
}

mod nobody_is_refused_and_nothing_is_lost_when_a_fresh_process_takes_over {
    use super::*;

    #[tokio::test]
    async fn sqlite() {
        assert_clean(hand_over(Engine::Sqlite).await);
    }

    #[tokio::test]
    async fn postgres() {
        assert_clean(hand_over(Engine::Postgres).await);
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_postgres_is_stopped_and_away() {
    let (outage, unheard) = (Duration::from_secs(1), Duration::from_secs(1));
    assert_clean(Postgres { restarts: 1, outage, unheard, setting: setting() }.run().await);
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_postgres_is_slow_or_its_standby_is_away() {
    assert_clean(Slow { trouble: Duration::from_millis(500), rounds: 1, setting: setting() }.run().await);
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_when_the_disk_is_full_or_fails_or_the_power_is_cut() {
    assert_clean(DiskFaults { fills: 1, refusals: 1, power_cuts: 2, setting: setting() }.run().await);
}

#[tokio::test]
async fn requests_that_are_repeated_reordered_and_cut_change_nothing() {
    let (duration, rates) = (Duration::from_secs(3), "0.03".parse().unwrap());
    assert_clean(Network { engine: Engine::Sqlite, duration, rates, setting: setting() }.run().await);
}

#[tokio::test]
async fn every_save_acknowledged_beside_a_submit_is_in_the_grade() {
    assert_clean(
        Race { engine: Engine::Postgres, attempts: 160, widened: Duration::from_millis(5), setting: setting() }
            .run()
            .await,
    );
}

async fn control(name: &str) {
    let control = Control { name: name.into(), engine: Engine::Sqlite, seed: 1, users: 8 };
    let (outcome, noticed) = control.run().await.expect("the run can be made");
    assert!(noticed, "nobody noticed: {outcome}");
}

#[tokio::test]
async fn a_server_that_acknowledges_before_it_commits_is_found_out() {
    control("ack-before-commit").await;
}

#[tokio::test]
async fn a_server_that_takes_a_second_answer_under_one_number_is_found_out() {
    control("no-replay-check").await;
}
