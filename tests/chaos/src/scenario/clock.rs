//! The clock: saves and submits at the edge of the deadline, and a server whose clock is stepped.

use crate::hall::{Engine, FIRST_START, Furnishing, Hall, START, Setting};
use crate::person::{Person, Saved, wall_clock};
use crate::{Chance, Doing, Error, Keeper, Outcome, Result, Shim, ask};
use rehearse::ledger::Writer;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

/// The exam whose deadline is waited for.
const SHORT: &str = "chaos-short";
const SHORT_LIMIT: &str = "3s";
/// How far from the deadline requests leave, on both sides.
const EDGE_MS: f64 = 50.0;
/// What the server's time may be off ours by when both read the same clock: it counts whole milliseconds.
const ROUNDING_MS: i64 = 1;
/// How many answers of one paper are sent at its edge, one after another.
const ANSWERS: usize = 3;
/// How far the clock is stepped.
const STEP_MS: i64 = 3 * 3_600_000;
/// The skew between a server and its database beyond which the server must not judge.
const SKEW_MS: i64 = 10_000;

/// How it is run.
#[derive(Debug, Clone, clap::Args)]
pub struct Clock {
    /// On which engine
    #[arg(long, value_enum, default_value_t = Engine::Sqlite)]
    pub engine: Engine,
    /// How many saves and submits within 50 ms of a deadline
    #[arg(long, default_value_t = 1_000)]
    pub edges: u64,
    /// Leave out stepping the clock
    #[arg(long)]
    pub no_steps: bool,
    #[command(flatten)]
    #[expect(missing_docs, reason = "described by its type")]
    pub setting: Setting,
}

impl Clock {
    /// Runs it.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(&self) -> Result<Outcome> {
        let keeper = Keeper::new()?;
        let shim = Shim::build(&keeper)?;
        let furnishing = Furnishing { variables: shim.variables(), ..Furnishing::default() };
        let mut hall = Hall::open("clock", self.engine, &self.setting, keeper, furnishing).await?;
        hall.make_exam(SHORT, SHORT_LIMIT)?;
        // A running server sees within a second what a command has published.
        sleep(Duration::from_millis(1_200)).await;
        self.edges(&mut hall).await?;
        if !self.no_steps {
            steps(&mut hall, &shim).await?;
            if self.engine == Engine::Postgres {
                skew(&mut hall, &shim).await?;
            }
        }
        hall.close().await
    }

    async fn edges(&self, hall: &mut Hall) -> Result<()> {
        let per_paper = u64::try_from(ANSWERS + 1).unwrap_or(1);
        let users = u64::try_from(hall.tokens().len().max(1)).unwrap_or(1);
        let rounds = self.edges.div_ceil(per_paper * users);
        for round in 0..rounds {
            let (ledger, path) = hall.ledger()?;
            let mut sitting = JoinSet::new();
            for (number, token) in (0..).zip(hall.tokens()) {
                let person = Person::new(&hall.server.address(), token, &ledger);
                sitting.spawn(sit_to_the_edge(person, Chance::at(self.setting.seed, 5 + number, round)));
            }
            while let Some(sat) = sitting.join_next().await {
                let edge = sat.doing("sitting to the deadline")??;
                edge.wrong.into_iter().for_each(|wrong| hall.outcome.find(wrong));
                for (name, count) in [("in time", edge.in_time), ("late", edge.late), ("by a hair", edge.hair)] {
                    *hall.outcome.counts.entry(format!("judged {name}")).or_default() += count;
                }
            }
            ledger.finish().map_err(Error::new)?;
            hall.check(&path).await?;
            hall.outcome.faults.insert("deadlines".into(), (round + 1) * users);
        }
        hall.say("edges of deadlines");
        Ok(())
    }
}

/// What was seen at one deadline.
#[derive(Debug, Default)]
struct Edge {
    in_time: u64,
    late: u64,
    /// Under way when the deadline passed: both verdicts are right.
    hair: u64,
    wrong: Vec<String>,
}

impl Edge {
    /// Holds a verdict against when the request left and when its answer was there.
    fn judge(&mut self, what: &str, in_time: bool, deadline: i64, left: i64, answered: i64) {
        match (in_time, deadline) {
            (true, deadline) if left > deadline + ROUNDING_MS => {
                self.wrong.push(format!("{what} left {} ms after the deadline and was in time", left - deadline));
            }
            (false, deadline) if answered < deadline - ROUNDING_MS => {
                self.wrong
                    .push(format!("{what} was answered {} ms before the deadline and was late", deadline - answered));
            }
            _ if left <= deadline && answered >= deadline => self.hair += 1,
            (true, _) => self.in_time += 1,
            (false, _) => self.late += 1,
        }
    }
}

