//! One statement for many callers: while a round is under way, those who ask meanwhile collect, and share the next one.
//!
//! At the bell thousands ask for the same kind of row at the same moment. A statement for each would cost each of them a way to the
//! database and back; one for all that wait costs them a share. Who comes alone waits for nobody.
//!
//! On PostgreSQL what is asked for stands in a subselect, `(SELECT $1::text[])`. Seeing how many there are, the planner would
//! find a plan for few to be cheaper than the one it keeps for any number, and make it anew for every round.

use crate::{Error, Result};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use std::collections::VecDeque;
use std::fmt;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

/// How often everything else that can go on is let go on, as long as more come by it.
const TURNS: usize = 8;
/// And for how long.
const A_WHILE: Duration = Duration::from_millis(1);
/// For how long somebody waits before another round may begin.
const SLOW: Duration = Duration::from_millis(10);

/// What is asked for many at once: an answer for each, in their order.
type Ask<I, O> = Box<dyn for<'a> Fn(&'a [I]) -> BoxFuture<'a, Result<Vec<O>>> + Send + Sync>;

/// Callers who share statements.
pub(crate) struct Gather<I, O>(Arc<Shared<I, O>>);

struct Shared<I, O> {
    ask: Ask<I, O>,
    /// How many share one round at most.
    most: usize,
    /// How many rounds may be under way at once. Another one begins when those are slow only: they must not keep everybody waiting,
    /// but two that share the work of one are more work.
    rounds: usize,
    /// How long somebody waits for a round.
    patience: Duration,
    state: Mutex<State<I, O>>,
}

struct State<I, O> {
    waiting: VecDeque<Waiting<I, O>>,
    under_way: usize,
    /// How many have asked.
    asked: u64,
}

impl<I, O> State<I, O> {
    /// The place of one who waits.
    fn place(&self, number: u64) -> Option<usize> {
        self.waiting.binary_search_by_key(&number, |waiting| waiting.number).ok()
    }
}

/// Where the answers of a round go, in their order.
type Waiters<O> = Vec<oneshot::Sender<Result<O>>>;

/// One who waits for a round.
struct Waiting<I, O> {
    number: u64,
    item: I,
    waiter: oneshot::Sender<Result<O>>,
}

impl<I, O> fmt::Debug for Gather<I, O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Gather").field("most", &self.0.most).field("rounds", &self.0.rounds).finish_non_exhaustive()
    }
}

impl<I: Send + Sync + 'static, O: Send + 'static> Gather<I, O> {
    pub(crate) fn new(
        most: usize,
        rounds: usize,
        patience: Duration,
        ask: impl for<'a> Fn(&'a [I]) -> BoxFuture<'a, Result<Vec<O>>> + Send + Sync + 'static,
    ) -> Self {
        let state = Mutex::new(State { waiting: VecDeque::new(), under_way: 0, asked: 0 });
        Self(Arc::new(Shared { ask: Box::new(ask), most, rounds, patience, state }))
    }

    /// Asks, together with whoever else asks now. How many may wait is the callers' business: each of them is a request that was
    /// admitted.
    ///
    /// # Errors
    /// What the round ended with; [`Error::Unavailable`] when none has begun in time.
    pub(crate) async fn get(&self, item: I) -> Result<O> {
        let (waiter, mut answer) = oneshot::channel();
        let (begins, number) = {
            let mut state = self.0.state();
            state.asked += 1;
            let number = state.asked;
            state.waiting.push_back(Waiting { number, item, waiter });
            let begins = state.under_way == 0;
            state.under_way += usize::from(begins);
            (begins, number)
        };
        if begins {
            self.begin();
        }
        // Who hangs up before their round is asked for no more, and leaves their place in the queue.
        let leaves = Leaves { shared: &self.0, number };
        let soon = match timeout(SLOW, &mut answer).await {
            Ok(answered) => Ok(answered),
            Err(_) => {
                if self.0.may_begin_another(number) {
                    self.begin();
                }
                timeout(self.0.patience, &mut answer).await
            }
        };
        let answered = match soon {
            Ok(answered) => answered,
            Err(_) if self.0.withdraw(number) => {
                return Err(Error::Unavailable("too much is asked of the database at once".into()));
            }
            // It is being asked, which has limits of its own.
            Err(_) => answer.await,
        };
        drop(leaves);
        answered.unwrap_or_else(|_| Err(Error::Unavailable("a round ended without an answer".into())))
    }
}

impl<I: Send + Sync + 'static, O: Send + 'static> Gather<I, O> {
    /// Not in the caller's own task: one that hangs up must not take the others with it.
    fn begin(&self) {
        tokio::spawn(go_round(Arc::clone(&self.0)));
    }
}

/// One who may hang up.
struct Leaves<'a, I, O> {
    shared: &'a Shared<I, O>,
    number: u64,
}