async fn sit_to_the_edge(person: Person, mut chance: Chance) -> Result<Edge> {
    let line = &mut person.line();
    let paper = person.start(line, SHORT).await?;
    let mut edge = Edge::default();
    let mut moments: Vec<i64> =
        (0..=ANSWERS).map(|_| paper.deadline + whole_ms((chance.share() * 2.0 - 1.0) * EDGE_MS)).collect();
    moments.sort_unstable();
    for (number, moment) in moments.into_iter().enumerate() {
        sleep(Duration::from_millis(u64::try_from(moment - wall_clock()).unwrap_or(0))).await;
        let left = wall_clock();
        if number == ANSWERS {
            let state = person.hand_in(line, &paper).await;
            match state.as_deref() {
                Some(state @ ("submitted" | "expired")) => {
                    edge.judge("a submit", state == "submitted", paper.deadline, left, wall_clock());
                }
                other => edge.wrong.push(format!("a submit at the deadline got {other:?}")),
            }
            break;
        }
        let seq = i64::try_from(number).unwrap_or(0) + 1;
        let Some((question, response)) = paper.responses.get(number) else { continue };
        match person.save(line, &paper, seq, *question, response).await? {
            Saved::Acknowledged => edge.judge("a save", true, paper.deadline, left, wall_clock()),
            Saved::Rejected(code) if code == "late" => edge.judge("a save", false, paper.deadline, left, wall_clock()),
            other => edge.wrong.push(format!("a save at the deadline was {other:?}")),
        }
    }
    Ok(edge)
}

#[expect(clippy::cast_possible_truncation, reason = "it is within the edge")]
fn whole_ms(ms: f64) -> i64 {
    ms as i64
}

/// A clock that jumps must neither end an attempt early nor give it more time.
async fn steps(hall: &mut Hall, shim: &Shim) -> Result<()> {
    for (name, step) in [("clock stepped forward", STEP_MS), ("clock stepped back", -STEP_MS)] {
        let ledger = Arc::new(Writer::nowhere());
        let tokens = hall.sign_up(&format!("stepped-{}", step > 0), 1).await?;
        let person = Person::new(&hall.server.address(), &tokens[0], &ledger);
        let line = &mut person.line();
        let long = person.start(line, crate::hall::EXAM).await?;
        let short = person.start(line, SHORT).await?;
        let began = Instant::now();
        shim.step_clock(step)?;
        hall.outcome.fault(name);
        let (question, response) = short.responses.first().ok_or_else(|| Error::new("a paper without choices"))?;
        let early = person.save(line, &short, 1, *question, response).await?;
        if early != Saved::Acknowledged {
            hall.outcome.find(format!("{name}: a save seconds before its deadline was {early:?}"));
        }
        // Past the short deadline, and so long that the sweep has been by.
        tokio::time::sleep_until(began + Duration::from_millis(4_500)).await;
        let late = person.save(line, &short, 2, *question, response).await?;
        if late == Saved::Acknowledged {
            hall.outcome.find(format!("{name}: a save 1.5 s after its deadline was acknowledged"));
        }
        let (question, response) = long.responses.first().ok_or_else(|| Error::new("a paper without choices"))?;
        let state = person.state(line, &long).await?;
        let saved = person.save(line, &long, 1, *question, response).await?;
        if (state.as_str(), &saved) != ("open", &Saved::Acknowledged) {
            hall.outcome
                .find(format!("{name}: an attempt of two hours was {state} after 5 s, and a save in it {saved:?}"));
        }
        shim.step_clock(0)?;
    }
    hall.say("clock steps");
    Ok(())
}

/// A server whose clock is not that of its database must not judge deadlines.
async fn skew(hall: &mut Hall, shim: &Shim) -> Result<()> {
    hall.server.stop(FIRST_START).await?;
    shim.step_clock(SKEW_MS)?;
    hall.outcome.fault("started with a wrong clock");
    hall.server.spawn()?;
    let until = Instant::now() + Duration::from_secs(3);
    let mut last = None;
    while Instant::now() < until {
        let answer = ask(&hall.server.address(), "GET", "/readyz", None, None, START).await;
        last = answer.ok().map(|answer| answer.status).or(last);
        sleep(Duration::from_millis(50)).await;
    }
    if last != Some(503) {
        hall.outcome.find(format!("with a clock {SKEW_MS} ms away from the database's, /readyz said {last:?}"));
    }
    shim.step_clock(0)?;
    hall.server.wait_ready(START).await?;
    Ok(())
}