impl<I, O> Drop for Leaves<'_, I, O> {
    fn drop(&mut self) {
        self.shared.withdraw(self.number);
    }
}

impl<I, O> Shared<I, O> {
    fn state(&self) -> MutexGuard<'_, State<I, O>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who share the next round; when nobody waits, none is under way any more.
    fn next(&self) -> Option<(Vec<I>, Waiters<O>)> {
        let mut state = self.state();
        if state.waiting.is_empty() {
            state.under_way -= 1;
            return None;
        }
        let many = state.waiting.len().min(self.most);
        Some(state.waiting.drain(..many).map(|waiting| (waiting.item, waiting.waiter)).unzip())
    }

    /// Whether one who still waits may have another round beside those under way.
    fn may_begin_another(&self, number: u64) -> bool {
        let mut state = self.state();
        let begins = state.under_way < self.rounds && state.place(number).is_some();
        state.under_way += usize::from(begins);
        begins
    }

    /// Takes one out who still waits for a round, and says whether they did.
    fn withdraw(&self, number: u64) -> bool {
        let mut state = self.state();
        state.place(number).and_then(|place| state.waiting.remove(place)).is_some()
    }

    /// Asks; a defect of ours costs those who share the round, and nobody after them.
    async fn ask(&self, items: &[I]) -> Result<Vec<O>> {
        let panicked =
            |_| Err(Error::Unreadable { what: "what was asked together".into(), reason: "it panicked".into() });
        let found = AssertUnwindSafe((self.ask)(items)).catch_unwind().await.unwrap_or_else(panicked)?;
        if found.len() == items.len() {
            return Ok(found);
        }
        let reason = format!("{} answers for {}", found.len(), items.len());
        Err(Error::Unreadable { what: "what was asked together".into(), reason })
    }
}

/// Lets those come who are about to: where there is more to do than can be done at once, a round for more of them is less to do.
/// Where there is not, nobody is waited for.
pub(crate) async fn let_others_come(many: impl Fn() -> usize, most: usize) {
    let begun = Instant::now();
    for _ in 0..TURNS {
        let before = many();
        tokio::task::yield_now().await;
        if many() == before || before >= most || begun.elapsed() > A_WHILE {
            return;
        }
    }
}

async fn go_round<I, O>(shared: Arc<Shared<I, O>>) {
    loop {
        let_others_come(|| shared.state().waiting.len(), shared.most).await;
        let Some((items, waiting)) = shared.next() else { return };
        match shared.ask(&items).await {
            // Who has hung up does not want to know.
            Ok(found) => waiting.into_iter().zip(found).for_each(|(waiter, found)| drop(waiter.send(Ok(found)))),
            Err(error) => match shared_by_all(&error) {
                Some(error) => waiting.into_iter().for_each(|waiter| drop(waiter.send(Err(error())))),
                // One of them is at fault; alone, it fails alone.
                None => {
                    for (item, waiter) in items.iter().zip(waiting) {
                        let found = shared.ask(std::slice::from_ref(item)).await;
                        let alone = found.and_then(|found| {
                            found.into_iter().next().ok_or(Error::Database(sqlx::Error::RowNotFound))
                        });
                        drop(waiter.send(alone));
                    }
                }
            },
        }
    }
}

/// How to say the same to each, where it is the database that cannot: asking again for one after another would only take longer.
fn shared_by_all(error: &Error) -> Option<Box<dyn Fn() -> Error + Send + '_>> {
    match error {
        Error::Unavailable(cause) => Some(Box::new(|| Error::Unavailable(cause.clone()))),
        Error::TooSlow(cause) => Some(Box::new(|| Error::TooSlow(cause.clone()))),
        Error::Busy => Some(Box::new(|| Error::Busy)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    const LONG: Duration = Duration::from_secs(60);

    type Doubling = (Arc<Gather<u32, u32>>, Arc<Semaphore>, Arc<Mutex<Vec<usize>>>);

    /// Doubles numbers; each round waits for a permit of the gate, and is noted with its size.
    fn doubling(most: usize, rounds: usize, patience: Duration) -> Doubling {
        let (gate, sizes) = (Arc::new(Semaphore::new(0)), Arc::<Mutex<Vec<usize>>>::default());
        let (its_gate, its_sizes) = (Arc::clone(&gate), Arc::clone(&sizes));
        let gather = Gather::new(most, rounds, patience, move |numbers: &[u32]| {
            let (gate, sizes) = (Arc::clone(&its_gate), Arc::clone(&its_sizes));
            Box::pin(async move {
                sizes.lock().unwrap().push(numbers.len());
                gate.acquire().await.expect("it is open").forget();
                match numbers {
                    [7] => Err(Error::Nul),
                    _ if numbers.contains(&7) => Err(Error::Nul),
                    [8] => Err(Error::Unavailable("away".into())),
                    [9] => panic!("a defect"),
                    _ => Ok(numbers.iter().map(|number| number * 2).collect()),
                }
            })
        });
        (Arc::new(gather), gate, sizes)
    }

    async fn begun(sizes: &Mutex<Vec<usize>>, rounds: usize) {
        while sizes.lock().unwrap().len() < rounds {
            tokio::task::yield_now().await;
        }
    }

    async fn waiting(gather: &Gather<u32, u32>, many: usize) {
        while gather.0.state().waiting.len() < many {
            tokio::task::yield_now().await;
        }
    }

    fn ask(gather: &Arc<Gather<u32, u32>>, number: u32) -> tokio::task::JoinHandle<Result<u32>> {
        let gather = Arc::clone(gather);
        tokio::spawn(async move { gather.get(number).await })
    }

    #[tokio::test]
    async fn who_comes_while_a_round_is_under_way_shares_the_next() {
        let (gather, gate, sizes) = doubling(3, 1, LONG);
        let first = ask(&gather, 1);
        begun(&sizes, 1).await;
        let others: Vec<_> = (2..=6).map(|number| ask(&gather, number)).collect();
        waiting(&gather, 5).await;
        gate.add_permits(10);
        assert_eq!(first.await.unwrap().unwrap(), 2);
        for (other, number) in others.into_iter().zip(2..) {
            assert_eq!(other.await.unwrap().unwrap(), number * 2);
        }
        assert_eq!(*sizes.lock().unwrap(), [1, 3, 2], "alone, then as many as may share, then the rest");
        assert_eq!(ask(&gather, 50).await.unwrap().unwrap(), 100, "and it begins again after a rest");
    }

    #[tokio::test]
    async fn a_slow_round_keeps_nobody_else_waiting_while_there_may_be_another() {
        let (gather, gate, sizes) = doubling(3, 2, LONG);
        let slow = ask(&gather, 1);
        begun(&sizes, 1).await;
        let other = ask(&gather, 2);
        begun(&sizes, 2).await;
        gate.add_permits(2);
        assert_eq!((slow.await.unwrap().unwrap(), other.await.unwrap().unwrap()), (2, 4));
    }

    #[tokio::test]
    async fn one_at_fault_fails_alone_and_a_database_that_is_away_fails_all_at_once() {
        let (gather, gate, sizes) = doubling(8, 1, LONG);
        let first = ask(&gather, 1);
        begun(&sizes, 1).await;
        let together = [5, 7, 6].map(|number| ask(&gather, number));
        waiting(&gather, 3).await;
        gate.add_permits(100);
        assert_eq!(first.await.unwrap().unwrap(), 2);
        let [five, seven, six] = together;
        assert_eq!(five.await.unwrap().unwrap(), 10);
        assert!(matches!(seven.await.unwrap(), Err(Error::Nul)));
        assert_eq!(six.await.unwrap().unwrap(), 12);
        assert_eq!(*sizes.lock().unwrap(), [1, 3, 1, 1, 1]);
        assert!(matches!(ask(&gather, 8).await.unwrap(), Err(Error::Unavailable(_))));
        assert_eq!(sizes.lock().unwrap().len(), 6, "asked once");
        assert!(ask(&gather, 9).await.unwrap().is_err(), "a panic is an error of those who share it");
        assert_eq!(ask(&gather, 3).await.unwrap().unwrap(), 6, "and of nobody else");
    }

    #[tokio::test]
    async fn who_hangs_up_takes_nobody_along() {
        let (gather, gate, sizes) = doubling(8, 1, LONG);
        let first = ask(&gather, 1);
        begun(&sizes, 1).await;
        let second = ask(&gather, 2);
        waiting(&gather, 1).await;
        let third = ask(&gather, 3);
        waiting(&gather, 2).await;
        first.abort();
        third.abort();
        assert!(third.await.unwrap_err().is_cancelled());
        gate.add_permits(10);
        assert_eq!(second.await.unwrap().unwrap(), 4);
        assert_eq!(gather.0.state().asked, 3);
    }
    #[tokio::test]
    async fn who_waits_too_long_for_a_round_is_told_so_and_is_asked_for_no_more() {
        let (gather, gate, sizes) = doubling(8, 1, Duration::from_millis(20));
        let first = ask(&gather, 1);
        begun(&sizes, 1).await;
        let second = ask(&gather, 2);
        assert!(matches!(second.await.unwrap(), Err(Error::Unavailable(_))));
        gate.add_permits(10);
        assert_eq!(first.await.unwrap().unwrap(), 2, "the one that is being asked goes on");
        assert_eq!(*sizes.lock().unwrap(), [1]);
    }
}
